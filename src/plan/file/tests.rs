//! What is written is read again, and what is no sound plan is refused.

use super::wire::Wire;
use super::{is_plan, read, write};
use crate::diagnostic::Diagnostics;
use crate::lang::{FileAnswer, FileQuestion};
use crate::plan::tests::mock::World;
use crate::plan::{CheckedPlan, Plan};
use proptest::prelude::*;
use std::sync::Arc;
use windlass_api::{Marks, Number, Refinement, Type, Value};

fn plan() -> Plan {
    let text = r#"
        resource "mock_thing" "a" {
          count  = 2
          name   = "a${count.index}"
          secret = "hunter2"
          tags   = { x = "é" }
        }
        resource "mock_thing" "b" { size = mock_thing.a[0].id }
        data "mock_thing" "d" { name = mock_thing.b.id }
        output "o" { value = mock_thing.b.id }
    "#;
    let world =
        World::new(text).with("mock_thing.gone", &[("name", "old")], &["mock_thing.a"]).with("mock_thing.a[0]", &[("name", "z")], &[]);
    let mut plan = world.plan().unwrap_or_else(|messages| panic!("{messages:?}"));
    // Titles of blocks are noted anew when the configuration is parsed.
    let sources = std::mem::take(&mut plan.inputs.sources);
    sources.files().iter().for_each(|file| {
        plan.inputs.sources.add(file.name.clone(), file.text.clone());
    });
    plan.inputs.files.insert(FileQuestion::Content("f".into()), FileAnswer::Content(Arc::from(&[0u8, 255, 7][..])));
    plan.inputs.files.insert(FileQuestion::Matching(".".into(), "*".into()), FileAnswer::Pending);
    plan
}

fn written(key: Option<&str>) -> (Vec<u8>, Diagnostics) {
    write(&CheckedPlan::unchecked(plan()), key).unwrap()
}

fn refusal(bytes: &[u8], key: Option<&str>) -> String {
    let messages = read(bytes, "p", key).map(|_| ()).unwrap_err();
    format!("{}: {}", messages.0[0].summary, messages.0[0].detail)
}

fn excerpt(text: &str, position: usize) -> String {
    text.chars().skip(position.saturating_sub(80)).take(160).collect()
}

#[test]
fn a_plan_survives_its_file() {
    for key in [None, Some("correct horse")] {
        let (bytes, warnings) = written(key);
        assert_eq!(warnings.is_empty(), key.is_some(), "without a key, secrets are a warning");
        assert!(is_plan(&bytes));
        let again = read(&bytes, "p", key).unwrap_or_else(|messages| panic!("{messages:?}"));
        let (again, before) = (format!("{again:?}"), format!("{:?}", plan()));
        let same = again.chars().zip(before.chars()).take_while(|(one, two)| one == two).count();
        assert!(again == before, "read {}\nwritten {}", excerpt(&again, same), excerpt(&before, same));
    }
}

#[test]
fn a_sealed_plan_shows_nothing_and_opens_with_its_key_only() {
    let (bytes, _) = written(Some("correct horse"));
    assert!(refusal(&bytes, None).contains("Set WINDLASS_PLAN_KEY"));
    assert!(refusal(&bytes, Some("battery")).contains("another key"));
    assert_ne!(written(Some("correct horse")).0, bytes, "salt and nonce are never used twice");
}

#[test]
fn what_is_no_sound_plan_is_refused() {
    let (bytes, _) = written(None);
    assert!(refusal(b"{}", None).starts_with("Not a saved plan"));
    assert!(refusal(b"PK\x03\x04xyz", None).contains("Terraform saved"));
    assert!(refusal(&bytes[..bytes.len() - 1], None).starts_with("Damaged"));
    assert!(refusal(&bytes[..20], None).starts_with("Damaged"));
    for position in (super::MAGIC.len() + 4..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        assert!(refusal(&changed, None).starts_with("Damaged"), "{position}");
    }
    let mut newer = bytes;
    newer[super::MAGIC.len()] += 1;
    assert!(refusal(&newer, None).contains("its format is 3"));
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::bool),
        any::<String>().prop_map(Value::string),
        any::<i64>().prop_map(Value::int),
        any::<f64>().prop_filter_map("a number", Number::from_f64).prop_map(Value::number),
        Just(Value::number(Number::Int(1).div(&Number::Int(3)).unwrap())),
        Just(Value::number(Number::Infinite { negative: true })),
        Just(Value::null(Type::Dynamic)),
        Just(Value::null(Type::list(Type::String))),
        Just(Value::unknown(Type::Dynamic)),
        "[a-z]{1,3}".prop_map(|prefix| {
            Value::unknown_refined(Type::String, Refinement { not_null: true, prefix: Some(prefix.into()), ..Refinement::default() })
        }),
        (0i64..9, any::<bool>()).prop_map(|(least, included)| {
            let refinement = Refinement { minimum: Some((Number::Int(least), included)), length_maximum: Some(3), ..Refinement::default() };
            Value::unknown_refined(Type::Number, refinement)
        }),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let marked = |value: Value, marks: u8| match marks {
        0 => value.with_marks(Marks::SENSITIVE),
        1 => value.with_marks(Marks::SENSITIVE.union(Marks::EPHEMERAL)),
        _ => value,
    };
    let part = (leaf(), 0u8..6).prop_map(move |(value, marks)| marked(value, marks));
    part.prop_recursive(4, 32, 5, move |inner| {
        let strings = || prop::collection::vec(any::<String>().prop_map(Value::string), 0..4);
        let fields = prop::collection::btree_map("[a-z]{1,2}".prop_map(Arc::from), inner.clone(), 0..4);
        let compound = prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::tuple),
            fields.prop_map(Value::object),
            strings().prop_map(|items| Value::list(Type::String, items)),
            strings().prop_map(|items| Value::set(Type::String, items)),
            prop::collection::btree_map("[a-z]{1,2}".prop_map(Arc::from), Just(Value::unknown(Type::Bool)), 0..3)
                .prop_map(|fields| Value::map(Type::Bool, fields)),
        ];
        (compound, 0u8..6).prop_map(move |(value, marks)| marked(value, marks))
    })
}

proptest! {
    #[test]
    fn values_survive_but_for_ephemeral_ones(value in any_value()) {
        // Of these only type and marks are written.
        let stored = value.transform(&mut |_, part| {
            part.marks().is_ephemeral().then(|| Value::unknown(part.ty().clone()).with_marks(part.marks()))
        });
        let text = value.write().to_string();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(Value::read(&json), Ok(stored));
    }
}
