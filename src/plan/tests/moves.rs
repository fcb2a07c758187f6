//! Where objects stand after `moved` blocks: in called modules, along chains, with `removed` blocks beside them.

use super::mock::{World, messages, render};
use crate::plan::check;

/// `address ← previous address`, for what has moved.
fn moved(world: &World) -> Vec<String> {
    let plan = world.plan().unwrap();
    check(plan.clone(), &super::mock::providers()).unwrap();
    let changes = plan.changes.iter().filter_map(|change| Some(format!("{} ← {}", change.address, change.previous_address.as_ref()?)));
    changes.collect()
}

#[test]
fn a_module_moves_its_objects_in_all_its_instances() {
    let inner = r#"
        resource "mock_thing" "b" {}
        moved {
          from = mock_thing.a
          to   = mock_thing.b
        }
    "#;
    let world = World::new("module \"m\" {\n source = \"./m\"\n for_each = toset([\"x\", \"y\"])\n}")
        .with_module("m", inner)
        .with("module.m[\"x\"].mock_thing.a", &[], &[])
        .with("module.m[\"y\"].mock_thing.a", &[], &[])
        .with("mock_thing.a", &[], &[]);
    assert_eq!(
        moved(&world),
        ["module.m[\"x\"].mock_thing.b ← module.m[\"x\"].mock_thing.a", "module.m[\"y\"].mock_thing.b ← module.m[\"y\"].mock_thing.a"]
    );
}

#[test]
fn chains_are_followed_through_modules_whatever_their_order_in_the_file() {
    let text = r#"
        module "new" { source = "./m" }
        moved {
          from = module.old.mock_thing.b
          to   = module.new.mock_thing.c
        }
        moved {
          from = mock_thing.a
          to   = module.old.mock_thing.b
        }
    "#;
    let world = World::new(text).with_module("m", r#"resource "mock_thing" "c" {}"#).with("mock_thing.a", &[], &[]);
    assert_eq!(moved(&world), ["module.new.mock_thing.c ← mock_thing.a"]);
}

#[test]
fn a_called_module_that_gets_count_moves_by_statements_only() {
    let module = r#"resource "mock_thing" "a" {}"#;
    let counted = World::new("module \"m\" {\n source = \"./m\"\n count = 1\n}").with_module("m", module);
    assert_eq!(moved(&counted.with("module.m.mock_thing.a", &[], &[])), [""; 0]);
    let single = World::new("module \"m\" {\n source = \"./m\"\n}").with_module("m", module);
    assert_eq!(moved(&single.with("module.m[0].mock_thing.a", &[], &[])), [""; 0]);
}

#[test]
fn deposed_objects_move_along() {
    let text = r#"
        resource "mock_thing" "b" {}
        moved {
          from = mock_thing.a
          to   = mock_thing.b
        }
    "#;
    let world = World::new(text).with("mock_thing.a", &[], &[]).alter("mock_thing.a", |instance| {
        let object = instance.current.take().unwrap();
        instance.deposed.insert(crate::state::DeposedKey("0000000a".into()), object);
    });
    assert_eq!(moved(&world), ["mock_thing.b ← mock_thing.a", "mock_thing.b ← mock_thing.a"]);
    assert_eq!(render(&world.plan().unwrap()), "Create mock_thing.b Declared\nDelete mock_thing.b Deposed\n");
}

#[test]
fn the_nearest_removed_block_decides() {
    let text = r#"
        removed {
          from = module.m
          lifecycle { destroy = false }
        }
        removed { from = module.m.mock_thing.b }
    "#;
    let world = World::new(text).with("module.m[0].mock_thing.a", &[], &[]).with("module.m[0].mock_thing.b", &[], &[]).with(
        "module.m[0].module.deep.mock_thing.c",
        &[],
        &[],
    );
    assert_eq!(
        render(&world.plan().unwrap()),
        "Forget module.m[0].mock_thing.a NoResourceConfig\nDelete module.m[0].mock_thing.b NoResourceConfig\nForget module.m[0].module.deep.mock_thing.c \
         NoResourceConfig\n"
    );
}

#[test]
fn an_instance_that_is_declared_still_has_not_moved() {
    let text = r#"
        resource "mock_thing" "a" { count = 2 }
        resource "mock_thing" "b" {}
        moved {
          from = mock_thing.a[1]
          to   = mock_thing.b
        }
    "#;
    let found = messages(&World::new(text).plan().unwrap_err());
    assert!(found.contains("Moved object still exists"), "{found}");
    let fewer = World::new(&text.replace("= 2", "= 1")).with("mock_thing.a[1]", &[], &[]);
    assert_eq!(moved(&fewer), ["mock_thing.b ← mock_thing.a[1]"]);
}
