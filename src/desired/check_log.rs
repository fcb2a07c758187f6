//! What conditions came to, as far as they have been evaluated.

use super::graph::NodeKind;
use super::tree::ModuleTree;
use crate::address::{ConfigResource, Instance, Mode, ModuleInstance, Resource};
use crate::state::{CheckAddress, CheckObject, CheckResult, CheckResults, CheckStatus, CheckedKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which conditions of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckPart {
    /// Those before it is there, or all.
    Before,
    /// Postconditions.
    After,
}

/// Results by instance. Conditions that are evaluated again take the place of what they came to before.
#[derive(Clone, Debug, Default)]
pub struct CheckLog(BTreeMap<Instance, BTreeMap<CheckPart, CheckObject>>);

impl CheckLog {
    /// Notes a result.
    pub fn note(&mut self, address: Instance, part: CheckPart, object: CheckObject) {
        self.0.entry(address).or_default().insert(part, object);
    }

    /// Whether nothing is noted of an instance.
    pub fn is_silent(&self, address: &Instance) -> bool {
        !self.0.contains_key(address)
    }

    /// The results of everything that has conditions. `planned` holds for instances that were not evaluated now. `is_settled` says that
    /// all instances are known, so that what has none passes.
    pub fn results(&self, tree: &ModuleTree, planned: Option<&CheckResults>, is_settled: bool) -> CheckResults {
        let otherwise = if is_settled { CheckStatus::Passed } else { CheckStatus::Unknown };
        let mut objects: BTreeMap<ConfigResource, BTreeMap<Instance, CheckObject>> = BTreeMap::new();
        for (address, parts) in &self.0 {
            let mut together = CheckObject { status: CheckStatus::Passed, messages: Vec::new() };
            parts.values().for_each(|part| together.add(part));
            objects.entry(address.config()).or_default().insert(address.clone(), together);
        }
        let mut results = CheckResults::new();
        for address in checkable(tree) {
            let mut own = objects.remove(&address.place).unwrap_or_default();
            for (instance, object) in planned.and_then(|planned| planned.get(&address)).into_iter().flat_map(|result| &result.objects) {
                own.entry(instance.clone()).or_insert_with(|| object.clone());
            }
            results.insert(address, CheckResult::of(own, otherwise));
        }
        results
    }
}

/// Everything that has conditions.
fn checkable(tree: &ModuleTree) -> Vec<CheckAddress> {
    let mut found = Vec::new();
    for (_, place) in tree.iter() {
        let mut add = |kind, resource| found.push(CheckAddress { kind, place: ConfigResource { module: place.path.clone(), resource } });
        let module = &place.module;
        for (address, block) in &module.resources {
            if !block.lifecycle.preconditions.is_empty() || !block.lifecycle.postconditions.is_empty() {
                add(CheckedKind::Resource, address.clone());
            }
        }
        for (name, _) in module.outputs.iter().filter(|(_, output)| !output.preconditions.is_empty()) {
            add(CheckedKind::Output, named("output", name));
        }
        for (name, _) in module.variables.iter().filter(|(_, variable)| !variable.validations.is_empty()) {
            add(CheckedKind::Variable, named("var", name));
        }
        for name in module.checks.keys() {
            add(CheckedKind::Check, named("check", name));
        }
    }
    found
}

fn named(word: &str, name: &Arc<str>) -> Resource {
    Resource { mode: Mode::Managed, type_name: word.into(), name: name.clone() }
}

/// How results call something with conditions that is no resource: `output.name`, `var.name`, `check.name`.
pub fn checked_instance(module: &ModuleInstance, kind: &NodeKind) -> Option<Instance> {
    let resource = match kind {
        NodeKind::Output(name) => named("output", name),
        NodeKind::Variable(name) => named("var", name),
        NodeKind::Check(name) => named("check", name),
        _ => return None,
    };
    Some(Instance { module: module.clone(), resource, key: None })
}
