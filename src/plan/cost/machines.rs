//! Which machines an object stands for.

use crate::address::{ConfigResource, ModuleInstance};
use crate::plan::{Change, Plan};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Mode, Value};

/// Machines of an object: how many of each purchase, and the types that the cloud may choose from.
#[derive(Debug, PartialEq)]
pub(super) struct Machines {
    pub(super) on_demand: u64,
    pub(super) spot: u64,
    pub(super) types: Vec<Arc<str>>,
}

/// The launch templates of a plan: by what a group may name them with.
pub(super) struct Templates<'a> {
    by_id: BTreeMap<&'a str, &'a Change>,
    by_name: BTreeMap<&'a str, &'a Change>,
    /// A template that is still to be made has no id: the group knows it as one of its dependencies.
    by_block: BTreeMap<(&'a ModuleInstance, ConfigResource), &'a Change>,
}

impl<'a> Templates<'a> {
    pub(super) fn of(plan: &'a Plan) -> Templates<'a> {
        let mut templates = Templates { by_id: BTreeMap::new(), by_name: BTreeMap::new(), by_block: BTreeMap::new() };
        let is_template = |change: &&Change| {
            &*change.address.resource.type_name == "aws_launch_template"
                && change.address.resource.mode == Mode::Managed
                && change.deposed.is_none()
        };
        for change in plan.changes.iter().filter(is_template) {
            for value in [&change.before, &change.after] {
                templates.by_id.extend(value.get_str("id").map(|id| (id, change)));
                templates.by_name.extend(value.get_str("name").map(|name| (name, change)));
            }
            templates.by_block.insert((&change.address.module, change.address.config()), change);
        }
        templates
    }

    /// The template that a `launch_template` block names.
    fn find(&self, group: &Change, block: &Value, after: bool) -> Option<&'a Value> {
        let named = |names: [&str; 2], index: &BTreeMap<&'a str, &'a Change>| {
            names.into_iter().find_map(|name| index.get(block.get_str(name)?).copied())
        };
        let depended = || {
            let module = &group.address.module;
            group.dependencies.iter().find_map(|dependency| self.by_block.get(&(module, dependency.clone())).copied())
        };
        let found = named(["id", "launch_template_id"], &self.by_id)
            .or_else(|| named(["name", "launch_template_name"], &self.by_name))
            .or_else(depended)?;
        Some(if after { &found.after } else { &found.before })
    }
}

/// The machines of an object; `None` for anything that is no machine, and for what is not there.
pub(super) fn of(change: &Change, value: &Value, templates: &Templates, after: bool) -> Option<Machines> {
    if value.is_null() || !value.is_known() || change.address.resource.mode == Mode::Data {
        return None;
    }
    match &*change.address.resource.type_name {
        "aws_instance" => Some(instance(value)),
        "aws_autoscaling_group" => Some(group(change, value, templates, after)),
        _ => None,
    }
}

fn instance(value: &Value) -> Machines {
    let spot = is_spot(value);
    let types = value.get_str("instance_type").map(Arc::from).into_iter().collect();
    Machines { on_demand: u64::from(!spot), spot: u64::from(spot), types }
}

fn is_spot(value: &Value) -> bool {
    first(value, "instance_market_options").and_then(|options| options.get_str("market_type")) == Some("spot")
}

/// The first of the blocks of a type.
fn first<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name)?.elements()?.first()
}

fn count(value: &Value, name: &str) -> Option<u64> {
    value.get(name)?.as_i64().and_then(|count| u64::try_from(count).ok())
}

fn group(change: &Change, value: &Value, templates: &Templates, after: bool) -> Machines {
    let size = count(value, "min_size").unwrap_or(0);
    if let Some(policy) = first(value, "mixed_instances_policy") {
        return mixed(change, policy, templates, after, size);
    }
    let template = first(value, "launch_template").and_then(|block| templates.find(change, block, after));
    let spot = template.is_some_and(is_spot);
    let types = template.and_then(|template| template.get_str("instance_type")).map(Arc::from).into_iter().collect();
    Machines { on_demand: if spot { 0 } else { size }, spot: if spot { size } else { 0 }, types }
}

/// A group of several types: a base on demand, and a share on demand above it; AWS rounds that share up.
fn mixed(change: &Change, policy: &Value, templates: &Templates, after: bool, size: u64) -> Machines {
    let launch = first(policy, "launch_template");
    let overrides = launch.and_then(|launch| launch.get("override")?.elements()).unwrap_or_default();
    let mut types: Vec<Arc<str>> = overrides.iter().filter_map(|one| one.get_str("instance_type")).map(Arc::from).collect();
    if types.is_empty() {
        let specification = launch.and_then(|launch| first(launch, "launch_template_specification"));
        let template = specification.and_then(|block| templates.find(change, block, after));
        types.extend(template.and_then(|template| template.get_str("instance_type")).map(Arc::from));
    }
    let distribution = first(policy, "instances_distribution");
    let setting = |name: &str| distribution.and_then(|distribution| count(distribution, name));
    let base = setting("on_demand_base_capacity").unwrap_or(0).min(size);
    let share = setting("on_demand_percentage_above_base_capacity").unwrap_or(100).min(100);
    let on_demand = base + ((size - base) * share).div_ceil(100);
    Machines { on_demand, spot: size - on_demand, types }
}
