//! What every operation is given.

use super::Given;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::encryption;
use crate::event::Listener;
use crate::live::{Clients, Clock, Ephemerals, World};
use crate::plan::Facts;
use crate::state::backend::StateFiles;
use crate::state::{Effects, State};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;
use windlass_api::{Environment, Providers, Value};

/// What every operation is given by the command line: nothing below it reads the environment, the clock or a terminal.
#[derive(Clone)]
pub struct Context {
    /// The providers of this build.
    pub providers: Providers,
    /// What providers may know of the process.
    pub environment: Environment,
    /// The values of variables from flags, for sources of modules and back ends that are made of them.
    pub variables: Vec<Given>,
    /// Who listens.
    pub listener: Arc<dyn Listener>,
    /// How often the user asked to stop.
    pub interrupt: watch::Receiver<u32>,
    /// Counts effects on the world.
    pub effects: Arc<Effects>,
    /// The time.
    pub clock: Clock,
    /// `user@host`, for locks.
    pub who: String,
    /// The working folder.
    pub working_folder: PathBuf,
    /// The selected workspace.
    pub workspace: Arc<str>,
    /// Other files of the state than the back end's own.
    pub state_files: StateFiles,
    /// The encryption of states and plans, once the configuration has said what it is.
    pub encryption: encryption::Shared,
    /// The passphrase that seals the sensitive parts of saved plans.
    pub plan_key: Option<Arc<str>>,
}

/// Why an operation ended early, with the sources that its messages point into.
#[derive(Debug, Default)]
pub struct Failed {
    /// At least one is an error.
    pub diagnostics: Diagnostics,
    /// What their ranges point into.
    pub sources: Arc<SourceMap>,
}

impl Context {
    /// Whether the run stands under `-sandbox`.
    pub fn sandbox(&self) -> bool {
        self.environment.sandbox.is_some()
    }

    /// Clients for one operation.
    pub fn clients(&self) -> Clients {
        Clients::new(self.providers.clone(), self.environment.clone())
    }

    /// Ephemeral objects of one walk.
    pub(super) fn ephemerals(&self, clients: &Clients) -> Ephemerals {
        Ephemerals::new(clients.clone(), self.listener.clone())
    }

    /// What asks about a state are answered with.
    pub(super) fn world(&self, clients: &Clients, state: &Arc<State>) -> World {
        World {
            clients: clients.clone(),
            state: state.clone(),
            clock: self.clock.clone(),
            working_folder: self.working_folder.clone(),
            home: self.environment.home.clone(),
            ephemerals: self.ephemerals(clients),
        }
    }

    /// What is known before anything was asked.
    pub(super) fn facts(&self, variables: BTreeMap<Arc<str>, Value>, state: Arc<State>) -> Facts {
        Facts {
            answers: BTreeMap::new(),
            variables,
            state,
            workspace: self.workspace.clone(),
            working_folder: self.working_folder.display().to_string().into(),
            timestamp: self.timestamp(),
            sandbox: self.sandbox(),
        }
    }

    /// The time in RFC 3339.
    pub fn timestamp(&self) -> Arc<str> {
        let seconds = i64::try_from((self.clock)()).unwrap_or(i64::MAX);
        jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string().into()
    }
}

impl From<Diagnostics> for Failed {
    fn from(diagnostics: Diagnostics) -> Failed {
        Failed { diagnostics, sources: Arc::default() }
    }
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Failed {
        Failed::from(Diagnostics::from(diagnostic))
    }
}

impl Failed {
    /// With the sources that the messages point into.
    #[must_use]
    pub fn in_sources(mut self, sources: &Arc<SourceMap>) -> Failed {
        self.sources = sources.clone();
        self
    }

    /// With warnings that came up before.
    #[must_use]
    pub fn after(mut self, mut earlier: Diagnostics) -> Failed {
        earlier.extend(self.diagnostics);
        self.diagnostics = earlier;
        self
    }
}
