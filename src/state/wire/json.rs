//! JSON ↔ values of implied type: objects, tuples, strings, numbers, truth values, nulls.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use windlass_api::value::wire::{infer_from_json, type_to_json};
use windlass_api::{Data, Number, Step, Type, Value};

/// A value that is written as JSON. What is not known is written as null; marks are not written.
pub(in crate::state) struct Json<'a>(pub &'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.data() {
            Data::Null | Data::Unknown(_) => serializer.serialize_unit(),
            Data::Bool(value) => serializer.serialize_bool(*value),
            Data::String(text) => serializer.serialize_str(text),
            Data::Number(number) => json_number(number).serialize(serializer),
            Data::Elements(elements) => {
                let mut sequence = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements.iter() {
                    sequence.serialize_element(&Json(element))?;
                }
                sequence.end()
            }
            Data::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                // What stands where the type is dynamic: Terraform writes the value before its type.
                let is_dynamic = fields.len() == 2 && fields.get("type").is_some_and(is_type) && fields.contains_key("value");
                let ordered: Vec<_> = if is_dynamic { fields.iter().rev().collect() } else { fields.iter().collect() };
                for (name, value) in ordered {
                    map.serialize_entry(&**name, &Json(value))?;
                }
                map.end()
            }
        }
    }
}

fn is_type(value: &Value) -> bool {
    value.as_str().is_some_and(|name| ["dynamic", "string", "number", "bool"].contains(&name))
        || value
            .elements()
            .and_then(|parts| parts.first()?.as_str())
            .is_some_and(|kind| ["list", "set", "map", "tuple", "object"].contains(&kind))
}

/// The number with every digit that it has.
fn json_number(number: &Number) -> serde_json::Number {
    serde_json::from_str(&number.to_string()).expect("a number prints as a JSON number")
}

/// A type as a state file writes it, such as `["list", "string"]`, as a value.
pub(in crate::state) fn type_to_value(ty: &Type) -> Value {
    infer_from_json(&type_to_json(ty))
}

/// A step of a path as `sensitive_attributes` writes it.
pub(in crate::state) fn step_to_value(step: &Step) -> Value {
    match step {
        Step::Attribute(name) => Value::object_of([("type", "get_attr".into()), ("value", Value::string(name))]),
        Step::Index(key) => {
            let key = Value::object_of([("value", key.unmarked()), ("type", type_to_value(key.ty()))]);
            Value::object_of([("type", "index".into()), ("value", key)])
        }
    }
}

/// The reverse of [`step_to_value`].
pub(in crate::state) fn step_from_value(value: &Value) -> Option<Step> {
    match value.get_str("type")? {
        "get_attr" => Some(Step::Attribute(value.get_str("value")?.into())),
        "index" => Some(Step::Index(value.get("value")?.get("value")?.clone())),
        _ => None,
    }
}
