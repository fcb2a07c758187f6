//! The JSON reader: mistakes with their lines, ranges, and that no input whatever breaks it.

use super::{parse_json_file, parse_json_values};
use crate::diagnostic::{Range, SourceId};
use crate::syntax::ast::{Body, ExpressionKind as Kind};
use crate::syntax::walk::body_references;
use proptest::prelude::*;

const SOURCE: SourceId = SourceId(0);

/// The errors of a file as `line: summary`, and its blocks.
fn check(text: &str) -> (Vec<String>, Vec<String>) {
    let (body, errors) = parse_json_file(SOURCE, text);
    let line = |range: Option<Range>| text[..range.unwrap().start as usize].matches('\n').count() + 1;
    let errors = errors.0.iter().map(|error| format!("{}: {}", line(error.subject), error.summary)).collect();
    (errors, body.blocks.iter().map(|block| block.path()).collect())
}

#[test]
fn mistakes_of_json_are_told_with_their_line_several_at_once() {
    for (text, errors, blocks) in [
        ("{\"locals\": {\"a\": 1,\n\"b\": tru}}", vec!["2: Invalid JSON keyword"], vec![]),
        ("{\"locals\": {\"a\": 1,\n}}", vec!["1: Trailing comma in object"], vec!["locals"]),
        (
            "{\"locals\": {\"a\": 01},\n\"output\": {\"o\": {\"value\": 'x'}}}",
            vec!["1: Invalid JSON number", "2: Invalid start of value"],
            vec![],
        ),
        ("{\"locals\": {\"a\": 1}\n\"output\": {\"o\": {\"value\": 1}}}", vec!["2: Missing comma"], vec!["locals", "output.o"]),
        ("{\"locals\": {a: 1}, \"output\": {\"o\": {}}}", vec!["1: Invalid object property name"], vec!["output.o"]),
        ("{\"locals\": {\"a\" = 1}}", vec!["1: Missing property value"], vec![]),
        ("{\"locals\": {\"a\": \"x\n}}", vec!["1: Unclosed string"], vec![]),
        ("{\"locals\": {\"a\": \"\\x\"}}", vec!["1: Invalid JSON string"], vec![]),
        ("{\"locals\": {\"a\": [1, 2}}", vec!["1: Mismatched brackets"], vec![]),
        ("{\"locals\": {\"a\": 1}", vec!["1: Unclosed object"], vec![]),
        ("{\n  // remark\n  \"locals\": {}\n}", vec!["2: Invalid object property name"], vec![]),
        ("{} x", vec!["1: Extraneous data after value"], vec![]),
        ("", vec!["1: Missing JSON value"], vec![]),
        ("3", vec!["1: Root value must be object"], vec![]),
        ("[1]", vec!["1: Incorrect JSON value type"], vec![]),
        ("[{\"locals\": {}}, {\"locals\": []}]", vec![], vec!["locals"]),
        (
            "{\"locals\": {\"a\": \"${1 +}\"},\n\"output\": {\"o\": {\"value\": \"%{if}\"}}}",
            vec!["1: Invalid expression", "2: Invalid expression"],
            vec!["locals", "output.o"],
        ),
    ] {
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(check(text), (owned(errors), owned(blocks)), "{text}");
    }
}

#[test]
fn members_are_blocks_or_arguments_as_the_language_says() {
    for (text, errors, blocks) in [
        (
            "{\"resource\": {\"t\": {\"a\": {}, \"b\": [{}, {}], \"c\": null}}}",
            vec![],
            vec!["resource.t.a", "resource.t.b", "resource.t.b"],
        ),
        ("{\"resource\": [{\"t\": [{\"a\": {}}]}, {\"t\": {\"b\": {}}}]}", vec![], vec!["resource.t.a", "resource.t.b"]),
        ("{\"//\": \"remark\", \"locals\": {\"//\": 1, \"a\": 2}}", vec![], vec!["locals"]),
        ("{\"resurce\": {}}", vec!["1: Extraneous JSON object property"], vec![]),
        ("{\"resource\": {\"t\": \"x\"}}", vec!["1: Incorrect JSON value type"], vec![]),
        ("{\"resource\": {\"t\": {}}}", vec!["1: Missing block label"], vec![]),
        ("{\"locals\": 3}", vec!["1: Incorrect JSON value type"], vec![]),
        ("{\"locals\": {\"a\": 1, \"a\": 2}}", vec!["1: Duplicate argument"], vec!["locals"]),
        ("{\"locals\": {\"a\": {\"b\": 1, \"b\": 2}}}", vec!["1: Duplicate argument"], vec!["locals"]),
    ] {
        let owned = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(check(text), (owned(errors), owned(blocks)), "{text}");
    }
}

