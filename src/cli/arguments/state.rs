//! What a user may type to look into the state and to edit it.

use super::{Lock, Planning, StateIn, StateInOut};
use crate::state::backend::StateFiles;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `state`.
#[derive(Subcommand, Debug)]
pub enum State {
    /// List the objects
    List {
        /// Other files of the state.
        #[command(flatten)]
        state: StateIn,
        /// Only those at or under these addresses
        #[arg(value_name = "ADDRESS")]
        addresses: Vec<String>,
    },
    /// Show one object
    Show {
        /// Other files of the state.
        #[command(flatten)]
        state: StateIn,
        /// Which
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
    /// Take objects out of the state; they stay in the cloud
    #[command(name = "rm")]
    Remove(StateRemove),
    /// Give objects other addresses; moved blocks do the same with a plan before
    #[command(name = "mv")]
    Move(StateMove),
    /// Write the state to standard output
    Pull,
    /// Take a file in place of the state
    Push(StatePush),
    /// Say that the objects of a provider are those of another address
    ReplaceProvider(StateReplaceProvider),
    /// Take what a run could not write, because the state's place failed, into the state
    #[command(
        after_help = "Examples:\n  windlass state recover\n  windlass state recover .terraform/spool/default-3fb2a9c1/00000001-4be1c7a2\n  \
                            windlass state recover job.log"
    )]
    Recover(StateRecover),
    /// Give up what a stopped run began on an object, when it can't be told what became of it
    #[command(after_help = "Example:\n  windlass state forget-intent 'aws_vpc.main[0]'")]
    ForgetIntent {
        /// Whether the state is locked.
        #[command(flatten)]
        lock: Lock,
        /// Of which object
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
}

impl State {
    /// Other files of the state that the flags name.
    pub fn files(&self) -> StateFiles {
        match self {
            State::List { state, .. } | State::Show { state, .. } => state.files(),
            State::Remove(flags) => flags.state.files(),
            State::Move(flags) => flags.state.files(),
            State::ReplaceProvider(flags) => flags.state.files(),
            State::Pull | State::Push(_) | State::Recover(_) | State::ForgetIntent { .. } => StateFiles::default(),
        }
    }
}

/// `import`.
#[derive(Args, Debug)]
pub struct Import {
    /// What decides the plan.
    #[command(flatten)]
    pub planning: Planning,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// The instance that the object becomes; a resource block must declare it
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// The object's id
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `taint` and `untaint`.
#[derive(Args, Debug)]
pub struct Taint {
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// Succeed when there is no such object
    #[arg(long)]
    pub allow_missing: bool,
    /// Which
    #[arg(value_name = "ADDRESS")]
    pub address: String,
}

/// `state rm`.
#[derive(Args, Debug)]
pub struct StateRemove {
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// Only show what would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// Instances, resources or modules
    #[arg(value_name = "ADDRESS", required = true)]
    pub addresses: Vec<String>,
}

/// `state mv`.
#[derive(Args, Debug)]
pub struct StateMove {
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// Only show what would be moved
    #[arg(long)]
    pub dry_run: bool,
    /// An instance, a resource or a module
    #[arg(value_name = "SOURCE")]
    pub from: String,
    /// Its new address
    #[arg(value_name = "DESTINATION")]
    pub to: String,
}

/// `state push`.
#[derive(Args, Debug)]
pub struct StatePush {
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
    /// Also over another or a newer state
    #[arg(long)]
    pub force: bool,
    /// The state file; "-" is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `state recover`.
#[derive(Args, Debug)]
pub struct StateRecover {
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
    /// More than what lies in the data folder: files of another machine's, or a log that holds the lines from BEGIN WINDLASS JOURNAL to
    /// END; "-" is standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `state replace-provider`.
#[derive(Args, Debug)]
pub struct StateReplaceProvider {
    /// Whether the state is locked.
    #[command(flatten)]
    pub lock: Lock,
    /// Other files of the state.
    #[command(flatten)]
    pub state: StateInOut,
    /// Do not ask
    #[arg(long)]
    pub auto_approve: bool,
    /// The provider's address in the state, such as hashicorp/aws
    #[arg(value_name = "FROM")]
    pub from: String,
    /// The address that takes its place
    #[arg(value_name = "TO")]
    pub to: String,
}
