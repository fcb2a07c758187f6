//! Laws of the language's `==`.

use super::super::Value;
use super::generate::{any_known, any_type, choices, covers, hidden, marked, value_of};
use proptest::prelude::*;

/// Two values of one type, often equal.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    any_type(false).prop_flat_map(|ty| (value_of(&ty), value_of(&ty)))
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn a_value_equals_itself(value in any_known(), mark in choices(), hide in choices()) {
        let value = marked(&value, &mark);
        prop_assert_eq!(value.equals(&value).unmarked().as_bool(), Some(true));
        let unknown = hidden(&value, &hide);
        prop_assert_ne!(unknown.equals(&unknown).unmarked().as_bool(), Some(false), "{:?}", unknown);
    }

    #[test]
    fn sides_may_be_exchanged((one, two) in pair(), mark in choices(), hide in choices(), other in choices()) {
        let (one, two) = (hidden(&marked(&one, &mark), &hide), hidden(&two, &other));
        prop_assert_eq!(one.equals(&two), two.equals(&one));
    }

    #[test]
    fn the_result_bears_the_marks_of_both((one, two) in pair(), mark in choices(), other in choices()) {
        let (one, two) = (marked(&one, &mark), marked(&two, &other));
        prop_assert_eq!(one.equals(&two).marks(), one.marks_deep().union(two.marks_deep()));
    }

    #[test]
    fn what_was_told_with_unknown_parts_stays_true((one, two) in pair(), hide in choices(), other in choices()) {
        let (early, late) = (hidden(&one, &hide).equals(&hidden(&two, &other)), one.equals(&two));
        prop_assert!(covers(&early, &late), "{:?} and {:?}", early, late);
        let early = hidden(&one, &hide).equals(&hidden(&one, &other));
        prop_assert_ne!(early.as_bool(), Some(false), "{:?}", one);
    }

    #[test]
    fn of_known_values_of_one_type_it_is_the_identity_of_structure((one, two) in pair()) {
        // Nulls within are equal whatever their type; here they have the same one.
        prop_assert_eq!(one.equals(&two).as_bool(), Some(one == two), "{:?} {:?}", one, two);
    }
}