#[test]
fn strings_are_templates_plain_or_written_by_their_place() {
    let text = r#"{"variable": {"v": {"type": "list(string)", "default": "${x}", "description": "a ${b}"}},
        "output": {"o": {"value": "${var.v}", "description": "${x}", "depends_on": ["a.b"]}},
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "configuration_aliases": ["aws.west"]}}},
        "locals": {"n": 12345678901234567890.5, "m": {"k${1}": null, "t": true}}}"#;
    let (body, errors) = parse_json_file(SOURCE, text);
    assert!(errors.is_empty(), "{errors:?}");
    let value = |block: usize, name: &str| body.blocks[block].body.attribute(name).unwrap().value.kind.clone();
    assert!(matches!(value(0, "type"), Kind::Call(_)));
    assert!(matches!(value(0, "default"), Kind::Literal(value) if value.as_str() == Some("${x}")));
    assert!(matches!(value(0, "description"), Kind::Literal(_)));
    assert!(matches!(value(1, "value"), Kind::Template(parts) if parts.len() == 1));
    assert!(matches!(value(1, "description"), Kind::Literal(_)));
    assert!(matches!(value(1, "depends_on"), Kind::Tuple(items) if items[0].as_traversal().is_some()));
    let Kind::Object(items) = body.blocks[2].body.blocks[0].body.attributes[0].value.kind.clone() else { panic!() };
    assert!(matches!(&items[1].value.kind, Kind::Tuple(aliases) if aliases[0].as_traversal().is_some()));
    assert!(matches!(value(3, "n"), Kind::Literal(value) if value.as_number().unwrap().to_string() == "12345678901234567890.5"));
    assert!(matches!(value(3, "m"), Kind::Object(items) if matches!(items[0].key.kind, Kind::Template(_))));
}

#[test]
fn ranges_point_into_the_file_past_escapes() {
    let text = "{\"output\": {\"o\": {\"value\": \"\\n\\\"\\u00e9\\ud83d\\ude00 ${var.name} ${1 +}\"}}}";
    let (body, errors) = parse_json_file(SOURCE, text);
    assert_eq!(&text[errors.0[0].subject.unwrap().start as usize..][..1], "}");
    assert!(body_references(&body).is_empty());
    let text = text.replace(" ${1 +}", "");
    let (body, _) = parse_json_file(SOURCE, &text);
    let range = body_references(&body)[0].range;
    assert_eq!(&text[range.start as usize..range.end as usize], "var.name");
    let block = &body.blocks[0];
    assert_eq!(&text[block.header.start as usize..block.header.end as usize], "\"o\"");
}

#[test]
fn values_are_plain() {
    let (body, errors) = parse_json_values(SOURCE, "{\"a\": \"${x}\", \"b\": {\"//\": 1}}");
    assert!(errors.is_empty() && body.attributes.len() == 2);
    assert!(matches!(&body.attributes[0].value.kind, Kind::Literal(value) if value.as_str() == Some("${x}")));
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for (open, close) in [("[", "]"), ("{\"locals\":", "}")] {
        let text = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        assert!(check(&text).0[0].ends_with("Nesting too deep"));
    }
}

/// Every range of a body is one of the text's, on the borders of characters.
fn in_bounds(text: &str, body: &Body) -> bool {
    let sound = |range: Range| text.get(range.start as usize..range.end as usize).is_some();
    let references = body_references(body).iter().all(|reference| sound(reference.range) && sound(reference.root.range));
    references
        && sound(body.range)
        && body.attributes.iter().all(|attribute| sound(attribute.range) && sound(attribute.value.range))
        && body.undecided.iter().all(|undecided| sound(undecided.range()))
        && body.blocks.iter().all(|block| sound(block.range) && sound(block.header) && in_bounds(text, &block.body))
}

/// Pieces that make texts near to real files.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just("\"resource\":{\"t\":{\"a\":".to_owned()),
        Just("\"x\":\"${var.é}\\u00e9${local.b}\"".to_owned()),
        Just("\"type\":\"map(".to_owned()),
        Just("\\".to_owned()),
        Just("\"\\ud83d\\n$${%{".to_owned()),
        Just("-1.5e3".to_owned()),
        Just("null".to_owned()),
        "\\PC{0,4}",
    ]
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(pieces in prop::collection::vec(piece(), 0..24)) {
        let text = pieces.concat();
        for (body, errors) in [parse_json_file(SOURCE, &text), parse_json_values(SOURCE, &text)] {
            prop_assert!(in_bounds(&text, &body), "{text}");
            for error in &errors.0 {
                let range = error.subject.unwrap();
                prop_assert!(text.get(range.start as usize..range.end as usize).is_some(), "{text}: {error:?}");
            }
        }
    }
}
