//! JSON there and back.

use super::super::convert::convert;
use super::super::{Marks, Refinement, Type, Value};
use super::*;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn types_survive() {
    for ty in [
        json!("dynamic"),
        json!(["list", ["set", ["map", "bool"]]]),
        json!(["tuple", ["string", "number"]]),
        json!(["object", {"a": "string", "b": ["list", "dynamic"]}, ["b"]]),
    ] {
        assert_eq!(type_to_json(&type_from_json(&ty).unwrap()), ty);
    }
    for wrong in [json!("strin"), json!(["list"]), json!(1), json!(["object", []])] {
        assert!(type_from_json(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn dynamic_parts_carry_their_type() {
    let ty = type_from_json(&json!(["object", {"a": "dynamic", "b": "string"}])).unwrap();
    let value = Value::object_of([("a", Value::list(Type::Number, vec![Value::int(1)])), ("b", "x".into())]);
    let written = value_to_json_as(&value, &ty).unwrap();
    assert_eq!(written, json!({"a": {"value": [1], "type": ["list", "number"]}, "b": "x"}));
    assert_eq!(value_from_json(&written, &ty).unwrap(), value);
    assert_eq!(decode_raw(&infer_from_json(&written), &ty).unwrap(), value);
}

#[test]
fn states_of_older_schemas_are_read() {
    let ty =
        type_from_json(&json!(["object", {"n": "number", "new": "bool", "tags": ["map", "string"], "ids": ["set", "string"]}])).unwrap();
    let raw = infer_from_json(&json!({"n": "8", "gone": true, "tags": {"a": "b"}, "ids": ["z", "a"]}));
    let value = decode_raw(&raw, &ty).unwrap();
    assert_eq!(value.get("n"), Some(&Value::int(8)));
    assert_eq!(value.get("new"), Some(&Value::null(Type::Bool)));
    assert_eq!(value.get("gone"), None);
    assert_eq!(canonical(value.get("ids").unwrap()), r#"["a","z"]"#);
    assert_eq!(value_from_json(&json!({"n": 8}), &ty).unwrap_err().to_string(), "attribute \"ids\" is required");
}

#[test]
fn unknowns_and_marks_have_a_text() {
    let known = Refinement { not_null: true, ..Refinement::default() };
    let value = Value::object_of([("a", Value::unknown_refined(Type::String, known)), ("b", Value::int(1).with_marks(Marks::SENSITIVE))]);
    assert_eq!(canonical(&value), r#"{"a":?string{n},"b":1!1}"#);
    assert_eq!(value_to_json(&value).unwrap_err().to_string(), "a: value is not known");
    assert_ne!(digest(&Value::list(Type::String, vec![])), digest(&Value::tuple(vec![])));
}

#[test]
fn numbers_keep_their_text() {
    let text = r#"[12345678901234567890123,0.1,1e3]"#;
    let value = infer_from_json(&serde_json::from_str(text).unwrap());
    assert_eq!(serde_json::to_string(&value_to_json(&value).unwrap()).unwrap(), "[12345678901234567890123,0.1,1000]");
}

proptest! {
    #[test]
    fn values_survive(json in super::super::convert::tests::any_json()) {
        let value = infer_from_json(&json);
        let written = value_to_json(&value).unwrap();
        prop_assert_eq!(&value_from_json(&written, value.ty()).unwrap(), &value);
        if let Some(map) = convert(&value, &Type::map(Type::Dynamic)).ok().filter(|map| !map.ty().has_dynamic()) {
            prop_assert_eq!(&value_from_json(&value_to_json(&map).unwrap(), map.ty()).unwrap(), &map);
        }
        let written = value_to_json_as(&value, &Type::Dynamic).unwrap();
        prop_assert_eq!(&decode_raw(&infer_from_json(&written), &Type::Dynamic).unwrap(), &value);
    }
}
