//! No step touches an object of a type that the provider can't change.

use super::Finding;
use crate::plan::{Plan, StepOperation};
use windlass_api::Providers;

pub(super) fn check(plan: &Plan, providers: &Providers) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &plan.steps {
        let Some(change) = plan.changes.get(step.change) else { continue };
        if matches!(step.operation, StepOperation::Join | StepOperation::Record | StepOperation::Forget) {
            continue;
        }
        let resource = &change.address.resource;
        let provider = providers.by_source(&change.provider.source);
        if !provider.is_some_and(|provider| provider.is_implemented(resource.mode, &resource.type_name)) {
            findings.push(Finding::about(
                change,
                format!("{} is to be changed, but {} is not implemented", change.address, resource.type_name),
            ));
        }
    }
    findings
}
