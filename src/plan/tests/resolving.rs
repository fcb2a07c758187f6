//! What apply evaluates again.

use super::mock::{World, messages, object, providers};
use crate::address::parse_instance;
use crate::plan::{Resolver, check};
use std::collections::BTreeMap;

#[test]
fn references_are_known_once_their_objects_are_finished() {
    let text = r#"
        resource "mock_thing" "a" { count = 2 }
        locals { first = mock_thing.a[0].id }
        resource "mock_thing" "b" { size = local.first }
        output "b" { value = mock_thing.b.id }
        output "a" { value = mock_thing.a[1].id }
    "#;
    let plan = check(World::new(text).plan().unwrap(), &providers()).unwrap();
    let resolver = Resolver::new(&plan, &providers(), &BTreeMap::new()).unwrap();
    let b = plan.plan().changes.iter().position(|change| &*change.address.resource.name == "b").unwrap();
    for index in 0..2 {
        let address = parse_instance(&format!("mock_thing.a[{index}]")).unwrap();
        resolver.finish(&address, object(&format!("a{index}"), &[]));
    }
    let resolved = resolver.resolve(b, 0).unwrap();
    assert_eq!(resolved.config.get_str("size"), Some("a0"));
    assert!(!resolved.planned.get("id").unwrap().is_known());
    let (outputs, found) = resolver.outputs();
    assert_eq!(outputs["a"].value.as_str(), Some("a1"));
    // What did not finish leaves its output as it was: here, absent.
    assert!(!outputs.contains_key("b") && found.is_empty());
}

#[test]
fn a_final_plan_that_departs_from_the_approved_one_is_refused() {
    let world = World::new(r#"resource "mock_thing" "a" { size = "1" }"#);
    let mut plan = world.plan().unwrap();
    plan.changes[0].after = plan.changes[0].after.with_field("size", "2".into());
    let plan = check(plan, &providers()).unwrap();
    let resolver = Resolver::new(&plan, &providers(), &BTreeMap::new()).unwrap();
    let told = messages(&resolver.resolve(0, 0).unwrap_err());
    assert!(told.contains("Provider produced inconsistent final plan") && told.contains("for size"), "{told}");
}

#[test]
fn postconditions_that_planning_could_not_tell_stop_what_depends_on_them() {
    let text = r#"
        resource "mock_thing" "a" {
          lifecycle {
            postcondition {
              condition     = self.id == "good"
              error_message = "bad id"
            }
          }
        }
        resource "mock_thing" "b" { size = mock_thing.a.id }
    "#;
    let plan = check(World::new(text).plan().unwrap(), &providers()).unwrap();
    let resolver = Resolver::new(&plan, &providers(), &BTreeMap::new()).unwrap();
    resolver.finish(&parse_instance("mock_thing.a").unwrap(), object("bad", &[]));
    let told = messages(&resolver.resolve(1, 0).unwrap_err());
    assert!(told.contains("Resource postcondition failed: bad id"), "{told}");
}
