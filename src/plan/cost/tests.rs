//! Costs of single objects and of groups.

use super::{PriceKey, Prices, Purchase, cost};
use crate::address::{ProviderConfig, parse_instance, parse_resource};
use crate::plan::tests::mock::World;
use crate::plan::{Action, Change, Plan, ProviderPin, Reason, Variant};
use windlass_api::{Type, Value};

fn change(address: &str, before: Value, after: Value, dependencies: &[&str]) -> Change {
    Change {
        importing: None,
        in_check: false,
        address: parse_instance(address).unwrap(),
        previous_address: None,
        deposed: None,
        provider: ProviderConfig { source: "registry.terraform.io/hashicorp/aws".into(), alias: None, key: None },
        action: Action::Create,
        reason: Reason::Declared,
        before,
        after,
        replace_paths: Vec::new(),
        dependencies: dependencies.iter().map(|text| parse_resource(text).unwrap()).collect(),
        create_before_destroy: false,
        variants: Vec::new(),
        set_aside: None,
        timeouts_seconds: [0; 3],
    }
}

fn plan(changes: Vec<Change>) -> Plan {
    let mut plan = World::new("").plan().unwrap_or_else(|messages| panic!("{messages:?}"));
    let config = Value::object_of([("region", "us-east-1".into())]);
    plan.providers =
        changes.iter().map(|change| (change.provider.clone(), ProviderPin { config: config.clone(), account: None })).collect();
    plan.changes = changes;
    plan
}

fn prices() -> Prices {
    let price = |instance_type: &str, purchase, usd| {
        (PriceKey { cloud: "aws".into(), region: "us-east-1".into(), instance_type: instance_type.into(), purchase }, usd)
    };
    let hourly_usd = [
        price("small", Purchase::OnDemand, 1.0),
        price("small", Purchase::Spot, 0.25),
        price("large", Purchase::OnDemand, 4.0),
        price("large", Purchase::Spot, 2.0),
    ];
    Prices { as_of: Some("2026-07-20".into()), hourly_usd: hourly_usd.into() }
}

fn nothing() -> Value {
    Value::null(Type::Dynamic)
}

fn block<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::tuple(vec![Value::object_of(fields)])
}

fn check(changes: Vec<Change>, expected: &str) {
    let cost = cost(&plan(changes), &prices());
    let line = |line: &crate::plan::CostLine| {
        let worst = line.at_worst.as_ref().map_or(String::new(), |worst| format!(" or {} {}", worst.what, worst.hourly_usd));
        format!("{} {} {}→{}{worst}\n", line.address, line.what, line.before_hourly_usd, line.after_hourly_usd)
    };
    let missing = cost.unpriced.iter().map(|line| format!("? {line}\n"));
    assert_eq!(cost.lines.iter().map(line).chain(missing).collect::<String>(), expected);
}

#[test]
fn machines_and_groups_are_counted() {
    let machine = |name: &str| Value::object_of([("instance_type", name.into())]);
    check(vec![change("aws_instance.a", machine("small"), machine("large"), &[])], "aws_instance.a 1 × large on demand 1→4\n");
    check(vec![change("aws_instance.a", machine("small"), nothing(), &[])], "aws_instance.a 1 × small on demand 1→0\n");
    check(vec![change("aws_s3_bucket.a", nothing(), Value::object_of([]), &[])], "");
    let template = Value::object_of([
        ("id", Value::unknown(Type::String)),
        ("instance_type", "small".into()),
        ("instance_market_options", block([("market_type", "spot".into())])),
    ]);
    let launch = block([("id", Value::unknown(Type::String))]);
    let group = Value::object_of([("min_size", Value::int(3)), ("launch_template", launch)]);
    check(
        vec![
            change("aws_launch_template.t", nothing(), template, &[]),
            change("aws_autoscaling_group.g", nothing(), group, &["aws_launch_template.t"]),
        ],
        "aws_autoscaling_group.g 3 × small spot 0→0.75\n",
    );
}

#[test]
fn the_dearest_choice_counts() {
    let override_of = |name: &str| Value::object_of([("instance_type", name.into())]);
    let launch = block([("override", Value::tuple(vec![override_of("small"), override_of("large")]))]);
    let distribution = block([("on_demand_base_capacity", Value::int(1)), ("on_demand_percentage_above_base_capacity", Value::int(50))]);
    let policy = block([("launch_template", launch), ("instances_distribution", distribution)]);
    let group = Value::object_of([("min_size", Value::int(4)), ("mixed_instances_policy", policy)]);
    check(
        vec![change("aws_autoscaling_group.g", nothing(), group, &[])],
        "aws_autoscaling_group.g 3 × large on demand, 1 × large spot 0→14\n",
    );
    let machine = |name: &str| Value::object_of([("instance_type", name.into())]);
    let mut varied = change("aws_instance.a", nothing(), machine("small"), &[]);
    varied.variants.push(Variant { label: "b".into(), after: machine("large"), hourly_usd: None });
    check(vec![varied], "aws_instance.a 1 × small on demand 0→1 or 1 × large on demand 4\n");
    check(
        vec![change("aws_instance.a", nothing(), machine("huge"), &[])],
        "? aws_instance.a: no price of huge on demand in us-east-1 is known\n",
    );
}
