//! A worker: takes one operation to its end, through retries and variants, and records what it left.

use super::attempt::{Attempt, AttemptEnd, Left};
use super::fault::{failure, unsettled_failure};
use super::message::{Message, Reporter, StepEnd};
use super::policy::{Remedy, remedy};
use crate::address::{Instance, ProviderConfig};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::live::{Clients, Clock, Ephemerals};
use crate::plan::ResolvedChange;
use crate::state::journal::{IntentRecord, JournalWriter, Outcome, Record};
use crate::state::{DeposedKey, Effects, ObjectState, ObjectStatus};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{Level, enabled, trace};
use windlass_api::schema::{assert_result_compatible, mark_sensitive, without_write_only};
use windlass_api::value::wire::canonical;
use windlass_api::{Error, ErrorKind, Marks, Operation, Path, Schema, StartRequest, Value};

/// What all workers of a run share.
#[derive(Clone)]
pub(super) struct Shared {
    pub clients: Clients,
    pub ephemerals: Ephemerals,
    pub journal: JournalWriter,
    pub effects: Arc<Effects>,
    pub interrupt: watch::Receiver<u32>,
    pub clock: Clock,
    /// Of the snapshot that the run started from; part of every token.
    pub generation: u64,
}

/// One operation, ready to start.
pub(super) struct Operate {
    pub address: Instance,
    pub deposed: Option<DeposedKey>,
    pub set_aside: Option<DeposedKey>,
    pub provider: ProviderConfig,
    pub provider_config: Value,
    pub operation: Operation,
    /// The object before, without marks.
    pub prior: Option<Value>,
    /// Configuration and planned object; `None` for a deletion.
    pub resolved: Option<ResolvedChange>,
    /// Everything but the attributes that the object will be recorded with.
    pub template: ObjectState,
    pub schema: Arc<Schema>,
    pub timeout_seconds: u64,
    /// The labels of the alternatives after the first choice.
    pub variants: Vec<Arc<str>>,
}

struct Worker<'a> {
    task: &'a Operate,
    shared: &'a Shared,
    attempt: Attempt<'a>,
    /// How many intents the step has written: part of the token.
    attempts: usize,
}

/// What follows an attempt.
enum Next {
    End(StepEnd),
    Again(Duration, String),
    Variant(String),
}

/// Runs an operation to its end.
pub(super) async fn operate(task: Operate, shared: Shared, reporter: Reporter) -> StepEnd {
    let client = match shared.clients.get(&task.provider, &task.provider_config).await {
        Ok(client) => client,
        Err(error) => return StepEnd::Failed(failure(&task.address, task.operation, &error)),
    };
    let started = Instant::now();
    let deadline = started + Duration::from_secs(task.timeout_seconds);
    let attempt = Attempt {
        clients: &shared.clients,
        client: &*client,
        journal: &shared.journal,
        effects: &shared.effects,
        reporter: &reporter,
        started,
        deadline,
    };
    let mut worker = Worker { task: &task, shared: &shared, attempt, attempts: 0 };
    let mut resolved = task.resolved.clone();
    let (mut variant, mut tries) = (0, 1);
    loop {
        let next = match worker.try_once(resolved.as_ref(), variant, tries).await {
            Ok(next) => next,
            Err(failed) if failed.is_empty() && shared.journal.has_failed() => return StepEnd::Unrecorded,
            Err(failed) => return StepEnd::Failed(failed),
        };
        match next {
            Next::End(end) => return end,
            Next::Again(wait, why) => {
                tries += 1;
                reporter.send(Message::Retried(reporter.step, format!("{why}; trying again in {} s", wait.as_secs())));
                worker.wait(wait).await;
            }
            Next::Variant(why) => {
                let label = &worker.task.variants[variant];
                reporter.send(Message::Retried(reporter.step, format!("{why}; taking the next choice: {label}")));
                (variant, tries) = (variant + 1, 1);
                match reporter.resolve(variant).await {
                    Some(Ok(next)) => resolved = Some(next),
                    Some(Err(problems)) => return StepEnd::Failed(problems),
                    None => return StepEnd::Failed(Diagnostics::none()),
                }
            }
        }
    }
}

