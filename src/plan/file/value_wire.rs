//! Values in a saved plan. Nothing is lost: types, unknowns with what is known of them, marks.
//!
//! | value | JSON |
//! |---|---|
//! | null of no type, truth value, string, number | itself |
//! | other null | `{"n": type}` |
//! | unknown | `{"u": type, "r": refinement}` |
//! | list, set, map | `{"l": element type, "e": […]}`, `{"s": …}`, `{"m": …, "e": {…}}` |
//! | tuple, object | `{"t": […]}`, `{"o": {…}}` |
//! | infinite number | `{"i": "+Inf"}` |
//! | number in double precision | `{"d": bits}` |
//! | marked | `{"k": "s" or "e" or "se", "v": value}` |
//!
//! An ephemeral value is never stored: it is written as an unknown one of its type with its mark.

use super::wire::{Read, Wire, WireError, field};
use serde_json::{Map, Value as Json};
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::value::wire::{type_from_json, type_to_json};
use windlass_api::{Data, Marks, Number, Refinement, Type, Value};

fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.into_iter().map(|(name, json)| (name.to_owned(), json)).collect())
}

impl Wire for Type {
    fn write(&self) -> Json {
        type_to_json(self)
    }

    fn read(json: &Json) -> Read<Type> {
        type_from_json(json).map_err(|error| WireError(error.to_string()))
    }
}

impl Wire for Number {
    fn write(&self) -> Json {
        let text = self.to_string();
        // A double prints fewer digits than tell it apart at full precision.
        if Number::parse(&text).as_ref() != Some(self) && Number::from_f64(self.as_f64()).as_ref() == Some(self) {
            return object([("d", self.as_f64().to_bits().into())]);
        }
        text.parse::<serde_json::Number>().map_or_else(|_| object([("i", Json::String(text))]), Json::Number)
    }

    fn read(json: &Json) -> Read<Number> {
        if let Some(bits) = json.get("d").and_then(Json::as_u64) {
            return Number::from_f64(f64::from_bits(bits)).ok_or_else(|| WireError("a number is none".to_owned()));
        }
        let text = match json {
            Json::Number(number) => number.to_string(),
            other => String::read(other.get("i").unwrap_or(&Json::Null))?,
        };
        Number::parse(&text).ok_or_else(|| WireError(format!("{text:?} is no number")))
    }
}

super::wire::record!(Refinement { not_null, prefix, minimum, maximum, length_minimum, length_maximum });

impl Wire for Marks {
    fn write(&self) -> Json {
        let letter = |mark, letter| if self.contains(mark) { letter } else { "" };
        Json::String(format!("{}{}", letter(Marks::SENSITIVE, "s"), letter(Marks::EPHEMERAL, "e")))
    }

    fn read(json: &Json) -> Read<Marks> {
        String::read(json)?.chars().try_fold(Marks::NONE, |marks, letter| match letter {
            's' => Ok(marks.union(Marks::SENSITIVE)),
            'e' => Ok(marks.union(Marks::EPHEMERAL)),
            _ => Err(WireError("a mark is unknown".to_owned())),
        })
    }
}

impl Wire for Value {
    fn write(&self) -> Json {
        let plain = match (self.data(), self.ty()) {
            (Data::Null, Type::Dynamic) => Json::Null,
            (Data::Null, ty) => object([("n", ty.write())]),
            (Data::Unknown(known), ty) => object([("u", ty.write()), ("r", known.as_deref().cloned().write())]),
            (Data::Bool(truth), _) => Json::Bool(*truth),
            (Data::Number(number), _) => number.write(),
            (Data::String(text), _) => text.write(),
            (Data::Elements(elements), Type::List(element)) => object([("l", element.write()), ("e", elements.write())]),
            (Data::Elements(elements), Type::Set(element)) => object([("s", element.write()), ("e", elements.write())]),
            (Data::Elements(elements), _) => object([("t", elements.write())]),
            (Data::Fields(fields), Type::Map(element)) => object([("m", element.write()), ("e", write_fields(fields))]),
            (Data::Fields(fields), _) => object([("o", write_fields(fields))]),
        };
        match self.marks().is_empty() {
            true => plain,
            false if self.marks().is_ephemeral() => {
                let unknown = object([("u", self.ty().write()), ("r", Json::Null)]);
                object([("k", self.marks().write()), ("v", unknown)])
            }
            false => object([("k", self.marks().write()), ("v", plain)]),
        }
    }

    fn read(json: &Json) -> Read<Value> {
        let fields = match json {
            Json::Null => return Ok(Value::null(Type::Dynamic)),
            Json::Bool(truth) => return Ok(Value::bool(*truth)),
            Json::Number(_) => return Number::read(json).map(Value::number),
            Json::String(text) => return Ok(Value::string(text)),
            Json::Object(fields) => fields,
            Json::Array(_) => return Err(WireError("a value is no list".to_owned())),
        };
        let Some((tag, first)) = fields.iter().next() else { return Err(WireError("a value is empty".to_owned())) };
        Ok(match tag.as_str() {
            "k" => field::<Value>(json, "v")?.with_marks(Marks::read(first)?),
            "n" => Value::null(Type::read(first)?),
            "u" => match field::<Option<Refinement>>(json, "r")? {
                Some(known) => Value::unknown_refined(Type::read(first)?, known),
                None => Value::unknown(Type::read(first)?),
            },
            "i" | "d" => Value::number(Number::read(json)?),
            "l" => Value::list(Type::read(first)?, of_type(first, field(json, "e")?)?),
            "s" => Value::set(Type::read(first)?, of_type(first, field(json, "e")?)?),
            "t" => Value::tuple(Vec::read(first)?),
            "m" => {
                let fields = read_fields(json.get("e"))?;
                of_type(first, fields.values().cloned().collect())?;
                Value::map(Type::read(first)?, fields)
            }
            "o" => Value::object(read_fields(Some(first))?),
            other => return Err(WireError(format!("a value has the unknown tag {other:?}"))),
        })
    }
}

/// The elements, if all of them have the element type.
fn of_type(element: &Json, items: Vec<Value>) -> Read<Vec<Value>> {
    let element = Type::read(element)?;
    match element == Type::Dynamic || items.iter().all(|item| *item.ty() == element) {
        true => Ok(items),
        false => Err(WireError("an element of a collection has another type than the rest".to_owned())),
    }
}

fn write_fields(fields: &Fields) -> Json {
    Json::Object(fields.iter().map(|(name, value)| (name.to_string(), value.write())).collect::<Map<String, Json>>())
}

fn read_fields(json: Option<&Json>) -> Read<Fields> {
    let Some(Json::Object(fields)) = json else { return Err(WireError("fields are missing".to_owned())) };
    fields.iter().map(|(name, value)| Ok((Arc::from(name.as_str()), Value::read(value)?))).collect()
}
