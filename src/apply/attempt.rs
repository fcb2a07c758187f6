//! One attempt at one operation: intent, start, identified, polls. What it left is for its caller to record.

use super::message::{Message, Reporter};
use crate::live::{Clients, recover};
use crate::state::Effects;
use crate::state::journal::{IntentRecord, JournalWriter, Record};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};
use windlass_api::{
    Availability, Client, Error, ErrorKind, Handle, Identity, Intent, Operation, Polled, Recovery, StartRequest, Started, Value,
};

/// How often a poll may fail for no lasting reason before the operation counts as failed.
const POLL_FAILURES_MAX: usize = 5;

/// What an attempt needs.
pub(super) struct Attempt<'a> {
    pub clients: &'a Clients,
    pub client: &'a dyn Client,
    pub journal: &'a JournalWriter,
    pub effects: &'a Arc<Effects>,
    pub reporter: &'a Reporter,
    /// When the step began.
    pub started: Instant,
    /// When its time is over.
    pub deadline: Instant,
}

/// How an attempt ended.
pub(super) enum AttemptEnd {
    /// Well.
    Done(Option<Value>),
    /// It failed; what is known to exist all the same.
    Failed(Error, Left),
    /// The journal can't be written: the run must stop, and what is under way stays open in the journal.
    NoJournal,
}

/// What a failed operation left.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Left {
    /// What was there before: for a creation, nothing.
    AsBefore,
    /// This.
    Object(Value),
    /// Nothing: the object is gone.
    Gone,
    /// It must be looked up.
    Unknown,
}

