//! What planning wants to know, and what it knows.

use crate::address::{Instance, InstanceKey, ProviderConfig};
use crate::lang::{FileAnswer, FileQuestion};
use crate::state::{DeposedKey, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Account, Error, Value};

/// Something that must be known before planning can go on.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Whose account a provider configuration acts in.
    Account {
        /// The configuration's address.
        provider: ProviderConfig,
        /// Its value.
        config: Value,
    },
    /// An object as it is now.
    Object {
        /// Whose.
        address: Instance,
        /// Which, when it is deposed.
        deposed: Option<DeposedKey>,
        /// Provider configuration to read it with.
        provider: ProviderConfig,
        /// Its value.
        config: Value,
        /// The object as last known, of the schema's type.
        prior: Value,
    },
    /// An object that is to be imported, by its id.
    Import {
        /// The instance that it becomes.
        address: Instance,
        /// Its id.
        id: Arc<str>,
        /// Provider configuration to find it with.
        provider: ProviderConfig,
        /// Its value.
        config: Value,
    },
    /// A data source's result.
    Data {
        /// For messages; `None` when a workload's placement asks.
        address: Option<Instance>,
        /// The type.
        type_name: Arc<str>,
        /// Provider configuration to read it with.
        provider: ProviderConfig,
        /// Its value.
        config: Value,
        /// The data source's configuration, wholly known.
        query: Value,
    },
    /// An ephemeral object, to be opened for the time of planning.
    Ephemeral {
        /// Whose.
        address: Instance,
        /// Provider configuration to open it with.
        provider: ProviderConfig,
        /// Its value.
        config: Value,
        /// The object's configuration, wholly known.
        query: Value,
    },
    /// A file, or a question about files.
    File(FileQuestion),
}

/// What tells one ask from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AskKey {
    /// See [`Ask::Account`].
    Account(ProviderConfig),
    /// See [`Ask::Object`]: the object, and through which instance of a provider configuration it is looked at.
    Object(Instance, Option<DeposedKey>, Option<InstanceKey>),
    /// See [`Ask::Import`]: the instance and the id.
    Import(Instance, Arc<str>),
    /// See [`Ask::Data`]: provider, type, canonical JSON of the query.
    Data(ProviderConfig, Arc<str>, Arc<str>),
    /// See [`Ask::Ephemeral`].
    Ephemeral(Instance),
    /// See [`Ask::File`].
    File(FileQuestion),
}

/// The answer to an ask.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To [`Ask::Account`].
    Account(Account),
    /// To [`Ask::Object`] and [`Ask::Import`]: `None` when it is gone.
    Object(Option<Value>),
    /// To [`Ask::Data`].
    Data(Value),
    /// To [`Ask::Ephemeral`].
    Opened(Value),
    /// To [`Ask::File`].
    File(FileAnswer),
    /// The question could not be answered.
    Failed(Error),
}

/// What an answer says about a file; a question that could not be answered is a file that could not be read.
pub(super) fn file_answer(key: &AskKey, answer: &Answer) -> Option<(FileQuestion, FileAnswer)> {
    match (key, answer) {
        (AskKey::File(question), Answer::File(answer)) => Some((question.clone(), answer.clone())),
        (AskKey::File(question), Answer::Failed(error)) => Some((question.clone(), FileAnswer::Failed(error.to_string().into()))),
        _ => None,
    }
}

/// Everything that planning may depend on besides the configuration.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Answers so far.
    pub answers: BTreeMap<AskKey, Answer>,
    /// Values of root variables from flags, files and environment, with where they came from for messages.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The state before.
    pub state: Arc<State>,
    /// The workspace.
    pub workspace: Arc<str>,
    /// The working folder, as `path.cwd` shows it.
    pub working_folder: Arc<str>,
    /// The time of planning, RFC 3339 in UTC.
    pub timestamp: Arc<str>,
    /// Whether the run stands under `-sandbox`.
    pub sandbox: bool,
}
