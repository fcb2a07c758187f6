//! What will be done.
//!
//! Planning asks, it never fetches: [`Round::Needs`] lists what must be known first; `ops` answers all of a round in one
//! batch and plans again. So planning is pure, deterministic and replayable.
//!
//! A [`Plan`] is a value: saved, shown, checked, applied later. Only `check` makes a [`CheckedPlan`], and apply takes
//! nothing else.

mod ask;
mod change;
mod check;
mod cost;
mod data;
mod digest;
mod ephemeral;
pub mod file;
mod generate;
mod imports;
mod instances;
mod make;
mod managed;
mod moves;
mod order;
mod provider_instances;
mod recorded;
mod refresh;
mod resolver;
mod selection;
mod stale;
#[cfg(test)]
mod tests;
mod types;
mod undeclared;
pub mod variables;
mod walk;
mod workloads;

pub use crate::desired::known_provider_configs;
pub use ask::{Answer, Ask, AskKey, Facts};
pub use change::{Action, Change, Importing, Reason, Variant};
pub use check::check;
pub use cost::{PriceKey, Prices, Purchase, cost};
pub use make::{PlanOptions, make};
pub use recorded::{Attempt, Meaning, Recorded};
pub use resolver::{Opening, ResolvedChange, Resolver, embedded_config};
pub use selection::Targeting;
pub use stale::{moved_objects, rebased};
pub use types::{
    CheckedPlan, Cost, CostAtWorst, CostLine, Drift, Inputs, OutputChange, PlacementNote, Plan, PlanMode, ProviderPin, Round, Step, StepId,
    StepOperation,
};
