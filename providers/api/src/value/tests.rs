//! What holds for values as a whole.

use super::{Marks, Path, Refinement, Type, Value};

/// A value of 2⁶⁰ parts that shares all but sixty. Whoever copies or compares shared parts does not come to an end.
#[test]
fn shared_parts_cost_nothing() {
    let mut value = Value::string("x");
    for _ in 0..60 {
        value = Value::object_of([("a", value.clone()), ("b", value)]);
    }
    let copy = value.clone();
    assert_eq!(copy.ty(), value.ty());
    assert!(copy == value);
}

#[test]
fn equality_of_the_language() {
    let list = |elements: Vec<Value>| Value::list(Type::Number, elements);
    let unknown = Value::unknown(Type::Number);
    let check = |left: &Value, right: &Value, expected: Option<bool>| {
        assert_eq!(left.equals(right).unmarked_deep().as_bool(), expected, "{left:?} == {right:?}");
        assert_eq!(right.equals(left).unmarked_deep().as_bool(), expected, "{right:?} == {left:?}");
    };
    check(&Value::int(1), &Value::string("1"), Some(false));
    check(&Value::tuple(vec![]), &list(vec![]), Some(false));
    check(&Value::null(Type::Dynamic), &Value::null(Type::String), Some(true));
    check(&Value::null(Type::Dynamic), &Value::string(""), Some(false));
    check(&Value::null(Type::Dynamic), &unknown, None);
    check(&Value::null(Type::Dynamic), &unknown.clone().not_null(), Some(false));
    check(&list(vec![Value::int(1), unknown.clone()]), &list(vec![Value::int(2), Value::int(2)]), Some(false));
    check(&list(vec![Value::int(1), unknown.clone()]), &list(vec![Value::int(1), Value::int(2)]), None);
    check(&list(vec![unknown.clone()]), &list(vec![]), Some(false));
    check(&unknown, &Value::string("a"), Some(false));
    check(&Value::unknown(Type::Dynamic), &Value::string("a"), None);
    let prefixed = Value::unknown_refined(Type::String, Refinement { prefix: Some("ami-".into()), ..Refinement::default() });
    check(&prefixed, &Value::string("vpc-1"), Some(false));
    check(&prefixed, &Value::string("ami-1"), None);
    let secret = Value::tuple(vec![Value::int(1).with_marks(Marks::SENSITIVE)]);
    assert!(secret.equals(&secret).marks().is_sensitive());
}

#[test]
fn sets_are_iterated_like_terraform() {
    let texts = |texts: &[&str]| Value::set(Type::String, texts.iter().map(Value::string).collect());
    assert_eq!(texts(&["b", "a", "b", "é"]).elements().unwrap().len(), 3);
    let number = |text: &str| Value::object_of([("a", Value::number(super::Number::parse(text).unwrap()))]);
    let set = Value::set(number("1").ty().clone(), ["10", "9", "-1", "1.5", "123456789012", "0.00001"].map(number).to_vec());
    let order: Vec<String> =
        set.elements().unwrap().iter().map(|element| element.get("a").unwrap().as_number().unwrap().to_string()).collect();
    assert_eq!(order, ["-1", "123456789012", "1.5", "10", "0.00001", "9"]);
    let marked = Value::set(Type::Number, vec![Value::int(1).with_marks(Marks::SENSITIVE)]);
    assert!(marked.marks().is_sensitive() && marked.elements().unwrap()[0].marks().is_empty());
    let open = Value::set(Type::String, vec![Value::unknown(Type::String), Value::unknown(Type::String), Value::null(Type::String)]);
    assert_eq!(open.elements().unwrap().len(), 3, "unknown elements may differ");
}

#[test]
fn parts_are_found_and_rewritten() {
    let value = Value::object_of([
        ("list", Value::list(Type::String, vec!["a".into(), "b".into()])),
        ("map", Value::map(Type::Number, [("k".into(), Value::int(1))].into())),
    ]);
    let second = Path::of("list").index(1);
    assert_eq!(value.at(&second), Some("b".into()));
    assert_eq!(value.at(&Path::of("list").index(2)), None);
    let marked = value.with_marks_at(&[second.clone(), Path::of("map").key("k"), Path::of("none")], Marks::SENSITIVE);
    assert_eq!(marked.marked_paths(Marks::SENSITIVE), [second.clone(), Path::of("map").key("k")]);
    assert_eq!(marked.unmarked_deep(), value);
    let changed = value.transform(&mut |path, _| (*path == second).then(|| Value::string("c")));
    assert_eq!(changed.at(&second), Some("c".into()));
    assert_eq!(changed.ty(), value.ty());
    assert_eq!(value.with_part(&Path::of("list"), Value::int(1)).get("list"), Some(&Value::int(1)));
}

#[test]
fn branches_of_conditionals_find_one_type() {
    let check = |one: serde_json::Value, two: serde_json::Value, expected: Option<&str>| {
        let types = [&one, &two].map(|json| super::wire::type_from_json(json).unwrap());
        assert_eq!(super::unify::unify_unsafe(&types).map(|ty| ty.type_expression()).as_deref(), expected, "{one} and {two}");
    };
    use serde_json::json;
    check(json!("number"), json!("string"), Some("string"));
    check(json!("number"), json!("bool"), None);
    check(json!(["object", {"a": "number"}]), json!(["object", {"b": "string"}]), Some("map(string)"));
    check(json!(["object", {"a": "number"}]), json!(["object", {}]), Some("map(number)"));
    check(json!(["object", {"a": "number"}]), json!(["object", {"a": "string"}]), Some("object({a=string})"));
    check(json!(["object", {"a": "number"}]), json!(["object", {"a": ["tuple", ["number"]]}]), None);
    check(json!(["tuple", ["number"]]), json!(["tuple", ["string", "string"]]), Some("list(string)"));
    check(json!(["tuple", []]), json!(["tuple", ["number"]]), Some("list(number)"));
    check(json!(["tuple", ["number", "string"]]), json!(["list", "bool"]), Some("list(string)"));
    check(json!(["set", "string"]), json!(["list", "number"]), Some("list(number)"));
    check(json!(["object", {"a": ["tuple", ["number"]]}]), json!(["map", ["tuple", ["string"]]]), Some("map(tuple([string]))"));
    check(json!(["object", {}]), json!(["tuple", []]), None);
    check(json!("number"), json!(["tuple", ["number"]]), None);
    check(json!("dynamic"), json!("string"), Some("any"));
}
