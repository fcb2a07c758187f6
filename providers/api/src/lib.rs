//! The vocabulary that the engine and the providers share: values, types, schemas and the provider trait.
//!
//! This crate knows no cloud, no file format but JSON (in the files named `wire`), and no engine. It stands below
//! both sides of the provider trait, so that neither side depends on the other.
//!
//! - [`value`]: values by the rules of Terraform's type system (cty): typed nulls, unknowns with refinements, marks.
//! - [`schema`]: what attributes and blocks a type has.
//! - [`provider`]: the trait that every provider implements, and the kinds of its errors.
//! - [`registry`]: the providers that a run knows.
//! - [`limit`] and [`retry`]: how fast and how often a provider calls its cloud.

pub mod limit;
pub mod provider;
pub mod registry;
pub mod retry;
pub mod schema;
pub mod value;

pub use provider::{
    Account, Availability, Catalog, Client, Environment, Error, ErrorKind, Handle, Identity, Intent, Lease, Mode, Opened, Operation,
    PlanRequest, PlanResponse, Polled, Problem, Provider, Recovery, SandboxEndpoint, StartRequest, Started,
};
pub use registry::Providers;
pub use schema::{Attribute, BlockSchema, NestedBlock, Nesting, Schema};
pub use value::{Data, Marks, Number, ObjectType, Path, Refinement, Step, Type, Value};
