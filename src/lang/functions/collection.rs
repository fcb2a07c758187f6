//! Looking into collections and picking from them.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, elements, fail, fail_argument, parameter, pure, text, whole};
use crate::lang::evaluate::range;
use unicode_segmentation::UnicodeSegmentation;
use windlass_api::value::convert::convert;
use windlass_api::{Marks, Number, Refinement, Type, Value};

const BOOL: Returns = Returns::Always(Accepts::Bool);
const DYNAMIC: Returns = Returns::Always(Accepts::Any);

pub(super) const FUNCTIONS: &[Function] = &[
    pure("alltrue", &[parameter("list", Accepts::ListOfBool).partial()], BOOL, |arguments| Ok(all_or_any(arguments, false))),
    pure("anytrue", &[parameter("list", Accepts::ListOfBool).partial()], BOOL, |arguments| Ok(all_or_any(arguments, true))),
    pure("contains", &[parameter("list", Accepts::Any).partial(), parameter("value", Accepts::Any).nullable().unknown()], BOOL, contains),
    pure("element", &[parameter("list", Accepts::Any).partial(), parameter("index", Accepts::Number)], Returns::By(element_type), element),
    pure("index", &[parameter("list", Accepts::Any), parameter("value", Accepts::Any)], Returns::Always(Accepts::Number), index),
    pure("keys", &[parameter("inputMap", Accepts::Any).partial()], Returns::By(keys_type), keys),
    pure("values", &[parameter("mapping", Accepts::Any).partial()], Returns::By(values_type), values),
    pure("length", &[parameter("value", Accepts::Any).unknown()], Returns::Always(Accepts::Number), length),
    pure("lookup", &[parameter("inputMap", Accepts::Any).partial(), parameter("key", Accepts::String)], Returns::By(lookup_type), lookup)
        .and(parameter("default", Accepts::Any).unknown().nullable()),
    pure("one", &[parameter("list", Accepts::Any).unknown()], DYNAMIC, one),
];

/// One element decides; else an unknown one leaves it open. A null counts as false.
fn all_or_any(arguments: &[Value], decisive: bool) -> Value {
    let items = elements(arguments, 0);
    let marks = items.iter().fold(Marks::NONE, |marks, item| marks.union(item.marks()));
    let truth = |item: &Value| if item.is_null() { Some(false) } else { item.as_bool() };
    let result = match items.iter().any(|item| truth(item) == Some(decisive)) {
        true => Value::bool(decisive),
        false if items.iter().any(|item| truth(item).is_none()) => Value::unknown(Type::Bool).not_null(),
        false => Value::bool(!decisive),
    };
    result.with_marks(marks)
}

fn is_sequence(value: &Value) -> bool {
    matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_))
}

