//! Whether the world moved since the plan was made.

use super::digest::object_digest;
use super::{AskKey, Plan};
use crate::address::Instance;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::DeposedKey;
use std::collections::BTreeMap;
use windlass_api::Value;

/// Compares objects read just before apply with those that the plan was made from; names each that moved. `None` is an
/// object that is gone.
pub fn moved_objects(plan: &Plan, fresh: &BTreeMap<(Instance, Option<DeposedKey>), Option<Value>>) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    let changes = plan.changes.iter().map(|change| ((&change.address, &change.deposed), change)).collect::<BTreeMap<_, _>>();
    for ((address, deposed), now) in fresh {
        let change = changes.get(&(address, deposed));
        let known_as = change.and_then(|change| change.previous_address.as_ref()).unwrap_or(address);
        let instance = change.and_then(|change| change.provider.key.clone());
        let before = match plan.facts.get(&AskKey::Object(known_as.clone(), deposed.clone(), instance)) {
            Some(digest) => Some(*digest),
            // Planned without a refresh: from what the state said.
            None => change.map(|change| object_digest((!change.before.is_null()).then_some(&change.before))),
        };
        if before.is_some_and(|before| before != object_digest(now.as_ref())) {
            let what = if now.is_none() { "is gone" } else { "has changed" };
            let deposed = deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed object {})", key.0));
            let detail = format!("{address}{deposed} {what} since the plan was made. Nothing was changed; plan again.");
            diagnostics.push(Diagnostic::error("Saved plan is stale", detail).about(address));
        }
    }
    diagnostics
}
