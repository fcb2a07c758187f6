//! `key_provider` and `method` blocks → settings.

use super::Key;
use super::arguments::{Arguments, object};
use super::settings::{AwsKms, GcpKms, Hash, Method, OpenBao, Passphrase, Pbkdf2, ProviderKind};
use crate::bucket;
use crate::diagnostic::{Diagnostic, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::value::ObjectType;
use windlass_api::{Type, Value};

/// Key providers that there are here.
const PROVIDERS: &[&str] = &["aws_kms", "external", "gcp_kms", "openbao", "pbkdf2", "xor"];
/// Methods that there are here.
const METHODS: &[&str] = &["aes_gcm", "external", "unencrypted"];

const PASSPHRASE_BYTES_MIN: usize = 16;
/// Tests have no time for as many as OpenTofu asks for.
const ITERATIONS_MIN: i64 = if cfg!(test) { 1_000 } else { 200_000 };
const ITERATIONS_DEFAULT: i64 = 600_000;
/// Neither a key nor a salt is longer, by far.
const LENGTH_MAX: i64 = 1 << 20;

type References = Vec<(super::settings::Name, crate::diagnostic::Range)>;

/// Reads what a key provider's block says; the references in it are added to a list.
pub(super) fn provider(kind: &str, arguments: &mut Arguments<'_>, references: &mut References) -> Option<ProviderKind> {
    match kind {
        "pbkdf2" => pbkdf2(arguments, references).map(ProviderKind::Pbkdf2),
        "aws_kms" => aws_kms(arguments).map(|kms| ProviderKind::AwsKms(Box::new(kms))),
        "gcp_kms" => Some(ProviderKind::GcpKms(Box::new(gcp_kms(arguments)))),
        "openbao" => Some(ProviderKind::OpenBao(openbao(arguments))),
        "external" => Some(ProviderKind::External(arguments.command("command"))),
        "xor" => {
            let (one, other) = (arguments.required_reference("a", "key_provider"), arguments.required_reference("b", "key_provider"));
            references.extend(one.clone().into_iter().chain(other.clone()));
            Some(ProviderKind::Xor(one?.0, other?.0))
        }
        _ => {
            let (summary, detail) = match kind {
                "azure_vault" => (
                    "Key provider not available",
                    format!("OpenTofu has a key provider {kind:?}, but Windlass has not. It has these: {}.", PROVIDERS.join(", ")),
                ),
                _ => ("Unknown key_provider type", format!("There is no key provider of the type {kind:?}.{}", near(kind, PROVIDERS))),
            };
            arguments.is_broken = true;
            arguments.diagnostics.push(Diagnostic::error(summary, detail).at(arguments.block.labels[0].range));
            None
        }
    }
}

fn near(kind: &str, known: &[&'static str]) -> String {
    match nearest(kind, known.iter().copied()) {
        Some(near) => format!(" Did you mean {near:?}?"),
        None => format!(" There are these: {}.", known.join(", ")),
    }
}

/// A number of at least one, or what stands for none.
fn count(arguments: &mut Arguments<'_>, name: &str, default: i64, what: &str) -> usize {
    let number = arguments.number(name).unwrap_or(default);
    match number {
        1..=LENGTH_MAX => {}
        ..1 => arguments.refuse(Some(name), &format!("the {what} must be larger than zero")),
        _ => arguments.refuse(Some(name), &format!("the {what} must be at most {LENGTH_MAX}")),
    }
    usize::try_from(number).unwrap_or(1)
}

fn pbkdf2(arguments: &mut Arguments<'_>, references: &mut References) -> Option<Pbkdf2> {
    let passphrase = arguments.text("passphrase").filter(|text| !text.is_empty()).map(|text| Key::new(text.into_bytes()));
    let chain = arguments.reference("chain", "key_provider");
    references.extend(chain.clone());
    let passphrase = match (passphrase, chain) {
        (Some(said), None) if said.bytes().len() < PASSPHRASE_BYTES_MIN => {
            arguments.refuse(None, &format!("passphrase is too short (minimum {PASSPHRASE_BYTES_MIN} characters)"));
            None
        }
        (Some(said), None) => Some(Passphrase::Said(said)),
        (None, Some((name, _))) => Some(Passphrase::Chain(name)),
        (Some(_), Some(_)) => {
            arguments.refuse(None, "passphrase and chain are mutually exclusive");
            None
        }
        (None, None) => {
            if !arguments.is_broken {
                arguments.refuse(None, "no passphrase provided and no chained provider defined");
            }
            None
        }
    };
    let iterations = arguments.number("iterations").unwrap_or(ITERATIONS_DEFAULT);
    match iterations {
        ..1 => arguments.refuse(Some("iterations"), "the number of iterations must be larger than zero"),
        1..ITERATIONS_MIN => {
            let reason = format!("the number of iterations is dangerously low (<{ITERATIONS_MIN}), refusing to generate key");
            arguments.refuse(Some("iterations"), &reason);
        }
        _ if iterations > i64::from(super::pbkdf2::ITERATIONS_MAX) => {
            arguments.refuse(Some("iterations"), &format!("the number of iterations must be at most {}", super::pbkdf2::ITERATIONS_MAX));
        }
        _ => {}
    }
    let key_length = count(arguments, "key_length", 32, "key length");
    let salt_length = count(arguments, "salt_length", 32, "salt length");
    let hash = match arguments.text("hash_function").as_deref() {
        None | Some("sha512") => Hash::Sha512,
        Some("sha256") => Hash::Sha256,
        Some(other) => {
            arguments.refuse(Some("hash_function"), &format!("invalid hash function name: {other} (there are sha256 and sha512)"));
            Hash::Sha512
        }
    };
    Some(Pbkdf2 { passphrase: passphrase?, key_length, iterations: u32::try_from(iterations).unwrap_or(1), hash, salt_length })
}

fn optional_object(names: &str, sets: &str) -> Type {
    let of = |names: &str, ty: &Type| names.split_whitespace().map(|name| (Arc::from(name), ty.clone())).collect::<Vec<_>>();
    let mut attributes: BTreeMap<Arc<str>, Type> = of(names, &Type::String).into_iter().collect();
    attributes.extend(of(sets, &Type::set(Type::String)));
    if sets.contains("transitive_tag_keys") {
        attributes.insert("tags".into(), Type::map(Type::String));
    }
    let optional: BTreeSet<Arc<str>> = attributes.keys().cloned().collect();
    Type::Object(Arc::new(ObjectType { attributes, optional }))
}

fn aws_kms(arguments: &mut Arguments<'_>) -> Option<AwsKms> {
    let key_id = arguments.required_text("kms_key_id");
    let key_spec = arguments.required_text("key_spec");
    if !key_spec.is_empty() && !matches!(key_spec.as_str(), "AES_256" | "AES_128") {
        arguments.refuse(Some("key_spec"), &format!("invalid key_spec {key_spec}, expected one of [AES_256 AES_128]"));
    }
    let context = arguments.value("encryption_context", &Type::map(Type::String));
    let pairs = context.as_ref().and_then(Value::fields).into_iter().flatten();
    let context = pairs.filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned()))).collect();
    let texts = "access_key custom_ca_bundle ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode http_proxy https_proxy no_proxy \
                 profile region retry_mode secret_key sts_region token";
    let flags = "insecure skip_credentials_validation skip_metadata_api_check skip_requesting_account_id use_dualstack_endpoint \
                 use_fips_endpoint";
    let sets = "allowed_account_ids forbidden_account_ids shared_config_files shared_credentials_files";
    let mut types: Vec<(&'static str, Type)> = texts.split_whitespace().map(|name| (name, Type::String)).collect();
    types.extend(flags.split_whitespace().map(|name| (name, Type::Bool)));
    types.extend(sets.split_whitespace().map(|name| (name, Type::set(Type::String))));
    types.push(("max_retries", Type::Number));
    let role = "duration external_id policy role_arn session_name source_identity";
    let identity = "duration policy role_arn session_name web_identity_token web_identity_token_file";
    let blocks = [
        ("endpoints", optional_object("iam sts", "")),
        ("assume_role", optional_object(role, "policy_arns transitive_tag_keys")),
        ("assume_role_with_web_identity", optional_object(identity, "policy_arns")),
    ];
    let config = object(arguments, &types, &blocks);
    let nothing = BTreeMap::new();
    let said = bucket::Arguments { config: &config, variables: &nothing };
    let access = said.refuse(REFUSED_BY_AWS).and_then(|()| said.aws_access());
    match access {
        Ok((access, changed)) => Some(AwsKms { key_id, key_spec, context, region: said.text("region"), access, changed }),
        Err(wrong) => {
            let name = Some(wrong.argument).filter(|name| *name != "secret_key" && *name != "access_key");
            arguments.refuse(name, &format!("{:?}: {}", wrong.argument, wrong.message.trim_end_matches('.')));
            None
        }
    }
}

