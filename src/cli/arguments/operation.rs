//! What kind of plan is made, and of what: the flags of plan, apply, destroy and refresh.

use super::{Planning, StateInOut};
use clap::Args;

/// What kind of plan, and of what.
#[derive(Args, Debug)]
pub struct Operation {
    /// Look at this module or resource only, and at what it depends on; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Look at everything but this module or resource and what depends on it; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
    /// Replace the object at this address although nothing asks for it; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<String>,
    /// Whether to read what is there first: true, false, or full, which also reads what costs a call for each object; until a provider
    /// leaves any out, true does the same
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_value_t = Refreshing::True, default_missing_value = "true", value_name = "MODE", hide_possible_values = true)]
    pub refresh: Refreshing,
    /// Change nothing but the state: record what is there
    #[arg(long)]
    pub refresh_only: bool,
    /// Plan to delete everything
    #[arg(long)]
    pub destroy: bool,
}

/// What is read before planning.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshing {
    /// Nothing.
    False,
    /// Every object.
    True,
    /// Every object, whatever it costs.
    Full,
}

/// `refresh`.
#[derive(Args, Debug)]
pub struct Refresh {
    /// What decides the plan.
    #[command(flatten)]
    pub planning: Planning,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// Look at this module or resource only, and at what it depends on; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Look at everything but this module or resource and what depends on it; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
}

/// `completion`.
#[derive(Args, Debug)]
pub struct Completion {
    /// Which shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}
