//! What a journal records.

use crate::address::{Instance, ProviderConfig};
use crate::state::{DeposedKey, ObjectState};
use std::sync::Arc;
use windlass_api::{Handle, Identity, StartRequest, Value};

/// What tells one operation from another, within a state's life.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub Arc<str>);

/// An operation that is about to start.
#[derive(Clone, Debug)]
pub struct IntentRecord {
    /// Its id.
    pub id: IntentId,
    /// Whose.
    pub address: Instance,
    /// Which, when it is done to a deposed object.
    pub deposed: Option<DeposedKey>,
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
    /// Everything but the attributes that the object will be recorded with.
    pub template: ObjectState,
}

/// An operation whose end is not recorded.
#[derive(Clone, Debug)]
pub struct Unsettled {
    /// What was begun.
    pub intent: IntentRecord,
    /// The value of its provider's configuration.
    pub provider_config: Value,
    /// The identity, when it became known.
    pub identity: Option<Identity>,
    /// What to poll, when it became known.
    pub handle: Option<Handle>,
}

/// Appends records; many tasks share one.
#[derive(Clone)]
pub struct JournalWriter {}
