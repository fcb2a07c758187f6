//! Why something can't be encrypted or decrypted.

/// A sentence without its full stop and without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EncryptionError(pub String);

impl EncryptionError {
    pub(super) fn of(what: &impl std::fmt::Display, reason: impl std::fmt::Display) -> EncryptionError {
        EncryptionError(format!("{what}: {reason}"))
    }
}
