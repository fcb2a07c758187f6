//! Conversion and its laws.

use super::super::wire::{infer_from_json, type_from_json};
use super::*;
use proptest::prelude::*;
use serde_json::json;

/// Converts inferred JSON to a type; the result as canonical text, or the error.
fn check(value: serde_json::Value, ty: serde_json::Value, expected: &str) {
    let ty = type_from_json(&ty).unwrap();
    let found = match convert(&infer_from_json(&value), &ty) {
        Ok(value) => format!("{} {}", value.ty().type_expression(), super::super::wire::canonical(&value)),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{value} to {ty:?}");
}

#[test]
fn like_terraform() {
    check(json!("x"), json!(["list", "string"]), "list of string required");
    check(json!(["x"]), json!(["list", "number"]), "[0]: a number is required");
    check(json!("x"), json!("number"), "a number is required");
    check(json!(["a"]), json!("string"), "string required");
    check(json!({"b": 1}), json!(["object", {"a": "string"}]), "attribute \"a\" is required");
    check(json!({}), json!(["object", {"a": "string", "b": "number", "c": "bool"}]), "attributes \"a\", \"b\", and \"c\" are required");
    check(json!({"a": "x"}), json!(["object", {"a": ["list", "string"]}]), "attribute \"a\": list of string required");
    check(json!({"a": {"b": "x"}}), json!(["object", {"a": ["object", {"b": "number"}]}]), ".a.b: a number is required");
    check(json!({"k": "x"}), json!(["map", "number"]), "[\"k\"]: a number is required");
    check(json!(["x"]), json!(["map", "number"]), "map of number required");
    check(json!([1, ["a"]]), json!(["list", "dynamic"]), "all list elements must have the same type");
    check(json!({"a": ["x"], "b": "y"}), json!(["map", ["list", "string"]]), "element \"b\": list of string required");
    check(json!([1]), json!(["tuple", ["string", "number"]]), "tuple required");
    check(json!("TRUE"), json!("bool"), "a bool is required; to convert from string, use lowercase \"true\"");
    check(json!(1), json!("bool"), "bool required");
    check(json!([{"a": 1}, {"b": 1}]), json!(["list", ["object", {"a": "number"}]]), "element 1: attribute \"a\" is required");
}

#[test]
fn any_takes_one_type() {
    check(json!([1, "a", true]), json!(["list", "dynamic"]), r#"list(string) ["1","a","true"]"#);
    check(json!([[1], ["a"]]), json!(["list", ["list", "dynamic"]]), r#"list(list(string)) [["1"],["a"]]"#);
    check(json!([{"a": 1}, {"b": 1}]), json!(["list", "dynamic"]), r#"list(map(number)) [{"a":1},{"b":1}]"#);
    check(json!([null, 1]), json!(["list", "dynamic"]), "list(number) [null,1]");
    check(json!(["2", "10", "1", 2]), json!(["set", "number"]), "set(number) [1,2,10]");
    check(
        json!([{"a": "1", "z": 3}]),
        json!(["list", ["object", {"a": "number", "b": "string"}, ["b"]]]),
        r#"list(object({a=number,b=string})) [{"a":1,"b":null}]"#,
    );
}

pub(in super::super) fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "[a-z0-9.\"\\\\é]{0,6}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..4)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn converting_twice_is_converting_once(value in any_json(), other in any_json()) {
        let (value, ty) = (infer_from_json(&value), infer_from_json(&other).ty().clone());
        if let Ok(once) = convert(&value, &ty) {
            prop_assert_eq!(convert(&once, &ty).unwrap(), once.clone());
            prop_assert!(once.ty().may_become(&ty));
        }
    }

    #[test]
    fn whatever_unifies_converts(one in any_json(), two in any_json()) {
        let (one, two) = (infer_from_json(&one), infer_from_json(&two));
        // Nulls of no type make a part of the unified type dynamic, and then it says nothing.
        let unified = super::super::unify::unify(&[one.ty().clone(), two.ty().clone()]);
        if let Some(ty) = unified.filter(|ty| !ty.has_dynamic()) {
            prop_assert!(convert(&one, &ty).is_ok(), "{:?} to {:?}", one, ty);
            prop_assert!(convert(&two, &ty).is_ok(), "{:?} to {:?}", two, ty);
            prop_assert_eq!(super::super::unify::unify(&[two.ty().clone(), one.ty().clone()]), Some(ty));
        }
    }

    #[test]
    fn sets_ignore_order(mut numbers in prop::collection::vec(-50i64..50, 0..20)) {
        let set = Value::set(Type::Number, numbers.iter().map(|number| Value::int(*number)).collect());
        numbers.reverse();
        prop_assert_eq!(&set, &Value::set(Type::Number, numbers.iter().map(|number| Value::int(*number)).collect()));
        numbers.sort_unstable();
        numbers.dedup();
        let sorted: Vec<i64> = set.elements().unwrap().iter().filter_map(Value::as_i64).collect();
        prop_assert_eq!(sorted, numbers);
    }
}
