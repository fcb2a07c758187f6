//! What was excluded does not change; what a target did not name goes only with what it depends on; a mere refresh changes nothing.

use super::Finding;
use crate::address::ConfigResource;
use crate::plan::{Action, Change, Plan, PlanMode};
use std::collections::BTreeSet;
use windlass_api::Providers;

pub(super) fn check(plan: &Plan, _providers: &Providers) -> Vec<Finding> {
    let changing = || plan.changes.iter().filter(|change| change.action != Action::NoOp);
    let mut findings = Vec::new();
    if plan.mode == PlanMode::RefreshOnly {
        let touched = changing().filter(|change| change.action != Action::Read);
        findings
            .extend(touched.map(|change| Finding::about(change, format!("{} would change in a plan that only refreshes", change.address))));
    }
    for change in changing() {
        if plan.targeting.excludes.iter().any(|target| target.covers(&change.address)) {
            findings.push(Finding::about(change, format!("{} would change although it is excluded", change.address)));
        }
    }
    let is_named = |change: &&Change| plan.targeting.targets.iter().any(|target| target.covers(&change.address));
    if plan.targeting.targets.is_empty() || plan.mode != PlanMode::Destroy {
        return findings;
    }
    // What is deleted and not named must depend on something that is deleted.
    let leaving: BTreeSet<ConfigResource> = changing().map(|change| change.address.config()).collect();
    for change in changing().filter(|change| !is_named(change)) {
        if !change.dependencies.iter().any(|dependency| leaving.contains(dependency)) {
            let detail = format!("{} would go although no target names it and nothing that it depends on goes", change.address);
            findings.push(Finding::about(change, detail));
        }
    }
    findings
}
