//! From what a read found to a value of the schema's type.

use super::Draft;
use std::sync::Arc;
use windlass_api::value::{Fields, Number};
use windlass_api::{BlockSchema, Data, NestedBlock, Nesting, Type, Value};

/// The object that a draft describes, in the schema's types. What the draft leaves out keeps its last known value. What was
/// null before and is now a zero value (`false`, 0, empty) stays null: the cloud does not tell the two apart, and Terraform's
/// provider does not either.
pub(crate) fn finish(draft: Draft, prior: &Value, schema: &BlockSchema) -> Value {
    let found = Value::object(draft.0);
    let missing = |name: &str| found.get(name).is_none();
    let mut fields = body(&found, Some(prior), schema);
    for (name, value) in &mut fields {
        let before = prior.get(name).filter(|before| missing(name) && before.is_wholly_known());
        if let Some(before) = before {
            *value = before.clone();
        }
    }
    Value::object(fields)
}

fn body(found: &Value, prior: Option<&Value>, schema: &BlockSchema) -> Fields {
    let part = |name: &Arc<str>| (found.get(name), prior.and_then(|prior| prior.get(name)));
    let attributes = schema.attributes.iter().map(|(name, attribute)| {
        let (found, prior) = part(name);
        let value = found.map_or(Value::null(attribute.ty.clone()), |found| conform(found, &attribute.ty));
        let is_silent = prior.is_some_and(Value::is_null) && is_zero(&value);
        (name.clone(), if is_silent { Value::null(attribute.ty.clone()) } else { value })
    });
    let blocks = schema.blocks.iter().map(|(name, nested)| {
        let (found, prior) = part(name);
        (name.clone(), block(found, prior, nested))
    });
    attributes.chain(blocks).collect()
}

fn block(found: Option<&Value>, prior: Option<&Value>, nested: &NestedBlock) -> Value {
    let object = nested.block.object_type();
    let parts = found.and_then(Value::elements).unwrap_or_default();
    let before = prior.and_then(Value::elements).unwrap_or_default();
    let one = |position: usize, part: &Value| Value::object(body(part, before.get(position), &nested.block));
    match nested.nesting {
        Nesting::List => Value::list(object, parts.iter().enumerate().map(|(position, part)| one(position, part)).collect()),
        // Elements of a set have no counterpart by position.
        Nesting::Set => Value::set(object, parts.iter().map(|part| Value::object(body(part, None, &nested.block))).collect()),
        Nesting::Single | Nesting::Group => match found.filter(|found| found.fields().is_some()) {
            Some(found) => Value::object(body(found, prior, &nested.block)),
            None => Value::null(object),
        },
        Nesting::Map => Value::null(Type::map(object)),
    }
}

/// A loosely typed value in the type wanted; null where it does not fit.
pub(crate) fn conform(value: &Value, wanted: &Type) -> Value {
    if value.ty() == wanted {
        return value.clone();
    }
    let result = match wanted {
        Type::String => scalar_text(value).map(Value::string),
        Type::Number => value.as_number().cloned().or_else(|| value.as_str().and_then(Number::parse)).map(Value::number),
        Type::Bool => value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok())).map(Value::bool),
        Type::List(element) => elements(value, element).map(|parts| Value::list((**element).clone(), parts)),
        Type::Set(element) => elements(value, element).map(|parts| Value::set((**element).clone(), parts)),
        Type::Map(element) => value.fields().map(|fields| {
            let fields = fields.iter().map(|(key, part)| (key.clone(), conform(part, element)));
            Value::map((**element).clone(), fields.collect())
        }),
        Type::Object(object) => value.fields().map(|fields| {
            let one =
                |(name, ty): (&Arc<str>, &Type)| (name.clone(), fields.get(name).map_or(Value::null(ty.clone()), |part| conform(part, ty)));
            Value::object(object.attributes.iter().map(one).collect())
        }),
        Type::Dynamic | Type::Tuple(_) => Some(value.clone()),
    };
    result.unwrap_or(Value::null(wanted.clone()))
}

fn elements(value: &Value, element: &Type) -> Option<Vec<Value>> {
    Some(value.elements()?.iter().map(|part| conform(part, element)).collect())
}

fn scalar_text(value: &Value) -> Option<String> {
    match value.data() {
        Data::String(text) => Some(text.to_string()),
        Data::Bool(flag) => Some(flag.to_string()),
        Data::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_zero(value: &Value) -> bool {
    match value.data() {
        Data::Null => true,
        Data::Bool(flag) => !flag,
        Data::Number(number) => number.as_i64() == Some(0),
        Data::String(text) => text.is_empty(),
        Data::Elements(elements) => elements.is_empty(),
        Data::Fields(fields) => fields.is_empty(),
        Data::Unknown(_) => false,
    }
}

/// What an operation answers: everything that the plan had known, and what was found where it had not.
pub(crate) fn settle(planned: &Value, found: &Value) -> Value {
    if planned.is_wholly_known() {
        return planned.clone();
    }
    let settled = match (planned.data(), found.data(), planned.ty()) {
        (Data::Unknown(_), _, _) => known(found),
        (Data::Fields(plan), _, Type::Object(_)) => {
            let one = |(name, part): (&Arc<str>, &Value)| {
                let counterpart = found.get(name).cloned().unwrap_or(Value::null(part.ty().clone()));
                (name.clone(), settle(part, &counterpart))
            };
            Value::object(plan.iter().map(one).collect())
        }
        (Data::Fields(plan), _, Type::Map(element)) => {
            let one = |(name, part): (&Arc<str>, &Value)| {
                let counterpart = found.get(name).cloned().unwrap_or(Value::null((**element).clone()));
                (name.clone(), settle(part, &counterpart))
            };
            Value::map((**element).clone(), plan.iter().map(one).collect())
        }
        (Data::Elements(plan), Data::Elements(parts), Type::List(element)) if plan.len() == parts.len() => {
            Value::list((**element).clone(), plan.iter().zip(parts.iter()).map(|(part, found)| settle(part, found)).collect())
        }
        _ => known(found),
    };
    settled.with_marks(planned.marks())
}

/// No answer may hold an unknown.
fn known(found: &Value) -> Value {
    if found.is_wholly_known() { found.clone() } else { Value::null(found.ty().clone()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_wins_where_it_was_known() {
        let planned =
            Value::object_of([("a", "planned".into()), ("id", Value::unknown(Type::String)), ("gone", Value::unknown(Type::Bool))]);
        let found = Value::object_of([("a", "other".into()), ("id", "vpc-1".into())]);
        let expected = Value::object_of([("a", "planned".into()), ("id", "vpc-1".into()), ("gone", Value::null(Type::Bool))]);
        assert_eq!(settle(&planned, &found), expected);
    }

    #[test]
    fn numbers_kept_as_strings_conform() {
        assert_eq!(conform(&Value::int(5), &Type::String), Value::string("5"));
        assert_eq!(conform(&Value::tuple(vec!["b".into()]), &Type::list(Type::String)), Value::list(Type::String, vec!["b".into()]));
        assert!(conform(&Value::string("x"), &Type::Bool).is_null());
    }
}
