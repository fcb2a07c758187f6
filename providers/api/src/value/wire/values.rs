//! Values as JSON.

use super::super::convert::convert;
use super::super::{Data, Fields, Number, Path, Type, Value};
use super::{WireError, raw, type_to_json};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The value as JSON, without its type. Marks are left out; an unknown part is an error.
pub fn value_to_json(value: &Value) -> Result<Json, WireError> {
    encode(value, None, &mut Path::root())
}

/// The value as JSON by a schema's type: where that is dynamic, the value's own type is written too, as
/// `{"value": …, "type": …}`.
pub fn value_to_json_as(value: &Value, ty: &Type) -> Result<Json, WireError> {
    encode(value, Some(ty), &mut Path::root())
}

fn encode(value: &Value, schema: Option<&Type>, path: &mut Path) -> Result<Json, WireError> {
    if schema == Some(&Type::Dynamic) {
        // A null of no type at all stands for itself.
        if value.is_null() && value.ty == Type::Dynamic {
            return Ok(Json::Null);
        }
        return Ok(json!({"value": encode(value, None, path)?, "type": type_to_json(&value.ty)}));
    }
    Ok(match &value.data {
        Data::Null => Json::Null,
        Data::Unknown(_) => return Err(WireError::at(path, "value is not known")),
        Data::Bool(flag) => Json::Bool(*flag),
        Data::Number(number) => number_to_json(number).ok_or_else(|| WireError::at(path, "cannot serialize infinity as JSON"))?,
        Data::String(text) => Json::String(text.to_string()),
        Data::Elements(_) => {
            let mut elements = Vec::new();
            for (step, element) in value.steps() {
                let ty = schema.and_then(|ty| ty.part(&step));
                path.0.push(step);
                elements.push(encode(element, ty.as_ref(), path)?);
                path.0.pop();
            }
            Json::Array(elements)
        }
        Data::Fields(fields) => {
            let mut object = Map::new();
            for (name, (step, field)) in fields.keys().zip(value.steps()) {
                let ty = schema.and_then(|ty| ty.part(&step));
                path.0.push(step);
                object.insert(name.to_string(), encode(field, ty.as_ref(), path)?);
                path.0.pop();
            }
            Json::Object(object)
        }
    })
}

/// The number by its exact text; `None` for infinity.
fn number_to_json(number: &Number) -> Option<Json> {
    match number {
        Number::Int(value) => Some(Json::from(*value)),
        Number::Float(_) => number.to_string().parse::<serde_json::Number>().ok().map(Json::Number),
        Number::Infinite { .. } => None,
    }
}

/// The value of a type that JSON holds. Every attribute of an object must be there, none beside.
pub fn value_from_json(json: &Json, ty: &Type) -> Result<Value, WireError> {
    raw::decode(&infer_from_json(json), ty, raw::Strictness::Exact, &mut Path::root())
}

/// The value that JSON holds by itself: objects, tuples, and a null of no type.
pub fn infer_from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(flag) => Value::bool(*flag),
        // JSON's numbers are a part of ours.
        Json::Number(number) => Value::number(Number::parse(&number.to_string()).unwrap_or(Number::ZERO)),
        Json::String(text) => Value::string(text),
        Json::Array(elements) => Value::tuple(elements.iter().map(infer_from_json).collect()),
        Json::Object(fields) => {
            let fields: Fields = fields
                .iter()
                .map(|(name, field)| (Arc::from(Value::string(name).as_str().unwrap_or(name)), infer_from_json(field)))
                .collect();
            Value::object(fields)
        }
    }
}

/// Converts, with the fault in the words of the wire.
pub(super) fn converted(value: &Value, ty: &Type, path: &Path) -> Result<Value, WireError> {
    convert(value, ty).map_err(|error| {
        let mut whole = path.clone();
        whole.0.extend(error.path.0);
        WireError { path: whole, message: error.message }
    })
}