impl Attempt<'_> {
    /// Whether the name that a creation takes is free; asked before the intent is written.
    pub async fn probe(&self, intent: &mut IntentRecord) -> Result<(), Error> {
        if intent.request.operation != Operation::Create {
            return Ok(());
        }
        match self.client.probe(&[plain(&intent.request)]).await.into_iter().next() {
            Some(Ok(Availability::NotByName)) => {}
            Some(Ok(Availability::Free)) => intent.name_was_free = true,
            Some(Ok(Availability::Taken { detail })) => {
                let message = format!("{detail}, and Windlass did not make it. Nothing was changed.");
                return Err(Error::new(ErrorKind::Invalid, message).with_hint("Choose another name, or delete what bears it."));
            }
            Some(Err(error)) => return Err(error),
            None => return Err(no_answer()),
        }
        Ok(())
    }

    /// Runs the operation to its end or its deadline.
    pub async fn run(&self, intent: &IntentRecord) -> AttemptEnd {
        if self.journal.append(vec![Record::Intent(Box::new(intent.clone()))]).await.is_err() {
            return AttemptEnd::NoJournal;
        }
        self.reporter.send(Message::Began(Box::new(intent.clone())));
        let number = self.effects.begin().await;
        let started = match self.effects.cuts(number) {
            None => timeout_at(self.deadline, self.client.start(&[plain(&intent.request)])).await,
            Some(is_done) => {
                if is_done {
                    drop(self.client.start(&[plain(&intent.request)]).await);
                }
                let error = Error::new(ErrorKind::Transient, "the connection was told to break");
                Ok(vec![Started::Failed { error, identity: None, partial: None }])
            }
        };
        self.effects.end(number).await;
        let started = started.map(|answers| answers.into_iter().next());
        match started {
            Err(_) => AttemptEnd::Failed(self.timed_out(intent, "starting"), Left::Unknown),
            Ok(None) => AttemptEnd::Failed(no_answer(), Left::Unknown),
            Ok(Some(Started::Failed { error, identity, partial })) => {
                if let Some(identity) = &identity {
                    // What exists all the same must be found again, whatever comes.
                    let record = Record::Identified(intent.id.clone(), identity.clone(), Handle(String::new()));
                    if self.journal.append(vec![record]).await.is_err() {
                        return AttemptEnd::NoJournal;
                    }
                }
                let left = left_by(&error, identity.as_ref(), partial);
                AttemptEnd::Failed(error, left)
            }
            Ok(Some(Started::Accepted { identity, handle })) => {
                let record = Record::Identified(intent.id.clone(), identity.clone(), handle.clone());
                if self.journal.append(vec![record]).await.is_err() {
                    return AttemptEnd::NoJournal;
                }
                self.poll(intent, &identity, handle).await
            }
        }
    }

    async fn poll(&self, intent: &IntentRecord, identity: &Identity, mut handle: Handle) -> AttemptEnd {
        let mut failures = 0;
        loop {
            match self.client.poll(std::slice::from_ref(&handle)).await.into_iter().next() {
                Some(Polled::Ready(value)) => return AttemptEnd::Done(value),
                Some(Polled::Pending { status, handle: next, wait_milliseconds }) => {
                    failures = 0;
                    if Instant::now() >= self.deadline {
                        return AttemptEnd::Failed(self.timed_out(intent, &status), Left::Unknown);
                    }
                    self.reporter.send(Message::Progress(self.reporter.step, status, self.started.elapsed()));
                    if next != handle {
                        self.journal.append_lazily(Record::Identified(intent.id.clone(), identity.clone(), next.clone()));
                        handle = next;
                    }
                    sleep(self.clients.poll_wait(wait_milliseconds)).await;
                }
                Some(Polled::Failed { error, partial: None })
                    // Credentials that have expired may be renewed by their source, and the operation goes on meanwhile.
                    if matches!(error.kind, ErrorKind::Throttled | ErrorKind::Transient | ErrorKind::Credentials)
                        && failures < POLL_FAILURES_MAX =>
                {
                    failures += 1;
                    sleep(Duration::from_secs(1 << failures)).await;
                }
                Some(Polled::Failed { error, partial }) => {
                    let left = partial.map_or(Left::Unknown, Left::Object);
                    return AttemptEnd::Failed(error, left);
                }
                None => return AttemptEnd::Failed(no_answer(), Left::Unknown),
            }
        }
    }

    /// Looks up what an operation left. An operation still under way is polled on.
    pub async fn look_up(&self, intent: &IntentRecord, identity: Option<Identity>, handle: Option<Handle>) -> Result<AttemptEnd, Error> {
        let question = Intent { request: plain(&intent.request), name_was_free: intent.name_was_free, identity, handle };
        match recover(self.client, &question).await {
            Recovery::Found(value) => Ok(AttemptEnd::Done(Some(value))),
            Recovery::Absent => Ok(AttemptEnd::Done(None)),
            Recovery::UnderWay(handle) => {
                let identity = question.identity.unwrap_or(Identity(String::new()));
                Ok(self.poll(intent, &identity, handle).await)
            }
            Recovery::Ambiguous { candidates, detail } => {
                Err(Error::new(ErrorKind::Internal, format!("{detail} These may be it: {}.", candidates.join(", "))))
            }
            Recovery::Failed(error) => Err(error),
        }
    }

    fn timed_out(&self, intent: &IntentRecord, status: &str) -> Error {
        let seconds = intent.request.timeout_seconds;
        Error::new(
            ErrorKind::Internal,
            format!("timeout while waiting for the operation to end (last status: {status}, timeout: {seconds}s)"),
        )
        .with_hint("Raise the limit in the resource's timeouts block, or run again: it goes on from what is there.")
    }
}

/// The request as a provider sees it. Its configuration bears the marks that keep write-only values out of the journal.
fn plain(request: &StartRequest) -> StartRequest {
    StartRequest { config: request.config.as_ref().map(Value::unmarked_deep), ..request.clone() }
}

fn no_answer() -> Error {
    Error::new(ErrorKind::Internal, "The provider gave no answer.")
}

fn left_by(error: &Error, identity: Option<&Identity>, partial: Option<Value>) -> Left {
    match (partial, identity, error.kind) {
        (Some(partial), ..) => Left::Object(partial),
        (None, Some(_), _) | (None, None, ErrorKind::Transient) => Left::Unknown,
        (None, None, _) => Left::AsBefore,
    }
}
