//! The back end `s3`.

use super::contract::BackendError;
use super::make::Surroundings;
use super::objects::{Arguments, Manner, Naming, ObjectBackend, around};
use crate::bucket::{Access, Keys, Place, Role, Secret, Service};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use windlass_api::Value;

/// What stands before the names of other workspaces than `default`.
const WORKSPACES: &str = "env:";

/// Arguments that can't be honoured, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    (
        "dynamodb_table",
        "Windlass locks a state by an object beside it: set use_lockfile = true, here and in Terraform, and remove the table.",
    ),
    ("dynamodb_endpoint", "There is no lock in DynamoDB; remove it."),
    ("allowed_account_ids", "Name the account by the credentials or by assume_role."),
    ("forbidden_account_ids", "Name the account by the credentials or by assume_role."),
    ("custom_ca_bundle", "Add the certificate to those of the system."),
    ("insecure", "Add the server's certificate to those of the system."),
    ("ec2_metadata_service_endpoint", "Set the variable AWS_EC2_METADATA_SERVICE_ENDPOINT."),
    ("ec2_metadata_service_endpoint_mode", "Set the variable AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE."),
];

/// The back end with what its block says.
///
/// # Errors
/// An argument is missing, is wrong, or can't be honoured.
pub(super) fn make(config: &Value, surroundings: &Surroundings) -> Result<ObjectBackend, BackendError> {
    let arguments = Arguments { config, variables: &surroundings.variables };
    arguments.refuse(REFUSED)?;
    let key = arguments.text("key").ok_or_else(|| BackendError::argument("key", "it must be set, here or by -backend-config."))?;
    if key.starts_with('/') || key.ends_with('/') {
        return Err(BackendError::argument("key", "it must not begin or end with \"/\"."));
    }
    let prefix = config.get_str("workspace_key_prefix").unwrap_or(WORKSPACES).to_owned();
    if prefix.starts_with('/') || prefix.ends_with('/') {
        return Err(BackendError::argument("workspace_key_prefix", "it must not begin or end with \"/\"."));
    }
    let endpoints = config.get("endpoints").filter(|endpoints| !endpoints.is_null());
    let endpoint = |name: &str| endpoints.and_then(|endpoints| endpoints.get_str(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut place = Place::new(Service::S3, arguments.bucket()?);
    place.region = arguments.text("region");
    place.endpoint = endpoint("s3").or_else(|| arguments.text("endpoint"));
    place.path_style = arguments.flag("use_path_style").or_else(|| arguments.flag("force_path_style"));
    place.access = Access {
        keys: keys(&arguments)?,
        profile: arguments.text("profile"),
        config_files: arguments.texts("shared_config_files"),
        credentials_files: match arguments.text("shared_credentials_file") {
            Some(file) => vec![file],
            None => arguments.texts("shared_credentials_files"),
        },
        roles: role(&arguments)?.into_iter().collect(),
        sts_endpoint: endpoint("sts").or_else(|| arguments.text("sts_endpoint")),
        ..Access::default()
    };
    let mut changed = web_identity(&arguments)?;
    for (argument, variable) in [("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT"), ("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT")] {
        changed.extend(arguments.flag(argument).map(|flag| (variable, Some(flag.to_string()))));
    }
    for name in ["http_proxy", "https_proxy", "no_proxy"] {
        changed.extend(arguments.text(name).map(|text| (name, Some(text))));
    }
    if arguments.flag("skip_metadata_api_check") == Some(true) {
        changed.push(("AWS_EC2_METADATA_DISABLED", Some("true".to_owned())));
    }
    let manner = manner(&arguments)?;
    ObjectBackend::new("s3", &place, &around(surroundings, &changed), Naming::S3 { key, prefix }, manner, surroundings.effects.clone())
}

fn keys(arguments: &Arguments<'_>) -> Result<Option<Keys>, BackendError> {
    match (arguments.text("access_key"), arguments.text("secret_key")) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => Ok(Some(Keys { id, secret: Secret(secret), token: arguments.text("token").map(Secret) })),
        (Some(_), None) => Err(BackendError::argument("secret_key", "it must be set, because \"access_key\" is.")),
        (None, Some(_)) => Err(BackendError::argument("access_key", "it must be set, because \"secret_key\" is.")),
    }
}

fn role(arguments: &Arguments<'_>) -> Result<Option<Role>, BackendError> {
    const NAME: &str = "assume_role";
    let Some(role) = arguments.config.get(NAME).filter(|role| !role.is_null()) else { return Ok(None) };
    let inner = Arguments { config: role, variables: arguments.variables };
    for refused in ["source_identity", "transitive_tag_keys"] {
        if inner.is_set(refused) && (inner.text(refused).is_some() || !inner.texts(refused).is_empty()) {
            return Err(BackendError::argument(NAME, format!("{refused:?} in it is not supported.")));
        }
    }
    let arn = inner.text("role_arn").ok_or_else(|| BackendError::argument(NAME, "\"role_arn\" in it must be set."))?;
    let duration = inner.text("duration").map(|text| match text.parse::<jiff::SignedDuration>() {
        Ok(duration) if (900..=43_200).contains(&duration.as_secs()) => Ok(u32::try_from(duration.as_secs()).unwrap_or(43_200)),
        Ok(_) => Err(BackendError::argument(NAME, "\"duration\" in it must be between 15 minutes (15m) and 12 hours (12h), inclusive.")),
        Err(_) => Err(BackendError::argument(NAME, format!("\"duration\" in it is {text:?}, which is no duration such as \"1h30m\"."))),
    });
    let tags = role.get("tags").and_then(Value::fields).into_iter().flat_map(|fields| fields.iter());
    Ok(Some(Role {
        arn,
        session_name: inner.text("session_name"),
        external_id: inner.text("external_id"),
        duration_seconds: duration.transpose()?,
        policy: inner.text("policy"),
        policy_arns: inner.texts("policy_arns"),
        tags: tags.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned()))).collect(),
    }))
}

