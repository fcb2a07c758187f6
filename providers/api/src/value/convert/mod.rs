//! Conversion of a value to a type, by the rules of go-cty.
//!
//! First the types are compared: a mismatch there is reported at the value as a whole, naming the attribute or element in words.
//! Only then the values, so that an error of a value (`"x"` for a number) has a path.

mod mismatch;

pub use mismatch::is_convertible;

use super::unify::unify_unsafe;
use super::{Data, Fields, Number, ObjectType, Path, Refinement, Step, Type, Value};
use std::fmt;
use std::sync::Arc;

/// Why a value can't have a type.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversionError {
    /// The part at fault; empty for the value itself.
    pub path: Path,
    /// What is required, in Terraform's words.
    pub message: String,
}

impl fmt::Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.path.0 {
            match step {
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(_) => write!(f, "{}", Path(vec![step.clone()]))?,
            }
        }
        if !self.path.0.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConversionError {}

/// The value as a value of the type. Where the type is dynamic, the value keeps its own; in a collection of dynamic element type
/// the elements are brought to one type. Missing optional attributes become null, attributes that the type lacks are dropped.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConversionError> {
    if value.ty == *ty || *ty == Type::Dynamic {
        return Ok(value.clone());
    }
    if let Some(message) = mismatch::mismatch(&value.ty, ty, true) {
        return Err(ConversionError { path: Path::root(), message });
    }
    known_convertible(value, ty, &mut Path::root())
}

fn known_convertible(value: &Value, ty: &Type, path: &mut Path) -> Result<Value, ConversionError> {
    if value.ty == *ty || *ty == Type::Dynamic {
        return Ok(value.clone());
    }
    let converted = match &value.data {
        Data::Null => Value::null(mismatch::filled(&value.ty, ty)),
        Data::Unknown(refinement) => unknown(refinement.as_deref(), &value.ty, mismatch::filled(&value.ty, ty)),
        Data::Bool(flag) => Value::string(if *flag { "true" } else { "false" }),
        Data::Number(number) => Value::string(number.to_string()),
        Data::String(text) => from_text(text, ty).map_err(|message| ConversionError { path: path.clone(), message })?,
        // Unknown elements of a set may fall together with others and have no place in its order.
        Data::Elements(elements)
            if matches!((&value.ty, ty), (Type::Set(_), Type::List(_))) && elements.len() > 1 && !value.is_wholly_known() =>
        {
            Value::unknown(mismatch::filled(&value.ty, ty)).not_null()
        }
        Data::Elements(elements) => from_elements(value, elements, ty, path)?,
        Data::Fields(fields) => from_fields(fields, &value.ty, ty, path)?,
    };
    Ok(converted.with_marks(value.marks))
}

/// What stays known of an unknown value in its new type.
fn unknown(refinement: Option<&Refinement>, from: &Type, to: Type) -> Value {
    let Some(known) = refinement else { return Value::unknown(to) };
    if to == Type::Dynamic {
        return Value::unknown(to);
    }
    let mut kept = Refinement { not_null: known.not_null, ..Refinement::default() };
    if from.is_collection() && to.is_collection() {
        kept.length_maximum = known.length_maximum;
        // Elements of a list may fall together in a set.
        kept.length_minimum = match to {
            Type::Set(_) if !matches!(from, Type::Set(_)) => known.length_minimum.map(|length| length.min(1)),
            _ => known.length_minimum,
        };
    }
    if kept == Refinement::default() { Value::unknown(to) } else { Value::unknown_refined(to, kept) }
}

fn from_text(text: &str, ty: &Type) -> Result<Value, String> {
    match ty {
        Type::Number => Number::parse(text).map(Value::number).ok_or_else(|| "a number is required".to_owned()),
        _ => match text {
            "true" | "1" => Ok(Value::bool(true)),
            "false" | "0" => Ok(Value::bool(false)),
            "True" | "TRUE" => Err("a bool is required; to convert from string, use lowercase \"true\"".to_owned()),
            "False" | "FALSE" => Err("a bool is required; to convert from string, use lowercase \"false\"".to_owned()),
            _ => Err("a bool is required".to_owned()),
        },
    }
}

