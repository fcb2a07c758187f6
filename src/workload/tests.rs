//! Shapes, placement, the text of modules.

use super::{Choice, Context, Expansion, Offers, Placed, Question, Reply, RootScope, expand};
use crate::config::{Config, load};
use crate::diagnostic::Diagnostics;
use crate::lang::FileAnswer;
use std::cell::RefCell;
use std::collections::BTreeMap;
use windlass_api::Value;

const MACHINES: &str =
    "cloud,region,instance_type,accelerator,accelerator_count,gpu_memory_gib,vcpus,memory_gib,price_usd_hour,spot_price_usd_hour
aws,us-east-1,g6.xlarge,L4,1,22,4,16,0.80,0.40
aws,us-east-1,g6.2xlarge,L4,1,22,8,32,0.98,0.45
aws,us-east-1,g5.xlarge,A10G,1,22,4,16,1.00,0.30
aws,us-east-1,g5g.xlarge,T4G,1,16,4,8,0.42,0.14
aws,us-west-2,g6.xlarge,L4,1,22,4,16,0.90,0.30
aws,us-east-1,c6i.large,,,,2,4,0.085,0.03
aws,us-east-1,c7g.large,,,,2,4,0.01,0.01
aws,us-east-1,g6f.large,L4,0.125,3,2,8,0.20,
";
const STORAGE: &str = "cloud,service,tier,region,price_usd_gib_month
aws,S3,Standard (first 50 TB),us-east-1,0.023
";
const PROVIDER: &str = "provider \"aws\" {\n  region = \"us-east-1\"\n}\n";

/// Offered everywhere but where `sold_out` names a type and zone.
fn answer(question: &Question, sold_out: &[(&str, &str)]) -> Reply {
    if question.type_name == "aws_ami" {
        return Reply::Value(Value::object_of([("id", "ami-1".into()), ("root_device_name", "/dev/sda1".into())]));
    }
    let (mut types, mut zones) = (Vec::new(), Vec::new());
    for machine in ["g6.xlarge", "g5.xlarge", "g5g.xlarge", "c6i.large"].into_iter().filter(|name| question.query.contains(name)) {
        for zone in ["us-east-1b", "us-east-1a"].into_iter().filter(|zone| !sold_out.contains(&(machine, *zone))) {
            types.push(Value::string(machine));
            zones.push(Value::string(zone));
        }
    }
    Reply::Value(Value::object_of([("instance_types", Value::tuple(types)), ("locations", Value::tuple(zones))]))
}

struct World<'w> {
    sold_out: &'w [(&'w str, &'w str)],
    kept: Option<&'w str>,
    offers: Offers,
}

impl Default for World<'_> {
    fn default() -> Self {
        World { sold_out: &[], kept: None, offers: Offers::read(&[MACHINES], STORAGE).unwrap() }
    }
}

type Outcome = Result<(Config, Vec<Placed>, Diagnostics), Diagnostics>;

fn place(body: &str, world: &World<'_>) -> (Outcome, Config) {
    let text = format!("{PROVIDER}workload \"bot\" {{\n{body}\n}}\n");
    let (config, diagnostics) = load(".", vec![("main.wl.hcl".to_owned(), text)], &|_: &str| None);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let (variables, files) = (BTreeMap::new(), |_: &_| FileAnswer::Pending);
    let scope = RootScope::new(&config.root, &variables, "default", ".", &files);
    let recorded = |address: &crate::address::Instance| {
        let choice = world.kept.filter(|_| address.to_string() == "module.bot.windlass_placement.workload")?;
        Some(Value::object_of([("choice", choice.into())]))
    };
    let answer = |question: &Question| answer(question, world.sold_out);
    let context = Context { scope: &scope, offers: &world.offers, recorded: &recorded, answer: &answer, destroying: false };
    let result = match expand(&config, &context) {
        Expansion::Done(config, placed, diagnostics) => Ok((*config, placed, diagnostics)),
        Expansion::Needs(questions) => panic!("{questions:?}"),
        Expansion::Failed(diagnostics) => Err(diagnostics),
    };
    (result, config)
}

