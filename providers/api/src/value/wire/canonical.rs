//! One text for each value, unknowns and marks included: for keys and digests.

use super::super::{Data, Refinement, Type, Value};
use sha2::{Digest, Sha256};

/// A text that is the same for equal values and differs for others of the same type. Like JSON; an unknown is
/// `?type{refinements}`, marks stand behind `!`.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// SHA-256 of the value's type and canonical text.
pub fn digest(value: &Value) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(value.ty.type_expression());
    hash.update([0]);
    hash.update(canonical(value));
    hash.finalize().into()
}

fn write_value(value: &Value, out: &mut String) {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&format!("{number}")),
        Data::String(text) => write_text(text, out),
        Data::Unknown(refinement) => {
            out.push('?');
            out.push_str(&value.ty.type_expression());
            if let Some(known) = refinement {
                write_refinement(known, out);
            }
        }
        Data::Elements(elements) => {
            out.push('[');
            for (position, element) in elements.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_value(element, out);
            }
            out.push(']');
        }
        Data::Fields(fields) => {
            out.push('{');
            for (position, (name, field)) in fields.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write_value(field, out);
            }
            out.push('}');
        }
    }
    if !value.marks.is_empty() {
        out.push_str(&format!("!{}", value.marks.0));
    }
    // What JSON alone would confuse: parts of a dynamic element type.
    if value.ty.element() == Some(&Type::Dynamic) && value.is_known() && !value.is_null() {
        let types: Vec<String> = value.children().map(|part| part.ty.type_expression()).collect();
        out.push_str(&format!(":({})", types.join(",")));
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn write_refinement(known: &Refinement, out: &mut String) {
    out.push('{');
    if known.not_null {
        out.push('n');
    }
    if let Some(prefix) = &known.prefix {
        out.push('p');
        write_text(prefix, out);
    }
    for (name, bound) in [("l", &known.minimum), ("u", &known.maximum)] {
        if let Some((number, inclusive)) = bound {
            out.push_str(&format!("{name}{number}{}", if *inclusive { "=" } else { "" }));
        }
    }
    for (name, length) in [("s", known.length_minimum), ("e", known.length_maximum)] {
        if let Some(length) = length {
            out.push_str(&format!("{name}{length}"));
        }
    }
    out.push('}');
}