fn from_elements(value: &Value, elements: &[Value], ty: &Type, path: &mut Path) -> Result<Value, ConversionError> {
    let is_set = matches!(value.ty, Type::Set(_));
    let mut convert_at = |position: usize, element: &Value, ty: &Type| {
        path.0.push(Step::Index(if is_set { element.clone() } else { Value::int(position as i64) }));
        let converted = known_convertible(element, ty, path);
        path.0.pop();
        converted
    };
    if let Type::Tuple(types) = ty {
        if types.len() != elements.len() {
            let message = format!("tuple of {} elements required, but the value has {}", types.len(), elements.len());
            return Err(ConversionError { path: path.clone(), message });
        }
        let converted: Result<_, _> =
            elements.iter().zip(types.iter()).enumerate().map(|(at, (element, ty))| convert_at(at, element, ty)).collect();
        return Ok(Value::tuple(converted?));
    }
    let filled = mismatch::filled(&value.ty, ty);
    // Without elements, a part that may be anything is of the type that it was of.
    let element_type = if elements.is_empty() { &filled } else { ty }.element().unwrap_or(&Type::Dynamic);
    let converted: Result<Vec<Value>, _> = elements.iter().enumerate().map(|(at, element)| convert_at(at, element, element_type)).collect();
    let (element_type, converted) = unified(element_type, converted?, if matches!(ty, Type::Set(_)) { "set" } else { "list" }, path)?;
    Ok(match ty {
        Type::Set(_) => Value::set(element_type, converted),
        _ => Value::list(element_type, converted),
    })
}

/// Elements of a collection whose element type holds dynamic parts, brought to one type.
fn unified(element_type: &Type, elements: Vec<Value>, kind: &str, path: &Path) -> Result<(Type, Vec<Value>), ConversionError> {
    if !element_type.has_dynamic() || elements.is_empty() {
        return Ok((element_type.without_optional(), elements));
    }
    let mut types: Vec<Type> = elements.iter().map(|element| element.ty.clone()).collect();
    types.sort();
    types.dedup();
    // The null literal has no type of its own and takes that of the others.
    if types.len() > 1 && elements.iter().all(|element| element.ty != Type::Dynamic || element.is_null()) {
        types.retain(|ty| *ty != Type::Dynamic);
    }
    let fault = |message: String| ConversionError { path: path.clone(), message };
    let ty = unify_unsafe(&types).ok_or_else(|| fault(format!("all {kind} elements must have the same type")))?;
    let elements: Result<Vec<Value>, _> = elements.iter().map(|element| convert(element, &ty)).collect();
    Ok((ty.clone(), elements.map_err(|error| fault(error.message))?))
}

fn from_fields(fields: &Fields, from: &Type, ty: &Type, path: &mut Path) -> Result<Value, ConversionError> {
    let step = |name: &Arc<str>| match from {
        Type::Map(_) => Step::Index(Value::string(name)),
        _ => Step::Attribute(name.clone()),
    };
    if let Type::Object(object) = ty {
        return to_object(fields, object, &step, path);
    }
    let filled = mismatch::filled(from, ty);
    let element_type = if fields.is_empty() { &filled } else { ty }.element().unwrap_or(&Type::Dynamic);
    let mut converted = Vec::with_capacity(fields.len());
    for (name, field) in fields {
        path.0.push(Step::Index(Value::string(name)));
        converted.push(known_convertible(field, element_type, path)?);
        path.0.pop();
    }
    let (element_type, converted) = unified(element_type, converted, "map", path)?;
    Ok(Value::map(element_type, fields.keys().cloned().zip(converted).collect()))
}

fn to_object(fields: &Fields, object: &ObjectType, step: &dyn Fn(&Arc<str>) -> Step, path: &mut Path) -> Result<Value, ConversionError> {
    let mut converted = Fields::new();
    for (name, ty) in &object.attributes {
        let value = match fields.get(name) {
            Some(field) => {
                path.0.push(step(name));
                let value = known_convertible(field, ty, path)?;
                path.0.pop();
                value
            }
            None if object.optional.contains(name) => Value::null(ty.without_optional()),
            None => {
                return Err(ConversionError { path: path.clone(), message: format!("map has no element for required attribute {name:?}") });
            }
        };
        converted.insert(name.clone(), value);
    }
    Ok(Value::object(converted))
}

#[cfg(test)]
pub(super) mod tests;
