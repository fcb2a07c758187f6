//! Every provider that a change acts through is pinned with a known configuration; an account, once known, is that of the state.

use super::Finding;
use crate::plan::{Action, Plan};
use windlass_api::{Providers, Value};

pub(super) fn check(plan: &Plan, _providers: &Providers) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (config, pin) in &plan.providers {
        // Of an ephemeral value a saved plan holds only the place; it is given again when the plan is applied.
        let stored = pin.config.transform(&mut |_, part| part.marks().is_ephemeral().then(|| Value::null(part.ty().clone())));
        if !stored.is_wholly_known() {
            findings.push(Finding { address: None, detail: format!("The configuration of {config} is not wholly known") });
        }
    }
    for change in plan.changes.iter().filter(|change| change.action != Action::NoOp) {
        let Some(pin) = plan.providers.get(&change.provider) else {
            findings.push(Finding::about(change, format!("{} acts through {}, which is not pinned", change.address, change.provider)));
            continue;
        };
        let known_as = change.previous_address.as_ref().unwrap_or(&change.address);
        let recorded = plan.prior.current(known_as).and_then(|object| object.private.account.as_deref());
        if let (Some(recorded), Some(account)) = (recorded, &pin.account)
            && recorded != account.id
        {
            findings.push(Finding::about(change, format!("{} stands in account {recorded}, not in {}", change.address, account.id)));
        }
    }
    findings
}
