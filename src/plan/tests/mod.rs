//! Planning from texts: configuration and state in, changes and steps out.

mod imports;
mod language;
mod laws;
pub(super) mod mock;
mod moves;
mod recorded;
mod resolving;
mod synthetic;

use super::*;
use crate::address::parse_instance;
use mock::{World, messages, object, providers, render, steps};

#[test]
fn creations_follow_references_and_unknowns_flow() {
    let world = World::new(
        r#"
        resource "mock_thing" "net" { name = "net" }
        locals { net = mock_thing.net.id }
        resource "mock_thing" "host" {
          count = 2
          name  = "host-${count.index}"
          size  = local.net
        }
        output "hosts" { value = mock_thing.host[*].name }
        "#,
    );
    let plan = world.plan().unwrap();
    assert_eq!(render(&plan), "Create mock_thing.host[0] Declared\nCreate mock_thing.host[1] Declared\nCreate mock_thing.net Declared\n");
    assert_eq!(steps(&plan), "0 Create mock_thing.net []\n1 Create mock_thing.host[0] [0]\n2 Create mock_thing.host[1] [0]\n");
    assert!(!plan.changes[0].after.get("size").unwrap().is_known());
    assert_eq!(plan.changes[1].after.get_str("name"), Some("host-1"));
    assert!(plan.outputs["hosts"].after.as_ref().unwrap().is_wholly_known());
    check(plan, &providers()).unwrap();
}