/// Arguments of `aws_kms` that can't be honoured, and what to do instead.
const REFUSED_BY_AWS: &[(&str, &str)] = &[
    ("allowed_account_ids", "Name the account by the credentials or by assume_role."),
    ("forbidden_account_ids", "Name the account by the credentials or by assume_role."),
    ("custom_ca_bundle", "Add the certificate to those of the system."),
    ("insecure", "Add the server's certificate to those of the system."),
    ("ec2_metadata_service_endpoint", "Set the variable AWS_EC2_METADATA_SERVICE_ENDPOINT."),
    ("ec2_metadata_service_endpoint_mode", "Set the variable AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE."),
];

fn gcp_kms(arguments: &mut Arguments<'_>) -> GcpKms {
    let key_name = arguments.required_text("kms_encryption_key");
    let key_length = match arguments.number("key_length") {
        Some(length @ 1..=1024) => usize::try_from(length).unwrap_or(1),
        Some(..1) => {
            arguments.refuse(Some("key_length"), "key_length must be at least 1");
            1
        }
        Some(_) => {
            arguments.refuse(Some("key_length"), "key_length must be less than the GCP limit of 1024");
            1
        }
        None => {
            arguments.required_text("key_length");
            1
        }
    };
    let associated_data = arguments.bytes("additional_authenticated_data", true);
    let types: Vec<(&'static str, Type)> = vec![
        ("credentials", Type::String),
        ("access_token", Type::String),
        ("impersonate_service_account", Type::String),
        ("impersonate_service_account_delegates", Type::list(Type::String)),
    ];
    let config = object(arguments, &types, &[]);
    // What is not said is looked for in the environment when a key is asked for.
    let nothing = BTreeMap::new();
    let access = bucket::Arguments { config: &config, variables: &nothing }.google_access("BACKEND");
    GcpKms { key_name, key_length, associated_data, access }
}

