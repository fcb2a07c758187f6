//! The AWS provider: Terraform's `aws` types over the official SDKs.
//!
//! ```text
//! provider.rs   the pure half: schemas, validation, planning
//! catalog.rs    offers and prices, a dated snapshot
//! client/       settings, credentials, regional SDK clients, errors, and the io half
//! resource/     what all types share: mapping, drafts, tags, settling, batches, operations as steps
//! types/        one file (or folder) a managed type, and their one table
//! policy/       IAM policy documents: rendered, compared
//! data/         one file a data source, and their one table
//! ```
//!
//! SDK types occur in `client`, `types` and `data` only.

mod catalog;
mod client;
mod data;
mod policy;
mod provider;
mod resource;
#[cfg(test)]
mod sandbox_tests;
pub mod schema;
mod types;

use std::sync::Arc;
use windlass_api::Provider;

/// The AWS provider.
pub fn provider() -> Arc<dyn Provider> {
    Arc::new(provider::Aws)
}