/// A role by a token of another service: told to the client as the variables that mean the same.
fn web_identity(arguments: &Arguments<'_>) -> Result<Vec<(&'static str, Option<String>)>, BackendError> {
    const NAME: &str = "assume_role_with_web_identity";
    let Some(role) = arguments.config.get(NAME).filter(|role| !role.is_null()) else { return Ok(Vec::new()) };
    let inner = Arguments { config: role, variables: arguments.variables };
    for refused in ["web_identity_token", "policy", "duration"] {
        if inner.is_set(refused) {
            return Err(BackendError::argument(
                NAME,
                format!("{refused:?} in it is not supported; name a file with \"web_identity_token_file\"."),
            ));
        }
    }
    if !inner.texts("policy_arns").is_empty() {
        return Err(BackendError::argument(NAME, "\"policy_arns\" in it is not supported."));
    }
    let arn = inner.text_or("role_arn", &["AWS_ROLE_ARN"]);
    let file = inner.text_or("web_identity_token_file", &["AWS_WEB_IDENTITY_TOKEN_FILE"]);
    let (Some(arn), Some(file)) = (arn, file) else {
        return Err(BackendError::argument(NAME, "\"role_arn\" and \"web_identity_token_file\" in it must be set."));
    };
    let mut changed = vec![("AWS_ROLE_ARN", Some(arn)), ("AWS_WEB_IDENTITY_TOKEN_FILE", Some(file))];
    changed.extend(inner.text("session_name").map(|name| ("AWS_ROLE_SESSION_NAME", Some(name))));
    // Keys of the environment would go before.
    changed.extend(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].map(|name| (name, None)));
    Ok(changed)
}

fn manner(arguments: &Arguments<'_>) -> Result<Manner, BackendError> {
    let mut manner = Manner { is_locked: arguments.flag("use_lockfile") == Some(true), ..Manner::default() };
    let mut write = |name: &str, value: String| manner.write_headers.push((name.to_owned(), value));
    if let Some(acl) = arguments.text("acl") {
        write("x-amz-acl", acl);
    }
    let kms = arguments.text("kms_key_id");
    const CUSTOMER_KEY: &str = "sse_customer_key";
    let customer = arguments.text_or(CUSTOMER_KEY, &["AWS_SSE_CUSTOMER_KEY"]);
    if kms.is_some() && customer.is_some() {
        return Err(BackendError::argument(CUSTOMER_KEY, "only one of it and \"kms_key_id\" can be set."));
    }
    if arguments.flag("encrypt") == Some(true) {
        match (kms, &customer) {
            (Some(key), _) => {
                write("x-amz-server-side-encryption", "aws:kms".to_owned());
                write("x-amz-server-side-encryption-aws-kms-key-id", key);
            }
            (None, None) => write("x-amz-server-side-encryption", "AES256".to_owned()),
            (None, Some(_)) => {}
        }
    }
    if let Some(key) = customer {
        // The key itself is never shown.
        let bytes = STANDARD.decode(&key).ok().filter(|bytes| bytes.len() == 32);
        let bytes = bytes.ok_or_else(|| BackendError::argument(CUSTOMER_KEY, "it must be 44 characters: 32 bytes in base64."))?;
        let headers = [
            ("x-amz-server-side-encryption-customer-algorithm", "AES256".to_owned()),
            ("x-amz-server-side-encryption-customer-key", key),
            ("x-amz-server-side-encryption-customer-key-md5", STANDARD.encode(Md5::digest(bytes))),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        manner.read_headers.extend(headers.clone());
        manner.write_headers.extend(headers);
    }
    Ok(manner)
}
