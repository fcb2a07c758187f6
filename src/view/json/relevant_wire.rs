//! `relevant_attributes`: what of which objects the planned changes come from, found by following references through locals, variables,
//! modules and other resources.

use super::state_wire::value_or_null;
use crate::address::{Instance, InstanceKey, ModuleInstance};
use crate::config::{Config, Module, ModuleCall, ResourceBlock};
use crate::desired::{Target, target};
use crate::plan::{Action, Plan, PlanMode};
use crate::syntax::ast::{Expression, Traversal, TraversalStep};
use crate::syntax::walk::{body_references, references};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// The list, ordered by resource.
pub(super) fn relevant_attributes(plan: &Plan, config: &Config, changed_outputs: impl Iterator<Item = impl AsRef<str>>) -> Vec<Json> {
    let mut search = Search { root: &config.root, seen: BTreeSet::new(), found: BTreeMap::new(), open: Vec::new() };
    let changed = plan.changes.iter().filter(|change| change.action != Action::NoOp);
    let blocks: BTreeSet<_> = changed.map(|change| (&change.address.module, &change.address.resource)).collect();
    for (module, resource) in blocks {
        if let Some(block) = search.place(module).and_then(|(place, _)| place.resources.get(resource)) {
            search.open(module, Some(block), body_references(&block.body));
        }
    }
    let root = ModuleInstance::default();
    for name in changed_outputs {
        if let Some(output) = config.root.outputs.get(name.as_ref()) {
            search.open_expression(&root, None, &output.value);
        }
    }
    // Outputs of called modules are made anew each time, as nothing records them.
    if plan.mode == PlanMode::Normal {
        for module in called(plan, config) {
            let outputs = search.place(&module).map(|(place, _)| &place.outputs);
            for output in outputs.into_iter().flat_map(BTreeMap::values) {
                search.open_expression(&module, None, &output.value);
            }
        }
    }
    search.run();
    search.found.into_values().collect()
}

/// Instances of called modules: those with objects, and those without count and for_each.
fn called(plan: &Plan, config: &Config) -> BTreeSet<ModuleInstance> {
    let mut all = BTreeSet::new();
    for change in plan.changes.iter().filter(|change| !change.after.is_null()) {
        let steps = &change.address.module.0;
        all.extend((1..=steps.len()).map(|depth| ModuleInstance(steps[..depth].to_vec())));
    }
    let mut open = vec![(ModuleInstance::default(), &config.root)];
    while let Some((address, module)) = open.pop() {
        for call in module.module_calls.values().filter(|call| call.count.is_none() && call.for_each.is_none()) {
            let child = address.child(&call.name, None);
            all.insert(child.clone());
            open.push((child, &call.module));
        }
    }
    all
}

struct Search<'a> {
    root: &'a Module,
    seen: BTreeSet<(ModuleInstance, Option<String>, String)>,
    found: BTreeMap<(Instance, String), Json>,
    open: Vec<(ModuleInstance, Option<&'a ResourceBlock>, Traversal)>,
}

impl<'a> Search<'a> {
    /// The module of an instance, and its call.
    fn place(&self, address: &ModuleInstance) -> Option<(&'a Module, Option<&'a ModuleCall>)> {
        let mut found = (self.root, None);
        for (name, _) in &address.0 {
            let call = found.0.module_calls.get(name)?;
            found = (&*call.module, Some(call));
        }
        Some(found)
    }

    /// Notes what is to be followed, each reference once. The block is the one whose `each` and `count` are meant.
    fn open(&mut self, module: &ModuleInstance, block: Option<&'a ResourceBlock>, references: Vec<Traversal>) {
        for reference in references {
            let own = block.filter(|_| matches!(&*reference.root.name, "each" | "count")).map(|block| block.address.to_string());
            if self.seen.insert((module.clone(), own, text(&reference))) {
                self.open.push((module.clone(), block, reference));
            }
        }
    }

