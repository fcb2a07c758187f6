//! The steps of a plan and what each waits for.
//!
//! - Something is made or changed after what it refers to.
//! - Something is deleted after what refers to it is deleted, or has been changed to refer to it no more.
//! - A replacement deletes, then makes; with create-before-destroy it makes, then every dependant follows, then it deletes.
//!
//! Edges run between blocks, and a [`StepOperation::Join`] stands for many steps, so their number grows with the plan.

use super::walk::{Planned, Recorded};
use super::{Action, Step, StepId, StepOperation};
use crate::address::ConfigResource;
use crate::desired::ConfigGraph;
use crate::diagnostic::Diagnostic;
use crate::graph::{Dag, NodeId};
use std::collections::{BTreeMap, BTreeSet};
use windlass_api::{Operation, Providers};

/// From so many steps on, a join stands for them.
const JOIN_FROM: usize = 8;

/// The steps of these changes, in an order that keeps every edge.
///
/// # Errors
/// The edges are a cycle.
pub(super) fn order(planned: &[Planned], graph: &ConfigGraph, providers: &Providers) -> Result<Vec<Step>, Box<Diagnostic>> {
    // An update that frees what is deleted comes first where it can; where that closes a cycle, the cloud's own check of use decides.
    let strict = build(planned, graph, providers, true);
    let sorted = sort(&strict).or_else(|_| sort(&build(planned, graph, providers, false)));
    sorted.map_err(|names| {
        let names: Vec<String> = names.iter().map(|change| planned[*change].change.address.to_string()).collect();
        Box::new(Diagnostic::error("Cycle", format!("The steps of this plan wait for each other: {}", names.join(" → "))))
    })
}

struct Builder<'a> {
    planned: &'a [Planned],
    providers: &'a Providers,
    steps: Vec<Step>,
    make: Vec<Option<StepId>>,
    remove: Vec<Option<StepId>>,
}

fn build(planned: &[Planned], graph: &ConfigGraph, providers: &Providers, frees_first: bool) -> Vec<Step> {
    let mut builder = Builder { planned, providers, steps: Vec::new(), make: vec![None; planned.len()], remove: vec![None; planned.len()] };
    for (change, planned) in planned.iter().enumerate() {
        builder.add_steps(change, planned);
    }
    builder.connect_makes(graph);
    builder.connect_removals(frees_first);
    builder.connect_checks();
    builder.steps
}

