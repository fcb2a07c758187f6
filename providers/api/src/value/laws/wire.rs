//! Laws of values as JSON.

use super::super::wire::{canonical, decode_raw, infer_from_json, type_from_json, type_to_json};
use super::super::wire::{value_from_json, value_to_json, value_to_json_as};
use super::super::{Type, Value};
use super::generate::{any_known, any_type, value_of};
use proptest::prelude::*;

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn types_survive(ty in any_type(true)) {
        prop_assert_eq!(type_from_json(&type_to_json(&ty)), Ok(ty));
    }

    #[test]
    fn typed_values_survive(value in any_known()) {
        let json = value_to_json(&value).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(&value_from_json(&json, value.ty()).unwrap_or_else(|error| panic!("{error}")), &value);
        let text: serde_json::Value = serde_json::from_str(&json.to_string()).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(&value_from_json(&text, value.ty()).unwrap_or_else(|error| panic!("{error}")), &value);
        prop_assert_eq!(&decode_raw(&infer_from_json(&json), value.ty()).unwrap_or_else(|error| panic!("{error}")), &value);
    }

    #[test]
    fn values_of_dynamic_places_survive_with_their_types(value in any_known()) {
        let json = value_to_json_as(&value, &Type::Dynamic).unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!(decode_raw(&infer_from_json(&json), &Type::Dynamic), Ok(value));
    }

    #[test]
    fn equal_values_and_no_others_have_one_canonical_text((one, two) in any_type(false).prop_flat_map(|ty| (value_of(&ty), value_of(&ty)))) {
        prop_assert_eq!(canonical(&one) == canonical(&two), one == two, "{} {}", canonical(&one), canonical(&two));
        let copy = Value::tuple(vec![one.clone()]);
        prop_assert_eq!(canonical(&copy), canonical(&Value::tuple(vec![one])));
    }
}
