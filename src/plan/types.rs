//! The plan and its parts.

use super::{Action, Ask, AskKey, Change, Targeting};
use crate::address::{Instance, ProviderConfig};
use crate::config::Installed;
use crate::diagnostic::{Diagnostics, SourceMap};
use crate::lang::{FileAnswer, FileQuestion};
use crate::state::{CheckResults, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Account, Operation, Value};

/// What one round of planning yields.
#[derive(Debug)]
pub enum Round {
    /// These must be answered first; then plan again.
    Needs(Vec<Ask>),
    /// Done, perhaps with warnings.
    Done(Box<Plan>, Diagnostics),
    /// The configuration or the world is wrong; at least one is an error. The sources are those that the messages point into.
    Failed(Diagnostics, Box<SourceMap>),
}

/// What kind of plan it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanMode {
    /// Make the cloud as declared.
    #[default]
    Normal,
    /// Delete everything.
    Destroy,
    /// Only record what is there.
    RefreshOnly,
}

/// What will be done, and everything that doing it needs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its kind.
    pub mode: PlanMode,
    /// What it was restricted to.
    pub targeting: Targeting,
    /// One for each object, changed or not, by address; steps refer to them by index.
    pub changes: Vec<Change>,
    /// What apply does, in an order that keeps every edge; at most two for each change, besides joins.
    pub steps: Vec<Step>,
    /// Outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, OutputChange>,
    /// What conditions came to, as far as they are known.
    pub checks: CheckResults,
    /// Objects that another hand changed since the last apply.
    pub drift: Vec<Drift>,
    /// The state that it was made from, as recorded, before refresh.
    pub prior: Arc<State>,
    /// The same with every object as it is now.
    pub refreshed: Arc<State>,
    /// What expressions are evaluated with again when apply knows more.
    pub inputs: Inputs,
    /// The providers that it acts through.
    pub providers: BTreeMap<ProviderConfig, ProviderPin>,
    /// What it costs.
    pub cost: Cost,
    /// How workloads were placed that had no place before.
    pub placements: Vec<PlacementNote>,
    /// Digests of the answers that it depends on, for `-out` and replay.
    pub facts: BTreeMap<AskKey, [u8; 32]>,
    /// Whether it was made under `-sandbox`.
    pub sandbox: bool,
}

/// A plan that an independent check has passed. Made by [`crate::plan`]'s check alone.
#[derive(Clone, Debug)]
pub struct CheckedPlan {
    pub(super) plan: Arc<Plan>,
}

impl CheckedPlan {
    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// A plan that nobody checked, for tests of apply.
    #[cfg(test)]
    pub(crate) fn unchecked(plan: Plan) -> CheckedPlan {
        CheckedPlan { plan: Arc::new(plan) }
    }
}

/// The number of a step in its plan.
pub type StepId = usize;

/// One thing that apply does.
#[derive(Clone, Debug)]
pub struct Step {
    /// Index of the change in [`Plan::changes`].
    pub change: usize,
    /// What.
    pub operation: StepOperation,
    /// Steps that must have ended well before.
    pub waits_for: Vec<StepId>,
    /// How long it usually takes, in seconds.
    pub typical_seconds: f64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOperation {
    /// A provider's operation on the current object.
    Provider(Operation),
    /// Sets the current object aside as deposed, then makes the new one.
    SetAsideAndCreate,
    /// Deletes a deposed object: one of the state, or the one that this plan set aside.
    DeleteDeposed,
    /// Reads a data source.
    ReadData,
    /// Takes an object that exists into the state.
    Import,
    /// Only records the object anew: drift, dependencies, marks.
    Record,
    /// Removes the object from the state.
    Forget,
    /// Does nothing: it ends when all that it waits for has ended. It stands for many steps, so that edges between two counted
    /// resources grow with their sum and not their product. Its change is one of those it stands for and means nothing.
    Join,
}

/// An output's change.
#[derive(Clone, Debug)]
pub struct OutputChange {
    /// The value before; `None` when there was none.
    pub before: Option<Value>,
    /// The value as it will be, unknown where only apply can tell; `None` when it goes.
    pub after: Option<Value>,
    /// Never shown.
    pub sensitive: bool,
}

impl OutputChange {
    /// What becomes of it. One that is null is none, and of marks only those count that the state keeps: whether all of it is sensitive.
    pub fn action(&self) -> Action {
        let present = |value: &Option<Value>| value.as_ref().filter(|value| !value.is_null()).map(Value::unmarked_deep);
        match (present(&self.before), present(&self.after)) {
            (None, None) => Action::NoOp,
            (None, Some(_)) => Action::Create,
            (Some(_), None) => Action::Delete,
            (before, after) if before == after && self.was_sensitive() == self.sensitive => Action::NoOp,
            _ => Action::Update,
        }
    }

    /// Whether the state says that it is sensitive.
    pub fn was_sensitive(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.marks_deep().is_sensitive())
    }
}

/// An object that another hand changed.
#[derive(Clone, Debug)]
pub struct Drift {
    /// Whose.
    pub address: Instance,
    /// As recorded.
    pub before: Value,
    /// As it is; null when it is gone.
    pub after: Value,
}

/// What expressions are evaluated with again when apply knows more. A saved plan embeds it.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// Every source file; the configuration is parsed from it anew. Synthetic modules are among them.
    pub sources: SourceMap,
    /// Where the modules from elsewhere stood.
    pub installed: Installed,
    /// Every answer about files that planning used.
    pub files: BTreeMap<FileQuestion, FileAnswer>,
    /// Root variables as given, but for ephemeral ones.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The ephemeral root variables that were given. Their values are not stored: whoever applies a saved plan gives them again.
    pub ephemeral_variables: Vec<Arc<str>>,
    /// The workspace.
    pub workspace: Arc<str>,
    /// The working folder.
    pub working_folder: Arc<str>,
    /// The time of planning.
    pub timestamp: Arc<str>,
}

/// A provider configuration that a plan acts through.
#[derive(Clone, Debug)]
pub struct ProviderPin {
    /// The `provider` block's value, wholly known.
    pub config: Value,
    /// Whose account it was at plan time; `None` for providers without accounts.
    pub account: Option<Account>,
}

/// Where a workload will run, and why nowhere else.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementNote {
    /// The workload.
    pub workload: Arc<str>,
    /// Such as `us-east-1, chat on g6.xlarge (L4:1) at $0.8048 an hour each`.
    pub chosen: String,
    /// A region or machine type that lost, and why.
    pub lost: Vec<String>,
}

/// What a plan costs while it runs, by the catalog's prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// What is counted.
    pub lines: Vec<CostLine>,
    /// Date of the prices, such as `2026-07-20`.
    pub prices_as_of: Option<Arc<str>>,
    /// What costs something of which no price is known: whose, and what is missing.
    pub unpriced: Vec<String>,
}

/// The cost of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLine {
    /// Whose.
    pub address: Instance,
    /// Such as `2 × g6.xlarge on demand`.
    pub what: String,
    /// US dollars an hour before.
    pub before_hourly_usd: f64,
    /// US dollars an hour after.
    pub after_hourly_usd: f64,
    /// The dearest variant, if it costs more than the first choice.
    pub at_worst: Option<CostAtWorst>,
}

/// What a variant costs that costs more than the first choice.
#[derive(Clone, Debug, PartialEq)]
pub struct CostAtWorst {
    /// Such as `2 × g6e.xlarge on demand`.
    pub what: String,
    /// US dollars an hour.
    pub hourly_usd: f64,
}
