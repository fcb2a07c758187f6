//! The state file, version 4.
//!
//! Written exactly as Terraform writes it: two spaces of indent, its order, its escapes, standard fields only. Read with the place
//! of what is wrong. Besides files named `wire`, only this folder of `state` knows JSON.

mod checks;
pub(super) mod json;
pub(super) mod private;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::read;
pub(super) use read::{ObjectFields, object_of};
pub(super) use write::object;
pub use write::{TERRAFORM_VERSION, write};
