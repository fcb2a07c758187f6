//! Types as JSON: `"string"`, `["list", "string"]`, `["object", {"a": "string"}, ["a"]]`, `["tuple", ["bool"]]`, `"dynamic"`.

use super::super::{ObjectType, Path, Type};
use super::WireError;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The type as cty writes it in JSON.
pub fn type_to_json(ty: &Type) -> Json {
    match ty {
        Type::Dynamic => json!("dynamic"),
        Type::String => json!("string"),
        Type::Number => json!("number"),
        Type::Bool => json!("bool"),
        Type::List(element) => json!(["list", type_to_json(element)]),
        Type::Set(element) => json!(["set", type_to_json(element)]),
        Type::Map(element) => json!(["map", type_to_json(element)]),
        Type::Tuple(elements) => json!(["tuple", elements.iter().map(type_to_json).collect::<Vec<Json>>()]),
        Type::Object(object) => {
            let attributes: serde_json::Map<String, Json> =
                object.attributes.iter().map(|(name, ty)| (name.to_string(), type_to_json(ty))).collect();
            if object.optional.is_empty() {
                return json!(["object", attributes]);
            }
            let optional: Vec<&str> = object.optional.iter().map(|name| &**name).collect();
            json!(["object", attributes, optional])
        }
    }
}

/// The type that cty wrote in JSON.
pub fn type_from_json(json: &Json) -> Result<Type, WireError> {
    let fault = |message: &str| WireError::at(&Path::root(), format!("{message} in type {json}"));
    let parts = match json {
        Json::String(name) => {
            return match name.as_str() {
                "dynamic" => Ok(Type::Dynamic),
                "string" => Ok(Type::String),
                "number" => Ok(Type::Number),
                "bool" => Ok(Type::Bool),
                _ => Err(fault("unknown name")),
            };
        }
        Json::Array(parts) => parts,
        _ => return Err(fault("neither a name nor a list")),
    };
    match (parts.first().and_then(Json::as_str), parts.get(1), parts.get(2)) {
        (Some("list"), Some(element), None) => Ok(Type::list(type_from_json(element)?)),
        (Some("set"), Some(element), None) => Ok(Type::set(type_from_json(element)?)),
        (Some("map"), Some(element), None) => Ok(Type::map(type_from_json(element)?)),
        (Some("tuple"), Some(Json::Array(elements)), None) => {
            Ok(Type::tuple(elements.iter().map(type_from_json).collect::<Result<_, _>>()?))
        }
        (Some("object"), Some(Json::Object(attributes)), optional) => {
            let mut object = ObjectType::default();
            for (name, ty) in attributes {
                object.attributes.insert(Arc::from(name.as_str()), type_from_json(ty)?);
            }
            for name in optional.and_then(Json::as_array).into_iter().flatten() {
                object.optional.insert(name.as_str().ok_or_else(|| fault("an optional name is no string"))?.into());
            }
            Ok(Type::Object(Arc::new(object)))
        }
        _ => Err(fault("unknown form")),
    }
}
