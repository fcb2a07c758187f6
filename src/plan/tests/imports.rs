//! Objects that are taken over, and what is checked of them.

use super::*;
use crate::state::{CheckStatus, CheckedKind};
use std::sync::Arc;

const IMPORT: &str = r#"
    import {
      to = mock_thing.a
      id = "found"
    }
"#;

#[test]
fn an_object_is_imported_before_anything_else_is_done_to_it() {
    let plan = World::new(&format!(r#"resource "mock_thing" "a" {{ size = "1" }} {IMPORT}"#)).plan().unwrap();
    assert_eq!((render(&plan).as_str(), steps(&plan).as_str()), ("NoOp mock_thing.a Recorded\n", "0 Import mock_thing.a []\n"));
    let address = parse_instance("mock_thing.a").unwrap();
    assert_eq!(plan.refreshed.current(&address).unwrap().attributes.get_str("id"), Some("found"));
    check(plan, &providers()).unwrap();
    let plan = World::new(&format!(r#"resource "mock_thing" "a" {{ size = "2" }} {IMPORT}"#)).plan().unwrap();
    assert_eq!(steps(&plan), "0 Import mock_thing.a []\n1 Update mock_thing.a [0]\n");
    check(plan, &providers()).unwrap();
    let plan = World::new(&format!(r#"resource "mock_thing" "a" {{ name = "x" }} {IMPORT}"#)).plan().unwrap();
    assert_eq!(steps(&plan), "0 Import mock_thing.a []\n1 Delete mock_thing.a [0]\n2 Create mock_thing.a [0, 1]\n");
    check(plan, &providers()).unwrap();
}

#[test]
fn what_the_state_has_is_not_imported_again() {
    let world = World::new(&format!(r#"resource "mock_thing" "a" {{ size = "1" }} {IMPORT}"#)).with("mock_thing.a", &[("size", "1")], &[]);
    assert_eq!(steps(&world.plan().unwrap()), "");
    let mut world = World::new(IMPORT);
    world.options.mode = PlanMode::Destroy;
    assert_eq!(steps(&world.plan().unwrap()), "");
}

#[test]
fn configuration_is_written_from_the_object() {
    let mut world = World::new(IMPORT);
    world.options.generate = Some("new.tf".into());
    let plan = world.plan().unwrap();
    assert_eq!(steps(&plan), "0 Import mock_thing.a []\n");
    let importing = plan.changes[0].importing.clone().unwrap();
    let text = "resource \"mock_thing\" \"a\" {\n  name   = null\n  secret = null # sensitive\n  size   = \"1\"\n  tags   = null\n}";
    assert_eq!(importing.generated.unwrap().split_once('\n').unwrap().1, text);
    let file = plan.inputs.sources.files().last().unwrap();
    assert!(&*file.name == "new.tf" && file.text.starts_with("# __generated__ by Windlass\n") && file.text.contains(text));
    check(plan, &providers()).unwrap();
}

#[test]
fn what_is_not_there_can_not_be_imported() {
    let text = r#"
        resource "mock_thing" "a" {}
        resource "mock_thing" "b" { count = 1 }
        import {
          to = mock_thing.a
          id = "gone"
        }
        import {
          to = mock_thing.b[1]
          id = "found"
        }
    "#;
    let told = messages(&World::new(text).plan().unwrap_err());
    assert!(told.starts_with("Cannot import non-existent remote object: "), "{told}");
    let told = messages(&World::new(&text.replace("gone", "there")).plan().unwrap_err());
    assert!(told.contains("The configuration for the given import mock_thing.b[1] does not exist."), "{told}");
}

#[test]
fn checks_are_told_and_read_last() {
    let text = r#"
        resource "mock_thing" "a" { size = "1" }
        check "c" {
          data "mock_thing" "seen" { name = "x" }
          assert {
            condition     = data.mock_thing.seen.id == "other"
            error_message = "seen ${data.mock_thing.seen.id}"
          }
          assert {
            condition     = mock_thing.a.id == ""
            error_message = "late"
          }
        }
        variable "v" {
          default = "x"
          validation {
            condition     = var.v == "x"
            error_message = "no"
          }
        }
    "#;
    let plan = World::new(text).plan().unwrap();
    assert_eq!(steps(&plan), "0 Create mock_thing.a []\n1 ReadData data.mock_thing.seen [0]\n");
    let told: Vec<_> = plan.checks.iter().map(|(address, result)| (address.kind, address.to_string(), result.status)).collect();
    assert_eq!(
        told,
        [(CheckedKind::Check, "check.c".to_owned(), CheckStatus::Failed), (CheckedKind::Variable, "var.v".to_owned(), CheckStatus::Passed)]
    );
    let messages: Vec<_> = plan.checks.values().flat_map(|result| result.objects.values()).flat_map(|object| &object.messages).collect();
    assert_eq!(messages, [&Arc::from("seen read")]);
    check(plan, &providers()).unwrap();
}
