//! Declarations and files.

use super::declared_wire::declared_types;
use super::object_wire::{object_from_text, object_to_text};
use super::types::fixed;

#[test]
fn objects_survive_their_files() {
    let types = fixed();
    let block = &types["tfcoremock_complex_resource"].resource.block;
    let text = r#"{"values": {"id": {"string": "x"}, "list_block": {"list": [{"object": {"string": {"string": "b"}}}, {"object": {}}]},
        "object": {"object": {"list": {"list": [{"object": {"integer": {"number": "1"}}}]}}}, "number": {"number": "0.1"}}}"#;
    let object = object_from_text(text, block).unwrap();
    assert_eq!(object_from_text(&object_to_text(&object), block), Ok(object.clone()));
    assert_eq!(object.get("list_block").and_then(|blocks| blocks.elements()).map(<[_]>::len), Some(2));
    assert_eq!(*object.ty(), block.object_type());
}

#[test]
fn mistakes_in_files_are_named() {
    let types = fixed();
    let block = &types["tfcoremock_simple_resource"].resource.block;
    let mistake = |text: &str| object_from_text(text, block).unwrap_err();
    assert_eq!(mistake(r#"{"values": {"strng": {"string": "x"}}}"#), "the type has nothing named \"strng\"");
    assert_eq!(mistake(r#"{"values": {"string": {"number": "1"}}}"#), "string: it must hold \"string\" and nothing else");
    assert_eq!(mistake(r#"{"values": {"number": {"number": "one"}}}"#), "number: \"one\" is no number");
    assert_eq!(mistake("{}"), "there is no object \"values\" in it");
}

#[test]
fn mistakes_in_declarations_are_named() {
    let mistake = |text: &str| declared_types(text).err().unwrap();
    assert_eq!(mistake(r#"{"aws_vpc": {}}"#), "aws_vpc: the names of types begin with \"tfcoremock_\"");
    let of = |attribute: &str| mistake(&format!(r#"{{"tfcoremock_a": {{"attributes": {{"b": {attribute}}}}}}}"#));
    assert_eq!(of(r#"{"type": "string"}"#), "tfcoremock_a: b: one of required, optional and computed must be true");
    assert!(of(r#"{"type": "text", "optional": true}"#).starts_with("tfcoremock_a: b: there is no type \"text\""));
    assert_eq!(of(r#"{"type": "list", "optional": true}"#), "tfcoremock_a: b: a list says by \"list\" what it holds");
    assert!(of(r#"{"type": "string", "optional": true, "forced": true}"#).contains("unknown field `forced`"));
    let several = mistake(r#"{"a": {}, "b": {}}"#);
    assert_eq!(several.matches("begin with").count(), 2);
}
