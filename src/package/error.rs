//! Why a package can't be had.

use crate::address::module_source::hide_secrets;

/// Why a package can't be had: a sentence without its full stop, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PackageError(String);

impl PackageError {
    /// An error; passwords and keys in it are hidden.
    pub fn new(reason: impl AsRef<str>) -> PackageError {
        PackageError(hide_secrets(reason.as_ref().trim().trim_end_matches('.')))
    }

    /// What went wrong with a file or folder.
    pub(super) fn file(path: &std::path::Path, error: impl std::fmt::Display) -> PackageError {
        PackageError::new(format!("{}: {error}", path.display()))
    }
}
