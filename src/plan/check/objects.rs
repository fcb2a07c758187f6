//! What is there before is known; what goes is null after; every choice is counted.

use super::Finding;
use crate::plan::managed::CHOICES_LIMIT;
use crate::plan::{Action, Plan};
use windlass_api::Providers;

pub(super) fn check(plan: &Plan, _providers: &Providers) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &plan.changes {
        let mut wrong = |what: &str| findings.push(Finding::about(change, format!("{} {what}", change.address)));
        if !change.before.is_wholly_known() {
            wrong("has something unknown before the change");
        }
        if change.importing.is_some() && change.before.is_null() {
            wrong("is to be imported, but there is no object");
        }
        let (needs_before, needs_after) = match change.action {
            Action::NoOp => continue,
            Action::Create | Action::Read => (false, true),
            Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete => (true, true),
            Action::Delete | Action::Forget => (true, false),
        };
        if change.before.is_null() == needs_before {
            wrong("has an object before the change that its action does not expect, or lacks one");
        }
        if change.after.is_null() == needs_after {
            wrong("has an object after the change that its action does not expect, or lacks one");
        }
        if change.variants.len() >= CHOICES_LIMIT {
            wrong("has too many choices");
        }
        let creates = matches!(change.action, Action::Create | Action::DeleteThenCreate | Action::CreateThenDelete);
        if !creates && !change.variants.is_empty() {
            wrong("has choices although nothing is made");
        }
    }
    findings
}
