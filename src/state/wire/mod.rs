//! The state file, version 4.
//!
//! Written exactly as Terraform writes it: two spaces of indent, its order, its escapes, standard fields only. Read with the place
//! of what is wrong. The only files of `state` that know JSON are this folder and those named `wire`.

mod read;
mod write;

pub use read::read;
pub use write::write;
