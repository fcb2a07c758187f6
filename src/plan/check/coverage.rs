//! Every change has exactly the steps that its action needs, and no step stands alone.

use super::Finding;
use crate::plan::{Action, Change, Plan, StepOperation};
use windlass_api::{Operation, Providers};

/// What steps a change may have, in order of execution.
fn wanted(change: &Change) -> &'static [StepOperation] {
    use StepOperation::{DeleteDeposed, Forget, Provider, ReadData, SetAsideAndCreate};
    match change.action {
        Action::NoOp => &[],
        Action::Create => &[Provider(Operation::Create)],
        Action::Read => &[ReadData],
        Action::Update => &[Provider(Operation::Update)],
        Action::DeleteThenCreate => &[Provider(Operation::Delete), Provider(Operation::Create)],
        Action::CreateThenDelete => &[SetAsideAndCreate, DeleteDeposed],
        Action::Delete if change.deposed.is_some() => &[DeleteDeposed],
        Action::Delete => &[Provider(Operation::Delete)],
        Action::Forget => &[Forget],
    }
}

pub(super) fn check(plan: &Plan, _providers: &Providers) -> Vec<Finding> {
    let mut found: Vec<Vec<StepOperation>> = vec![Vec::new(); plan.changes.len()];
    let mut findings = Vec::new();
    for (number, step) in plan.steps.iter().enumerate() {
        match found.get_mut(step.change) {
            Some(_) if step.operation == StepOperation::Join => {}
            Some(operations) => operations.push(step.operation),
            None => findings.push(Finding { address: None, detail: format!("Step {number} has no change") }),
        }
    }
    for (change, operations) in plan.changes.iter().zip(found) {
        let may_record = change.action == Action::NoOp
            && (operations.is_empty() || operations == [StepOperation::Record] || operations == [StepOperation::Forget]);
        let operations = match (&change.importing, operations.as_slice()) {
            (Some(_), [StepOperation::Import, rest @ ..]) => rest.to_vec(),
            (Some(_), _) => {
                findings
                    .push(Finding::about(change, format!("{} is to be imported, but its steps do not begin with that", change.address)));
                continue;
            }
            (None, _) => operations,
        };
        if operations != wanted(change) && !may_record {
            let detail = format!("{} is to be {:?}, but its steps are {operations:?}", change.address, change.action);
            findings.push(Finding::about(change, detail));
        }
        if (change.action == Action::CreateThenDelete) != change.set_aside.is_some() {
            findings.push(Finding::about(change, format!("{} has a key for a set-aside object without need, or lacks it", change.address)));
        }
    }
    let mut addresses: Vec<_> = plan.changes.iter().map(|change| (&change.address, &change.deposed)).collect();
    addresses.sort_unstable();
    for pair in addresses.windows(2).filter(|pair| pair[0] == pair[1]) {
        findings.push(Finding { address: Some(pair[0].0.to_string()), detail: format!("{} stands twice in the plan", pair[0].0) });
    }
    findings
}