    fn open_expression(&mut self, module: &ModuleInstance, block: Option<&'a ResourceBlock>, expression: &Expression) {
        self.open(module, block, references(expression));
    }

    fn run(&mut self) {
        while let Some((module, block, reference)) = self.open.pop() {
            let Some((place, call)) = self.place(&module) else { continue };
            let Ok((target, taken)) = target(&reference) else { continue };
            match target {
                Target::Local(name) => {
                    if let Some(local) = place.locals.get(&name) {
                        self.open_expression(&module, None, &local.value);
                    }
                }
                Target::Variable(name) => {
                    if let (Some(input), Some((_, outside))) = (call.and_then(|call| call.inputs.get(&name)), module.0.split_last()) {
                        self.open_expression(&ModuleInstance(outside.to_vec()), None, input);
                    }
                }
                Target::Each(_) | Target::Count => {
                    let repetition = block.and_then(|block| block.for_each.as_deref().or(block.count.as_deref()));
                    if let Some(repetition) = repetition {
                        self.open_expression(&module, None, repetition);
                    }
                }
                Target::Module(name) => self.follow_module(&module, place, &name, &reference.steps[taken..]),
                Target::Resource(resource) => {
                    let (key, path) = split_key(&reference.steps[taken..]);
                    let address = Instance { module: module.clone(), resource, key };
                    self.note(&address, path);
                    if let Some(block) = place.resources.get(&address.resource) {
                        self.follow_resource(&module, block, path);
                    }
                }
                Target::Path(_) | Target::Terraform(_) | Target::SelfObject => {}
            }
        }
    }

    fn follow_module(&mut self, module: &ModuleInstance, place: &'a Module, name: &std::sync::Arc<str>, steps: &[TraversalStep]) {
        let Some(call) = place.module_calls.get(name) else { return };
        let (key, rest) = split_key(steps);
        let child = module.child(name, key);
        for (output, block) in &call.module.outputs {
            let is_meant = match rest.first() {
                Some(TraversalStep::Attribute(wanted)) => wanted.name == *output,
                _ => true,
            };
            if is_meant {
                self.open_expression(&child, None, &block.value);
            }
        }
    }

    /// What an attribute of a resource, or all of it, is made of.
    fn follow_resource(&mut self, module: &ModuleInstance, block: &'a ResourceBlock, path: &[TraversalStep]) {
        let name = match path.first() {
            Some(TraversalStep::Attribute(name)) => name.name.clone(),
            Some(TraversalStep::Index(key, _)) => match key.as_str() {
                Some(key) => key.into(),
                None => return,
            },
            None => return self.open(module, Some(block), body_references(&block.body)),
        };
        if let Some(attribute) = block.body.attribute(&name) {
            self.open_expression(module, Some(block), &attribute.value);
        }
        let blocks: Vec<Traversal> = block.body.blocks_of(&name).flat_map(|block| body_references(&block.body)).collect();
        self.open(module, Some(block), blocks);
    }

    fn note(&mut self, address: &Instance, path: &[TraversalStep]) {
        let attribute: Json = path.iter().map(step).collect();
        let key = (address.clone(), attribute.to_string());
        self.found.entry(key).or_insert_with(|| json!({ "resource": address.to_string(), "attribute": attribute }));
    }
}

fn split_key(steps: &[TraversalStep]) -> (Option<InstanceKey>, &[TraversalStep]) {
    match steps {
        [TraversalStep::Index(key, _), rest @ ..] => (InstanceKey::from_value(key), rest),
        _ => (None, steps),
    }
}

fn step(step: &TraversalStep) -> Json {
    match step {
        TraversalStep::Attribute(name) => name.name.to_string().into(),
        TraversalStep::Index(key, _) => value_or_null(key),
    }
}

fn text(reference: &Traversal) -> String {
    reference.steps.iter().fold(reference.root.name.to_string(), |text, one| format!("{text}.{}", step(one)))
}
