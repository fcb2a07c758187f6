//! What became of operations that an earlier run began and did not finish.

use super::{Clients, Clock};
use crate::address::ProviderConfig;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::{Event, EventOperation, Listener};
use crate::state::journal::{Outcome, Unsettled, another_object, note_outcome};
use crate::state::{ObjectState, ObjectStatus, State};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use windlass_api::{Client, Error, ErrorKind, Handle, Intent, Marks, Mode, Operation, Polled, Recovery, StartRequest, Value};

/// The waits before a look-up that failed for no lasting reason is tried again.
const LOOK_UP_WAITS: [Duration; 4] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// What settling found.
#[derive(Debug)]
pub struct Settled {
    /// The state with what was found.
    pub state: State,
    /// What was found, and what could not be told; an error among them must stop the run before it plans or writes.
    pub diagnostics: Diagnostics,
    /// Operations that could not be settled. Not empty only when there is an error.
    pub left: Vec<Unsettled>,
}

/// Finds out what became of unsettled operations: looks up, never issues anything again; those still under way are polled to
/// their end. `configs` are the provider configurations' values of this run; where one is missing, the one that the journal
/// recorded is used.
pub async fn settle(
    state: State,
    unsettled: Vec<Unsettled>,
    configs: &BTreeMap<ProviderConfig, Value>,
    clients: &Clients,
    clock: &Clock,
    listener: &dyn Listener,
) -> Settled {
    let mut settled = Settled { state, diagnostics: Diagnostics::none(), left: Vec::new() };
    let looked_up = join_all(unsettled.iter().map(|open| look_up(open, configs, clients, clock, listener))).await;
    let mut found = Vec::new();
    for (open, result) in unsettled.into_iter().zip(looked_up) {
        match result {
            Ok(outcome) => {
                if !matches!(outcome, Outcome::Unchanged) {
                    found.push(open.intent.address.to_string());
                }
                let mut intent = open.intent;
                if let Outcome::Object(object) = &outcome
                    && let Some(key) = another_object(&settled.state, &intent, object)
                {
                    // Another program made another one since: both are known, and the plan shows that this one goes.
                    (intent.deposed, intent.set_aside) = (Some(key), None);
                }
                note_outcome(&mut settled.state, &intent, &outcome);
            }
            Err(problem) => {
                settled.diagnostics.push(*problem);
                settled.left.push(open);
            }
        }
    }
    if !found.is_empty() {
        settled.diagnostics.push(Diagnostic::warning(
            "A stopped run was completed in the state",
            format!(
                "An earlier run was stopped before it could record what became of: {}. It was looked up and recorded.",
                found.join(", ")
            ),
        ));
    }
    settled
}

async fn look_up(
    open: &Unsettled,
    configs: &BTreeMap<ProviderConfig, Value>,
    clients: &Clients,
    clock: &Clock,
    listener: &dyn Listener,
) -> Result<Outcome, Box<Diagnostic>> {
    let config = configs.get(&open.intent.provider).unwrap_or(&open.provider_config);
    let client = clients.get(&open.intent.provider, config).await.map_err(|error| failed(open, &error))?;
    let intent = Intent {
        request: StartRequest { config: open.intent.request.config.as_ref().map(Value::unmarked_deep), ..open.intent.request.clone() },
        name_was_free: open.intent.name_was_free,
        identity: open.identity.clone(),
        handle: open.handle.clone(),
    };
    match recover(&*client, &intent).await {
        Recovery::Found(value) => Ok(Outcome::Object(Box::new(object_of(open, &value, ObjectStatus::Ready, clients, clock)))),
        Recovery::Absent => Ok(absent(open.intent.request.operation)),
        Recovery::Failed(error) => Err(failed(open, &error)),
        Recovery::Ambiguous { candidates, detail } => Err(ambiguous(open, &candidates, &detail)),
        Recovery::UnderWay(handle) => match poll_to_end(clients, &*client, open, handle, listener).await {
            Ok(Some(value)) => Ok(Outcome::Object(Box::new(object_of(open, &value, ObjectStatus::Ready, clients, clock)))),
            Ok(None) => Ok(absent(open.intent.request.operation)),
            Err((_, Some(partial))) => {
                let status = match open.intent.request.operation {
                    Operation::Create => ObjectStatus::Tainted,
                    _ => open.intent.template.status,
                };
                Ok(Outcome::Object(Box::new(object_of(open, &partial, status, clients, clock))))
            }
            // It ended badly and says nothing of what is left: look once more.
            Err((error, None)) => match recover(&*client, &intent).await {
                Recovery::Absent => Ok(absent(open.intent.request.operation)),
                Recovery::Found(value) => Ok(Outcome::Object(Box::new(object_of(open, &value, ObjectStatus::Tainted, clients, clock)))),
                _ => Err(failed(open, &error)),
            },
        },
    }
}

