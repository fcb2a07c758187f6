//! What a user may type about where the state is: the back end, workspaces, other files.

use super::{Lock, LockFile, Variables};
use crate::state::backend::StateFiles;
use clap::{ArgAction, Args, Subcommand};
use std::path::PathBuf;

/// `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Values of variables.
    #[command(flatten)]
    pub variables: Variables,
    /// Fetch modules anew that are installed already
    #[arg(long)]
    pub upgrade: bool,
    /// "readonly": fail where the modules are not those of .windlass.lock.hcl, rather than write it
    #[arg(long, value_enum, value_name = "MODE")]
    pub lockfile: Option<LockFile>,
    /// Install modules
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub get: bool,
    /// Set up the back end
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub backend: bool,
    /// An argument of the back end, or a file of arguments; may be given several times
    #[arg(long, value_name = "NAME=VALUE|FILE")]
    pub backend_config: Vec<String>,
    /// Pass over the back end that was set up before; states stay where they are
    #[arg(long, conflicts_with = "migrate_state")]
    pub reconfigure: bool,
    /// Copy states to a back end that has changed
    #[arg(long)]
    pub migrate_state: bool,
    /// Copy them without asking; implies -migrate-state
    #[arg(long)]
    pub force_copy: bool,
    /// Write what happens as JSON, one object a line
    #[arg(long)]
    pub json: bool,
    /// Ask for what is missing
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", value_name = "BOOL")]
    pub input: bool,
    /// Whether states are locked while they are copied.
    #[command(flatten)]
    pub lock: Lock,
}

/// `-state`.
#[derive(Args, Debug, Default)]
pub struct StateIn {
    /// Read the state from this file; only with the back end "local"
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

/// `-state`, `-state-out` and `-backup`.
#[derive(Args, Debug, Default)]
pub struct StateInOut {
    /// Read the state from this file, and write it there; only with the back end "local"
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Write the state to this file; only with the back end "local"
    #[arg(long, value_name = "FILE")]
    pub state_out: Option<PathBuf>,
    /// Keep the state before the first change in this file, "-" for nowhere; only with the back end "local"
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
}

impl StateIn {
    /// The files.
    pub fn files(&self) -> StateFiles {
        StateFiles { state: self.state.clone(), ..StateFiles::default() }
    }
}

impl StateInOut {
    /// The files.
    pub fn files(&self) -> StateFiles {
        StateFiles { state: self.state.clone(), out: self.state_out.clone(), backup: self.backup.clone() }
    }
}

/// `workspace`.
#[derive(Subcommand, Debug)]
pub enum Workspace {
    /// List the workspaces; the selected one is marked
    List,
    /// Print the name of the selected workspace
    Show,
    /// Select a workspace
    Select {
        /// Make it if it is not there
        #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", value_name = "BOOL")]
        or_create: bool,
        /// Which
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Make a workspace and select it
    New {
        /// Whether the state is locked.
        #[command(flatten)]
        lock: Lock,
        /// Start with the state in this file
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Delete a workspace with its state
    Delete {
        /// Whether the state is locked.
        #[command(flatten)]
        lock: Lock,
        /// Also one that manages objects; they stay in the cloud and are forgotten
        #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", value_name = "BOOL")]
        force: bool,
        /// Which
        #[arg(value_name = "NAME")]
        name: String,
    },
}
