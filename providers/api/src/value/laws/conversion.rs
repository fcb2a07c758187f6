//! Laws of conversion.

use super::super::{Marks, Type, Value, convert};
use super::generate::{any_known, any_type, choices, covers, hidden, marked, value_of};
use proptest::prelude::*;

/// A value and a type that it often converts to.
fn value_and_type() -> impl Strategy<Value = (Value, Type)> {
    // A type of the value's own kind, a little changed, is more telling than one that has nothing to do with it.
    let near = any_type(false).prop_flat_map(|ty| (value_of(&ty), near_type(&ty)));
    prop_oneof![3 => near, 1 => (any_known(), any_type(true))]
}

/// A type that values of another are likely to convert to.
fn near_type(ty: &Type) -> BoxedStrategy<Type> {
    let itself = Just(ty.clone()).boxed();
    let changed = match ty {
        Type::Dynamic => return itself,
        Type::String | Type::Number | Type::Bool => prop_oneof![Just(Type::String), Just(Type::Dynamic), Just(Type::Number)].boxed(),
        Type::List(element) | Type::Set(element) => {
            near_type(element).prop_flat_map(|near| prop_oneof![Just(Type::list(near.clone())), Just(Type::set(near))]).boxed()
        }
        Type::Map(element) => near_type(element).prop_map(Type::map).boxed(),
        Type::Tuple(elements) => {
            let each = elements.iter().map(near_type).collect::<Vec<_>>().prop_map(Type::tuple);
            let one = elements.first().map_or(Just(Type::Dynamic).boxed(), near_type);
            let one = one.prop_flat_map(|near| prop_oneof![Just(Type::list(near.clone())), Just(Type::set(near))]);
            prop_oneof![each, one, Just(Type::list(Type::Dynamic))].boxed()
        }
        Type::Object(object) => {
            let names: Vec<_> = object.attributes.keys().cloned().collect();
            let each: Vec<_> = object.attributes.values().map(near_type).collect();
            let each = each.prop_map(move |types| Type::object(names.iter().cloned().zip(types).collect()));
            let one = object.attributes.values().next().map_or(Just(Type::Dynamic).boxed(), near_type);
            prop_oneof![each, one.prop_map(Type::map), Just(Type::map(Type::Dynamic))].boxed()
        }
    };
    prop_oneof![1 => itself, 4 => changed].boxed()
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn to_its_own_type_a_value_stays_the_same(value in any_known(), hide in choices(), mark in choices()) {
        let value = hidden(&marked(&value, &mark), &hide);
        prop_assert_eq!(convert(&value, value.ty()), Ok(value));
    }

    #[test]
    fn the_result_has_the_type_and_a_second_conversion_changes_nothing((value, ty) in value_and_type(), hide in choices()) {
        for value in [value.clone(), hidden(&value, &hide)] {
            let Ok(once) = convert(&value, &ty) else { continue };
            prop_assert!(once.ty().may_become(&ty), "{:?} is not {:?}", once, ty);
            prop_assert_eq!(convert(&once, &ty), Ok(once));
        }
    }

    #[test]
    fn marks_change_nothing_else_and_stay((value, ty) in value_and_type(), mark in choices()) {
        let value = marked(&value, &mark);
        let plain = convert(&value.unmarked_deep(), &ty);
        match convert(&value, &ty) {
            Ok(converted) => {
                prop_assert_eq!(Ok(converted.unmarked_deep()), plain);
                prop_assert!(converted.marks().contains(value.marks()));
                prop_assert!(value.marks_deep().contains(converted.marks_deep()));
                // Only what an object type drops may take its marks along.
                if !drops_attributes(value.ty(), &ty) {
                    prop_assert_eq!(converted.marks_deep(), value.marks_deep());
                }
            }
            Err(error) => prop_assert_eq!(Err(error), plain),
        }
    }

    #[test]
    fn what_is_unknown_converts_to_what_may_turn_out((value, ty) in value_and_type(), hide in choices()) {
        let unknown = hidden(&value, &hide);
        if let Ok(known) = convert(&value, &ty) {
            let early = convert(&unknown, &ty);
            prop_assert!(early.is_ok(), "{:?} converts, {:?} does not: {:?}", value, unknown, early);
            let early = early.unwrap_or_else(|_| known.clone());
            prop_assert!(covers(&early, &known), "{:?} became {:?}, but {:?} became {:?}", unknown, early, value, known);
        }
    }

    #[test]
    fn a_text_of_a_number_or_truth_value_reads_back(value in prop_oneof![value_of(&Type::Number), value_of(&Type::Bool)]) {
        let text = convert(&value, &Type::String).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(convert(&text, value.ty()), Ok(value));
    }

    #[test]
    fn secrets_are_not_told_by_errors((value, ty) in value_and_type()) {
        let value = value.with_marks(Marks::SENSITIVE);
        if let Err(error) = convert(&value, &ty) {
            prop_assert!(!error.message.contains('\u{e9}'), "{}", error);
        }
    }
}

/// Whether attributes of objects, in the value's type, have no place in the other.
fn drops_attributes(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Object(from), Type::Object(to)) => {
            from.attributes.iter().any(|(name, ty)| to.attributes.get(name).is_none_or(|to| drops_attributes(ty, to)))
        }
        (Type::Map(_), Type::Object(_)) => true,
        (Type::Object(object), Type::Map(element)) => object.attributes.values().any(|ty| drops_attributes(ty, element)),
        (Type::Tuple(one), Type::Tuple(two)) => one.iter().zip(two.iter()).any(|(one, two)| drops_attributes(one, two)),
        (Type::Tuple(types), other) => {
            types.iter().any(|ty| other.element().is_some_and(|element| drops_attributes(ty, element) || element.has_dynamic()))
        }
        (one, Type::Tuple(types)) => types.iter().any(|ty| one.element().is_some_and(|element| drops_attributes(element, ty))),
        (one, two) => match (one.element(), two.element()) {
            (Some(one), Some(two)) => drops_attributes(one, two),
            _ => false,
        },
    }
}
