//! Planning: rounds of asks until everything is known that can be known.

use super::{Facts, PlanMode, Round};
use crate::address::Instance;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use windlass_api::Providers;

/// What the user asked of a plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Its kind.
    pub mode: PlanMode,
    /// Whether objects of the state are read anew; `false` for `-refresh=false`.
    pub refresh: bool,
    /// Instances to be replaced in any case: `-replace`.
    pub replace: Vec<Instance>,
    /// Whether to go on when most objects of a provider are gone at once.
    pub allow_gone: bool,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions { mode: PlanMode::Normal, refresh: true, replace: Vec::new(), allow_gone: false }
    }
}

/// Plans as far as the facts go. Pure and deterministic: call it again with the answers to what it needs until it is done.
pub fn make(_config: &Config, _facts: &Facts, _providers: &Providers, _options: &PlanOptions) -> Round {
    Round::Failed(Diagnostics::from(Diagnostic::error("Planning is not built yet", "This build has no planner.")))
}
