//! JSON ↔ values of implied type: objects, tuples, strings, numbers, truth values, nulls.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::sync::Arc;
use windlass_api::{Data, Number, ObjectType, Step, Type, Value};

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
                for (name, value) in fields.iter() {
                    map.serialize_entry(&**name, &Json(value))?;
                }
                map.end()
            }
        }
    }
}

/// The number with every digit that it has.
fn json_number(number: &Number) -> serde_json::Number {
    serde_json::from_str(&number.to_string()).expect("a number prints as a JSON number")
}

/// The value of a piece of JSON.
pub(in crate::state) fn implied_value(json: &serde_json::Value) -> Result<Value, String> {
    Ok(match json {
        serde_json::Value::Null => Value::null(Type::Dynamic),
        serde_json::Value::Bool(value) => Value::bool(*value),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            Value::number(Number::parse(&text).ok_or_else(|| format!("the number {text} is out of range"))?)
        }
        serde_json::Value::String(text) => Value::string(text),
        serde_json::Value::Array(elements) => Value::tuple(elements.iter().map(implied_value).collect::<Result<_, _>>()?),
        serde_json::Value::Object(fields) => {
            let named = |(name, value): (&String, _)| Ok::<_, String>((Arc::from(name.as_str()), implied_value(value)?));
            Value::object(fields.iter().map(named).collect::<Result<_, _>>()?)
        }
    })
}

/// A type as a state file writes it, such as `["list", "string"]`.
pub(in crate::state) fn type_to_value(ty: &Type) -> Value {
    let of = |kind: &str, inner: Value| Value::tuple(vec![Value::string(kind), inner]);
    match ty {
        Type::Dynamic => Value::string("dynamic"),
        Type::String => Value::string("string"),
        Type::Number => Value::string("number"),
        Type::Bool => Value::string("bool"),
        Type::List(element) => of("list", type_to_value(element)),
        Type::Set(element) => of("set", type_to_value(element)),
        Type::Map(element) => of("map", type_to_value(element)),
        Type::Tuple(elements) => of("tuple", Value::tuple(elements.iter().map(type_to_value).collect())),
        Type::Object(object) => {
            let attributes = object.attributes.iter().map(|(name, ty)| (name.clone(), type_to_value(ty))).collect();
            let mut parts = vec![Value::string("object"), Value::object(attributes)];
            if !object.optional.is_empty() {
                parts.push(Value::tuple(object.optional.iter().map(Value::string).collect()));
            }
            Value::tuple(parts)
        }
    }
}

/// The reverse of [`type_to_value`].
pub(in crate::state) fn type_from_value(value: &Value) -> Option<Type> {
    if let Some(name) = value.as_str() {
        return match name {
            "dynamic" => Some(Type::Dynamic),
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            _ => None,
        };
    }
    let (kind, rest) = value.elements()?.split_first()?;
    let inner = rest.first()?;
    match kind.as_str()? {
        "list" => Some(Type::list(type_from_value(inner)?)),
        "set" => Some(Type::set(type_from_value(inner)?)),
        "map" => Some(Type::map(type_from_value(inner)?)),
        "tuple" => Some(Type::tuple(inner.elements()?.iter().map(type_from_value).collect::<Option<_>>()?)),
        "object" => {
            let attribute = |(name, ty): (&Arc<str>, &Value)| Some((name.clone(), type_from_value(ty)?));
            let attributes = inner.fields()?.iter().map(attribute).collect::<Option<_>>()?;
            let optional = match rest.get(1) {
                Some(names) => names.elements()?.iter().map(|name| name.as_str().map(Arc::from)).collect::<Option<_>>()?,
                None => Default::default(),
            };
            Some(Type::Object(Arc::new(ObjectType { attributes, optional })))
        }
        _ => None,
    }
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
