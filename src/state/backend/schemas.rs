//! The arguments of each back end, under Terraform's names.
//!
//! They are Terraform 1.11's exactly, no more and no fewer: then the hash of a block is the one that Terraform records, and both can
//! work in the same folder. What Windlass does not do is refused by name where the back end is made.

use std::sync::Arc;
use windlass_api::value::Data;
use windlass_api::{Attribute, BlockSchema, Type, Value};

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
        "http" => (&["address"], &["password", "client_private_key_pem"], http()),
        "pg" => (&[], &["conn_str"], pg()),
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
