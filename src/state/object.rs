//! An object's attributes between their schema's type and the file's JSON form.
//!
//! In the file there are only objects, tuples, strings, numbers, truth values and nulls. What the schema says is dynamic is
//! written as `{"value": …, "type": …}`. Write-only attributes are null.

use super::ObjectState;
use super::wire::json::{type_from_value, type_to_value};
use std::sync::Arc;
use windlass_api::{BlockSchema, Data, Marks, Path, Schema, Step, Type, Value};

/// The file's form of an object, and the paths of its parts that are marked sensitive. The value must be of the schema's type;
/// an unknown part becomes null.
pub fn encode_object(value: &Value, schema: &Schema) -> (Value, Vec<Path>) {
    let value = without_write_only(value, &schema.block);
    let mut sensitive = Vec::new();
    collect_sensitive(&value, &Path::root(), &mut sensitive);
    (encode_value(&value, &schema.block.object_type()), sensitive)
}

fn without_write_only(value: &Value, block: &BlockSchema) -> Value {
    let write_only = block.attributes.iter().filter(|(_, attribute)| attribute.write_only);
    write_only.fold(value.clone(), |value, (name, attribute)| value.with_field(name, Value::null(attribute.ty.clone())))
}

fn collect_sensitive(value: &Value, path: &Path, found: &mut Vec<Path>) {
    if value.marks().is_sensitive() {
        found.push(path.clone());
        return;
    }
    match value.data() {
        Data::Elements(elements) if !matches!(value.ty(), Type::Set(_)) => {
            for (index, element) in elements.iter().enumerate() {
                collect_sensitive(element, &path.index(index), found);
            }
        }
        Data::Fields(fields) => {
            for (name, field) in fields.iter() {
                let inner = match value.ty() {
                    Type::Map(_) => path.key(name),
                    _ => path.attribute(name),
                };
                collect_sensitive(field, &inner, found);
            }
        }
        _ => {}
    }
}

/// The file's form of a value that stands where a type is expected.
pub(super) fn encode_value(value: &Value, ty: &Type) -> Value {
    if *ty == Type::Dynamic && *value.ty() != Type::Dynamic {
        let inner = encode_value(value, value.ty());
        return Value::object_of([("value", inner), ("type", type_to_value(value.ty()))]);
    }
    match value.data() {
        Data::Null | Data::Unknown(_) => Value::null(Type::Dynamic),
        Data::Elements(elements) => Value::tuple(match ty {
            Type::Tuple(types) => elements.iter().zip(types.iter()).map(|(element, ty)| encode_value(element, ty)).collect(),
            _ => elements.iter().map(|element| encode_value(element, ty.element().unwrap_or(&Type::Dynamic))).collect(),
        }),
        Data::Fields(fields) => Value::object(match ty {
            Type::Object(object) => {
                let attribute = |(name, ty): (&Arc<str>, &Type)| Some((name.clone(), encode_value(fields.get(name)?, ty)));
                object.attributes.iter().filter_map(attribute).collect()
            }
            _ => {
                let element = ty.element().unwrap_or(&Type::Dynamic);
                fields.iter().map(|(name, value)| (name.clone(), encode_value(value, element))).collect()
            }
        }),
        Data::Bool(_) | Data::Number(_) | Data::String(_) => value.unmarked(),
    }
}

/// An object in its schema's type, with the recorded sensitive parts marked. Attributes that the schema does not have are left
/// out; those that the file does not have are null.
///
/// # Errors
/// What does not fit, as a sentence that names the attribute.
pub fn decode_object(object: &ObjectState, schema: &Schema) -> Result<Value, String> {
    let value = decode_value(&object.attributes, &schema.block.object_type())?;
    Ok(object.sensitive.iter().fold(value, |value, path| mark_sensitive(&value, &path.0)))
}

