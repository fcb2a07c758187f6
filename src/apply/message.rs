//! What workers tell the dispatcher.

use super::opening::Opened;
use crate::diagnostic::Diagnostics;
use crate::plan::{ResolvedChange, StepId};
use crate::state::journal::{IntentRecord, Outcome, Record};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use windlass_api::Value;

/// Everything that a worker tells. What is said to be durable is in the journal already.
pub(super) enum Message {
    /// An operation is about to start; durable.
    Began(Box<IntentRecord>),
    /// It ended; durable.
    Ended(Box<IntentRecord>, Outcome),
    /// Something was recorded without an operation; durable.
    Recorded(Record),
    /// How far a step is.
    Progress(StepId, String, Duration),
    /// A call failed and is tried again, or the next variant is taken.
    Retried(StepId, String),
    /// The worker needs the change evaluated for another variant.
    Resolve(StepId, usize, oneshot::Sender<Result<ResolvedChange, Diagnostics>>),
    /// What the step needs was opened: it can be made ready.
    Opened(StepId, Opened),
    /// The step ended.
    Finished(StepId, StepEnd),
}

/// How a step ended.
pub(super) enum StepEnd {
    /// Well; the object as it is now, `None` when it is gone.
    Done(Option<Value>),
    /// It was done, and something is wrong with what came back.
    DoneButWrong(Option<Value>, Diagnostics),
    /// The data source of a `check` block can't be read, which stops nothing.
    Unchecked(Diagnostics),
    /// It failed.
    Failed(Diagnostics),
    /// It did not begin, or not again, because the store takes no records any more.
    Unrecorded,
}

/// A worker's way to the dispatcher.
#[derive(Clone)]
pub(super) struct Reporter {
    /// The worker's step.
    pub step: StepId,
    /// Where messages go.
    pub messages: mpsc::UnboundedSender<Message>,
}

impl Reporter {
    /// Sends a message. When the dispatcher is gone the run is over, and nobody needs it.
    pub fn send(&self, message: Message) {
        drop(self.messages.send(message));
    }

    /// Asks for the change under another variant.
    pub async fn resolve(&self, variant: usize) -> Option<Result<ResolvedChange, Diagnostics>> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Resolve(self.step, variant, reply));
        answer.await.ok()
    }
}
