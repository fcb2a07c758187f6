//! Values as text.

use windlass_api::{Data, Type, Value};

/// What stands for a sensitive value.
pub const SENSITIVE: &str = "(sensitive value)";
/// What stands for an ephemeral value.
pub const EPHEMERAL: &str = "(ephemeral value)";
/// What stands for an unknown value.
pub const UNKNOWN: &str = "(known after apply)";

/// A value as `output` shows it, in the form of an expression; parts marked sensitive stay hidden.
pub fn literal(value: &Value, indent: usize) -> String {
    if value.marks().is_sensitive() {
        return SENSITIVE.to_owned();
    }
    if value.marks().is_ephemeral() {
        return EPHEMERAL.to_owned();
    }
    match value.data() {
        Data::Null => null_literal(value.ty()),
        Data::Unknown(_) => UNKNOWN.to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => string(text, indent),
        Data::Elements(elements) => {
            let parts = elements.iter().map(|element| format!("{},", literal(element, indent + 2)));
            within(value.ty(), ('[', ']'), parts.collect(), indent)
        }
        Data::Fields(fields) => {
            let parts = fields.iter().map(|(name, field)| format!("{} = {}", key(name), literal(field, indent + 2)));
            within(value.ty(), ('{', '}'), parts.collect(), indent)
        }
    }
}

fn null_literal(ty: &Type) -> String {
    match ty {
        Type::String => "tostring(null)",
        Type::Number => "tonumber(null)",
        Type::Bool => "tobool(null)",
        _ => "null",
    }
    .to_owned()
}

/// Lines in brackets, with the function that makes the type.
fn within(ty: &Type, (open, close): (char, char), parts: Vec<String>, indent: usize) -> String {
    let body: String = parts.iter().map(|part| format!("\n{}{part}", " ".repeat(indent + 2))).collect();
    let end = if parts.is_empty() { String::new() } else { format!("\n{}", " ".repeat(indent)) };
    let function = match ty {
        Type::Set(_) => "toset",
        Type::List(_) => "tolist",
        Type::Map(_) => "tomap",
        _ => return format!("{open}{body}{end}{close}"),
    };
    format!("{function}({open}{body}{end}{close})")
}

/// A quoted string, or a heredoc when it has several lines.
fn string(text: &str, indent: usize) -> String {
    if !text.contains('\n') {
        return quoted(text);
    }
    let pad = " ".repeat(indent);
    let body: String = text.split('\n').map(|line| format!("{pad}{line}\n")).collect();
    format!("<<{}EOT\n{body}{pad}EOT", if indent == 0 { "" } else { "-" })
}

/// A quoted string with HCL's escapes.
pub fn quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            other if other.is_control() => result.push_str(&format!("\\u{:04x}", other as u32)),
            other => result.push(other),
        }
    }
    result.push('"');
    result.replace("${", "$${").replace("%{", "%%{")
}

/// A map key, as values show it: always quoted.
pub fn key(name: &str) -> String {
    quoted(name)
}

/// The name of an object's attribute: quoted when it is no identifier.
pub fn identifier_or_quoted(name: &str) -> String {
    let is_first = |c: char| c.is_alphabetic() || c == '_';
    let is_identifier = name.starts_with(is_first) && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if is_identifier { name.to_owned() } else { quoted(name) }
}

/// What a diagnostic says of a value after its name: `is "x"`, `is a list of string`, `has a sensitive value`, `has an ephemeral value`.
pub fn sentence(value: &Value) -> String {
    if value.marks().is_sensitive() {
        return "has a sensitive value".to_owned();
    }
    if value.marks().is_ephemeral() {
        return "has an ephemeral value".to_owned();
    }
    match value.data() {
        Data::Null => "is null".to_owned(),
        Data::Unknown(_) => format!("is {}, known only after apply", value.ty().friendly_name()),
        Data::Bool(value) => format!("is {value}"),
        Data::Number(number) => format!("is {number}"),
        Data::String(text) => format!("is {}", quoted(text)),
        Data::Elements(elements) => match (value.ty(), elements.len()) {
            (_, 0) => format!("is empty {}", value.ty().friendly_name()),
            (_, 1) => format!("is {} with 1 element", value.ty().friendly_name()),
            (_, count) => format!("is {} with {count} elements", value.ty().friendly_name()),
        },
        Data::Fields(fields) => match (value.ty(), fields.len()) {
            (Type::Object(_), 0) => "is object with no attributes".to_owned(),
            (Type::Object(_), 1) => format!("is object with 1 attribute {}", quoted(fields.keys().next().map_or("", |name| name))),
            (Type::Object(_), count) => format!("is object with {count} attributes"),
            (_, count) => format!("is {} with {count} elements", value.ty().friendly_name()),
        },
    }
}
