//! Values as text.

use windlass_api::{Data, Type, Value};

/// What stands for a sensitive value.
pub const SENSITIVE: &str = "(sensitive value)";
/// What stands for an unknown value.
pub const UNKNOWN: &str = "(known after apply)";

/// A value in one line or several, as `output` and the console show it; parts marked sensitive stay hidden.
pub fn literal(value: &Value, indent: usize) -> String {
    if value.marks().is_sensitive() {
        return SENSITIVE.to_owned();
    }
    match value.data() {
        Data::Null => "null".to_owned(),
        Data::Unknown(_) => UNKNOWN.to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => string(text, indent),
        Data::Elements(elements) => elements_literal(value.ty(), elements, indent),
        Data::Fields(fields) if fields.is_empty() => "{}".to_owned(),
        Data::Fields(fields) => {
            let width = fields.keys().map(|name| key(name).chars().count()).max().unwrap_or(0);
            let mut text = "{\n".to_owned();
            for (name, field) in fields.iter() {
                let name = key(name);
                text += &format!("{}{name:<width$} = {}\n", " ".repeat(indent + 2), literal(field, indent + 2));
            }
            text + &" ".repeat(indent) + "}"
        }
    }
}

fn elements_literal(ty: &Type, elements: &[Value], indent: usize) -> String {
    let (open, close) = match ty {
        Type::Set(_) => ("toset([", "])"),
        Type::List(_) => ("tolist([", "])"),
        _ => ("[", "]"),
    };
    if elements.is_empty() {
        return format!("{open}{close}");
    }
    let mut text = format!("{open}\n");
    for element in elements {
        text += &format!("{}{},\n", " ".repeat(indent + 2), literal(element, indent + 2));
    }
    text + &" ".repeat(indent) + close
}

/// A quoted string, or a heredoc when it has several lines.
pub fn string(text: &str, indent: usize) -> String {
    if !text.contains('\n') {
        return quoted(text);
    }
    let pad = " ".repeat(indent);
    let body: String = text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{pad}  {line}\n") }).collect();
    format!("<<-EOT\n{body}{pad}EOT")
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

/// What a diagnostic says of a value after its name: `is "x"`, `is a list of string`, `has a sensitive value`.
pub fn sentence(value: &Value) -> String {
    if value.marks().is_sensitive() {
        return "has a sensitive value".to_owned();
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
