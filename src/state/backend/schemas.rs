//! The arguments of each back end, under Terraform's names.
//!
//! They are Terraform 1.11's exactly, no more and no fewer: then the hash of a block is the one that Terraform records, and both can
//! work in the same folder. What Windlass does not do is refused by name where the back end is made.

use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::Data;
use windlass_api::{Attribute, BlockSchema, ObjectType, Type, Value};

/// Back ends that Terraform had once.
const REMOVED: &[&str] = &["artifactory", "azure", "etcd", "etcdv3", "manta", "swift"];

/// Back ends of Terraform that Windlass does not have.
const OTHERS: &[&str] = &["azurerm", "consul", "cos", "kubernetes", "remote"];

/// Whether Terraform once had a back end of this name.
pub fn is_removed(kind: &str) -> bool {
    REMOVED.contains(&kind)
}

/// Whether Terraform has a back end of this name, even where Windlass has not.
pub fn is_known(kind: &str) -> bool {
    OTHERS.contains(&kind) || schema(kind).is_some()
}

/// The arguments of a back end of this name; `None` when there is no such.
pub fn schema(kind: &str) -> Option<BlockSchema> {
    let (required, secret, arguments): (&[&str], &[&str], Vec<(&str, Type)>) = match kind {
        "local" => (&[], &[], texts("path workspace_dir")),
        "http" => (&[], &["password", "client_private_key_pem"], http()),
        "pg" => (&[], &["conn_str"], pg()),
        "s3" => (&["bucket", "key"], &["access_key", "secret_key", "token", "sse_customer_key"], s3()),
        "gcs" => (&["bucket"], &["credentials", "access_token", "encryption_key"], gcs()),
        "oss" => (&["bucket"], &["access_key", "secret_key", "security_token"], oss()),
        _ => return None,
    };
    let attributes = arguments.into_iter().map(|(name, ty)| {
        let attribute = if required.contains(&name) { Attribute::required(ty) } else { Attribute::optional(ty) };
        (Arc::from(name), Attribute { sensitive: secret.contains(&name), ..attribute })
    });
    Some(BlockSchema { attributes: attributes.collect(), ..BlockSchema::default() })
}

fn of(ty: Type, names: &'static str) -> Vec<(&'static str, Type)> {
    names.split_whitespace().map(|name| (name, ty.clone())).collect()
}

fn texts(names: &'static str) -> Vec<(&'static str, Type)> {
    of(Type::String, names)
}

fn http() -> Vec<(&'static str, Type)> {
    let names = "address client_ca_certificate_pem client_certificate_pem client_private_key_pem lock_address lock_method password \
                 unlock_address unlock_method update_method username";
    let mut arguments = texts(names);
    arguments.extend(of(Type::Number, "retry_max retry_wait_max retry_wait_min"));
    arguments.extend(of(Type::Bool, "skip_cert_verification"));
    arguments
}

fn pg() -> Vec<(&'static str, Type)> {
    let mut arguments = texts("conn_str schema_name");
    arguments.extend(of(Type::Bool, "skip_index_creation skip_schema_creation skip_table_creation"));
    arguments
}

fn s3() -> Vec<(&'static str, Type)> {
    let mut arguments = texts(
        "bucket key region dynamodb_endpoint dynamodb_table ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode endpoint \
         iam_endpoint sts_endpoint sts_region acl access_key secret_key kms_key_id profile retry_mode shared_credentials_file token \
         sse_customer_key workspace_key_prefix http_proxy https_proxy no_proxy custom_ca_bundle",
    );
    arguments.extend(of(
        Type::Bool,
        "encrypt skip_credentials_validation skip_requesting_account_id skip_metadata_api_check skip_region_validation skip_s3_checksum \
         force_path_style use_path_style use_lockfile insecure use_fips_endpoint use_dualstack_endpoint",
    ));
    arguments.extend(of(Type::Number, "max_retries"));
    let sets = "allowed_account_ids forbidden_account_ids shared_config_files shared_credentials_files";
    arguments.extend(of(Type::set(Type::String), sets));
    arguments.push(("endpoints", optional_object(texts("dynamodb iam s3 sso sts"))));
    let mut role = texts("duration external_id policy role_arn session_name source_identity");
    role.extend(of(Type::set(Type::String), "policy_arns transitive_tag_keys"));
    role.extend(of(Type::map(Type::String), "tags"));
    arguments.push(("assume_role", optional_object(role)));
    let mut identity = texts("duration policy role_arn session_name web_identity_token web_identity_token_file");
    identity.extend(of(Type::set(Type::String), "policy_arns"));
    arguments.push(("assume_role_with_web_identity", optional_object(identity)));
    arguments
}

fn gcs() -> Vec<(&'static str, Type)> {
    let mut arguments = texts(
        "access_token bucket credentials encryption_key impersonate_service_account kms_encryption_key prefix storage_custom_endpoint",
    );
    arguments.extend(of(Type::list(Type::String), "impersonate_service_account_delegates"));
    arguments
}

fn oss() -> Vec<(&'static str, Type)> {
    let mut arguments = texts(
        "access_key acl assume_role_policy assume_role_role_arn assume_role_session_name bucket ecs_role_name endpoint key prefix profile region \
         secret_key security_token shared_credentials_file sts_endpoint tablestore_endpoint tablestore_instance_name tablestore_table",
    );
    arguments.extend(of(Type::Number, "assume_role_session_expiration"));
    arguments.extend(of(Type::Bool, "encrypt"));
    arguments
}

/// An object all of whose attributes may be left out.
fn optional_object(attributes: Vec<(&'static str, Type)>) -> Type {
    let attributes: BTreeMap<Arc<str>, Type> = attributes.into_iter().map(|(name, ty)| (Arc::from(name), ty)).collect();
    let optional = attributes.keys().cloned().collect();
    Type::Object(Arc::new(ObjectType { attributes, optional }))
}

/// The hash of what a block says, as Terraform records it: CRC-32 of a text that go-cty makes of the type and the arguments.
pub fn config_hash(kind: &str, config: &Value) -> u64 {
    let mut text = String::from("<");
    write_value(&mut text, &Value::string(kind));
    text.push(';');
    write_value(&mut text, &config.unmarked_deep());
    text.push_str(";>");
    crc32fast::hash(text.as_bytes()).into()
}

fn write_value(out: &mut String, value: &Value) {
    match value.data() {
        Data::Null => out.push('~'),
        Data::Unknown(_) => out.push('?'),
        Data::Bool(true) => out.push('T'),
        Data::Bool(false) => out.push('F'),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => out.push_str(&quoted(text)),
        Data::Elements(elements) => {
            let (open, close) = if matches!(value.ty(), Type::Tuple(_)) { ('<', '>') } else { ('[', ']') };
            out.push(open);
            for element in elements.iter() {
                write_value(out, element);
                out.push(';');
            }
            out.push(close);
        }
        Data::Fields(fields) => {
            let is_map = matches!(value.ty(), Type::Map(_));
            out.push(if is_map { '{' } else { '<' });
            for (name, field) in fields.iter() {
                if is_map {
                    out.push_str(&quoted(name));
                    out.push(':');
                }
                write_value(out, field);
                out.push(';');
            }
            out.push(if is_map { '}' } else { '>' });
        }
    }
}

/// As Go writes `%q`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_ascii_control() => out.push_str(&format!("\\x{:02x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