impl Builder<'_> {
    fn add(&mut self, change: usize, operation: StepOperation) -> StepId {
        let planned = &self.planned[change].change;
        let kind = match operation {
            StepOperation::Provider(operation) => Some(operation),
            StepOperation::SetAsideAndCreate => Some(Operation::Create),
            StepOperation::DeleteDeposed => Some(Operation::Delete),
            _ => None,
        };
        let provider = self.providers.by_source(&planned.provider.source);
        let typical_seconds = match (kind, provider) {
            (Some(kind), Some(provider)) => provider.typical_seconds(&planned.address.resource.type_name, kind),
            _ => 0.0,
        };
        self.steps.push(Step { change, operation, waits_for: Vec::new(), typical_seconds });
        self.steps.len() - 1
    }

    fn add_steps(&mut self, change: usize, planned: &Planned) {
        let is_deposed = planned.change.deposed.is_some();
        let import = planned.change.importing.is_some().then(|| self.add(change, StepOperation::Import));
        let (make, remove) = match planned.change.action {
            Action::Create => (Some(StepOperation::Provider(Operation::Create)), None),
            Action::Update => (Some(StepOperation::Provider(Operation::Update)), None),
            Action::Read => (Some(StepOperation::ReadData), None),
            Action::Delete if is_deposed => (None, Some(StepOperation::DeleteDeposed)),
            Action::Delete => (None, Some(StepOperation::Provider(Operation::Delete))),
            Action::DeleteThenCreate => {
                (Some(StepOperation::Provider(Operation::Create)), Some(StepOperation::Provider(Operation::Delete)))
            }
            Action::CreateThenDelete => (Some(StepOperation::SetAsideAndCreate), Some(StepOperation::DeleteDeposed)),
            Action::Forget => (None, Some(StepOperation::Forget)),
            Action::NoOp if import.is_some() => return,
            Action::NoOp => {
                match planned.record {
                    Some(Recorded::Object(_)) => self.add(change, StepOperation::Record),
                    Some(Recorded::Gone) => self.add(change, StepOperation::Forget),
                    None => return,
                };
                return;
            }
        };
        self.remove[change] = remove.map(|operation| self.add(change, operation));
        self.make[change] = make.map(|operation| self.add(change, operation));
        if let Some(import) = import {
            for step in self.make[change].iter().chain(&self.remove[change]) {
                self.steps[*step].waits_for.push(import);
            }
        }
        if let (Some(make), Some(remove)) = (self.make[change], self.remove[change]) {
            match planned.change.action {
                Action::CreateThenDelete => self.steps[remove].waits_for.push(make),
                _ => self.steps[make].waits_for.push(remove),
            }
        }
    }

    /// One step for many.
    fn join(&mut self, steps: Vec<StepId>) -> Vec<StepId> {
        if steps.len() <= JOIN_FROM {
            return steps;
        }
        let join = self.add(self.steps[steps[0]].change, StepOperation::Join);
        self.steps[join].waits_for = steps;
        vec![join]
    }

    fn connect_makes(&mut self, graph: &ConfigGraph) {
        let mut by_node: BTreeMap<NodeId, Vec<StepId>> = BTreeMap::new();
        for (change, planned) in self.planned.iter().enumerate() {
            if let (Some(node), Some(make)) = (planned.node, self.make[change]) {
                by_node.entry(node).or_default().push(make);
            }
        }
        // For each node, the steps that must have ended before what refers to it may start.
        let mut after: Vec<Vec<StepId>> = vec![Vec::new(); graph.dag.len()];
        for id in &graph.order {
            let before: BTreeSet<StepId> = graph.dag.dependencies(*id).flat_map(|dependency| after[dependency].iter().copied()).collect();
            let mut before: Vec<StepId> = before.into_iter().collect();
            match by_node.remove(id) {
                Some(makes) => {
                    if makes.len() > 1 {
                        before = self.join(before);
                    }
                    for make in &makes {
                        self.steps[*make].waits_for.extend(&before);
                    }
                    after[*id] = self.join(makes);
                }
                None => after[*id] = self.join(before),
            }
        }
    }

    /// What only checks is read last: it is to see what became of everything.
    fn connect_checks(&mut self) {
        let is_check = |builder: &Self, step: &StepId| builder.planned[builder.steps[*step].change].change.in_check;
        let steps = self.steps.iter().enumerate().filter(|(_, step)| step.operation != StepOperation::Join).map(|(step, _)| step);
        let (checks, others): (Vec<StepId>, Vec<StepId>) = steps.partition(|step| is_check(self, step));
        if checks.is_empty() {
            return;
        }
        let others = self.join(others);
        for check in checks {
            self.steps[check].waits_for.extend(&others);
        }
    }

    fn connect_removals(&mut self, frees_first: bool) {
        let mut removals: BTreeMap<ConfigResource, Vec<usize>> = BTreeMap::new();
        for (change, planned) in self.planned.iter().enumerate() {
            if self.remove[change].is_some() {
                removals.entry(planned.change.address.config()).or_default().push(change);
            }
        }
        // Who must go, and who must have changed, before a resource's objects go.
        let mut goes: BTreeMap<&ConfigResource, BTreeSet<StepId>> = BTreeMap::new();
        let mut changes: BTreeMap<&ConfigResource, BTreeSet<StepId>> = BTreeMap::new();
        for (change, planned) in self.planned.iter().enumerate() {
            let itself = planned.change.address.config();
            for dependency in planned.recorded_dependencies.iter().filter(|dependency| **dependency != itself) {
                let Some((dependency, _)) = removals.get_key_value(dependency) else { continue };
                goes.entry(dependency).or_default().extend(self.remove[change]);
                changes.entry(dependency).or_default().extend(self.make[change]);
            }
            for dependency in planned.change.dependencies.iter().filter(|dependency| **dependency != itself) {
                let Some((dependency, _)) = removals.get_key_value(dependency) else { continue };
                changes.entry(dependency).or_default().extend(self.make[change]);
            }
        }
        for (resource, removed) in &removals {
            let goes = self.join(goes.get(resource).into_iter().flatten().copied().collect());
            let changes = self.join(changes.get(resource).into_iter().flatten().copied().collect());
            for change in removed {
                let Some(remove) = self.remove[*change] else { continue };
                self.steps[remove].waits_for.extend(&goes);
                let action = self.planned[*change].change.action;
                if action == Action::CreateThenDelete || (frees_first && action == Action::Delete) {
                    self.steps[remove].waits_for.extend(&changes);
                }
            }
        }
    }
}

/// Sorts steps, leaves out joins that nothing waits for, and numbers anew.
///
/// # Errors
/// The changes along a cycle.
fn sort(steps: &[Step]) -> Result<Vec<Step>, Vec<usize>> {
    let mut needed: Vec<bool> = steps.iter().map(|step| step.operation != StepOperation::Join).collect();
    let mut open: Vec<StepId> = (0..steps.len()).filter(|id| needed[*id]).collect();
    while let Some(id) = open.pop() {
        for before in &steps[id].waits_for {
            if !needed[*before] {
                needed[*before] = true;
                open.push(*before);
            }
        }
    }
    let mut dag = Dag::default();
    for id in 0..steps.len() {
        dag.add(id);
    }
    for (id, step) in steps.iter().enumerate() {
        step.waits_for.iter().for_each(|before| dag.depend(id, *before));
    }
    let order = dag.order().map_err(|cycle| cycle.0.iter().map(|id| steps[*id].change).collect::<Vec<_>>())?;
    let mut number = vec![usize::MAX; steps.len()];
    let mut sorted = Vec::new();
    for id in order.into_iter().filter(|id| needed[*id]) {
        number[id] = sorted.len();
        let mut waits_for: Vec<StepId> = steps[id].waits_for.iter().map(|before| number[*before]).collect();
        waits_for.sort_unstable();
        waits_for.dedup();
        sorted.push(Step { waits_for, ..steps[id].clone() });
    }
    Ok(sorted)
}
