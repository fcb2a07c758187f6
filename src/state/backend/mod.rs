//! Back ends: where the states of all workspaces are kept.
//!
//! A [`Backend`] opens a [`Store`](super::store::Store) for each workspace.
//!
//! - [`schema`]: the arguments of each back end, as Terraform has them.
//! - [`Record`]: `.terraform/terraform.tfstate`, which says what `init` has set up.
//! - [`make`]: arguments → back end.

mod contract;
mod local;
mod make;
mod record_wire;
mod schemas;
#[cfg(test)]
mod tests;

pub use contract::{Backend, BackendError, DEFAULT_WORKSPACE, is_workspace_name};
pub use local::{LocalBackend, StateFiles};
pub use make::{Surroundings, make};
pub use record_wire::{Record, Recorded};
pub use schemas::{config_hash, is_known, is_removed, schema};
