//! One change and why.

use crate::address::{ConfigResource, Instance, ProviderConfig};
use crate::state::DeposedKey;
use std::sync::Arc;
use windlass_api::{Path, Value};

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// A data source is read during apply.
    Read,
    /// It is changed in place.
    Update,
    /// It is deleted, then made anew.
    DeleteThenCreate,
    /// It is made anew, then the old one is deleted.
    CreateThenDelete,
    /// It is deleted.
    Delete,
    /// It leaves the state and stays in the cloud.
    Forget,
}

/// Why an action is what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// The configuration declares it and the state has none.
    Declared,
    /// Attributes differ: where, from what, to what. The list is complete.
    Differs(Vec<Path>),
    /// Attributes differ that can't be changed in place.
    CannotUpdate(Vec<Path>),
    /// Its creation failed half-way.
    Tainted,
    /// Asked for by `-replace`.
    Requested,
    /// `replace_triggered_by`.
    Triggered(Vec<Arc<str>>),
    /// It vanished from the cloud.
    Gone,
    /// No block declares it any more.
    NoResourceConfig,
    /// Its module is called no more.
    NoModule,
    /// A `moved` block moved it from this address to one that no block declares.
    NoMoveTarget(Arc<str>),
    /// The block has, or lost, `count` or `for_each`.
    WrongRepetition,
    /// `enabled` of its block is false.
    Disabled,
    /// Its index is beyond `count`.
    CountIndex(u64),
    /// `for_each` lost its key.
    EachKey(Arc<str>),
    /// A whole destroy was asked for.
    DestroyRequested,
    /// A replaced object that is still there.
    Deposed,
    /// A data source's configuration is not known yet.
    ConfigUnknown,
    /// A data source depends on something that will change.
    DependencyPending,
    /// A data source of a `check` block, which is read again to check what is there after apply.
    CheckNested,
    /// Only marks or dependencies differ.
    Recorded,
}

/// A change of one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whose.
    pub address: Instance,
    /// The address that the state knows it by, when that is another one: `x` became `x[0]` or the other way round. Whatever step
    /// records the object first removes the old address from the state in the same write.
    pub previous_address: Option<Instance>,
    /// Which, when it is a deposed object.
    pub deposed: Option<DeposedKey>,
    /// The provider configuration that does it.
    pub provider: ProviderConfig,
    /// The object that exists already and is taken into the state before anything else is done to it.
    pub importing: Option<Importing>,
    /// Whether it is the data source of a `check` block, which stops nothing when it can't be read.
    pub in_check: bool,
    /// What.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The live object; null when there is none. Of the schema's type, sensitive parts marked.
    pub before: Value,
    /// The object as it will be, unknown where only apply can tell; null when it goes.
    pub after: Value,
    /// Attributes that force a replacement.
    pub replace_paths: Vec<Path>,
    /// What it refers to, as state files record it.
    pub dependencies: Arc<[ConfigResource]>,
    /// Whether its replacement is made before it goes.
    pub create_before_destroy: bool,
    /// Ordered alternatives after the first choice; at most seven.
    pub variants: Vec<Variant>,
    /// The key under which a replaced object is set aside, chosen at plan time.
    pub set_aside: Option<DeposedKey>,
    /// Time limits in seconds, from the `timeouts` block or the schema: create, update, delete.
    pub timeouts_seconds: [u64; 3],
}

/// An object that is imported.
#[derive(Clone, Debug, PartialEq)]
pub struct Importing {
    /// Its id, as the `import` block gives it.
    pub id: Arc<str>,
    /// The resource block that was written from it; `None` where there was one.
    pub generated: Option<Arc<str>>,
}

/// One alternative of a creation, taken when what stands before it meets a lack of capacity.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What it is called.
    pub label: Arc<str>,
    /// The object as it will be under this choice.
    pub after: Value,
    /// Its cost in US dollars an hour.
    pub hourly_usd: Option<f64>,
}
