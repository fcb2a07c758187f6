//! Random types, values of them, and what of a value may be hidden.

use super::super::{Data, Fields, Marks, Number, Refinement, Type, Value};
use proptest::prelude::*;
use std::sync::Arc;

/// A type; its objects may have optional attributes and its parts may be dynamic when `open`.
pub fn any_type(open: bool) -> BoxedStrategy<Type> {
    let primitive = prop_oneof![3 => Just(Type::String), 3 => Just(Type::Number), 2 => Just(Type::Bool)];
    let leaf = if open { prop_oneof![5 => primitive, 1 => Just(Type::Dynamic)].boxed() } else { primitive.boxed() };
    let shaped = leaf.prop_recursive(3, 12, 3, move |inner| {
        let attributes = prop::collection::btree_map("[a-c]".prop_map(Arc::from), (inner.clone(), any::<bool>()), 0..4);
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            prop::collection::vec(inner, 0..3).prop_map(Type::tuple),
            attributes.prop_map(move |attributes| object_type(attributes, open)),
        ]
    });
    shaped.boxed()
}

fn object_type(attributes: std::collections::BTreeMap<Arc<str>, (Type, bool)>, open: bool) -> Type {
    let optional = attributes.iter().filter(|(_, (_, optional))| *optional && open).map(|(name, _)| name.clone()).collect();
    let attributes = attributes.into_iter().map(|(name, (ty, _))| (name, ty)).collect();
    Type::Object(Arc::new(super::super::ObjectType { attributes, optional }))
}

/// A number: small, large, or broken. Those that doubles hold print by their own precision and have laws of their own.
pub fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        4 => (-4i64..12).prop_map(Number::Int),
        1 => any::<i64>().prop_map(Number::Int),
        2 => (-999i64..999, -6i32..40).prop_map(|(digits, scale)| Number::parse(&format!("{digits}e{scale}")).unwrap_or(Number::ZERO)),
    ]
}

/// A text: often one that is also a number or a truth value.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => (-4i64..12).prop_map(|number| number.to_string()),
        1 => prop_oneof![Just("true"), Just("false")].prop_map(str::to_owned),
        3 => "[a-c\"é\u{301}\\\\\n]{0,4}",
    ]
}

/// A known value of a type, without marks; parts of it may be null.
pub fn value_of(ty: &Type) -> BoxedStrategy<Value> {
    let null = Just(Value::null(ty.clone()));
    let some = match ty {
        // What stands where anything may is of some type.
        Type::Dynamic => return any_type(false).prop_flat_map(|ty| value_of(&ty)).boxed(),
        Type::String => any_text().prop_map(Value::string).boxed(),
        Type::Number => any_number().prop_map(Value::number).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::bool).boxed(),
        Type::List(element) => {
            let element = Type::clone(element);
            prop::collection::vec(value_of(&element), 0..4).prop_map(move |items| Value::list(element.clone(), items)).boxed()
        }
        Type::Set(element) => {
            let element = Type::clone(element);
            prop::collection::vec(value_of(&element), 0..4).prop_map(move |items| Value::set(element.clone(), items)).boxed()
        }
        Type::Map(element) => {
            let element = Type::clone(element);
            let fields = prop::collection::btree_map("[a-c]".prop_map(Arc::from), value_of(&element), 0..4);
            fields.prop_map(move |fields| Value::map(element.clone(), fields)).boxed()
        }
        Type::Tuple(elements) => elements.iter().map(value_of).collect::<Vec<_>>().prop_map(Value::tuple).boxed(),
        Type::Object(object) => {
            let names: Vec<Arc<str>> = object.attributes.keys().cloned().collect();
            let values: Vec<_> = object.attributes.values().map(value_of).collect();
            values.prop_map(move |values| Value::object(names.iter().cloned().zip(values).collect())).boxed()
        }
    };
    prop_oneof![9 => some, 1 => null].boxed()
}

/// A known value of any type.
pub fn any_known() -> impl Strategy<Value = Value> {
    any_type(false).prop_flat_map(|ty| value_of(&ty))
}

/// Choices by which [`hidden`] and [`marked`] go.
pub fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0u8..12, 24)
}

/// The value with some parts unknown, as the choices say; what is said of an unknown part is true.
pub fn hidden(value: &Value, choices: &[u8]) -> Value {
    hide(value, &mut choices.iter().copied(), true)
}

