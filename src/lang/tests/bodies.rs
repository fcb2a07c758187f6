//! Bodies by schemas.

use super::Known;
use crate::diagnostic::{Diagnostics, SourceMap};
use crate::lang::decode_body;
use crate::syntax::parse_file;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::wire::value_to_json;
use windlass_api::{Attribute, BlockSchema, NestedBlock, Nesting, Type, Value};

fn nested(nesting: Nesting, minimum_items: u64, maximum_items: u64) -> NestedBlock {
    let inner = BlockSchema { attributes: [(Arc::from("port"), Attribute::optional(Type::Number))].into(), ..BlockSchema::default() };
    NestedBlock { nesting, block: inner, minimum_items, maximum_items, force_new: false, computed: false }
}

fn schema() -> BlockSchema {
    let object = Type::object([("cidr".into(), Type::String), ("port".into(), Type::Number)].into());
    let attributes: BTreeMap<Arc<str>, Attribute> = [
        ("name".into(), Attribute::required(Type::String)),
        ("size".into(), Attribute::optional(Type::Number)),
        ("id".into(), Attribute::computed(Type::String)),
        ("token".into(), Attribute::optional(Type::String).sensitive()),
        ("rule".into(), Attribute::optional(Type::set(object))),
    ]
    .into();
    let mut ebs = nested(Nesting::Set, 0, 0);
    ebs.computed = true;
    let blocks = [
        ("one".into(), nested(Nesting::List, 0, 1)),
        ("single".into(), nested(Nesting::Single, 0, 0)),
        ("group".into(), nested(Nesting::Group, 0, 0)),
        ("keyed".into(), nested(Nesting::Map, 0, 0)),
        ("ebs".into(), ebs),
    ];
    BlockSchema { attributes, blocks: blocks.into(), deprecated: None }
}

fn decode(text: &str) -> (Value, Diagnostics) {
    let mut sources = SourceMap::default();
    let source = sources.add("main.tf", text);
    let (body, messages) = parse_file(source, text);
    assert!(messages.is_empty(), "{messages:?}");
    let variables = [("unknown", Value::unknown(Type::list(Type::String))), ("ports", Value::tuple(vec![1.into(), 2.into()]))];
    decode_body(&body, &schema(), &Known { variables: variables.into(), ..Known::default() })
}

fn check(text: &str, expected: &str) {
    let (value, messages) = decode(text);
    assert!(messages.is_empty(), "{text}: {messages:?}");
    assert_eq!(*value.ty(), schema().object_type(), "{text}");
    let serde_json::Value::Object(fields) = value_to_json(&value).unwrap() else { panic!() };
    let empty = |json: &serde_json::Value| json.is_null() || *json == serde_json::json!([]) || *json == serde_json::json!({});
    let set: serde_json::Map<String, serde_json::Value> =
        fields.into_iter().filter(|(name, json)| name != "group" && !empty(json)).collect();
    assert_eq!(serde_json::Value::Object(set).to_string(), expected, "{text}");
}

#[test]
fn bodies_become_objects_of_their_schemas() {
    check("name = \"a\"", r#"{"name":"a"}"#);
    check("name = 1\nsize = \"2\"", r#"{"name":"1","size":2}"#);
    check("name = \"a\"\none {\n port = 1\n}", r#"{"name":"a","one":[{"port":1}]}"#);
    check("name = \"a\"\nsingle {}", r#"{"name":"a","single":{"port":null}}"#);
    check("name = \"a\"\nkeyed \"x\" {\n port = 1\n}", r#"{"keyed":{"x":{"port":1}},"name":"a"}"#);
    check("name = \"a\"\nebs {\n port = 2\n}\nebs {\n port = 1\n}", r#"{"ebs":[{"port":1},{"port":2}],"name":"a"}"#);
    check("name = \"a\"\nebs = []", r#"{"name":"a"}"#);
    check("name = \"a\"\nrule {\n port = 1\n}", r#"{"name":"a","rule":[{"cidr":null,"port":1}]}"#);
    check("name = \"a\"\nrule = [{ cidr = \"c\", port = 1 }]", r#"{"name":"a","rule":[{"cidr":"c","port":1}]}"#);
    check(
        "name = \"a\"\ndynamic \"ebs\" {\n for_each = var.ports\n content {\n port = ebs.value + ebs.key\n }\n}",
        r#"{"ebs":[{"port":1},{"port":3}],"name":"a"}"#,
    );
    check(
        "name = \"a\"\ndynamic \"rule\" {\n for_each = { x = 1 }\n iterator = it\n content {\n cidr = it.key\n port = it.value\n }\n}",
        r#"{"name":"a","rule":[{"cidr":"x","port":1}]}"#,
    );
    check(
        "name = \"a\"\ndynamic \"keyed\" {\n for_each = [1]\n labels = [\"k${keyed.value}\"]\n content {}\n}",
        r#"{"keyed":{"k1":{"port":null}},"name":"a"}"#,
    );
}

#[test]
fn unknown_repetition_makes_an_unknown_collection() {
    let (value, messages) = decode("name = \"a\"\ndynamic \"ebs\" {\n for_each = var.unknown\n content {\n port = ebs.value\n }\n}");
    assert!(messages.is_empty(), "{messages:?}");
    assert!(!value.get("ebs").unwrap().is_known());
    assert_eq!(*value.ty(), schema().object_type());
    let (value, _) = decode("name = \"a\"\ntoken = \"t\"");
    assert!(value.get("token").unwrap().marks().is_sensitive());
    assert!(value.get("group").unwrap().get("port").unwrap().is_null());
}

#[test]
fn mistakes_are_told_as_terraform_tells_them() {
    for (text, expected) in [
        ("", "The argument \"name\" is required, but no definition was found."),
        ("name = null", "The argument \"name\" is required, but no definition was found."),
        ("name = \"a\"\nsiz = 1", "An argument named \"siz\" is not expected here. Did you mean \"size\"?"),
        ("name = \"a\"\none = 1", "An argument named \"one\" is not expected here. Did you mean to define a block of type \"one\"?"),
        ("name = \"a\"\nfoo {}", "Blocks of type \"foo\" are not expected here."),
        ("name = \"a\"\nsize {}", "Did you mean to define argument \"size\"? If so, use the equals sign to assign it a value."),
        ("name = \"a\"\nsize = \"x\"", "Inappropriate value for attribute \"size\": a number is required."),
        ("name = \"a\"\nid = \"x\"", "Can't configure a value for \"id\""),
        ("name = \"a\"\none {}\none {}", "No more than 1 \"one\" blocks are allowed"),
        ("name = \"a\"\nsingle {}\nsingle {}", "Only one single block is allowed."),
        ("name = \"a\"\nkeyed {}", "must have 1 label"),
        ("name = \"a\"\nrule = [{ cidr = \"c\" }]", "attribute \"port\" is required"),
        ("name = \"a\"\ndynamic \"one\" {\n for_each = 1\n content {}\n}", "Cannot use a number value in for_each."),
        ("name = \"a\"\ndynamic \"one\" {\n for_each = []\n}", "\"content\""),
        ("name = \"a\"\none {\n prt = 1\n}", "An argument named \"prt\" is not expected here. Did you mean \"port\"?"),
    ] {
        let (_, messages) = decode(text);
        assert!(messages.0.len() == 1 && messages.0[0].detail.contains(expected), "{text}: {messages:?}");
        assert!(messages.0[0].subject.is_some(), "{text}");
    }
}
