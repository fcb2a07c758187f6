//! The way in.

use super::{ApplyReport, Counts, Resolve};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::Listener;
use crate::live::{Clients, Clock};
use crate::plan::CheckedPlan;
use crate::state::{Effects, Session, State};
use std::sync::Arc;
use tokio::sync::watch;

/// Everything that an apply needs.
pub struct Apply<'a> {
    /// What to do.
    pub plan: &'a CheckedPlan,
    /// What evaluates again; `Box::new(Resolver::new(…)?)`.
    pub resolver: Box<dyn Resolve>,
    /// Clients; those that planning used.
    pub clients: Clients,
    /// The state, locked, with an empty journal: what an earlier run left was settled and committed.
    pub session: &'a mut Session,
    /// Who listens.
    pub listener: Arc<dyn Listener>,
    /// How often the user asked to stop: 0, 1 or 2.
    pub interrupt: watch::Receiver<u32>,
    /// How many steps may run side by side; at least 1.
    pub parallelism: usize,
    /// Counts effects.
    pub effects: Arc<Effects>,
    /// The time.
    pub clock: Clock,
    /// Whether everything that will be touched is read again first, and a difference from the plan refused: for saved plans, and
    /// where time passed since planning.
    pub check_moved: bool,
}

/// Applies a plan and writes the state.
pub async fn run(apply: Apply<'_>) -> ApplyReport {
    let diagnostics = Diagnostics::from(Diagnostic::error("Apply is not built yet", apply.session.place()));
    ApplyReport { state: State::empty(), diagnostics, counts: Counts::default(), stopped: false }
}
