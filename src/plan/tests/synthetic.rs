//! What only synthetic modules have: variants, and live values that are no drift.

use super::*;
use crate::config::{Config, ResourceBlock, VariantBlock};
use windlass_api::Value;

fn block(config: &mut Config) -> &mut ResourceBlock {
    std::sync::Arc::make_mut(&mut config.root).resources.values_mut().find(|block| &*block.address.name == "group").unwrap()
}

/// Turns `mock_thing.variant_1` and so on into variants of `mock_thing.group`.
fn with_variants(config: &mut Config) {
    let is_variant = |block: &&ResourceBlock| block.address.name.starts_with("variant");
    let found: Vec<ResourceBlock> = config.root.resources.values().filter(is_variant).cloned().collect();
    for variant in found {
        std::sync::Arc::make_mut(&mut config.root).resources.remove(&variant.address);
        block(config).variants.push(VariantBlock { label: variant.address.name.clone(), body: variant.body });
    }
}

#[test]
fn accepted_live_values_are_no_drift() {
    let accept = |config: &mut Config| {
        let values = ["2", "12"].map(Value::string).to_vec();
        block(config).accepted_live.insert("size".into(), values);
    };
    let live = |size: &str, secret: &str| {
        let text = r#"resource "mock_thing" "group" {
            size   = "2"
            secret = "new"
        }"#;
        let world = World::new(text).with("mock_thing.group", &[("size", size), ("secret", secret)], &[]);
        World { edit: Some(accept), ..world }
    };
    assert_eq!(render(&live("12", "new").plan().unwrap()), "NoOp mock_thing.group Recorded\n");
    assert!(render(&live("13", "new").plan().unwrap()).starts_with("Update"));
    // What is updated besides leaves it alone, while planning and while applying.
    let world = live("12", "old");
    let plan = world.plan().unwrap();
    assert_eq!(plan.changes[0].after.get_str("size"), Some("12"));
    assert_eq!(plan.changes[0].action, Action::Update);
    let checked = check(plan, &providers()).unwrap();
    let resolver = Resolver::with_config(&checked, &world.config().unwrap(), &providers(), &Default::default()).unwrap();
    assert_eq!(resolver.resolve(0, 0).unwrap().planned.get_str("size"), Some("12"));
}

#[test]
fn choices_differ_late_for_those_who_refer_to_them() {
    let text = r#"
        resource "mock_thing" "group" {
          name   = "n"
          size   = "zone-a"
        }
        resource "mock_thing" "variant_1" { size = "zone-b" }
        resource "mock_thing" "referrer" {
          name = mock_thing.group.name
          size = mock_thing.group.size
        }
    "#;
    let world = World { edit: Some(with_variants), ..World::new(text) };
    let plan = world.plan().unwrap();
    let (group, referrer) = (&plan.changes[0], &plan.changes[1]);
    assert_eq!((group.variants.len(), group.variants[0].after.get_str("size")), (1, Some("zone-b")));
    assert_eq!(group.variants[0].after.get_str("name"), Some("n"));
    assert_eq!(referrer.after.get_str("name"), Some("n"));
    assert!(!referrer.after.get("size").unwrap().is_known());
    let config = world.config().unwrap();
    let checked = check(plan, &providers()).unwrap();
    let resolver = Resolver::with_config(&checked, &config, &providers(), &Default::default()).unwrap();
    let second = resolver.resolve(0, 1).unwrap().planned;
    assert_eq!(second.get_str("size"), Some("zone-b"));
    resolver.finish(&parse_instance("mock_thing.group").unwrap(), second.with_field("id", "g".into()));
    assert_eq!(resolver.resolve(1, 0).unwrap().config.get_str("size"), Some("zone-b"));
    assert!(resolver.resolve(0, 2).is_err());
}

#[test]
fn what_a_later_choice_made_is_kept() {
    let text = r#"
        resource "mock_thing" "group" {
          name   = "zone-a"
          secret = "new"
        }
        resource "mock_thing" "variant_1" { name = "zone-b" }
    "#;
    let world = |secret: &str| {
        World { edit: Some(with_variants), ..World::new(text) }.with("mock_thing.group", &[("name", "zone-b"), ("secret", secret)], &[])
    };
    assert_eq!(render(&world("new").plan().unwrap()), "NoOp mock_thing.group Recorded\n");
    let plan = world("old").plan().unwrap();
    assert_eq!((plan.changes[0].action, plan.changes[0].after.get_str("name")), (Action::Update, Some("zone-b")));
    let checked = check(plan, &providers()).unwrap();
    let resolver = Resolver::with_config(&checked, &world("old").config().unwrap(), &providers(), &Default::default()).unwrap();
    assert_eq!(resolver.resolve(0, 0).unwrap().config.get_str("name"), Some("zone-b"));
}

#[test]
fn more_than_eight_choices_are_refused() {
    let text: String = (1..=8).map(|number| format!("resource \"mock_thing\" \"variant_{number}\" {{ size = {number} }}\n")).collect();
    let world =
        |text: String| World { edit: Some(with_variants), ..World::new(&format!("resource \"mock_thing\" \"group\" {{}}\n{text}")) };
    assert!(messages(&world(text.clone()).plan().unwrap_err()).starts_with("Too many choices: mock_thing.group has 9 choices"));
    let seven = text.lines().take(7).collect::<Vec<_>>().join("\n");
    assert_eq!(world(seven).plan().unwrap().changes[0].variants.len(), 7);
}
