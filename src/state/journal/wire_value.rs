//! Values as a journal writes them: with their types, their unknown parts and their marks.
//!
//! By the type: objects are arrays of their attributes in order, maps are arrays of pairs. So a JSON object never stands for a
//! value; it says something about one: `{"?": 0}` is unknown, `{"m": "s", "v": …}` marked sensitive, `{"t": …, "v": …}` of a type of
//! its own, where the type is dynamic. What is known of an unknown value is not kept: recovery has no use for it. Of an ephemeral
//! value only the mark is written; read again, it is unknown.

use serde_json::{Value as Json, json};
use windlass_api::value::wire::{type_from_json, type_to_json};
use windlass_api::{Data, Marks, Number, Type, Value};

/// The value with its type.
pub(super) fn value_to_wire(value: &Value) -> Json {
    json!({"t": type_to_json(value.ty()), "v": encode(value, value.ty())})
}

/// The reverse.
pub(super) fn value_from_wire(json: &Json) -> Option<Value> {
    decode(json, &Type::Dynamic)
}

fn encode(value: &Value, ty: &Type) -> Json {
    let marks = value.marks();
    if !marks.is_empty() {
        let mut letters = String::new();
        for (mark, letter) in [(Marks::SENSITIVE, 's'), (Marks::EPHEMERAL, 'e')] {
            if marks.contains(mark) {
                letters.push(letter);
            }
        }
        // What is ephemeral is never stored: its place is kept, its value is not.
        let plain = if marks.is_ephemeral() { Value::unknown(value.ty().clone()) } else { value.unmarked() };
        return json!({"m": letters, "v": encode(&plain, ty)});
    }
    if *ty == Type::Dynamic && *value.ty() != Type::Dynamic {
        return value_to_wire(value);
    }
    match value.data() {
        Data::Null => Json::Null,
        Data::Unknown(_) => json!({"?": 0}),
        Data::Bool(value) => json!(value),
        Data::String(text) => json!(&**text),
        Data::Number(number) => json!([number.to_string()]),
        Data::Elements(elements) => {
            let type_at = |index: usize| match ty {
                Type::Tuple(types) => types[index].clone(),
                _ => ty.element().cloned().unwrap_or(Type::Dynamic),
            };
            elements.iter().enumerate().map(|(index, element)| encode(element, &type_at(index))).collect()
        }
        Data::Fields(fields) => match ty {
            Type::Object(object) => fields.iter().map(|(name, value)| encode(value, &object.attributes[name])).collect(),
            _ => {
                let element = ty.element().unwrap_or(&Type::Dynamic);
                fields.iter().map(|(name, value)| json!([&**name, encode(value, element)])).collect()
            }
        },
    }
}

fn decode(json: &Json, ty: &Type) -> Option<Value> {
    if let Json::Object(about) = json {
        if about.contains_key("?") {
            return Some(Value::unknown(ty.clone()));
        }
        if let Some(own) = about.get("t") {
            return decode(about.get("v")?, &type_from_json(own).ok()?);
        }
        let letters = about.get("m")?.as_str()?;
        let mark = |(mark, letter): (Marks, char)| if letters.contains(letter) { mark } else { Marks::NONE };
        let marks = mark((Marks::SENSITIVE, 's')).union(mark((Marks::EPHEMERAL, 'e')));
        return Some(decode(about.get("v")?, ty)?.with_marks(marks));
    }
    if json.is_null() {
        return Some(Value::null(ty.clone()));
    }
    let elements = |element: &Type| json.as_array()?.iter().map(|part| decode(part, element)).collect::<Option<Vec<_>>>();
    match ty {
        Type::Dynamic => None,
        Type::String => json.as_str().map(Value::string),
        Type::Bool => json.as_bool().map(Value::bool),
        Type::Number => Number::parse(json.get(0)?.as_str()?).map(Value::number),
        Type::List(element) => Some(Value::list((**element).clone(), elements(element)?)),
        Type::Set(element) => Some(Value::set((**element).clone(), elements(element)?)),
        Type::Map(element) => {
            let pair = |pair: &Json| Some((pair.get(0)?.as_str()?.into(), decode(pair.get(1)?, element)?));
            Some(Value::map((**element).clone(), json.as_array()?.iter().map(pair).collect::<Option<_>>()?))
        }
        Type::Tuple(types) => {
            let parts = json.as_array()?.iter().zip(types.iter());
            Some(Value::tuple(parts.map(|(part, ty)| decode(part, ty)).collect::<Option<_>>()?))
        }
        Type::Object(object) => {
            let parts = json.as_array()?.iter().zip(&object.attributes);
            let fields = parts.map(|(part, (name, ty))| Some((name.clone(), decode(part, ty)?)));
            Some(Value::object(fields.collect::<Option<_>>()?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_with_types_unknowns_and_marks() {
        let tags = Value::map(Type::String, [("?".into(), Value::from("t"))].into());
        let value = Value::object_of([
            ("unknown", Value::unknown(Type::list(Type::String))),
            ("secret", Value::from("x").with_marks(Marks::SENSITIVE)),
            ("set", Value::set(Type::Number, vec![Value::int(2), Value::int(1)])),
            ("null", Value::null(Type::Bool)),
            ("tags", tags),
            ("tuple", Value::tuple(vec![Value::bool(true), Value::null(Type::Dynamic), Value::unknown(Type::Dynamic)])),
            ("big", Value::number(Number::parse("12345678901234567890123.5").unwrap())),
        ]);
        let text = value_to_wire(&value).to_string();
        assert_eq!(value_from_wire(&serde_json::from_str(&text).unwrap()), Some(value));
    }
}
