//! Steps wait only for earlier ones, and for all that their order asks for.

use super::Finding;
use crate::address::ConfigResource;
use crate::plan::{Action, Plan, StepId, StepOperation};
use std::collections::{BTreeMap, BTreeSet};
use windlass_api::Providers;

pub(super) fn check(plan: &Plan, _providers: &Providers) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, step) in plan.steps.iter().enumerate() {
        if step.waits_for.iter().any(|before| *before >= number) {
            let detail = format!("Step {number} waits for a later step or for itself");
            findings.push(Finding { address: None, detail });
        }
    }
    if !findings.is_empty() {
        return findings;
    }
    replacements(plan, &mut findings);
    dependencies(plan, &mut findings);
    findings
}

/// A replacement deletes first, or makes first, as its action says.
fn replacements(plan: &Plan, findings: &mut Vec<Finding>) {
    let mut steps: Vec<Vec<StepId>> = vec![Vec::new(); plan.changes.len()];
    for (number, step) in plan.steps.iter().enumerate().filter(|(_, step)| step.operation != StepOperation::Join) {
        steps.get_mut(step.change).into_iter().for_each(|steps| steps.push(number));
    }
    for (change, steps) in plan.changes.iter().zip(steps) {
        if matches!(change.action, Action::DeleteThenCreate | Action::CreateThenDelete)
            && let [first, second] = steps[..]
            && !plan.steps[second].waits_for.contains(&first)
        {
            findings.push(Finding::about(
                change,
                format!("The second half of the replacement of {} does not wait for the first", change.address),
            ));
        }
    }
}

/// What is made waits for what it refers to: directly, through joins, or through other steps.
fn dependencies(plan: &Plan, findings: &mut Vec<Finding>) {
    let mut makes: BTreeMap<ConfigResource, Vec<StepId>> = BTreeMap::new();
    for (number, step) in plan.steps.iter().enumerate().filter(|(_, step)| is_make(step.operation)) {
        makes.entry(plan.changes[step.change].address.config()).or_default().push(number);
    }
    // One walk for each resource, not for each instance: all instances of a block wait for the same.
    let mut checked = BTreeSet::new();
    for (number, step) in plan.steps.iter().enumerate().filter(|(_, step)| is_make(step.operation)) {
        let change = &plan.changes[step.change];
        let resource = change.address.config();
        if change.dependencies.is_empty() || !checked.insert(resource.clone()) {
            continue;
        }
        let before = steps_before(plan, number);
        for dependency in change.dependencies.iter().filter(|dependency| **dependency != resource) {
            let missing = makes.get(dependency).into_iter().flatten().find(|make| !before.contains(make));
            if let Some(missing) = missing {
                let other = &plan.changes[plan.steps[*missing].change].address;
                findings.push(Finding::about(change, format!("{} refers to {other} and does not wait for it", change.address)));
            }
        }
    }
}

fn is_make(operation: StepOperation) -> bool {
    use windlass_api::Operation::{Create, Update};
    matches!(operation, StepOperation::Provider(Create | Update) | StepOperation::SetAsideAndCreate | StepOperation::ReadData)
}

/// Steps before one: through joins, and through data sources, whose own references are among the dependencies.
fn steps_before(plan: &Plan, step: StepId) -> BTreeSet<StepId> {
    let mut open = plan.steps[step].waits_for.clone();
    let mut before = BTreeSet::new();
    while let Some(next) = open.pop() {
        if before.insert(next) && matches!(plan.steps[next].operation, StepOperation::Join | StepOperation::ReadData) {
            open.extend(&plan.steps[next].waits_for);
        }
    }
    before
}