#[test]
fn what_is_as_declared_has_no_step() {
    let world = World::new(r#"resource "mock_thing" "a" { size = "1" }"#).with("mock_thing.a", &[("size", "1")], &[]);
    let plan = world.plan().unwrap();
    assert_eq!((render(&plan).as_str(), steps(&plan).as_str()), ("NoOp mock_thing.a Recorded\n", ""));
}

#[test]
fn drift_is_told_and_undone() {
    let mut world = World::new(r#"resource "mock_thing" "a" { size = "1" }"#).with("mock_thing.a", &[("size", "1")], &[]);
    let address = parse_instance("mock_thing.a").unwrap();
    world.live.insert(address.clone(), Some(object("id-a", &[("size", "2")])));
    let plan = world.plan().unwrap();
    assert_eq!(plan.drift.len(), 1);
    assert!(render(&plan).starts_with("Update mock_thing.a Differs"));
    assert_eq!(plan.refreshed.current(&address).unwrap().attributes.get_str("size"), Some("2"));
    world.live.insert(address, None);
    assert_eq!(render(&world.plan().unwrap()), "Create mock_thing.a Gone\n");
}

#[test]
fn a_replacement_deletes_dependants_first() {
    let text = r#"
        resource "mock_thing" "a" { name = "new" }
        resource "mock_thing" "b" { name = mock_thing.a.id }
    "#;
    let world = World::new(text).with("mock_thing.a", &[("name", "old")], &[]).with("mock_thing.b", &[("name", "id-a")], &["mock_thing.a"]);
    let plan = world.plan().unwrap();
    assert_eq!(
        steps(&plan),
        "0 Delete mock_thing.b []\n1 Delete mock_thing.a [0]\n2 Create mock_thing.a [1]\n3 Create mock_thing.b [0, 2]\n"
    );
    check(plan, &providers()).unwrap();
}

#[test]
fn create_before_destroy_is_forced_on_dependencies() {
    let text = r#"
        resource "mock_thing" "a" { name = "new" }
        resource "mock_thing" "b" {
          name = mock_thing.a.id
          lifecycle { create_before_destroy = true }
        }
    "#;
    let world = World::new(text).with("mock_thing.a", &[("name", "old")], &[]).with("mock_thing.b", &[("name", "id-a")], &["mock_thing.a"]);
    let plan = world.plan().unwrap();
    assert_eq!(
        steps(&plan),
        "0 SetAsideAndCreate mock_thing.a []\n1 SetAsideAndCreate mock_thing.b [0]\n2 DeleteDeposed mock_thing.b [1]\n3 DeleteDeposed \
         mock_thing.a [0, 1, 2]\n"
    );
    check(plan, &providers()).unwrap();
}

#[test]
fn leftovers_go_for_their_reason() {
    let text = r#"
        resource "mock_thing" "counted" { count = 1 }
        resource "mock_thing" "keyed" { for_each = toset(["a"]) }
    "#;
    let world = World::new(text)
        .with("mock_thing.counted[0]", &[], &[])
        .with("mock_thing.counted[1]", &[], &[])
        .with("mock_thing.keyed[\"a\"]", &[], &[])
        .with("mock_thing.keyed[\"b\"]", &[], &[])
        .with("mock_thing.keyed[0]", &[], &[])
        .with("mock_thing.lost", &[], &["mock_thing.counted"])
        .with("module.m.mock_thing.x", &[], &[]);
    let plan = world.plan().unwrap();
    assert_eq!(
        render(&plan),
        "NoOp mock_thing.counted[0] Recorded\nDelete mock_thing.counted[1] CountIndex(1)\nDelete mock_thing.keyed[0] WrongRepetition\n\
         NoOp mock_thing.keyed[\"a\"] Recorded\nDelete mock_thing.keyed[\"b\"] EachKey(\"b\")\nDelete mock_thing.lost NoResourceConfig\n\
         Delete module.m.mock_thing.x NoResourceConfig\n"
    );
    check(plan, &providers()).unwrap();
}

#[test]
fn a_block_that_gets_count_keeps_its_object() {
    let world = World::new(r#"resource "mock_thing" "a" { count = 1 }"#).with("mock_thing.a", &[], &[]);
    let plan = world.plan().unwrap();
    assert_eq!(render(&plan), "NoOp mock_thing.a[0] Recorded\n");
    assert_eq!(plan.changes[0].previous_address, parse_instance("mock_thing.a").ok());
    assert_eq!(steps(&plan), "0 Record mock_thing.a[0] []\n");
}

#[test]
fn ignored_attributes_keep_their_live_values() {
    let text = r#"resource "mock_thing" "a" {
        size = "new"
        name = "new"
        lifecycle { ignore_changes = [size, name] }
    }"#;
    let world = World::new(text).with("mock_thing.a", &[("size", "old"), ("name", "old")], &[]);
    assert_eq!(render(&world.plan().unwrap()), "NoOp mock_thing.a Recorded\n");
}

#[test]
fn data_waits_only_for_what_it_names() {
    let text = r#"
        resource "mock_thing" "new" { name = "x" }
        resource "mock_thing" "old" { name = "y" }
        data "mock_thing" "late" { name = mock_thing.new.id }
        data "mock_thing" "told" {
          name       = "z"
          depends_on = [mock_thing.new]
        }
        data "mock_thing" "early" {
          name       = mock_thing.old.id
          depends_on = [mock_thing.old]
        }
    "#;
    let plan = World::new(text).with("mock_thing.old", &[("name", "y")], &[]).plan().unwrap();
    assert_eq!(
        render(&plan),
        "Create mock_thing.new Declared\nNoOp mock_thing.old Recorded\nNoOp data.mock_thing.early Recorded\n\
         Read data.mock_thing.late ConfigUnknown\nRead data.mock_thing.told DependencyPending\n"
    );
    check(plan, &providers()).unwrap();
}

#[test]
fn a_destroy_deletes_dependants_first() {
    let mut world = World::new("").with("mock_thing.a", &[], &[]).with("mock_thing.b", &[], &["mock_thing.a"]);
    world.options.mode = PlanMode::Destroy;
    let plan = world.plan().unwrap();
    assert_eq!(steps(&plan), "0 Delete mock_thing.b []\n1 Delete mock_thing.a [0]\n");
    check(plan, &providers()).unwrap();
}

#[test]
fn edges_between_counted_resources_are_joined() {
    let text = r#"
        resource "mock_thing" "a" { count = 100 }
        resource "mock_thing" "b" {
          count = 100
          size  = mock_thing.a[count.index].id
        }
    "#;
    let plan = World::new(text).plan().unwrap();
    let edges: usize = plan.steps.iter().map(|step| step.waits_for.len()).sum();
    assert_eq!((plan.steps.len(), edges), (201, 200));
    check(plan, &providers()).unwrap();
}

#[test]
fn all_wrong_references_are_told() {
    let text = r#"
        variable "size" { default = "1" }
        resource "mock_thing" "main" { size = var.sise }
        resource "mock_thing" "b" { size = mock_thing.mian.id }
    "#;
    let told = messages(&World::new(text).plan().unwrap_err());
    assert!(told.contains("Reference to undeclared input variable") && told.contains("Did you mean \"size\"?"), "{told}");
    assert!(told.contains("Reference to undeclared resource") && told.contains("Did you mean mock_thing.main?"), "{told}");
}

#[test]
fn a_cycle_is_told_as_a_path() {
    let text = r#"
        locals { a = mock_thing.b.id }
        resource "mock_thing" "b" { size = local.a }
    "#;
    let told = messages(&World::new(text).plan().unwrap_err());
    assert!(told.contains("Cycle: local.a → mock_thing.b → local.a"), "{told}");
}

#[test]
fn protected_and_unimplemented_objects_are_refused() {
    let text = r#"
        resource "mock_thing" "kept" {
          name = "new"
          lifecycle { prevent_destroy = true }
        }
    "#;
    let told = messages(&World::new(text).with("mock_thing.kept", &[("name", "old")], &[]).plan().unwrap_err());
    assert!(told.contains("Instance cannot be destroyed"), "{told}");
    let told = messages(&World::new(r#"resource "mock_later" "x" {}"#).plan().unwrap_err());
    assert!(told.contains("Resource type not implemented"), "{told}");
    let same = World::new(r#"resource "mock_later" "x" { size = "1" }"#).with("mock_later.x", &[("size", "1")], &[]);
    assert_eq!(render(&same.plan().unwrap()), "NoOp mock_later.x Recorded\n");
}

#[test]
fn most_objects_gone_at_once_stops_the_run() {
    let mut world = World::new(r#"resource "mock_thing" "a" { count = 4 }"#);
    for index in 0..4 {
        let address = format!("mock_thing.a[{index}]");
        world = world.with(&address, &[], &[]);
        if index > 0 {
            world.live.insert(parse_instance(&address).unwrap(), None);
        }
    }
    let told = messages(&world.plan().unwrap_err());
    assert!(told.contains("3 of 4 objects"), "{told}");
    world.options.allow_gone = true;
    assert!(world.plan().is_ok());
}

#[test]
fn a_damaged_plan_is_refused() {
    let text = r#"
        resource "mock_thing" "a" {}
        resource "mock_thing" "b" { size = mock_thing.a.id }
    "#;
    let plan = World::new(text).plan().unwrap();
    let mut without_edge = plan.clone();
    without_edge.steps[1].waits_for.clear();
    assert!(messages(&check(without_edge, &providers()).unwrap_err()).contains("does not wait for it"));
    let mut without_step = plan.clone();
    without_step.steps.pop();
    assert!(messages(&check(without_step, &providers()).unwrap_err()).contains("its steps are []"));
    let mut unpinned = plan;
    unpinned.providers.clear();
    assert!(messages(&check(unpinned, &providers()).unwrap_err()).contains("not pinned"));
}
