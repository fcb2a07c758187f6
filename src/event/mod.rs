//! What refresh and apply report while they run: a closed enum; who listens can't change what happens.

mod log;

use crate::address::Instance;
use crate::diagnostic::Diagnostic;
use std::sync::Arc;
use std::time::Duration;
use windlass_api::{Operation, Value};

pub use log::Logged;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Objects of one type are being read.
    RefreshStarted {
        /// Which.
        objects: Arc<[Refreshed]>,
        /// Whether they are data sources.
        is_data: bool,
    },
    /// They were read.
    RefreshFinished {
        /// Which.
        objects: Arc<[Refreshed]>,
        /// Whether they are data sources.
        is_data: bool,
        /// After how long.
        elapsed: Duration,
    },
    /// An apply begins.
    ApplyStarted {
        /// How many of its steps are shown: each of them begins, and ends well or fails, unless the run is stopped.
        steps: usize,
    },
    /// An apply has ended: nothing is under way any more.
    ApplyFinished,
    /// A step began.
    StepStarted {
        /// Whose.
        address: Instance,
        /// What.
        operation: EventOperation,
        /// The object's id, when it has one.
        id: Option<String>,
    },
    /// A step goes on.
    StepProgress {
        /// Whose.
        address: Instance,
        /// What.
        operation: EventOperation,
        /// What the cloud says of it.
        status: String,
        /// For how long.
        elapsed: Duration,
    },
    /// A call failed and is tried again, or the next variant is taken.
    StepRetried {
        /// Whose.
        address: Instance,
        /// Why and what now.
        message: String,
    },
    /// A step ended well.
    StepFinished {
        /// Whose.
        address: Instance,
        /// What.
        operation: EventOperation,
        /// The object's id, when it has one.
        id: Option<String>,
        /// After how long.
        elapsed: Duration,
    },
    /// A step failed.
    StepFailed {
        /// Whose.
        address: Instance,
        /// What.
        operation: EventOperation,
        /// After how long.
        elapsed: Duration,
    },
    /// A module's package is about to be fetched.
    ModuleFetching {
        /// The names on the way to the module, joined by dots.
        module: String,
        /// From where, without secrets.
        source: String,
    },
    /// A module is in its place.
    ModuleInstalled {
        /// The names on the way to the module, joined by dots.
        module: String,
        /// The folder.
        folder: String,
    },
    /// The place of the state failed and is asked again.
    StoreRetried {
        /// Why and what now.
        message: String,
    },
    /// The user asked to stop.
    Interrupted {
        /// 1 for the first time.
        times: u32,
    },
    /// A message for the user.
    Notice(Box<Diagnostic>),
}

/// An object or data source that is read before planning.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// Its address.
    pub address: Instance,
    /// The object's id, when it has one.
    pub id: Option<String>,
}

/// The id that events show of an object: never a sensitive one.
pub fn id_of(object: &Value) -> Option<String> {
    let id = object.get("id").filter(|id| !id.marks().is_sensitive())?;
    id.as_str().map(str::to_owned)
}

/// What a step does, as events show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOperation {
    /// A provider's operation.
    Provider(Operation),
    /// A read of a data source.
    Read,
    /// An object that exists is taken into the state.
    Import,
    /// The opening of an ephemeral resource.
    Open,
    /// The closing of an ephemeral resource.
    Close,
}

/// Who listens.
pub trait Listener: Send + Sync {
    /// Called for each event, in order.
    fn on_event(&self, event: &Event);
}

/// Hears nothing.
pub struct Silent;

impl Listener for Silent {
    fn on_event(&self, _event: &Event) {}
}
