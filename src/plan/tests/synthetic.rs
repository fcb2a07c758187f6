//! What only synthetic modules have: variants, and live values that are no drift.

use super::*;
use crate::config::{Config, ResourceBlock, VariantBlock};
use windlass_api::Value;

fn block(config: &mut Config) -> &mut ResourceBlock {
    config.root.resources.values_mut().find(|block| &*block.address.name == "group").unwrap()
}

/// Turns `mock_thing.variant_1` and so on into variants of `mock_thing.group`.
fn with_variants(config: &mut Config) {
    let is_variant = |block: &&ResourceBlock| block.address.name.starts_with("variant");
    let found: Vec<ResourceBlock> = config.root.resources.values().filter(is_variant).cloned().collect();
    for variant in found {
        config.root.resources.remove(&variant.address);
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
    let resolver = Resolver::with_config(&checked, &world.config().unwrap(), &providers()).unwrap();
    assert_eq!(resolver.resolve(0, 0).unwrap().planned.get_str("size"), Some("12"));
}