fn hide(value: &Value, choices: &mut dyn Iterator<Item = u8>, typeless: bool) -> Value {
    let marks = value.marks_deep();
    match choices.next().unwrap_or(0) {
        8 => Value::unknown(value.ty().clone()).with_marks(marks),
        9 => Value::unknown_refined(value.ty().clone(), truth(value, false)).with_marks(marks),
        10 => Value::unknown_refined(value.ty().clone(), truth(value, true)).with_marks(marks),
        11 if typeless => Value::unknown(Type::Dynamic).with_marks(marks),
        _ => {
            let is_collection = value.ty().is_collection();
            let parts: Vec<Value> = value.children().map(|part| hide(part, choices, typeless && !is_collection)).collect();
            rebuilt(value, parts)
        }
    }
}

/// The value with some parts marked.
pub fn marked(value: &Value, choices: &[u8]) -> Value {
    mark(value, &mut choices.iter().copied())
}

fn mark(value: &Value, choices: &mut dyn Iterator<Item = u8>) -> Value {
    let own = match choices.next().unwrap_or(0) {
        7 | 8 => Marks::SENSITIVE,
        9 => Marks::EPHEMERAL,
        _ => Marks::NONE,
    };
    let parts: Vec<Value> = value.children().map(|part| mark(part, choices)).collect();
    rebuilt(value, parts).with_marks(own)
}

fn rebuilt(value: &Value, parts: Vec<Value>) -> Value {
    let new = match (value.ty(), value.data()) {
        (Type::List(element), Data::Elements(_)) => Value::list(Type::clone(element), parts),
        (Type::Set(element), Data::Elements(_)) => Value::set(Type::clone(element), parts),
        (Type::Map(element), Data::Fields(fields)) => Value::map(Type::clone(element), named(fields, parts)),
        (_, Data::Fields(fields)) => Value::object(named(fields, parts)),
        (_, Data::Elements(_)) => Value::tuple(parts),
        _ => return value.clone(),
    };
    new.with_marks(value.marks())
}

fn named(fields: &Fields, parts: Vec<Value>) -> Fields {
    fields.keys().cloned().zip(parts).collect()
}

/// Something true of a value: all that can be said, or less.
fn truth(value: &Value, all: bool) -> Refinement {
    let mut truth = Refinement { not_null: !value.is_null(), ..Refinement::default() };
    if !all || value.is_null() {
        return truth;
    }
    match value.data() {
        Data::String(text) => truth.prefix = text.chars().next().map(|first| first.to_string().into()),
        Data::Number(number) => {
            truth.minimum = Some((number.clone(), true));
            truth.maximum = number.add(&Number::Int(1)).map(|above| (above, true));
        }
        Data::Elements(elements) if value.ty().is_collection() => truth.length_maximum = Some(elements.len() as u64),
        Data::Fields(fields) if value.ty().is_collection() => {
            (truth.length_minimum, truth.length_maximum) = (Some(fields.len() as u64), Some(fields.len() as u64 + 1));
        }
        _ => {}
    }
    truth
}

/// Whether a value with unknown parts may turn out to be the other one: types agree, what is known is equal, what is said is true.
pub fn covers(unknown: &Value, known: &Value) -> bool {
    match (unknown.data(), known.data()) {
        (Data::Unknown(said), _) => {
            known.ty().may_become(unknown.ty()) && said.as_ref().is_none_or(|said| !known.is_known() || said.allows(known))
        }
        (Data::Null, Data::Null) => known.ty().may_become(unknown.ty()),
        (Data::Elements(some), Data::Elements(all)) if matches!(unknown.ty(), Type::Set(_)) => {
            let known_part = |part: &&Value| part.is_wholly_known();
            all.len() <= some.len() && some.iter().filter(known_part).all(|part| all.contains(part))
        }
        (Data::Elements(some), Data::Elements(all)) => {
            some.len() == all.len() && some.iter().zip(all.iter()).all(|(some, all)| covers(some, all))
        }
        (Data::Fields(some), Data::Fields(all)) => {
            some.keys().eq(all.keys()) && some.values().zip(all.values()).all(|(some, all)| covers(some, all))
        }
        (some, all) => some == all,
    }
}
