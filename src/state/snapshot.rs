//! The snapshot: outputs and objects.

use super::CheckResults;
use crate::address::{ConfigResource, Instance, ProviderConfig};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Path, Type, Value};

/// Everything that a state file records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Grows by one with each snapshot that differs.
    pub serial: u64,
    /// A random UUID that stays for the state's whole life; empty before the first write.
    pub lineage: Arc<str>,
    /// Outputs of the root module.
    pub outputs: BTreeMap<Arc<str>, OutputState>,
    /// What conditions came to in the last apply.
    pub checks: CheckResults,
    /// Instances by address. Shared, so that a copy of a state costs little.
    pub instances: BTreeMap<Instance, Arc<InstanceState>>,
}

/// An output's last value.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputState {
    /// Its value, wholly known.
    pub value: Value,
    /// The type that the file records.
    pub ty: Type,
    /// Never shown.
    pub sensitive: bool,
}

/// The objects of one instance.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceState {
    /// The provider configuration that manages them.
    pub provider: ProviderConfig,
    /// The object in use.
    pub current: Option<ObjectState>,
    /// Objects replaced and not yet deleted.
    pub deposed: BTreeMap<DeposedKey, ObjectState>,
}

/// Eight hexadecimal digits that tell deposed objects of an instance apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeposedKey(pub Arc<str>);

/// Whether an object is sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectStatus {
    /// It is.
    #[default]
    Ready,
    /// Its creation failed half-way; the next apply replaces it.
    Tainted,
}

/// One object as last seen.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectState {
    /// The schema version of the attributes.
    pub schema_version: u64,
    /// Attributes exactly as the file's JSON says (objects and tuples only); `decode` gives them their schema's type. An object
    /// of a type that we don't know passes through unchanged.
    pub attributes: Value,
    /// Paths of values that were marked sensitive by the configuration.
    pub sensitive: Vec<Path>,
    /// Whether it is sound.
    pub status: ObjectStatus,
    /// What it needed when it was made: decides the order of deletion.
    pub dependencies: Arc<[ConfigResource]>,
    /// Whether its replacement is made before it goes.
    pub create_before_destroy: bool,
    /// What the engine keeps with the object, in the file's `private` field.
    pub private: ObjectPrivate,
}

/// What the engine keeps with an object. Unknown content of other tools is carried along unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectPrivate {
    /// The account or project that it stands in.
    pub account: Option<Arc<str>>,
    /// The region that it stands in.
    pub region: Option<Arc<str>>,
    /// When it was made, in seconds since 1970; a "gone" answer for a young object is asked again.
    pub created_unix_seconds: Option<u64>,
    /// The `private` bytes of another tool, base64 as found.
    pub foreign: Option<Arc<str>>,
}

impl State {
    /// An empty state.
    pub fn empty() -> State {
        State::default()
    }

    /// The current object of an instance.
    pub fn current(&self, address: &Instance) -> Option<&ObjectState> {
        self.instances.get(address)?.current.as_ref()
    }
}
