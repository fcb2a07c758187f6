//! A line of the log as JSON, with the names that Terraform's lines have.

use super::format::{Data, Line};
use serde_json::{Map, Value};

/// The line as an object.
pub(super) fn json(line: &Line) -> Value {
    let mut object = Map::new();
    object.insert("@level".into(), line.level.to_ascii_lowercase().into());
    object.insert("@message".into(), line.message.as_str().into());
    object.insert("@module".into(), line.module.as_str().into());
    object.insert("@timestamp".into(), line.timestamp.as_str().into());
    for (name, data) in &line.fields {
        let value = match data {
            Data::Number(number) => i64::try_from(*number).map_or_else(|_| number.to_string().into(), Value::from),
            Data::Bool(value) => Value::Bool(*value),
            Data::Text(text) => text.as_str().into(),
        };
        object.insert((*name).to_owned(), value);
    }
    Value::Object(object)
}
