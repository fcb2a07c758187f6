//! Back ends: where the states of all workspaces are kept.
//!
//! A [`Backend`] opens a [`Store`](super::store::Store) for each workspace.
//!
//! - [`schema`]: the arguments of each back end, as Terraform has them.
//! - [`Record`]: `.terraform/terraform.tfstate`, which says what `init` has set up.
//! - [`make`]: arguments → back end; [`arguments`]: the same from a value.

mod contract;
mod gcs;
mod given;
mod http;
mod local;
mod make;
mod objects;
mod oss;
mod pg;
mod pg_settings;
mod record_wire;
mod s3;
mod schemas;
mod sealed;
#[cfg(test)]
mod tests;

pub use contract::{Backend, BackendError, DEFAULT_WORKSPACE, is_workspace_name};
pub use given::arguments;
pub use local::{LocalBackend, StateFiles};
pub use make::{Surroundings, make};
pub use record_wire::{Record, Recorded};
pub use schemas::{config_hash, is_known, is_removed, schema};
pub use sealed::SealedBackend;