impl Worker<'_> {
    /// One try: its intent, its run, and what follows from how it ended. The error is the step's.
    async fn try_once(&mut self, resolved: Option<&ResolvedChange>, variant: usize, tries: usize) -> Result<Next, Diagnostics> {
        let mut intent = self.intent(resolved, variant);
        let has_variant = variant < self.task.variants.len();
        let remedy_of = |error: &Error| match *self.shared.interrupt.borrow() == 0 && !self.shared.journal.has_failed() {
            true => remedy(error.kind, self.task.operation, tries, has_variant),
            // The user wants to stop, or the store takes nothing more: what is in flight ends, nothing begins.
            false => match remedy(error.kind, self.task.operation, tries, false) {
                Remedy::Done => Remedy::Done,
                _ => Remedy::Fail,
            },
        };
        if let Err(error) = self.attempt.probe(&mut intent).await {
            return match remedy_of(&error) {
                Remedy::Retry(wait) | Remedy::SettleThenRetry(wait) => Ok(Next::Again(wait, error.to_string())),
                _ => Err(self.failure(&error)),
            };
        }
        let (error, left) = match self.attempt.run(&intent).await {
            AttemptEnd::NoJournal => return Err(Diagnostics::none()),
            AttemptEnd::Done(value) => return self.done(&intent, resolved, value).await.map(Next::End),
            AttemptEnd::Failed(error, left) => (error, left),
        };
        let remedy = remedy_of(&error);
        if remedy == Remedy::Done {
            return self.done(&intent, resolved, None).await.map(Next::End);
        }
        let left = match left {
            Left::Unknown => match self.settle(&intent, &error).await? {
                // The call's answer was lost, not its effect.
                Left::Object(value) if self.is_creation() && error.kind == ErrorKind::Transient => {
                    return self.done(&intent, resolved, Some(value)).await.map(Next::End);
                }
                left => left,
            },
            left => left,
        };
        self.record_left(&intent, resolved, &left).await?;
        match (remedy, left) {
            (_, Left::Gone) if self.task.operation == Operation::Delete => Ok(Next::End(StepEnd::Done(None))),
            (Remedy::Retry(wait) | Remedy::SettleThenRetry(wait), Left::AsBefore) => Ok(Next::Again(wait, error.to_string())),
            (Remedy::Retry(wait) | Remedy::SettleThenRetry(wait), Left::Object(_)) if !self.is_creation() => {
                Ok(Next::Again(wait, error.to_string()))
            }
            (Remedy::NextVariant, Left::AsBefore) => Ok(Next::Variant(error.to_string())),
            (Remedy::NextVariant, Left::Object(partial)) => {
                self.undo(partial, &error).await?;
                Ok(Next::Variant(error.to_string()))
            }
            _ => Err(self.failure(&error)),
        }
    }

    fn is_creation(&self) -> bool {
        self.task.operation == Operation::Create
    }

    fn failure(&self, error: &Error) -> Diagnostics {
        failure(&self.task.address, self.task.operation, error)
    }

    fn intent(&mut self, resolved: Option<&ResolvedChange>, variant: usize) -> IntentRecord {
        let task = self.task;
        let id = self.shared.journal.next_intent();
        if let Some(resolved) = resolved
            && enabled!(Level::TRACE)
        {
            let planned = canonical(&mark_sensitive(&task.schema.block, &resolved.planned).without_secrets());
            trace!(address = %task.address, operation = ?task.operation, planned, "object as planned");
        }
        let request = StartRequest {
            type_name: task.address.resource.type_name.to_string(),
            operation: task.operation,
            prior: task.prior.clone(),
            planned: resolved.map(|resolved| resolved.planned.unmarked_deep()),
            config: resolved.map(|resolved| resolved.config.clone()),
            token: self.shared.journal.token(&task.address, self.shared.generation, variant, self.attempts),
            tag: self.shared.journal.tag(&id),
            timeout_seconds: task.timeout_seconds,
        };
        let mut template = task.template.clone();
        template.sensitive = sensitive_paths(resolved);
        let intent = IntentRecord {
            id,
            address: task.address.clone(),
            deposed: task.deposed.clone(),
            set_aside: task.set_aside.clone(),
            provider: task.provider.clone(),
            request,
            variant,
            attempt: self.attempts,
            name_was_free: false,
            template,
        };
        self.attempts += 1;
        intent
    }

    /// Looks up what an operation left that ended without telling.
    async fn settle(&self, intent: &IntentRecord, error: &Error) -> Result<Left, Diagnostics> {
        let open = |cause: &Error| Err(unsettled_failure(&self.task.address, self.task.operation, error, cause));
        match self.attempt.look_up(intent, None, None).await {
            Ok(AttemptEnd::Done(Some(value))) => Ok(Left::Object(value)),
            Ok(AttemptEnd::Done(None)) if self.is_creation() => Ok(Left::AsBefore),
            Ok(AttemptEnd::Done(None)) => Ok(Left::Gone),
            Ok(AttemptEnd::Failed(cause, Left::Unknown)) => open(&cause),
            Ok(AttemptEnd::Failed(_, left)) => Ok(left),
            Ok(AttemptEnd::NoJournal) => Err(Diagnostics::none()),
            Err(cause) => open(&cause),
        }
    }

    /// Records that an operation ended.
    async fn ended(&self, intent: &IntentRecord, outcome: Outcome) -> Result<(), Diagnostics> {
        let record = Record::Result(intent.id.clone(), outcome.clone());
        // Why it can't be recorded is said once for the whole run.
        self.shared.journal.append(vec![record]).await.map_err(|_| Diagnostics::none())?;
        self.attempt.reporter.send(Message::Ended(Box::new(intent.clone()), outcome));
        Ok(())
    }

    async fn record_left(&self, intent: &IntentRecord, resolved: Option<&ResolvedChange>, left: &Left) -> Result<(), Diagnostics> {
        let outcome = match left {
            Left::AsBefore | Left::Unknown => Outcome::Unchanged,
            Left::Gone => Outcome::Gone,
            Left::Object(value) => {
                let status = if self.is_creation() { ObjectStatus::Tainted } else { self.task.template.status };
                Outcome::Object(Box::new(self.object(resolved, value, status).0))
            }
        };
        self.ended(intent, outcome).await
    }

    /// The object as it is recorded, and its value with the marks that were planned.
    fn object(&self, resolved: Option<&ResolvedChange>, value: &Value, status: ObjectStatus) -> (ObjectState, Value) {
        let marked = value.with_marks_at(&sensitive_paths(resolved), Marks::SENSITIVE);
        let mut object = self.task.template.with_value(&marked, &self.task.schema);
        object.status = status;
        if self.is_creation() {
            object.private.created_unix_seconds = Some((self.shared.clock)());
        }
        (object, marked)
    }

    /// The operation ended well.
    async fn done(&self, intent: &IntentRecord, resolved: Option<&ResolvedChange>, value: Option<Value>) -> Result<StepEnd, Diagnostics> {
        let Some(value) = value.filter(|value| !value.is_null() && self.task.operation != Operation::Delete) else {
            self.ended(intent, Outcome::Gone).await?;
            return match self.task.operation {
                Operation::Delete => Ok(StepEnd::Done(None)),
                _ => Err(no_object(&self.task.address)),
            };
        };
        // A provider that hands a write-only value back does not make it be stored or shown.
        let value = without_write_only(&self.task.schema.block, &value);
        let status = if self.is_creation() { ObjectStatus::Ready } else { self.task.template.status };
        let (object, marked) = self.object(resolved, &value, status);
        self.ended(intent, Outcome::Object(Box::new(object))).await?;
        let problems = resolved.map_or_else(Diagnostics::none, |resolved| check_result(self.task, &resolved.planned, &value));
        match problems.is_empty() {
            true => Ok(StepEnd::Done(Some(marked))),
            false => Ok(StepEnd::DoneButWrong(Some(marked), problems)),
        }
    }

    /// Deletes what a creation without capacity left, so that the next choice starts from nothing.
    async fn undo(&mut self, partial: Value, error: &Error) -> Result<(), Diagnostics> {
        let mut tries = 1;
        loop {
            let mut intent = self.intent(None, 0);
            intent.request.operation = Operation::Delete;
            intent.request.prior = Some(partial.clone());
            let (cause, left) = match self.attempt.run(&intent).await {
                // It is recorded as tainted, and the next run begins with its deletion.
                AttemptEnd::NoJournal => return Err(self.failure(error)),
                AttemptEnd::Done(_) => return self.ended(&intent, Outcome::Gone).await,
                AttemptEnd::Failed(cause, left) => (cause, left),
            };
            let gone = left == Left::Gone || cause.kind == ErrorKind::NotFound;
            self.ended(&intent, if gone { Outcome::Gone } else { Outcome::Unchanged }).await?;
            match remedy(cause.kind, Operation::Delete, tries, false) {
                _ if gone => return Ok(()),
                Remedy::Retry(wait) | Remedy::SettleThenRetry(wait) => {
                    tries += 1;
                    self.wait(wait).await;
                }
                _ => {
                    let mut problems = self.failure(error);
                    problems.extend(failure(&self.task.address, Operation::Delete, &cause));
                    return Err(problems);
                }
            }
        }
    }

    /// Waits; an interrupt ends the wait, and so does the store's failure.
    async fn wait(&self, wait: Duration) {
        let (mut interrupt, mut failure) = (self.shared.interrupt.clone(), self.shared.journal.failure());
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            Ok(_) = failure.wait_for(Option::is_some) => {}
            Ok(_) = interrupt.wait_for(|times| *times > 0) => {}
        }
    }
}

fn sensitive_paths(resolved: Option<&ResolvedChange>) -> Vec<Path> {
    resolved.map(|resolved| resolved.planned.marked_paths(Marks::SENSITIVE)).unwrap_or_default()
}

fn no_object(address: &Instance) -> Diagnostics {
    Diagnostic::error(
        "Provider returned invalid result object after apply",
        format!("The provider said that {address} was done and returned no object. This is a bug in the provider."),
    )
    .about(address)
    .into()
}

/// Holds the result against the plan: what was known must be there unchanged, and nothing may be unknown.
fn check_result(task: &Operate, planned: &Value, value: &Value) -> Diagnostics {
    let found = assert_result_compatible(planned, value);
    Diagnostics(
        found
            .into_iter()
            .map(|problem| {
                let mut diagnostic = Diagnostic::error(
                    problem.summary,
                    format!(
                        "When applying changes to {}, the provider produced an unexpected new value: {} This is a bug in the provider. What \
                         came back was saved.",
                        task.address, problem.detail
                    ),
                )
                .about(&task.address);
                diagnostic.path = Some(problem.path);
                diagnostic
            })
            .collect(),
    )
}
