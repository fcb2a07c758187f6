//! The provider trait: how the engine talks to a cloud.
//!
//! Everything works on values and in batches, and nothing waits: a creation is *started*, which yields an identity and a
//! handle, and the handle is *polled* until the object is ready. The engine writes the identity to its journal before
//! it polls, so that a process that dies in between finds the object again by [`Client::recover`].
//!
//! ```text
//! Provider (pure)   schema · validate · plan                        no network, no clock, no environment
//!    └─ configure → Client (io)   account · read · import · read_data · probe · start · poll · recover
//! ```
//!
//! Rules that every implementation keeps:
//! - A method that takes a slice answers with as many items, in the same order.
//! - `start` never issues a creation a second time on its own; call-level retries happen only where the call carries
//!   the idempotency token or has no effect when repeated.
//! - `recover` only looks up; it changes nothing.
//! - What an operation returns holds every attribute that the plan had known, unchanged, and no unknown.

mod error;
mod request;

pub use error::{Error, ErrorKind};
pub use request::{
    Account, Availability, Environment, Handle, Identity, Intent, Lease, Mode, Opened, Operation, PlanRequest, PlanResponse, Polled,
    Problem, Recovery, SandboxEndpoint, StartRequest, Started,
};

use crate::{Schema, Value};
use std::sync::Arc;

/// A dated snapshot of offers, as comma-separated tables.
#[derive(Clone, Copy, Debug)]
pub struct Catalog {
    /// Machine types with prices.
    pub machines: &'static [&'static str],
    /// Storage with prices.
    pub storage: &'static str,
    /// From when the prices are, as plans say it: a date, or the first and the last.
    pub as_of: &'static str,
}

/// The pure half of a provider.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// The local name that its types begin with, such as `aws`.
    fn name(&self) -> &str;

    /// The source address that state files and `required_providers` use, such as `registry.terraform.io/hashicorp/aws`.
    fn source(&self) -> &str;

    /// The version whose schemas it follows, such as `6.47.0`.
    fn version(&self) -> &str;

    /// The schema of its `provider` block.
    fn configuration_schema(&self) -> Arc<Schema>;

    /// The schema of a type, whether implemented or not; `None` when there is no such type.
    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>>;

    /// Types of a mode that the provider's original has and that are known by name only: neither schema nor implementation is here.
    fn refused_types(&self, mode: Mode) -> &[&str] {
        let _ = mode;
        &[]
    }

    /// All type names of a mode in order, for suggestions.
    fn type_names(&self, mode: Mode) -> Vec<Arc<str>>;

    /// Why types may be missing that a user expects, such as a file that declares them and can't be read; a sentence or more.
    fn missing_types(&self) -> Option<&str> {
        None
    }

    /// What the cloud offers and at what price, for the placement of workloads; `None` for a provider that has no machines.
    fn catalog(&self) -> Option<Catalog> {
        None
    }

    /// Whether objects of the type can be read and changed; a type that is not implemented validates and plans only where
    /// no instance of it would be changed.
    fn is_implemented(&self, mode: Mode, type_name: &str) -> bool;

    /// Checks a configuration beyond its schema. Unknown parts are skipped.
    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Vec<Problem>;

    /// Plans one object: fills in what the provider decides, and names what forces a replacement.
    fn plan(&self, request: &PlanRequest<'_>) -> PlanResponse;

    /// An object that the state records as one of another type, of whatever provider, as one of `to_type`: its attributes in the form
    /// of the state file. `None` when that can't be done; then a `moved` block can't name the two.
    fn converted(&self, from_type: &str, to_type: &str, attributes: &Value) -> Option<Value> {
        let _ = (from_type, to_type, attributes);
        None
    }

    /// How long an operation usually takes, in seconds; apply starts the longest remaining path first.
    fn typical_seconds(&self, type_name: &str, operation: Operation) -> f64;

    /// Makes a client from a `provider` block's value. Reads credentials; makes no other call.
    async fn configure(&self, config: &Value, environment: &Environment) -> Result<Arc<dyn Client>, Error>;
}

/// The io half of a provider: one configured client.
#[async_trait::async_trait]
pub trait Client: Send + Sync {
    /// Whose account it acts in.
    async fn account(&self) -> Result<Account, Error>;

    /// Reads objects anew by their last known values; `None` for an object that is gone.
    async fn read(&self, type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>>;

    /// Reads objects that are to be managed from now on, by the ids that their type is imported by; `None` where there is no such
    /// object, `Invalid` for an id of a wrong form. Asked only for types whose schema is importable.
    async fn import(&self, type_name: &str, ids: &[String]) -> Vec<Result<Option<Value>, Error>> {
        let message = format!("resources of type {type_name} can't be imported");
        ids.iter().map(|_| Err(Error::new(ErrorKind::Unsupported, message.clone()))).collect()
    }

    /// Reads data sources by their configurations.
    async fn read_data(&self, type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>>;

    /// The same with the addresses of the data sources, for a type of which one may be read otherwise than another.
    async fn read_data_of(&self, type_name: &str, _addresses: &[String], configs: &[Value]) -> Vec<Result<Value, Error>> {
        self.read_data(type_name, configs).await
    }

    /// Opens an ephemeral object by its configuration, which is wholly known.
    async fn open(&self, type_name: &str, _config: &Value) -> Result<Opened, Error> {
        Err(Error::new(ErrorKind::Unsupported, format!("there is no ephemeral resource {type_name}")))
    }

    /// Keeps an ephemeral object open; the lease from then on.
    async fn renew(&self, _type_name: &str, lease: &Lease) -> Result<Lease, Error> {
        Ok(lease.clone())
    }

    /// Closes an ephemeral object.
    async fn close(&self, _type_name: &str, _lease: &Lease) -> Result<(), Error> {
        Ok(())
    }

    /// Whether the names that creations would take are free; asked before the intent is written.
    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>>;

    /// Starts operations. The slice is one gang where the type has an all-or-nothing call; otherwise its items are
    /// independent.
    async fn start(&self, requests: &[StartRequest]) -> Vec<Started>;

    /// Looks once at operations under way; never waits.
    async fn poll(&self, handles: &[Handle]) -> Vec<Polled>;

    /// Finds out what became of operations whose end was not recorded.
    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery>;
}
