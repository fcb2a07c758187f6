//! What the configuration says besides attributes: modules, repetition, triggers, secrets.

use super::*;

#[test]
fn modules_nest_and_repeat() {
    let world = World::new(
        r#"
        module "outer" {
          source = "./outer"
          for_each = { a = "1", b = "2" }
          size = each.value
        }
        output "sizes" { value = [for outer in module.outer : outer.size] }
        resource "mock_thing" "last" { size = module.outer["a"].id }
        "#,
    );
    let world = world.with_module(
        "outer",
        r#"
        variable "size" {}
        module "inner" {
          source = "../inner"
          count  = 2
          size   = "${var.size}-${count.index}"
        }
        output "size" { value = module.inner[1].size }
        output "id" { value = module.inner[0].id }
        "#,
    );
    let inner = r#"
        variable "size" {}
        resource "mock_thing" "x" { size = var.size }
        output "size" { value = mock_thing.x.size }
        output "id" { value = mock_thing.x.id }
    "#;
    let plan = world.with_module("inner", inner).plan().unwrap();
    let addresses: Vec<String> = plan.changes.iter().map(|change| change.address.to_string()).collect();
    assert_eq!(addresses.len(), 5);
    assert!(addresses.contains(&r#"module.outer["b"].module.inner[1].mock_thing.x"#.to_owned()), "{addresses:?}");
    let sizes = plan.outputs["sizes"].after.clone().unwrap();
    let sizes: Vec<&str> = sizes.elements().unwrap().iter().filter_map(|size| size.as_str()).collect();
    assert_eq!(sizes, ["1-1", "2-1"]);
    // All five are made; the one that refers to a module waits.
    assert!(steps(&plan).contains("Create mock_thing.last ["), "{}", steps(&plan));
    let checked = check(plan, &providers()).unwrap();
    Resolver::new(&checked, &providers(), &Default::default()).unwrap();
}

#[test]
fn a_change_of_a_trigger_replaces() {
    let text = |size: &str| {
        format!(
            r#"
            resource "mock_thing" "a" {{
              count = 2
              size  = count.index == 0 ? "1" : "{size}"
            }}
            resource "mock_thing" "b" {{
              lifecycle {{ replace_triggered_by = [mock_thing.a[1].size] }}
            }}
            resource "mock_thing" "c" {{
              lifecycle {{ replace_triggered_by = [mock_thing.a[0]] }}
            }}
            "#
        )
    };
    let world = |size: &str| {
        let first = World::new(&text(size)).with("mock_thing.a[0]", &[("size", "1")], &[]).with("mock_thing.a[1]", &[("size", "1")], &[]);
        first.with("mock_thing.b", &[], &["mock_thing.a"]).with("mock_thing.c", &[], &["mock_thing.a"])
    };
    assert!(steps(&world("1").plan().unwrap()).is_empty());
    let plan = world("2").plan().unwrap();
    let told = render(&plan);
    assert!(told.contains("DeleteThenCreate mock_thing.b Triggered([\"mock_thing.a[1].size\"])"), "{told}");
    assert!(told.contains("NoOp mock_thing.c"), "{told}");
    check(plan, &providers()).unwrap();
}

#[test]
fn secrets_stay_marked() {
    let text = r#"
        variable "key" {
          default   = "hush"
          sensitive = true
        }
        resource "mock_thing" "a" {
          size = "x-${var.key}"
          tags = { key = var.key }
        }
        resource "mock_thing" "b" { size = mock_thing.a.size }
        output "size" {
          value     = mock_thing.b.size
          sensitive = true
        }
    "#;
    let plan = World::new(text).plan().unwrap();
    for change in &plan.changes {
        assert!(change.after.get("size").unwrap().marks().is_sensitive(), "{}", change.address);
    }
    assert!(plan.changes[0].after.get("tags").unwrap().marks_deep().is_sensitive());
    let (before, _) = text.rsplit_once("sensitive = true").unwrap();
    let open = World::new(&format!("{before}}}")).plan().unwrap_err();
    let told = messages(&open);
    assert!(told.contains("Output refers to sensitive values") && !told.contains("hush"), "{told}");
}

#[test]
fn repetition_that_apply_decides_is_refused() {
    let text = r#"
        resource "mock_thing" "a" {}
        resource "mock_thing" "b" { for_each = toset([mock_thing.a.id]) }
        resource "mock_thing" "c" { count = length(mock_thing.a.id) }
    "#;
    let told = messages(&World::new(text).plan().unwrap_err());
    assert!(told.contains("Invalid for_each argument: The \"for_each\" set includes values derived from resource attributes"), "{told}");
    assert!(told.contains("Invalid count argument: The \"count\" value depends on resource attributes"), "{told}");
}

#[test]
fn blocks_without_instances_are_checked_and_told_once() {
    let text = r#"
        resource "mock_thing" "none" {
          count  = 0
          absent = 1
        }
        resource "mock_thing" "one" { missing = 1 }
    "#;
    let errors = World::new(text).plan().unwrap_err();
    let told = messages(&errors);
    assert!(told.contains("\"absent\"") && told.contains("\"missing\""), "{told}");
    assert_eq!(errors.0.len(), 2, "{told}");
}

#[test]
fn called_modules_configure_no_provider() {
    let world = World::new(r#"module "m" { source = "./m" }"#).with_module("m", "provider \"mock\" { region = \"x\" }");
    assert!(messages(&world.plan().unwrap_err()).starts_with("Provider configuration in a called module: module.m"));
    let world = World::new(r#"module "m" { source = "./m" }"#).with_module("m", "provider \"mock\" {}");
    assert!(world.plan().is_ok());
}