fn placed(body: &str, world: &World<'_>) -> (Config, Choice) {
    let (config, mut placed, _) = place(body, world).0.unwrap_or_else(|found| panic!("{found:#?}"));
    (config, placed.remove(0).choice)
}

fn service(more: &str) -> String {
    format!("service \"chat\" {{\n accelerators = [\"A10G:1\", \"l4:1\"]\n run = \"true\"\n replicas = {{ min = 1, max = 2 }}\n{more}\n}}")
}

fn machines(choice: &Choice) -> Vec<String> {
    choice.services["chat"].machines.iter().map(|machine| format!("{} {}", machine.instance_type, machine.zones.join(","))).collect()
}

#[test]
fn the_cheapest_offer_wins() {
    let (config, choice) = placed(&service(""), &World::default());
    assert_eq!(machines(&choice), ["g6.xlarge us-east-1a,us-east-1b", "g5.xlarge us-east-1a,us-east-1b"]);
    let module = &config.root.module_calls["bot"].module;
    let group = module.resources.values().find(|resource| &*resource.address.type_name == "aws_autoscaling_group").unwrap();
    let labels: Vec<&str> = group.variants.iter().map(|variant| &*variant.label).collect();
    assert_eq!(labels, ["g6.xlarge in us-east-1b", "g5.xlarge in us-east-1a, us-east-1b", "g5.xlarge in us-east-1b"]);
    assert_eq!(group.accepted_live["max_size"], [Value::int(2)]);
    let (_, choice) = placed(&service("purchase = \"spot\""), &World::default());
    assert_eq!(choice.services["chat"].machines[0].instance_type.as_ref(), "g5.xlarge");
    let (_, choice) =
        placed(&service(""), &World { sold_out: &[("g6.xlarge", "us-east-1a"), ("g6.xlarge", "us-east-1b")], ..World::default() });
    assert_eq!(machines(&choice), ["g5.xlarge us-east-1a,us-east-1b"]);
    let body = format!("placement {{\n regions = {{ aws = [\"us-west-2\", \"us-east-1\"] }}\n}}\n{}", service(""));
    let (config, choice) = placed(&body, &World::default());
    assert_eq!((&*choice.region, config.root.providers.len()), ("us-east-1", 1));
    let (_, choice) = placed("service \"chat\" {\n run = \"x\"\n}", &World::default());
    assert_eq!(&*choice.services["chat"].machines[0].instance_type, "c6i.large");
}

#[test]
fn a_choice_is_kept_until_the_demand_changes() {
    let (_, first) = placed(&service(""), &World::default());
    let json = first.to_json();
    assert_eq!(Choice::from_json(&json).as_ref(), Some(&first));
    let dearer = Offers::read(&[&MACHINES.replace("16,0.80", "16,8.00")], STORAGE).unwrap();
    let world = World { kept: Some(&json), offers: dearer, ..World::default() };
    assert_eq!(placed(&service(""), &world).1, first);
    assert_eq!(placed(&service("on_demand_base = 1"), &world).1, first);
    assert_ne!(placed(&service("framework = \"pytorch\""), &world).1, first);
    let body = format!("placement {{\n budget = 5\n}}\n{}", service(""));
    let (_, choice) = placed(&body, &World::default());
    let json = choice.to_json();
    let dearer = Offers::read(&[&MACHINES.replace("16,0.80", "16,8.00")], STORAGE).unwrap();
    let (_, _, diagnostics) = place(&body, &World { kept: Some(&json), offers: dearer, ..World::default() }).0.unwrap();
    assert_eq!(diagnostics.0[0].summary, "Over the budget");
    // A budget that the choice was never under is another demand.
    let found = place(&body.replace("budget = 5", "budget = 1.5"), &World { kept: Some(&json), ..World::default() }).0.err().unwrap();
    assert_eq!(found.0[0].summary, "No placement within the budget");
    let (_, more) = placed(&body.replace("max = 2", "max = 4"), &World { kept: Some(&json), ..World::default() });
    assert_eq!(more, choice);
}

