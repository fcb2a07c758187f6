//! Packages of modules from elsewhere: fetched, checked, put where the configuration finds them.
//!
//! ```text
//! package ─fetch→ staging folder → .terraform/modules/NAME ─manifest→ modules.json
//! ```
//!
//! Nothing here reads the configuration or the environment: `ops` says what is wanted, the command line says by whom. Folders
//! and manifest are Terraform's, so that both programs find what the other installed.

mod archive;
mod checksum;
mod error;
mod fetch;
mod folder;
mod git;
mod hash;
mod http;
mod install;
mod manifest;
mod netrc;
mod object_place;
mod objects;
mod registry;
mod settings;
mod web;
mod wire;

pub use error::PackageError;
pub use fetch::Fetcher;
pub use folder::subfolder;
pub use hash::hash_folder;
pub use install::Installation;
pub use manifest::{Entry, Manifest, replace_file};
pub use registry::RegistryError;
pub use settings::{Hosts, Settings, Token};
pub use wire::read_credentials;
