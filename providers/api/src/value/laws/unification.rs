//! Laws of the one type for values of several.

use super::super::convert::is_convertible;
use super::super::unify::{unify, unify_unsafe};
use super::super::{Type, convert};
use super::generate::{any_known, any_type};
use proptest::prelude::*;

/// Types that are like each other, or not.
fn types() -> impl Strategy<Value = Vec<Type>> {
    prop::collection::vec(any_type(false), 1..4)
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn one_type_is_its_own(ty in any_type(true), count in 1usize..4) {
        prop_assert_eq!(unify(&vec![ty.clone(); count]), Some(ty));
    }

    #[test]
    fn order_and_repetition_do_not_matter(mut types in types(), turn in 0usize..3) {
        for by in [unify, unify_unsafe] {
            let first = by(&types);
            let turned = turn % types.len();
            types.rotate_left(turned);
            prop_assert_eq!(&by(&types), &first, "{:?}", types);
            types.reverse();
            prop_assert_eq!(&by(&types), &first, "{:?}", types);
            let doubled: Vec<Type> = types.iter().chain(&types).cloned().collect();
            prop_assert_eq!(by(&doubled), first);
        }
    }

    #[test]
    fn a_unified_type_adds_nothing(types in types()) {
        for by in [unify, unify_unsafe] {
            let Some(one) = by(&types) else { continue };
            let mut more = types.clone();
            more.push(one.clone());
            prop_assert_eq!(by(&more), Some(one), "{:?}", types);
        }
    }

    #[test]
    fn every_type_converts_to_the_unified_one(types in types()) {
        if let Some(one) = unify(&types) {
            prop_assert!(types.iter().all(|ty| is_convertible(ty, &one, false)), "{:?} to {:?}", types, one);
            prop_assert!(unify_unsafe(&types).is_some(), "what is safe is allowed");
        }
        if let Some(one) = unify_unsafe(&types) {
            prop_assert!(types.iter().all(|ty| is_convertible(ty, &one, true)), "{:?} to {:?}", types, one);
        }
    }

    #[test]
    fn every_value_converts_to_the_unified_type(values in prop::collection::vec(any_known(), 1..4)) {
        let types: Vec<Type> = values.iter().map(|value| value.ty().clone()).collect();
        if let Some(one) = unify(&types) {
            for value in values {
                let converted = convert(&value, &one);
                prop_assert!(converted.is_ok(), "{:?} to {:?}: {:?}", value, one, converted);
            }
        }
    }
}
