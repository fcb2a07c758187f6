//! Providers that need no cloud: their objects live in the state alone, or in files.
//!
//! - `terraform`: `terraform_data`, and `terraform_remote_state`, which reads outputs of another configuration;
//! - `null`: `null_resource`;
//! - `random`: `random_id`, `random_password`, …;
//! - `windlass`: `windlass_placement`, which keeps what a workload's placement chose. Its source address is our own, so that Terraform
//!   refuses a state that holds one instead of destroying what it can't see;
//! - `tfcoremock`: simple, complex and declared types whose objects are files, so that modules can be tried (`mock/`).
//!
//! Creating an object that lives in the state alone has no effect outside, so an interrupted creation left nothing behind.

mod local;
mod mock;
mod null;
mod pet;
mod placement;
mod random;
mod remote_state;
mod results;
mod terraform_data;
mod text;

use local::LocalProvider;
pub use mock::MockPlaces;
pub use remote_state::RemoteStates;
use std::sync::Arc;
use windlass_api::Provider;

/// All providers of this crate.
pub fn providers(mock: MockPlaces, states: Arc<dyn RemoteStates>) -> Vec<Arc<dyn Provider>> {
    vec![
        Arc::new(
            LocalProvider::new("terraform", "terraform.io/builtin/terraform", "0.0.0", vec![terraform_data::local_type()])
                .with_data(vec![remote_state::data_type(states)]),
        ),
        Arc::new(LocalProvider::new("null", "registry.terraform.io/hashicorp/null", "3.2.4", vec![null::local_type()])),
        Arc::new(
            LocalProvider::new("random", "registry.terraform.io/hashicorp/random", "3.7.2", random::local_types())
                .with_ephemeral(random::ephemeral_types()),
        ),
        Arc::new(LocalProvider::new(
            "windlass",
            "registry.windlass.dev/windlass/windlass",
            env!("CARGO_PKG_VERSION"),
            vec![placement::local_type()],
        )),
        mock::provider(mock),
    ]
}

#[cfg(test)]
mod tests;