fn openbao(arguments: &mut Arguments<'_>) -> OpenBao {
    let key_name = arguments.required_text("key_name");
    let key_length = arguments.number("key_length").unwrap_or(32);
    if !matches!(key_length, 16 | 32 | 64) {
        arguments.refuse(Some("key_length"), &format!("data key length should be one of 16, 32 or 64 bytes: got {key_length}"));
    }
    OpenBao {
        key_name,
        token: arguments.text("token").filter(|token| !token.is_empty()).map(|token| Key::new(token.into_bytes())),
        address: arguments.text("address").filter(|address| !address.is_empty()),
        key_length: usize::try_from(key_length).unwrap_or(32),
        engine_path: arguments.text("transit_engine_path").filter(|path| !path.is_empty()).unwrap_or_else(|| "/transit".to_owned()),
        associated_data: arguments.text("associated_data").filter(|data| !data.is_empty()),
    }
}

/// Reads what a method's block says; the references in it are added to a list.
pub(super) fn method(kind: &str, arguments: &mut Arguments<'_>, references: &mut References) -> Option<Method> {
    match kind {
        "aes_gcm" => {
            let keys = arguments.required_reference("keys", "key_provider");
            references.extend(keys.clone());
            let associated_data = arguments.bytes("aad", false);
            Some(Method::AesGcm { keys: keys?.0, associated_data })
        }
        "external" => {
            let keys = arguments.reference("keys", "key_provider");
            references.extend(keys.clone());
            let (encrypt, decrypt) = (arguments.command("encrypt_command"), arguments.command("decrypt_command"));
            Some(Method::External { encrypt, decrypt, keys: keys.map(|(name, _)| name) })
        }
        "unencrypted" => Some(Method::Unencrypted),
        _ => {
            let detail = format!("There is no encryption method of the type {kind:?}.{}", near(kind, METHODS));
            arguments.is_broken = true;
            arguments.diagnostics.push(Diagnostic::error("Unknown encryption method type", detail).at(arguments.block.labels[0].range));
            None
        }
    }
}
