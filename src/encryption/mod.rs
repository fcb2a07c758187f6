//! Encryption of states, journals and saved plans by OpenTofu's `encryption` block.
//!
//! ```text
//! block, every value known ─read→ Settings ─Encryption→ Target (state · plan · a remote state) ─seal · open→ bytes
//! ```
//!
//! - [`Settings`]: key providers, methods, and which method is for what, checked; [`read`] makes them, [`merge`] puts another block
//!   over one.
//! - [`Encryption`]: settings with the keys that this run has got so far. A key is derived once: with PBKDF2 that takes a third of a
//!   second.
//! - [`Target`]: what is encrypted alike. It writes by its first method, and reads by any of them.
//!
//! On disk everything is OpenTofu's: both read what the other has written. The segments of a journal, which OpenTofu does not have, are
//! rows of sealed frames: see [`segment`].

mod arguments;
mod cloud;
mod error;
mod keys;
mod merge;
mod method;
mod openbao;
mod pbkdf2;
mod program;
mod read;
mod read_providers;
mod secret;
pub mod segment;
mod settings;
mod target;
#[cfg(test)]
mod tests;
mod wire;

pub use error::EncryptionError;
pub use keys::Shared;
pub use merge::merge;
pub use read::read;
pub use secret::Key;
pub use settings::{Encrypting, Settings};
pub use target::{Encryption, Opened, Target, is_sealed, is_sealed_state};