fn contains(arguments: &[Value]) -> Outcome {
    if !is_sequence(&arguments[0]) {
        return fail("argument must be list, tuple, or set");
    }
    let mut marks = Marks::NONE;
    let mut unknown = false;
    for item in elements(arguments, 0) {
        let equal = item.equals(&arguments[1]);
        marks = marks.union(equal.marks());
        match equal.as_bool() {
            Some(true) => return Ok(Value::bool(true).with_marks(marks)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    let result = if unknown { Value::unknown(Type::Bool).not_null() } else { Value::bool(false) };
    Ok(result.with_marks(marks))
}

fn element_type(arguments: &[Value]) -> Type {
    arguments[0].ty().element().cloned().unwrap_or(Type::Dynamic)
}

/// The position wraps around.
fn element(arguments: &[Value]) -> Outcome {
    if !matches!(arguments[0].ty(), Type::List(_) | Type::Tuple(_)) {
        return fail(format!("cannot read elements from {}", arguments[0].ty().friendly_name()));
    }
    let position = whole(arguments, 1)?;
    let items = elements(arguments, 0);
    match items.len() {
        0 => fail("cannot use element function with an empty list"),
        count => Ok(items[position.rem_euclid(count as i64) as usize].clone()),
    }
}

fn index(arguments: &[Value]) -> Outcome {
    if !matches!(arguments[0].ty(), Type::List(_) | Type::Tuple(_)) {
        return fail("argument must be a list or tuple");
    }
    let items = elements(arguments, 0);
    if items.is_empty() {
        return fail("cannot search an empty list");
    }
    match items.iter().position(|item| item.equals(&arguments[1]).as_bool() == Some(true)) {
        Some(position) => Ok(Value::int(position as i64)),
        None => fail("item not found"),
    }
}

fn keys_type(arguments: &[Value]) -> Type {
    match arguments[0].ty() {
        Type::Object(object) => Type::tuple(vec![Type::String; object.attributes.len()]),
        _ => Type::list(Type::String),
    }
}

fn keys(arguments: &[Value]) -> Outcome {
    let names = arguments[0].fields().into_iter().flatten().map(|(name, _)| Value::string(name)).collect();
    match arguments[0].ty() {
        Type::Object(_) => Ok(Value::tuple(names)),
        Type::Map(_) => Ok(Value::list(Type::String, names)),
        _ => fail_argument(0, "must have map or object type"),
    }
}

fn values_type(arguments: &[Value]) -> Type {
    match arguments[0].ty() {
        Type::Object(object) => Type::tuple(object.attributes.values().cloned().collect()),
        ty => Type::list(ty.element().cloned().unwrap_or(Type::Dynamic)),
    }
}

fn values(arguments: &[Value]) -> Outcome {
    let found = arguments[0].fields().into_iter().flatten().map(|(_, value)| value.clone()).collect();
    match arguments[0].ty() {
        Type::Object(_) => Ok(Value::tuple(found)),
        Type::Map(element) => Ok(Value::list((**element).clone(), found)),
        _ => fail("values() requires a map as the first argument"),
    }
}

fn length(arguments: &[Value]) -> Outcome {
    let value = &arguments[0];
    let known = match (value.ty(), value.elements(), value.fields(), value.as_str()) {
        (Type::Tuple(types), ..) => Some(types.len()),
        (Type::Object(object), ..) => Some(object.attributes.len()),
        // Unknown elements may turn out to be equal.
        (Type::Set(_), Some(items), ..) if items.iter().any(|item| !item.is_wholly_known()) && items.len() > 1 => {
            return Ok(length_between(1, Some(items.len() as u64)));
        }
        (_, Some(items), ..) => Some(items.len()),
        (_, _, Some(fields), _) => Some(fields.len()),
        (_, _, _, Some(text)) => Some(text.graphemes(true).count()),
        (Type::List(_) | Type::Set(_) | Type::Map(_), ..) => {
            let refinement = range(value);
            return Ok(length_between(refinement.length_minimum.unwrap_or(0), refinement.length_maximum));
        }
        (Type::String, ..) => {
            return Ok(length_between(range(value).prefix.map_or(0, |prefix| prefix.graphemes(true).count() as u64), None));
        }
        (Type::Dynamic, ..) => return Ok(length_between(0, None)),
        _ => None,
    };
    match known {
        Some(count) => Ok(Value::int(count as i64)),
        None => fail("argument must be a string, a collection type, or a structural type"),
    }
}

fn length_between(minimum: u64, maximum: Option<u64>) -> Value {
    if maximum == Some(minimum) {
        return Value::int(minimum as i64);
    }
    let bound = |count: u64| (Number::Int(count as i64), true);
    let refinement = Refinement { not_null: true, minimum: Some(bound(minimum)), maximum: maximum.map(bound), ..Refinement::default() };
    Value::unknown_refined(Type::Number, refinement)
}

fn lookup_type(arguments: &[Value]) -> Type {
    arguments[0].ty().element().cloned().unwrap_or(Type::Dynamic)
}

fn lookup(arguments: &[Value]) -> Outcome {
    if arguments.len() > 3 {
        return fail(format!("lookup() takes two or three arguments, got {}", arguments.len()));
    }
    let name = text(arguments, 1);
    let default = arguments.get(2);
    match arguments[0].ty() {
        Type::Object(_) => match (arguments[0].get(name), default) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => fail_argument(0, format!("the given object has no attribute {name:?}")),
        },
        Type::Map(element) => {
            let default = match default {
                None => None,
                Some(default) => Some(convert(default, element).map_err(|_| FunctionError {
                    argument: Some(2),
                    message: "the default value must have the same type as the map elements".to_owned(),
                })?),
            };
            match (arguments[0].get(name).cloned(), default) {
                (Some(value), _) => Ok(value),
                (None, Some(default)) => Ok(default),
                (None, None) => fail(format!("lookup failed to find key {name:?}")),
            }
        }
        _ => fail_argument(0, "lookup() requires a map as the first argument"),
    }
}

fn one(arguments: &[Value]) -> Outcome {
    let value = &arguments[0];
    let refuse = || fail_argument(0, "must be a list, set, or tuple value with either zero or one elements");
    match (value.ty(), value.elements()) {
        (Type::Tuple(types), _) if types.len() > 1 => refuse(),
        (Type::Tuple(_) | Type::List(_) | Type::Set(_), Some([])) => {
            Ok(Value::null(value.ty().element().cloned().unwrap_or(Type::Dynamic)))
        }
        (Type::Set(_), Some(items)) if items.len() > 1 && items.iter().any(|item| !item.is_wholly_known()) => {
            Ok(Value::unknown(value.ty().element().cloned().unwrap_or(Type::Dynamic)))
        }
        (Type::Tuple(_) | Type::List(_) | Type::Set(_), Some([only])) => Ok(only.clone()),
        (Type::Tuple(types), None) => Ok(types.first().map_or_else(|| Value::null(Type::Dynamic), |ty| Value::unknown(ty.clone()))),
        (Type::List(element) | Type::Set(element), None) => Ok(Value::unknown((**element).clone())),
        (Type::Dynamic, None) => Ok(Value::unknown(Type::Dynamic)),
        _ => refuse(),
    }
}
