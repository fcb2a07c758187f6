//! Giving inferred values the types of a schema.

use super::super::{Data, Fields, Path, Step, Type, Value};
use super::values::{converted, value_to_json};
use super::{WireError, type_from_json};
use std::sync::Arc;

/// What a decoder does about attributes that the type and the value do not share.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Strictness {
    /// They are errors.
    Exact,
    /// Missing ones become null, others are dropped: the schema has changed since.
    Lenient,
}

/// The inferred value of a state's attributes as a value of the schema's type. Attributes that the schema lacks are dropped, missing
/// ones become null; `{"value": …, "type": …}` is understood where the type is dynamic; texts are read as numbers and truth values
/// where the type asks for them, since old providers wrote them so. Marks stay.
pub fn decode_raw(value: &Value, ty: &Type) -> Result<Value, WireError> {
    decode(value, ty, Strictness::Lenient, &mut Path::root())
}

pub(super) fn decode(value: &Value, ty: &Type, strictness: Strictness, path: &mut Path) -> Result<Value, WireError> {
    let decoded = match (ty, &value.data) {
        (Type::Dynamic, _) => return dynamic(value, path),
        (_, Data::Null) => Value::null(ty.without_optional()),
        (_, Data::Unknown(_)) => return converted(value, ty, path),
        (Type::List(element) | Type::Set(element), Data::Elements(elements)) => {
            let mut decoded = Vec::with_capacity(elements.len());
            for (index, part) in elements.iter().enumerate() {
                decoded.push(at(Step::Index(Value::int(index as i64)), path, |path| decode(part, element, strictness, path))?);
            }
            let element = element_type(element, &decoded);
            if matches!(ty, Type::Set(_)) { Value::set(element, decoded) } else { Value::list(element, decoded) }
        }
        (Type::Tuple(types), Data::Elements(elements)) if types.len() == elements.len() => {
            let mut decoded = Vec::with_capacity(elements.len());
            for (index, (part, ty)) in elements.iter().zip(types.iter()).enumerate() {
                decoded.push(at(Step::Index(Value::int(index as i64)), path, |path| decode(part, ty, strictness, path))?);
            }
            Value::tuple(decoded)
        }
        (Type::Map(element), Data::Fields(fields)) => {
            let mut decoded = Fields::new();
            for (key, part) in fields.iter() {
                let part = at(Step::Index(Value::string(key)), path, |path| decode(part, element, strictness, path))?;
                decoded.insert(key.clone(), part);
            }
            Value::map(element_type(element, decoded.values()), decoded)
        }
        (Type::Object(object), Data::Fields(fields)) => {
            if strictness == Strictness::Exact
                && let Some(name) = fields.keys().find(|name| !object.attributes.contains_key(*name))
            {
                return Err(WireError::at(path, format!("unsupported attribute {name:?}")));
            }
            let mut decoded = Fields::new();
            for (name, ty) in &object.attributes {
                let part = match fields.get(name) {
                    Some(field) => at(Step::Attribute(name.clone()), path, |path| decode(field, ty, strictness, path))?,
                    None if strictness == Strictness::Lenient || object.optional.contains(name) => Value::null(ty.without_optional()),
                    None => return Err(WireError::at(path, format!("attribute {name:?} is required"))),
                };
                decoded.insert(name.clone(), part);
            }
            Value::object(decoded)
        }
        _ if value.ty == *ty => return Ok(value.clone()),
        // Old providers wrote an empty text where there was no number or truth value.
        (Type::Number | Type::Bool, Data::String(text)) if text.is_empty() && strictness == Strictness::Lenient => Value::null(ty.clone()),
        _ => return converted(value, ty, path),
    };
    Ok(decoded.with_marks(value.marks))
}

fn at<T>(step: Step, path: &mut Path, inner: impl FnOnce(&mut Path) -> Result<T, WireError>) -> Result<T, WireError> {
    path.0.push(step);
    let result = inner(path)?;
    path.0.pop();
    Ok(result)
}

/// The element type of a decoded collection; that of the elements where the schema leaves it open and they agree.
fn element_type<'a>(schema: &Type, elements: impl IntoIterator<Item = &'a Value>) -> Type {
    if !schema.has_dynamic() {
        return schema.without_optional();
    }
    let mut elements = elements.into_iter();
    match elements.next() {
        Some(first) if elements.all(|element| element.ty == first.ty) => first.ty.clone(),
        Some(_) => Type::Dynamic,
        None => schema.without_optional(),
    }
}

fn dynamic(value: &Value, path: &mut Path) -> Result<Value, WireError> {
    let Some(fields) = value.fields() else { return Ok(value.clone()) };
    match (fields.len(), fields.get("value"), fields.get("type")) {
        (2, Some(inner), Some(ty)) if is_type(ty) => {
            let ty = type_from_json(&value_to_json(ty)?).map_err(|error| WireError::at(path, error.message))?;
            Ok(decode(inner, &ty, Strictness::Exact, path)?.with_marks(value.marks))
        }
        _ => Ok(value.clone()),
    }
}

/// Whether it looks like a type's JSON.
fn is_type(value: &Value) -> bool {
    let name = |value: &Value| value.as_str().map(Arc::<str>::from);
    match value.elements() {
        Some(parts) => parts.first().and_then(name).is_some(),
        None => name(value).is_some(),
    }
}
