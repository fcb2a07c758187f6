//! What a journal records.

use crate::address::{Instance, ProviderConfig};
use crate::state::{DeposedKey, ObjectState, OutputState};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Handle, Identity, StartRequest, Value};

/// What tells one operation from another, within a state's life.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub Arc<str>);

/// One record.
#[derive(Clone, Debug)]
pub enum Record {
    /// The first of a segment.
    Begin(Begin),
    /// The value of a provider configuration, before the first intent that uses it.
    Provider(ProviderConfig, Value),
    /// An operation is about to start.
    Intent(Box<IntentRecord>),
    /// What it will be found by, and what to poll. May come again with another handle.
    Identified(IntentId, Identity, Handle),
    /// It ended.
    Result(IntentId, Outcome),
    /// An object is recorded without an operation: drift, a data source's result.
    Put(Instance, ProviderConfig, Box<ObjectState>),
    /// An object leaves the state and stays in the cloud.
    Forget(Instance, Option<DeposedKey>),
    /// An instance has another address now: from, to.
    Move(Instance, Instance),
    /// All outputs of the root module.
    Outputs(BTreeMap<Arc<str>, OutputState>),
    /// A snapshot with this digest, which holds everything before, is about to be written.
    Committing(Arc<str>),
}

/// What a segment starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begin {
    /// The state's.
    pub lineage: Arc<str>,
    /// Of the snapshot, hexadecimal SHA-256; `None` when there was none.
    pub snapshot: Option<Arc<str>>,
    /// Random, so that no two runs make the same tokens.
    pub nonce: Arc<str>,
}

/// An operation that is about to start.
#[derive(Clone, Debug)]
pub struct IntentRecord {
    /// Its id.
    pub id: IntentId,
    /// Whose.
    pub address: Instance,
    /// Which, when it is done to a deposed object.
    pub deposed: Option<DeposedKey>,
    /// For a creation: the current object is set aside under this key first, and comes back if nothing is made. For the undoing of
    /// a half-made creation: it comes back.
    pub set_aside: Option<DeposedKey>,
    /// The provider configuration that does it.
    pub provider: ProviderConfig,
    /// The request as it goes to the provider.
    pub request: StartRequest,
    /// 0 for the first choice.
    pub variant: usize,
    /// 0 for the first try.
    pub attempt: usize,
    /// Whether the name that it takes was free just before.
    pub name_was_free: bool,
    /// The object as it will be recorded, but for the attributes.
    pub template: ObjectState,
}

/// What an operation left.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// This object, sound or tainted.
    Object(Box<ObjectState>),
    /// Nothing: the object is gone, or what was half made was undone.
    Gone,
    /// What was there before: the operation had no effect.
    Unchanged,
}

/// An operation whose end is not recorded.
#[derive(Clone, Debug)]
pub struct Unsettled {
    /// What was begun.
    pub intent: IntentRecord,
    /// The value of its provider's configuration; null when the journal lost it.
    pub provider_config: Value,
    /// The identity, when it became known.
    pub identity: Option<Identity>,
    /// What to poll, when it became known.
    pub handle: Option<Handle>,
}
