//! Objects as files: `{"values": {"name": {"string": "x"}, "size": {"number": "3"}}}`. What is null is left out.

use serde_json::{Map, Value as Json, json};
use windlass_api::value::Fields;
use windlass_api::{BlockSchema, Data, Nesting, Number, Type, Value};

/// The text of an object's file.
pub(super) fn object_to_text(object: &Value) -> String {
    let values = object.fields().map(fields_to_file).unwrap_or_default();
    format!("{:#}\n", json!({ "values": values }))
}

fn fields_to_file(fields: &Fields) -> Map<String, Json> {
    fields.iter().filter_map(|(name, value)| Some((name.to_string(), value_to_file(value)?))).collect()
}

/// A value; `None` for null. An unknown one does not get here.
fn value_to_file(value: &Value) -> Option<Json> {
    Some(match value.data() {
        Data::Null | Data::Unknown(_) => return None,
        Data::Bool(flag) => json!({ "boolean": flag }),
        Data::Number(number) => json!({ "number": number.to_string() }),
        Data::String(text) => json!({ "string": &**text }),
        Data::Elements(elements) => {
            let kind = if matches!(value.ty(), Type::Set(_)) { "set" } else { "list" };
            // The place of an element counts, so a null one stays, as an empty value.
            let elements: Vec<Json> = elements.iter().map(|element| value_to_file(element).unwrap_or_else(|| json!({}))).collect();
            json!({ kind: elements })
        }
        Data::Fields(fields) => {
            let kind = if matches!(value.ty(), Type::Map(_)) { "map" } else { "object" };
            json!({ kind: fields_to_file(fields) })
        }
    })
}

/// The object that a file's text holds.
pub(super) fn object_from_text(text: &str, block: &BlockSchema) -> Result<Value, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match json.get("values") {
        Some(Json::Object(values)) => body_from_file(values, block),
        _ => Err("there is no object \"values\" in it".to_owned()),
    }
}

fn body_from_file(values: &Map<String, Json>, block: &BlockSchema) -> Result<Value, String> {
    if let Some(other) =
        values.keys().find(|name| !block.attributes.contains_key(name.as_str()) && !block.blocks.contains_key(name.as_str()))
    {
        return Err(format!("the type has nothing named {other:?}"));
    }
    let mut fields = Fields::new();
    for (name, attribute) in &block.attributes {
        let value = match values.get(&**name) {
            Some(json) => value_from_file(json, &attribute.ty).map_err(|mistake| format!("{name}: {mistake}"))?,
            None => Value::null(attribute.ty.without_optional()),
        };
        fields.insert(name.clone(), value);
    }
    for (name, nested) in &block.blocks {
        let kind = if nested.nesting == Nesting::Set { "set" } else { "list" };
        let value = match values.get(&**name) {
            None => nested.absent(),
            Some(json) => {
                let elements = json.get(kind).and_then(Json::as_array).ok_or_else(|| format!("{name}: it must hold a {kind:?}"))?;
                let body = |json: &Json| match json.get("object") {
                    Some(Json::Object(values)) => body_from_file(values, &nested.block).map_err(|mistake| format!("{name}: {mistake}")),
                    _ => Err(format!("{name}: each element must hold an \"object\"")),
                };
                let bodies = elements.iter().map(body).collect::<Result<_, _>>()?;
                let object = nested.block.object_type();
                if kind == "set" { Value::set(object, bodies) } else { Value::list(object, bodies) }
            }
        };
        fields.insert(name.clone(), value);
    }
    Ok(Value::object(fields))
}

/// A value of a type, as files and declarations hold it.
pub(super) fn value_from_file(json: &Json, ty: &Type) -> Result<Value, String> {
    let Some(holder) = json.as_object() else { return Err("a value is an object such as {\"string\": \"x\"}".to_owned()) };
    if holder.is_empty() {
        return Ok(Value::null(ty.without_optional()));
    }
    let kind = kind_of(ty);
    let Some(inner) = holder.get(kind).filter(|_| holder.len() == 1) else {
        return Err(format!("it must hold {kind:?} and nothing else"));
    };
    let wrong = || format!("{inner} is no {kind}");
    Ok(match ty {
        Type::Bool => Value::bool(inner.as_bool().ok_or_else(wrong)?),
        Type::Number => {
            let text = match inner {
                Json::String(text) => text.clone(),
                Json::Number(number) => number.to_string(),
                _ => return Err(wrong()),
            };
            Value::number(Number::parse(&text).ok_or_else(wrong)?)
        }
        Type::List(element) | Type::Set(element) => {
            let elements = inner.as_array().ok_or_else(wrong)?;
            let elements = elements.iter().map(|part| value_from_file(part, element)).collect::<Result<_, _>>()?;
            match ty {
                Type::Set(_) => Value::set(element.without_optional(), elements),
                _ => Value::list(element.without_optional(), elements),
            }
        }
        Type::Map(element) => {
            let part = |(key, json): (&String, &Json)| match value_from_file(json, element) {
                Ok(value) => Ok((key.as_str().into(), value)),
                Err(mistake) => Err(format!("{key}: {mistake}")),
            };
            Value::map(element.without_optional(), inner.as_object().ok_or_else(wrong)?.iter().map(part).collect::<Result<_, _>>()?)
        }
        Type::Object(object) => {
            let values = inner.as_object().ok_or_else(wrong)?;
            if let Some(other) = values.keys().find(|name| !object.attributes.contains_key(name.as_str())) {
                return Err(format!("the type has nothing named {other:?}"));
            }
            let mut fields = Fields::new();
            for (name, ty) in &object.attributes {
                let value = match values.get(&**name) {
                    Some(json) => value_from_file(json, ty).map_err(|mistake| format!("{name}: {mistake}"))?,
                    None => Value::null(ty.without_optional()),
                };
                fields.insert(name.clone(), value);
            }
            Value::object(fields)
        }
        Type::String | Type::Tuple(_) | Type::Dynamic => Value::string(inner.as_str().ok_or_else(wrong)?),
    })
}

/// The key under which a value of a type stands. Tuples and values of any type are in no schema of this provider.
fn kind_of(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "boolean",
        Type::Number => "number",
        Type::List(_) => "list",
        Type::Set(_) => "set",
        Type::Map(_) => "map",
        Type::Object(_) => "object",
        Type::String | Type::Tuple(_) | Type::Dynamic => "string",
    }
}