#[test]
fn mistakes_are_named() {
    for (body, expected) in [
        ("training \"x\" {}", "\"training\" blocks are not available yet"),
        ("servic \"x\" {}", "Unsupported block type"),
        ("placement {\n budget = 0.5\n}\nservice \"a\" {\n accelerators = [\"L4:1\"]\n run = \"x\"\n}", "No placement within the budget"),
        ("placement {\n regions = { aws = [\"us-est-1\"] }\n}", "Unknown region"),
        ("placement {\n clouds = [\"azure\"]\n}", "Unknown cloud"),
        ("service \"a\" {\n accelerators = [\"L5:1\"]\n run = \"x\"\n}", "Unknown accelerator"),
        ("service \"a\" {\n accelerators = [\"L4:64\"]\n run = \"x\"\n}", "No placement found"),
        ("service \"a\" {\n replicas = { min = 3, max = 2 }\n run = \"x\"\n}", "Invalid replicas"),
        ("service \"a\" {\n replicas = { min = aws_vpc.x.id, max = 2 }\n run = \"x\"\n}", "Shape of a workload is not known"),
        ("service \"a\" {}", "Missing required argument"),
        ("service \"a\" {\n run = \"x\"\n scale \"cpu\" {\n target = 70\n }\n}", "Unknown metric"),
        ("service \"a\" {\n run = \"x\"\n reads = [storage.b]\n}", "Reference to undeclared storage"),
        ("service \"a\" {\n run = \"x\"\n schedule \"p\" {\n cron = \"0 8 *\"\n min = 1\n }\n}", "Invalid schedule"),
        ("service \"a\" {\n run = \"x\"\n port = 0\n}", "Invalid port"),
        ("service \"a\" {\n run = \"x\"\n port = \"70000\"\n}", "Invalid port"),
        ("service \"a\" {\n run = \"x\"\n port = 80.5\n}", "Invalid port"),
        ("storage \"a\" {\n size = \"4 TB1\"\n}", "Invalid size"),
        ("storage \"a\" {}\nstorage \"a\" {}", "Duplicate component"),
        ("storage \"a\" {\n class = \"archive\"\n}", "Storage class not available yet"),
    ] {
        let found = place(body, &World::default()).0.err().unwrap_or_else(|| panic!("{body}"));
        assert!(found.0.len() == 1 && found.0[0].summary == expected, "{body}\n{found:#?}");
    }
}

#[test]
fn schedules_count_for_what_a_service_costs_at_most() {
    let body = |schedule: &str| format!("placement {{\n budget = 5\n}}\n{}", service(schedule));
    placed(&body("schedule \"day\" {\n cron = \"0 8 * * *\"\n max = 4\n}"), &World::default());
    let found = place(&body("schedule \"day\" {\n cron = \"0 8 * * *\"\n max = 40\n}"), &World::default()).0.err().unwrap();
    assert_eq!(found.0[0].summary, "No placement within the budget");
    assert!(found.0[0].detail.contains("up to 40 x g6.xlarge"), "{found:#?}");
}

#[test]
fn asks_come_before_choices() {
    let text = format!("{PROVIDER}workload \"bot\" {{\n{}\n}}\n", service(""));
    let (config, _) = load(".", vec![("main.wl.hcl".to_owned(), text)], &|_: &str| None);
    let (variables, files) = (BTreeMap::new(), |_: &_| FileAnswer::Pending);
    let scope = RootScope::new(&config.root, &variables, "default", ".", &files);
    let offers = Offers::read(&[MACHINES], STORAGE).unwrap();
    let asked = RefCell::new(Vec::new());
    let pending = |question: &Question| {
        asked.borrow_mut().push(question.type_name);
        Reply::Pending
    };
    let context = Context { scope: &scope, offers: &offers, recorded: &|_| None, answer: &pending, destroying: false };
    assert!(matches!(expand(&config, &context), Expansion::Needs(questions) if questions.len() == 1));
    let destroying = Context { destroying: true, ..context };
    assert!(
        matches!(expand(&config, &destroying), Expansion::Done(config, _, _) if config.root.module_calls["bot"].module.resources.is_empty())
    );
    assert_eq!(*asked.borrow(), ["aws_ec2_instance_type_offerings"]);
}
