//! An object goes only for a reason that lets it go.

use super::Finding;
use crate::plan::{Action, Plan, PlanMode, Reason};
use windlass_api::Providers;

pub(super) fn check(plan: &Plan, _providers: &Providers) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &plan.changes {
        let is_sound = match change.action {
            Action::Delete => matches!(
                change.reason,
                Reason::NoResourceConfig
                    | Reason::NoModule
                    | Reason::NoMoveTarget(_)
                    | Reason::WrongRepetition
                    | Reason::Disabled
                    | Reason::CountIndex(_)
                    | Reason::EachKey(_)
                    | Reason::DestroyRequested
                    | Reason::Deposed
            ),
            Action::DeleteThenCreate | Action::CreateThenDelete => {
                matches!(&change.reason, Reason::CannotUpdate(paths) if !paths.is_empty())
                    || matches!(change.reason, Reason::Tainted | Reason::Requested | Reason::Triggered(_))
            }
            _ => true,
        };
        if !is_sound {
            findings.push(Finding::about(change, format!("{} would go although its reason is {:?}", change.address, change.reason)));
        }
        if plan.mode == PlanMode::RefreshOnly && change.action != Action::NoOp {
            findings.push(Finding::about(change, format!("{} would be changed by a plan that only refreshes", change.address)));
        }
        if plan.mode == PlanMode::Destroy && !matches!(change.action, Action::NoOp | Action::Delete | Action::Forget | Action::Read) {
            findings.push(Finding::about(change, format!("{} would be made by a plan that destroys", change.address)));
        }
    }
    findings
}
