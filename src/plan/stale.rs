//! Whether the world moved since the plan was made: objects in the cloud, and what other runs wrote into the state.

use super::digest::object_digest;
use super::{Action, AskKey, CheckedPlan, Plan, PlanMode, check};
use crate::address::{ConfigResource, Instance};
use crate::config::Config;
use crate::desired::{ConfigGraph, ModuleTree, NodeKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::NodeId;
use crate::state::{DeposedKey, InstanceState, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{Providers, Value};

const SUMMARY: &str = "Saved plan is stale";
/// More objects than these are only counted.
const NAMED_MAX: usize = 10;

/// Compares objects read just before apply with those that the plan was made from; names each that moved. `None` is an
/// object that is gone.
pub fn moved_objects(plan: &Plan, fresh: &BTreeMap<(Instance, Option<DeposedKey>), Option<Value>>) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    let changes = plan.changes.iter().map(|change| ((&change.address, &change.deposed), change)).collect::<BTreeMap<_, _>>();
    for ((address, deposed), now) in fresh {
        let change = changes.get(&(address, deposed));
        let known_as = change.and_then(|change| change.previous_address.as_ref()).unwrap_or(address);
        let instance = change.and_then(|change| change.provider.key.clone());
        let before = match plan.facts.get(&AskKey::Object(known_as.clone(), deposed.clone(), instance)) {
            Some(digest) => Some(*digest),
            // Planned without a refresh: from what the state said.
            None => change.map(|change| object_digest((!change.before.is_null()).then_some(&change.before))),
        };
        if before.is_some_and(|before| before != object_digest(now.as_ref())) {
            let what = if now.is_none() { "is gone" } else { "has changed" };
            let deposed = deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed object {})", key.0));
            let detail = format!("{address}{deposed} {what} since the plan was made. Nothing was changed; plan again.");
            diagnostics.push(Diagnostic::error(SUMMARY, detail).about(address));
        }
    }
    diagnostics
}

/// The plan for a state that other runs have written since it was made: the same, if they touched nothing that it changes or goes by.
/// `config` is the one that the plan holds.
///
/// # Errors
/// What they touched: each object with the attributes that are others now, each output.
pub fn rebased(plan: &CheckedPlan, config: &Config, providers: &Providers, state: &State) -> Result<CheckedPlan, Diagnostics> {
    let old = plan.plan();
    let moved = moved_instances(&old.prior, state);
    let relied = relied_upon(old, config, providers)?;
    let is_relied = |address: &Instance| old.mode != PlanMode::Normal || relied.contains(&address.config());
    let mut stale: Vec<Diagnostic> = Vec::new();
    for address in moved.iter().filter(|address| is_relied(address)) {
        let what = what_moved(old.prior.instances.get(address), state.instances.get(address));
        let detail = format!("{address}: {what}, by another run since the plan was made. Nothing was changed; plan again.");
        stale.push(Diagnostic::error(SUMMARY, detail).about(address));
    }
    let names: BTreeSet<&Arc<str>> = old.prior.outputs.keys().chain(state.outputs.keys()).collect();
    for name in names.into_iter().filter(|name| old.prior.outputs.get(*name) != state.outputs.get(*name)) {
        let detail = format!("The output {name:?} was changed by another run since the plan was made. Nothing was changed; plan again.");
        stale.push(Diagnostic::error(SUMMARY, detail));
    }
    if stale.len() > NAMED_MAX {
        let more = stale.len() - NAMED_MAX;
        stale.truncate(NAMED_MAX);
        stale.push(Diagnostic::error(SUMMARY, format!("So it is with {more} more objects and outputs.")));
    }
    if !stale.is_empty() {
        return Err(Diagnostics(stale));
    }
    let mut plan = Plan::clone(old);
    let mut refreshed = State::clone(&old.refreshed);
    for address in moved {
        match state.instances.get(&address) {
            Some(instance) => drop(refreshed.instances.insert(address, instance.clone())),
            None => drop(refreshed.instances.remove(&address)),
        }
    }
    plan.prior = Arc::new(state.clone());
    plan.refreshed = Arc::new(refreshed);
    check(plan, providers)
}

/// The instances that the states hold differently.
fn moved_instances(before: &State, now: &State) -> BTreeSet<Instance> {
    let addresses = before.instances.keys().chain(now.instances.keys());
    addresses.filter(|address| before.instances.get(address) != now.instances.get(address)).cloned().collect()
}

/// What the plan changes, and all that its steps, its outputs and its checks are computed from.
fn relied_upon(plan: &Plan, config: &Config, providers: &Providers) -> Result<BTreeSet<ConfigResource>, Diagnostics> {
    let tree = ModuleTree::new(config);
    let graph = ConfigGraph::new(&tree, providers)?;
    let mut relied = BTreeSet::new();
    let mut open: Vec<NodeId> = Vec::new();
    for change in plan.changes.iter().filter(|change| change.action != Action::NoOp || change.importing.is_some()) {
        for address in [Some(&change.address), change.previous_address.as_ref()].into_iter().flatten() {
            let resource = address.config();
            let module = tree.find(&resource.module);
            open.extend(module.and_then(|module| graph.id(module, &NodeKind::Resource(resource.resource.clone()))));
            relied.insert(resource);
        }
    }
    let is_shown = |kind: &NodeKind| matches!(kind, NodeKind::Output(_) | NodeKind::Check(_));
    open.extend(graph.dag.nodes().filter(|(_, node)| node.module == 0 && is_shown(&node.kind)).map(|(id, _)| id));
    let mut seen = vec![false; graph.dag.len()];
    while let Some(id) = open.pop() {
        if std::mem::replace(&mut seen[id], true) {
            continue;
        }
        let node = graph.dag.node(id);
        if let NodeKind::Resource(resource) = &node.kind {
            relied.insert(ConfigResource { module: tree.get(node.module).path.clone(), resource: resource.clone() });
        }
        open.extend(graph.dag.dependencies(id));
    }
    Ok(relied)
}

/// What differs between two records of an instance: names of attributes, never their values.
fn what_moved(before: Option<&Arc<InstanceState>>, now: Option<&Arc<InstanceState>>) -> String {
    let (Some(before), Some(now)) = (before, now) else {
        return if now.is_some() { "it was added to the state" } else { "it was removed from the state" }.to_owned();
    };
    let attributes = |instance: &InstanceState| instance.current.as_ref().and_then(|object| object.attributes.fields().cloned());
    let (before, now) = (attributes(before).unwrap_or_default(), attributes(now).unwrap_or_default());
    let names: BTreeSet<&Arc<str>> = before.keys().chain(now.keys()).filter(|name| before.get(*name) != now.get(*name)).collect();
    match names.len() {
        0 => "its record was changed".to_owned(),
        _ => format!("{} changed", names.into_iter().map(|name| &**name).collect::<Vec<_>>().join(", ")),
    }
}