/// What it means that there is no object.
fn absent(operation: Operation) -> Outcome {
    match operation {
        Operation::Create => Outcome::Unchanged,
        Operation::Update | Operation::Delete => Outcome::Gone,
    }
}

/// Asks once more where the look-up itself failed for no lasting reason.
pub(crate) async fn recover(client: &dyn Client, intent: &Intent) -> Recovery {
    let mut waits = LOOK_UP_WAITS.iter();
    loop {
        let answer = client.recover(std::slice::from_ref(intent)).await.into_iter().next();
        let answer = answer.unwrap_or_else(|| Recovery::Failed(Error::new(ErrorKind::Internal, "The provider gave no answer.")));
        match (&answer, waits.next()) {
            (Recovery::Failed(error), Some(wait)) if matches!(error.kind, ErrorKind::Throttled | ErrorKind::Transient) => {
                tokio::time::sleep(*wait).await;
            }
            _ => return answer,
        }
    }
}

async fn poll_to_end(
    clients: &Clients,
    client: &dyn Client,
    open: &Unsettled,
    mut handle: Handle,
    listener: &dyn Listener,
) -> Result<Option<Value>, (Error, Option<Value>)> {
    let started = Instant::now();
    let deadline = started + Duration::from_secs(open.intent.request.timeout_seconds);
    loop {
        match client.poll(std::slice::from_ref(&handle)).await.into_iter().next() {
            Some(Polled::Ready(value)) => return Ok(value),
            Some(Polled::Failed { error, partial }) => return Err((error, partial)),
            Some(Polled::Pending { status, handle: next, wait_milliseconds }) => {
                if Instant::now() >= deadline {
                    return Err((Error::new(ErrorKind::Transient, format!("It is still under way ({status}).")), None));
                }
                let operation = EventOperation::Provider(open.intent.request.operation);
                let address = open.intent.address.clone();
                listener.on_event(&Event::StepProgress { address, operation, status, elapsed: started.elapsed() });
                handle = next;
                tokio::time::sleep(clients.poll_wait(wait_milliseconds)).await;
            }
            None => return Err((Error::new(ErrorKind::Internal, "The provider gave no answer."), None)),
        }
    }
}

fn object_of(open: &Unsettled, value: &Value, status: ObjectStatus, clients: &Clients, clock: &Clock) -> ObjectState {
    let template = &open.intent.template;
    let mut object = ObjectState { status, ..template.clone() };
    if open.intent.request.operation == Operation::Create {
        object.private.created_unix_seconds.get_or_insert_with(|| clock());
    }
    let provider = clients.providers().by_source(&open.intent.provider.source);
    match provider.and_then(|provider| provider.schema(Mode::Managed, &open.intent.request.type_name)) {
        Some(schema) => object.with_value(&value.with_marks_at(&template.sensitive, Marks::SENSITIVE), &schema),
        None => object,
    }
}

/// What an operation is called in messages.
pub fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "creation",
        Operation::Update => "update",
        Operation::Delete => "deletion",
    }
}

/// The way out where nothing can be looked up any more.
fn give_up(open: &Unsettled) -> String {
    format!(
        "If it can never be told, windlass state forget-intent '{}' leaves the state as it was before that operation.",
        open.intent.address
    )
}

fn failed(open: &Unsettled, error: &Error) -> Box<Diagnostic> {
    let (address, verb) = (&open.intent.address, verb(open.intent.request.operation));
    let hint = error
        .hint
        .clone()
        .unwrap_or_else(|| format!("Remove the cause, then run again: nothing else is done before this is settled. {}", give_up(open)));
    Box::new(
        Diagnostic::error(
            "Can't tell what became of a stopped operation",
            format!("An earlier run was stopped during the {verb} of {address}, and looking it up failed: {error}."),
        )
        .about(address)
        .hint(hint),
    )
}

fn ambiguous(open: &Unsettled, candidates: &[String], detail: &str) -> Box<Diagnostic> {
    let (address, verb) = (&open.intent.address, verb(open.intent.request.operation));
    let list: String = candidates.iter().map(|candidate| format!("\n  - {candidate}")).collect();
    Box::new(
        Diagnostic::error(
            "Can't tell what became of a stopped operation",
            format!(
                "An earlier run was stopped during the {verb} of {address}. {detail} These may be it:{list}\nWindlass neither adopts nor makes \
                 anything on a guess."
            ),
        )
        .about(address)
        .hint(format!(
            "Look at the candidates. Delete those that the stopped run made, or that nobody needs, then run again. {}",
            give_up(open)
        )),
    )
}
