//! `tfcoremock`: objects that are files, so that modules can be tried without any cloud.
//!
//! Every object is one JSON file, `terraform.resource/ID.json`, readable and editable by hand: an edit is drift, a removed file is an object
//! that is gone. Data sources read such files from `terraform.data/`. Besides `tfcoremock_simple_resource` and
//! `tfcoremock_complex_resource` there are the types that `dynamic_resources.json` in the working folder declares. Names, arguments and the
//! form of the files are those of the public provider of the same name.
//!
//! - [`types`]: the two fixed types, and data sources from resources;
//! - [`declared_wire`]: the types of `dynamic_resources.json`;
//! - [`object_wire`]: objects ⇄ files;
//! - [`provider`], [`client`], [`folder`]: the provider itself, its operations, and the folder that holds the files.

mod client;
mod declared_wire;
mod folder;
mod object_wire;
mod provider;
#[cfg(test)]
mod tests;
mod types;

pub use provider::{MockPlaces, provider};
