//! JSON, CSV and URLs.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, parameter, pure, text};
use super::wire::parse_json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{Data, Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    pure("jsonencode", &[parameter("val", Accepts::Any).nullable()], Returns::Always(Accepts::String), |arguments| {
        let mut out = String::new();
        write_json(&arguments[0], &mut out);
        Ok(out.into())
    }),
    pure("jsondecode", &[parameter("str", Accepts::String)], Returns::By(|_| Type::Dynamic), |arguments| {
        parse_json(text(arguments, 0)).map_err(|error| FunctionError { argument: None, message: error })
    }),
    pure("csvdecode", &[parameter("str", Accepts::String)], Returns::By(|_| Type::Dynamic), csv_decode),
    pure("urlencode", &[parameter("str", Accepts::String)], Returns::Always(Accepts::String), |arguments| {
        Ok(url_encode(text(arguments, 0)).into())
    }),
    pure("urldecode", &[parameter("str", Accepts::String)], Returns::Always(Accepts::String), |arguments| url_decode(text(arguments, 0))),
];

/// JSON in Go's form: sorted keys, no blanks, and what HTML might misread escaped.
pub(super) fn write_json(value: &Value, out: &mut String) {
    match value.data() {
        Data::Null | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Data::Number(number) => drop(write!(out, "{number}")),
        Data::String(text) => quote(text, out),
        Data::Elements(elements) => {
            out.push('[');
            for (position, element) in elements.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                crate::lang::deep(|| write_json(element, out));
            }
            out.push(']');
        }
        Data::Fields(fields) => {
            out.push('{');
            for (position, (key, element)) in fields.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                crate::lang::deep(|| write_json(element, out));
            }
            out.push('}');
        }
    }
}

/// A JSON string.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => drop(write!(out, "\\u{:04x}", character as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Quotes stand around a whole cell, and are doubled inside; the library would guess what others mean. The line of the first that
/// does not, and why.
fn misplaced_quote(text: &str) -> Option<(usize, &'static str)> {
    let (mut line, mut quoted, mut cell_begins) = (1, false, true);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        line += usize::from(character == '\n');
        match (character, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => drop(characters.next()),
            ('"', true) if !matches!(characters.peek(), None | Some(',' | '\n' | '\r')) => {
                return Some((line, "extraneous or missing \" in quoted-field"));
            }
            ('"', true) => quoted = false,
            ('"', false) if cell_begins => quoted = true,
            ('"', false) => return Some((line, "bare \" in non-quoted-field")),
            _ => {}
        }
        cell_begins = !quoted && matches!(character, ',' | '\n');
    }
    quoted.then_some((line, "extraneous or missing \" in quoted-field"))
}

fn csv_decode(arguments: &[Value]) -> Outcome {
    if let Some((line, reason)) = misplaced_quote(text(arguments, 0)) {
        return fail(format!("parse error on line {line}: {reason}"));
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text(arguments, 0).as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(Ok(header)) => header,
        Some(Err(error)) => return fail(error.to_string()),
        None => return fail("missing header line"),
    };
    let mut types = BTreeMap::new();
    for name in &header {
        if types.insert(Arc::from(name), Type::String).is_some() {
            return fail(format!("duplicate column name {name:?}"));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|error| FunctionError { argument: None, message: error.to_string() })?;
        if record.len() != header.len() {
            return fail(format!("record on line {}: wrong number of fields", record.position().map_or(0, csv::Position::line)));
        }
        let fields = header.iter().zip(&record).map(|(name, cell)| (Arc::from(name), Value::string(cell)));
        rows.push(Value::object(fields.collect::<Fields>()));
    }
    Ok(Value::list(Type::object(types), rows))
}

/// As in a query: a blank becomes `+`.
fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            b' ' => out.push('+'),
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out
}

fn url_decode(text: &str) -> Outcome {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).filter(|digits| !digits.contains('+'));
                let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                    let shown: String = text[text.len() - after.len() - 1..].chars().take(3).collect();
                    return fail(format!("failed to decode URL '{text}': invalid URL escape {shown:?}"));
                };
                bytes.push(byte);
                rest = &after[2..];
            }
            other => bytes.push(*other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => fail("the result of decoding is not valid UTF-8"),
    }
}
