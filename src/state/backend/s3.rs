//! The back end `s3`.

use super::contract::BackendError;
use super::make::Surroundings;
use super::objects::{Manner, Naming, ObjectBackend, around, bucket_name};
use crate::bucket::{Arguments, Place, Service};
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
    let mut place = Place::new(Service::S3, bucket_name(&arguments)?);
    place.region = arguments.text("region");
    place.endpoint = endpoint("s3").or_else(|| arguments.text("endpoint"));
    place.path_style = arguments.flag("use_path_style").or_else(|| arguments.flag("force_path_style"));
    let (access, changed) = arguments.aws_access()?;
    place.access = access;
    let manner = manner(&arguments)?;
    ObjectBackend::new("s3", &place, &around(surroundings, &changed), Naming::S3 { key, prefix }, manner, surroundings.effects.clone())
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
