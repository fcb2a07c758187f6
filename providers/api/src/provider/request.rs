//! What passes between the engine and a provider.

use super::Error;
use crate::{Path, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Whether a type is managed or only read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `resource`: created, changed, deleted.
    Managed,
    /// `data`: only read.
    Data,
    /// `ephemeral`: opened for the time of a run, and never stored.
    Ephemeral,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted.
    Delete,
}

/// What a provider may know of the process it runs in. Providers read no environment variable, home folder or clock of
/// their own.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Environment variables.
    pub variables: BTreeMap<String, String>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// Set under `-sandbox`: every client goes there, and no credential source is read.
    pub sandbox: Option<SandboxEndpoint>,
}

/// Where the simulator listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxEndpoint {
    /// Such as `http://127.0.0.1:4566`.
    pub url: String,
    /// The access key that the simulator knows.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
}

/// Whose account a client acts in; the state remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Account or project.
    pub id: String,
    /// Region, if the client has one.
    pub region: Option<String>,
}

/// A finding about a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The attribute at fault.
    pub path: Path,
    /// A few words.
    pub summary: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// Whether it is only a warning.
    pub is_warning: bool,
}

/// What [`super::Provider::plan`] is asked.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// The type.
    pub type_name: &'a str,
    /// The live object; `None` when it is to be made.
    pub prior: Option<&'a Value>,
    /// The configuration's value; null where nothing is set.
    pub config: &'a Value,
    /// Configuration merged with the prior object, by the rules of Terraform's "proposed new"; computed attributes that
    /// nothing sets are unknown in a creation.
    pub proposed: &'a Value,
    /// The value of the `provider` block, for default tags and the like.
    pub provider_config: &'a Value,
}

/// What [`super::Provider::plan`] answers.
#[derive(Clone, Debug)]
pub struct PlanResponse {
    /// The object as it will be, unknown where only apply can tell. Equal to the prior object when nothing changes.
    pub planned: Value,
    /// Attributes whose change can't be made in place.
    pub requires_replace: Vec<Path>,
    /// Findings; an error among them stops the plan.
    pub problems: Vec<Problem>,
}

/// An identity that a cloud gave, as soon as it is known: an id, a name, an ARN, an operation's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub String);

/// An operation under way. The text is the provider's own; the engine keeps it in the journal and hands it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle(pub String);

/// One operation to start.
#[derive(Clone, Debug)]
pub struct StartRequest {
    /// The type.
    pub type_name: String,
    /// What to do.
    pub operation: Operation,
    /// The object before; `None` when it is made.
    pub prior: Option<Value>,
    /// The object as planned, unknown only in what the cloud decides; `None` when it is deleted.
    pub planned: Option<Value>,
    /// The configuration, wholly known; `None` when it is deleted.
    pub config: Option<Value>,
    /// Idempotency token: 32 characters of `[0-9a-f]`, the same for the same intent.
    pub token: String,
    /// Value of the hidden tag `windlass` that marks what this intent made; left out of `tags`, `tags_all` and the diff.
    pub tag: String,
    /// Time limit in seconds; the engine enforces it, the provider may pass it on.
    pub timeout_seconds: u64,
}

/// Whether the name that a creation would take is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// The cloud chooses the identity; no name can clash.
    NotByName,
    /// No such object exists.
    Free,
    /// An object of that name exists.
    Taken {
        /// What to tell the user, such as `S3 bucket "x" exists`.
        detail: String,
    },
}

/// The answer to one started operation.
#[derive(Clone, Debug)]
pub enum Started {
    /// The cloud accepted it. `identity` is durable before the first poll.
    Accepted {
        /// What it will be found by.
        identity: Identity,
        /// What to poll.
        handle: Handle,
    },
    /// It failed; `partial` is what exists all the same.
    Failed {
        /// Why.
        error: Error,
        /// The identity of what exists all the same.
        identity: Option<Identity>,
        /// The object as far as it was made or changed.
        partial: Option<Value>,
    },
}

/// What one look at an operation showed.
#[derive(Clone, Debug)]
pub enum Polled {
    /// It is done; the object as it is now, `None` after a deletion.
    Ready(Option<Value>),
    /// It goes on.
    Pending {
        /// What to show, such as `pending`.
        status: String,
        /// What to poll next; steps already done are not repeated.
        handle: Handle,
        /// How long to wait before the next look.
        wait_milliseconds: u64,
    },
    /// It failed.
    Failed {
        /// Why.
        error: Error,
        /// The object as far as it was made or changed.
        partial: Option<Value>,
    },
}

/// An operation that was begun and whose end is not recorded.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The request as it was.
    pub request: StartRequest,
    /// Whether the journal says that the name was free before.
    pub name_was_free: bool,
    /// The identity, when it became known.
    pub identity: Option<Identity>,
    /// The handle, when it became known.
    pub handle: Option<Handle>,
}

/// What became of an unsettled operation.
#[derive(Clone, Debug)]
pub enum Recovery {
    /// The object exists, as it is now. For a creation: it is ours.
    Found(Value),
    /// The object exists and the operation still runs: poll on.
    UnderWay(Handle),
    /// There is no such object.
    Absent,
    /// It can't be told.
    Ambiguous {
        /// What might be it.
        candidates: Vec<String>,
        /// What to tell the user.
        detail: String,
    },
    /// The look-up itself failed.
    Failed(Error),
}

/// An ephemeral object that was opened.
#[derive(Clone)]
pub struct Opened {
    /// The object, of the schema's type, wholly known.
    pub value: Value,
    /// What keeps it open and closes it; `None` where there is nothing to renew or close.
    pub lease: Option<Lease>,
}

/// What an open ephemeral object is renewed and closed by.
#[derive(Clone)]
pub struct Lease {
    /// The provider's own text; the engine keeps it in memory alone and hands it back.
    pub token: String,
    /// After how many seconds it must be renewed; `None` when it lasts as long as the run.
    pub renew_after_seconds: Option<u64>,
}
