//! Types as the console's `type(…)` shows them: a type constraint over several lines.

use super::value::identifier_or_quoted;
use windlass_api::Type;

/// A type, with what stands in brackets on lines of its own.
pub fn type_text(ty: &Type, indent: usize) -> String {
    match ty {
        Type::Dynamic => "dynamic".to_owned(),
        Type::String => "string".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::List(element) => collection("list", element, indent),
        Type::Set(element) => collection("set", element, indent),
        Type::Map(element) => collection("map", element, indent),
        Type::Tuple(elements) => {
            let parts = elements.iter().map(|element| type_text(element, indent + 4));
            within("tuple([", "])", parts.collect(), indent)
        }
        Type::Object(object) => {
            let part = |(name, ty)| format!("{}: {}", identifier_or_quoted(name), type_text(ty, indent + 4));
            within("object({", "})", object.attributes.iter().map(|(name, ty)| part((name, ty))).collect(), indent)
        }
    }
}

/// What holds objects and tuples stands on several lines.
fn collection(name: &str, element: &Type, indent: usize) -> String {
    match element {
        Type::Tuple(_) | Type::Object(_) => within(&format!("{name}("), ")", vec![type_text(element, indent + 4)], indent),
        _ => format!("{name}({})", type_text(element, indent)),
    }
}

fn within(open: &str, close: &str, parts: Vec<String>, indent: usize) -> String {
    if parts.is_empty() {
        return format!("{open}{close}");
    }
    let lines: String = parts.iter().map(|part| format!("\n{}{part},", " ".repeat(indent + 4))).collect();
    format!("{open}{lines}\n{}{close}", " ".repeat(indent))
}
