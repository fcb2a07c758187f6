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

fn csv_decode(arguments: &[Value]) -> Outcome {
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
