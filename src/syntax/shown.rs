//! A tree without its ranges, as text: how tests compare trees.

use super::ast::{Attribute, Block, Body, Expression, ExpressionKind as Kind, TemplatePart};
use windlass_api::Value;

/// An expression.
pub fn show(expression: &Expression) -> String {
    let all = |items: &[Expression]| items.iter().map(show).collect::<Vec<_>>().join(" ");
    match &expression.kind {
        Kind::Literal(value) => literal(value),
        Kind::Template(parts) => format!("`{}`", template(parts)),
        Kind::Tuple(items) => format!("[{}]", all(items)),
        Kind::Object(items) => {
            let items: Vec<_> = items.iter().map(|item| format!("{}={}", show(&item.key), show(&item.value))).collect();
            format!("{{{}}}", items.join(" "))
        }
        Kind::Variable(name) => name.to_string(),
        Kind::Attribute(object, name) => format!("{}.{}", show(object), name.name),
        Kind::Index(object, key) => format!("{}[{}]", show(object), show(key)),
        Kind::Splat { collection, each } => format!("splat({} {})", show(collection), show(each)),
        Kind::SplatItem => "@".to_owned(),
        Kind::Conditional { condition, yes, no } => format!("({} ? {} : {})", show(condition), show(yes), show(no)),
        Kind::Binary(operator, left, right) => format!("({operator:?} {} {})", show(left), show(right)),
        Kind::Unary(operator, inner) => format!("({operator:?} {})", show(inner)),
        Kind::Call(call) => format!("{}({}{})", call.name.name, all(&call.arguments), if call.expand_last { "..." } else { "" }),
        Kind::For(parts) => {
            let key = parts.key.as_ref().map_or(String::new(), |key| format!("{},", key.name));
            let result_key = parts.result_key.as_ref().map_or(String::new(), |key| format!("{}=>", show(key)));
            let group = if parts.group { "..." } else { "" };
            let condition = parts.condition.as_ref().map_or(String::new(), |condition| format!(" if {}", show(condition)));
            format!("for({key}{} in {}: {result_key}{}{group}{condition})", parts.value.name, show(&parts.collection), show(&parts.result))
        }
        Kind::Parenthesis(inner) => format!("<{}>", show(inner)),
    }
}

fn literal(value: &Value) -> String {
    match (value.as_str(), value.as_number(), value.as_bool()) {
        (Some(text), _, _) => format!("{text:?}"),
        (_, Some(number), _) => number.to_string(),
        (_, _, Some(value)) => value.to_string(),
        _ => "null".to_owned(),
    }
}

fn template(parts: &[TemplatePart]) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Literal(text) => format!("{text:?}"),
        TemplatePart::Interpolation(inner) => format!("${{{}}}", show(inner)),
        TemplatePart::If { condition, yes, no } => format!("if({} {} | {})", show(condition), template(yes), template(no)),
        TemplatePart::For { key, value, collection, body } => {
            let key = key.as_ref().map_or(String::new(), |key| format!("{},", key.name));
            format!("for({key}{} {} {})", value.name, show(collection), template(body))
        }
    };
    parts.iter().map(part).collect()
}

/// A body: its arguments, then its blocks.
pub fn show_body(body: &Body) -> String {
    let argument = |attribute: &Attribute| format!("{}={}; ", attribute.name.name, show(&attribute.value));
    let block = |block: &Block| format!("{} {{ {}}} ", block.title(), show_body(&block.body));
    body.attributes.iter().map(argument).chain(body.blocks.iter().map(block)).collect()
}
