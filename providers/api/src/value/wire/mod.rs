//! Values and types as JSON, and as canonical text.
//!
//! Numbers keep their exact text both ways. JSON has no unknown value; [`canonical`] writes those too.

mod canonical;
mod raw;
mod types;
mod values;

pub use canonical::{canonical, digest};
pub use raw::decode_raw;
pub use types::{type_from_json, type_to_json};
pub use values::{infer_from_json, value_from_json, value_to_json, value_to_json_as};

use super::Path;

/// Why something can't be written as JSON or read from it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}{message}", if path.0.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct WireError {
    /// The part at fault.
    pub path: Path,
    /// What is wrong.
    pub message: String,
}

impl WireError {
    fn at(path: &Path, message: impl Into<String>) -> WireError {
        WireError { path: path.clone(), message: message.into() }
    }
}

#[cfg(test)]
mod tests;