/// The value with what the path leads to marked; a path that leads nowhere changes nothing.
fn mark_sensitive(value: &Value, path: &[Step]) -> Value {
    let Some((step, rest)) = path.split_first() else { return value.clone().with_marks(Marks::SENSITIVE) };
    let name = match step {
        Step::Attribute(name) => Some(&**name),
        Step::Index(key) => key.as_str(),
    };
    if let Some(name) = name {
        return match value.get(name) {
            Some(field) => value.with_field(name, mark_sensitive(field, rest)),
            None => value.clone(),
        };
    }
    let Step::Index(index) = step else { return value.clone() };
    let (Some(elements), Some(index)) = (value.elements(), index.as_i64().and_then(|index| usize::try_from(index).ok())) else {
        // An element of a set: the mark stands on the whole set.
        return value.clone().with_marks(Marks::SENSITIVE);
    };
    let mut elements = elements.to_vec();
    let Some(element) = elements.get_mut(index) else { return value.clone() };
    *element = mark_sensitive(element, rest);
    let marked = match value.ty() {
        Type::List(element) => Value::list((**element).clone(), elements),
        Type::Tuple(_) => Value::tuple(elements),
        _ => return value.clone().with_marks(Marks::SENSITIVE),
    };
    marked.with_marks(value.marks())
}

/// A value of the file's JSON form in a type.
///
/// # Errors
/// As for [`decode_object`].
pub fn decode_value(value: &Value, ty: &Type) -> Result<Value, String> {
    let wrong = || format!("{} is expected, and {} is there", kind_of(ty), found_kind(value));
    if value.is_null() {
        return Ok(Value::null(ty.clone()));
    }
    match ty {
        Type::Dynamic => match (value.get("value"), value.get("type").and_then(type_from_value)) {
            (Some(inner), Some(ty)) => decode_value(inner, &ty),
            _ => Err("a value of dynamic type must have the fields value and type".into()),
        },
        Type::String => match value.data() {
            Data::String(_) => Ok(value.clone()),
            Data::Bool(value) => Ok(Value::string(value.to_string())),
            Data::Number(number) => Ok(Value::string(number.to_string())),
            _ => Err(wrong()),
        },
        Type::Number => match value.data() {
            Data::Number(_) => Ok(value.clone()),
            Data::String(text) => windlass_api::Number::parse(text).map(Value::number).ok_or_else(wrong),
            _ => Err(wrong()),
        },
        Type::Bool => match value.data() {
            Data::Bool(_) => Ok(value.clone()),
            Data::String(text) => text.parse().map(Value::bool).map_err(|_| wrong()),
            _ => Err(wrong()),
        },
        Type::List(element) => Ok(Value::list((**element).clone(), decode_elements(value, element).ok_or_else(wrong)??)),
        Type::Set(element) => Ok(Value::set((**element).clone(), decode_elements(value, element).ok_or_else(wrong)??)),
        Type::Map(element) => {
            let field = |(name, value): (&Arc<str>, &Value)| Ok((name.clone(), at(name, decode_value(value, element))?));
            let fields = value.fields().ok_or_else(wrong)?.iter().map(field).collect::<Result<_, String>>()?;
            Ok(Value::map((**element).clone(), fields))
        }
        Type::Tuple(types) => {
            let elements = value.elements().filter(|elements| elements.len() == types.len()).ok_or_else(wrong)?;
            let decoded = elements.iter().zip(types.iter()).map(|(element, ty)| decode_value(element, ty));
            Ok(Value::tuple(decoded.collect::<Result<_, _>>()?))
        }
        Type::Object(object) => {
            let fields = value.fields().ok_or_else(wrong)?;
            let attribute = |(name, ty): (&Arc<str>, &Type)| match fields.get(name) {
                Some(value) => Ok((name.clone(), at(name, decode_value(value, ty))?)),
                None => Ok((name.clone(), Value::null(ty.clone()))),
            };
            Ok(Value::object(object.attributes.iter().map(attribute).collect::<Result<_, String>>()?))
        }
    }
}

fn decode_elements(value: &Value, element: &Type) -> Option<Result<Vec<Value>, String>> {
    Some(value.elements()?.iter().map(|value| decode_value(value, element)).collect())
}

fn at(name: &str, result: Result<Value, String>) -> Result<Value, String> {
    result.map_err(|problem| match problem.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => format!("{name}.{path}: {rest}"),
        _ => format!("{name}: {problem}"),
    })
}

fn kind_of(ty: &Type) -> &'static str {
    match ty {
        Type::Dynamic => "any value",
        Type::String => "a string",
        Type::Number => "a number",
        Type::Bool => "true or false",
        Type::List(_) | Type::Set(_) => "an array",
        Type::Tuple(_) => "an array of fixed length",
        Type::Map(_) | Type::Object(_) => "an object",
    }
}

fn found_kind(value: &Value) -> &'static str {
    match value.data() {
        Data::Elements(_) => "an array",
        Data::Fields(_) => "an object",
        _ => kind_of(value.ty()),
    }
}
