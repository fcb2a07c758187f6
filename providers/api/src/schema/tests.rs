//! Schemas: proposed objects, planning and the checks of plans and results.

use super::*;
use crate::PlanRequest;
use crate::value::wire::canonical;

fn attribute(ty: Type, flags: &str) -> Attribute {
    Attribute {
        ty,
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
        force_new: flags.contains('f'),
        default: flags.contains('d').then(|| Value::string("default")),
        allowed: Vec::new(),
        conflicts_with: Vec::new(),
        exactly_one_of: Vec::new(),
        deprecated: None,
        description: "".into(),
    }
}

fn block(attributes: &[(&str, &str)], blocks: &[(&str, Nesting, BlockSchema)]) -> BlockSchema {
    let nested = |nesting: Nesting, block: &BlockSchema| NestedBlock {
        nesting,
        block: block.clone(),
        minimum_items: 0,
        maximum_items: 0,
        force_new: false,
        computed: false,
    };
    BlockSchema {
        attributes: attributes.iter().map(|(name, flags)| (Arc::from(*name), attribute(Type::String, flags))).collect(),
        blocks: blocks.iter().map(|(name, nesting, block)| (Arc::from(*name), nested(*nesting, block))).collect(),
        deprecated: None,
    }
}

/// The body of a configuration in JSON; what is left out is null or empty.
fn body(block: &BlockSchema, json: serde_json::Value) -> Value {
    let filled = crate::value::wire::decode_raw(&crate::value::wire::infer_from_json(&json), &block.object_type()).unwrap();
    let mut fields = filled.fields().unwrap().clone();
    for (name, nested) in &block.blocks {
        if fields[name].is_null() {
            fields.insert(name.clone(), nested.absent());
        }
    }
    Value::object(fields)
}

fn plan(block: &BlockSchema, prior: Option<&Value>, config: &Value) -> (String, Vec<String>) {
    let schema = Schema { block: block.clone(), ..Schema::empty() };
    let proposed = proposed_new(block, prior, config);
    let provider_config = Value::object(Fields::new());
    let request = PlanRequest { type_name: "t", prior, config, proposed: &proposed, provider_config: &provider_config };
    let response = default_plan(&schema, &request);
    assert_eq!(assert_plan_valid(block, prior, config, &response.planned), []);
    (canonical(&response.planned), response.requires_replace.iter().map(ToString::to_string).collect())
}

#[test]
fn creation_leaves_computed_attributes_open() {
    let rule = block(&[("port", "r"), ("rule_id", "c")], &[]);
    let schema = block(&[("id", "c"), ("name", "of"), ("kind", "od"), ("secret", "ow")], &[("rule", Nesting::Set, rule)]);
    let config = body(&schema, serde_json::json!({"name": "a", "secret": "x", "rule": [{"port": "1"}]}));
    let (planned, replace) = plan(&schema, None, &config);
    assert_eq!(planned, r#"{"id":?string,"kind":"default","name":"a","rule":[{"port":"1","rule_id":?string}],"secret":null}"#);
    assert!(replace.is_empty());
}

#[test]
fn changes_keep_what_the_provider_decided() {
    let rule = block(&[("port", "rf"), ("rule_id", "c")], &[]);
    let schema = block(&[("id", "c"), ("name", "of")], &[("rule", Nesting::Set, rule.clone()), ("disk", Nesting::List, rule)]);
    let prior = body(
        &schema,
        serde_json::json!({"id": "i", "name": "a", "rule": [{"port": "1", "rule_id": "r1"}, {"port": "2", "rule_id": "r2"}], "disk": [{"port": "3", "rule_id": "d"}]}),
    );
    let same = body(&schema, serde_json::json!({"name": "a", "rule": [{"port": "2"}, {"port": "1"}], "disk": [{"port": "3"}]}));
    assert_eq!(plan(&schema, Some(&prior), &same), (canonical(&prior), vec![]));
    let other = body(&schema, serde_json::json!({"name": "b", "rule": [{"port": "2"}, {"port": "4"}], "disk": [{"port": "5"}]}));
    let (planned, replace) = plan(&schema, Some(&prior), &other);
    assert!(planned.contains(r#""disk":[{"port":"5","rule_id":"d"}],"id":"i""#), "{planned}");
    assert!(planned.contains(r#"{"port":"2","rule_id":"r2"},{"port":"4","rule_id":?string}"#), "{planned}");
    assert_eq!(replace, ["name", "disk[0].port", "rule"]);
}

#[test]
fn plans_against_the_configuration_are_found() {
    let schema = block(&[("id", "c"), ("name", "o"), ("other", "o")], &[("disk", Nesting::List, block(&[("size", "o")], &[]))]);
    let config = body(&schema, serde_json::json!({"name": "a", "disk": [{"size": "1"}]}));
    let planned = body(&schema, serde_json::json!({"id": "x", "name": "b", "other": "c", "disk": []}));
    let found: Vec<String> =
        assert_plan_valid(&schema, None, &config, &planned).iter().map(|p| format!("{}: {}", p.path, p.detail)).collect();
    assert_eq!(
        found,
        [
            "name: planned value does not match config value",
            "other: planned value for a non-computed attribute",
            "disk: block count in plan (0) disagrees with count in config (1)"
        ]
    );
}

#[test]
fn results_against_the_plan_are_found() {
    let schema =
        block(&[("id", "c"), ("name", "o"), ("password", "os")], &[("rule", Nesting::Set, block(&[("port", "o"), ("x", "c")], &[]))]);
    let config = body(&schema, serde_json::json!({"name": "a", "password": "p", "rule": [{"port": "1"}, {"port": "2"}]}));
    let planned = mark_sensitive(&schema, &proposed_new(&schema, None, &config));
    let good = body(
        &schema,
        serde_json::json!({"id": "i", "name": "a", "password": "p", "rule": [{"port": "1", "x": "q"}, {"port": "2", "x": "q"}]}),
    );
    assert_eq!(assert_result_compatible(&planned, &good), []);
    let bad = body(&schema, serde_json::json!({"id": "i", "name": "b", "password": "q", "rule": []}));
    let found: Vec<String> = assert_result_compatible(&planned, &bad).iter().map(|p| format!("{}: {}", p.path, p.detail)).collect();
    assert_eq!(
        found,
        [r#"name: was "a", but now "b""#, "password: was (sensitive value), but now (sensitive value)", "rule: length changed from 2 to 0"]
    );
}
