//! What refresh and apply report while they run: a closed enum; who listens can't change what happens.

use crate::address::Instance;
use crate::diagnostic::Diagnostic;
use std::sync::Arc;
use std::time::Duration;
use windlass_api::Operation;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Objects are being read: how many of a type.
    RefreshStarted {
        /// The type.
        type_name: Arc<str>,
        /// How many.
        count: usize,
    },
    /// They were read.
    RefreshFinished {
        /// The type.
        type_name: Arc<str>,
        /// How many.
        count: usize,
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
        /// Why.
        diagnostic: Box<Diagnostic>,
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
    /// The user asked to stop.
    Interrupted {
        /// 1 for the first time.
        times: u32,
    },
    /// A message for the user.
    Notice(Box<Diagnostic>),
}

/// What a step does, as events show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOperation {
    /// A provider's operation.
    Provider(Operation),
    /// A read of a data source.
    Read,
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
