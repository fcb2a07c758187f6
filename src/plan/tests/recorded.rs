//! What the state says besides attributes: tainted and deposed objects, accounts, moves.

use super::*;
use crate::state::{DeposedKey, ObjectStatus};
use windlass_api::Account;

#[test]
fn tainted_objects_are_made_anew() {
    let text = r#"
        resource "mock_thing" "a" {
          lifecycle { ignore_changes = all }
        }
    "#;
    let world = World::new(text).with("mock_thing.a", &[], &[]);
    let world = world.alter("mock_thing.a", |instance| instance.current.as_mut().unwrap().status = ObjectStatus::Tainted);
    let plan = world.plan().unwrap();
    assert_eq!(render(&plan), "DeleteThenCreate mock_thing.a Tainted\n");
    check(plan, &providers()).unwrap();
}

#[test]
fn deposed_objects_go_whatever_becomes_of_the_current_one() {
    let set_aside = |instance: &mut crate::state::InstanceState| {
        let object = instance.current.clone().unwrap();
        instance.deposed.insert(DeposedKey("0badcafe".into()), object);
    };
    let world = World::new(r#"resource "mock_thing" "a" { size = "1" }"#).with("mock_thing.a", &[("size", "1")], &[]);
    let plan = world.alter("mock_thing.a", set_aside).plan().unwrap();
    assert_eq!(render(&plan), "NoOp mock_thing.a Recorded\nDelete mock_thing.a Deposed\n");
    assert_eq!(steps(&plan), "0 DeleteDeposed mock_thing.a []\n");
    check(plan, &providers()).unwrap();
    // Without its block both go.
    let plan = World::new("").with("mock_thing.a", &[], &[]).alter("mock_thing.a", set_aside).plan().unwrap();
    assert_eq!(render(&plan), "Delete mock_thing.a NoResourceConfig\nDelete mock_thing.a Deposed\n");
    check(plan, &providers()).unwrap();
}

#[test]
fn another_account_or_region_stops_the_run() {
    let made_in = |instance: &mut crate::state::InstanceState| {
        let private = &mut instance.current.as_mut().unwrap().private;
        (private.account, private.region) = (Some("111".into()), Some("us-east-1".into()));
    };
    let account = |id: &str, region: &str| Account { id: id.into(), region: Some(region.into()) };
    let text = r#"resource "mock_thing" "a" {}"#;
    let mut world = World::new(text).with("mock_thing.a", &[], &[]).alter("mock_thing.a", made_in);
    world.account = Some(account("111", "us-east-1"));
    assert_eq!(render(&world.plan().unwrap()), "NoOp mock_thing.a Recorded\n");
    world.account = Some(account("222", "us-east-1"));
    let told = messages(&world.plan().unwrap_err());
    assert!(told.starts_with("Another account: mock_thing.a stands in account 111") && told.contains("acts in account 222"), "{told}");
    world.account = Some(account("111", "us-west-2"));
    assert!(messages(&world.plan().unwrap_err()).starts_with("Another region: "));
    // A destroy with the wrong credentials would lose sight of everything.
    world.options.mode = PlanMode::Destroy;
    assert!(messages(&world.plan().unwrap_err()).starts_with("Another region: "));
}

#[test]
fn a_vanished_object_is_made_again_and_its_dependants_follow() {
    let text = r#"
        resource "mock_thing" "a" {}
        resource "mock_thing" "b" { size = mock_thing.a.id }
    "#;
    let mut world = World::new(text).with("mock_thing.a", &[], &[]).with("mock_thing.b", &[("size", "id-a")], &["mock_thing.a"]);
    let address = parse_instance("mock_thing.a").unwrap();
    world.live.insert(address.clone(), None);
    let plan = world.plan().unwrap();
    assert!(render(&plan).starts_with("Create mock_thing.a Gone\nUpdate mock_thing.b Differs"), "{}", render(&plan));
    assert_eq!(steps(&plan), "0 Create mock_thing.a []\n1 Update mock_thing.b [0]\n");
    assert!(plan.refreshed.current(&address).is_none() && plan.drift[0].after.is_null());
    check(plan, &providers()).unwrap();
}

#[test]
fn a_block_that_loses_count_keeps_its_first_object() {
    let world = World::new(r#"resource "mock_thing" "a" { size = "2" }"#).with("mock_thing.a[0]", &[("size", "1")], &[]).with(
        "mock_thing.a[1]",
        &[("size", "1")],
        &[],
    );
    let plan = world.plan().unwrap();
    assert!(render(&plan).starts_with("Update mock_thing.a Differs"), "{}", render(&plan));
    assert_eq!(plan.changes[0].previous_address, parse_instance("mock_thing.a[0]").ok());
    assert!(render(&plan).ends_with("Delete mock_thing.a[1] WrongRepetition\n"));
    check(plan, &providers()).unwrap();
}

#[test]
fn a_destroy_needs_no_sound_configuration() {
    let text = r#"
        variable "missing" {}
        resource "mock_thing" "a" {
          size   = var.missing
          absent = 1
        }
    "#;
    let mut world = World::new(text).with("mock_thing.a", &[], &[]);
    world.options.mode = PlanMode::Destroy;
    assert_eq!(render(&world.plan().unwrap()), "Delete mock_thing.a DestroyRequested\n");
}
