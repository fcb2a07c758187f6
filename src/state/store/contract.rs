//! What every store does.

use super::LockInfo;
use std::sync::Arc;

/// What tells one version of the snapshot from the next; the store's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub Arc<str>);

/// A snapshot's bytes and their version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their version.
    pub version: Version,
}

/// Why a store could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer was faster: the version is not the expected one.
    #[error("the state was changed by another writer in the meantime")]
    Conflict,
    /// Somebody holds the lock.
    #[error("the state is locked")]
    Locked(Option<Box<LockInfo>>),
    /// There is no lock of this id.
    #[error("{0}")]
    NoSuchLock(String),
    /// The service can't be reached or fails, for now: to ask again may help.
    #[error("{action} {place}: {message}")]
    Outage {
        /// What was being done, such as `writing`.
        action: &'static str,
        /// The address.
        place: String,
        /// What was said.
        message: String,
    },
    /// The disk or the service failed, and would fail again.
    #[error("{action} {place}: {message}")]
    Io {
        /// What was being done, such as `writing`.
        action: &'static str,
        /// The file or address.
        place: String,
        /// What the system said.
        message: String,
    },
}

/// Where a state is kept. All methods may be called by several tasks; only the lock keeps other processes away.
#[async_trait::async_trait]
pub trait Store: Send + Sync {
    /// Where it is, for messages, such as `terraform.tfstate`.
    fn place(&self) -> String;

    /// The snapshot; `None` when there is none yet.
    async fn get(&self) -> Result<Option<Versioned>, StoreError>;

    /// Replaces the snapshot, all or nothing, durable on return, if its version still is the expected one (`None`: if there is
    /// none yet).
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not.
    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError>;

    /// Whether the snapshot that was read stands there as it would be written now. If not, it is to be written again even if nothing in it
    /// has changed: it is not encrypted yet, or under a key that goes.
    fn is_current(&self) -> bool {
        true
    }

    /// A snapshot as it would be written, for files beside the store.
    ///
    /// # Errors
    /// It can't be encrypted.
    async fn as_written(&self, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        Ok(bytes)
    }

    /// A segment of the journal as it would be written, for files beside the store.
    ///
    /// # Errors
    /// It can't be encrypted.
    async fn segment_as_written(&self, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        Ok(bytes)
    }

    /// What is to be kept of the snapshot before this run's first change, instead of its bytes; for stores that keep a backup.
    fn keep_as_backup(&self, _bytes: Vec<u8>) {}

    /// Appends bytes to the segment of that name, making it if need be; durable on return.
    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// The names of all segments, in order.
    async fn list_segments(&self) -> Result<Vec<String>, StoreError>;

    /// All bytes of a segment.
    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError>;

    /// Deletes segments; those that are gone already are no error.
    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError>;

    /// Takes the lock, without waiting. [`crate::state::Session`] waits where the user asks for it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] with who holds it.
    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError>;

    /// Gives the lock back.
    async fn unlock(&self, id: &str) -> Result<(), StoreError>;

    /// Removes the lock that another process left.
    ///
    /// # Errors
    /// [`StoreError::NoSuchLock`] when the lock has another id or there is none; [`StoreError::Locked`] when its holder is alive
    /// and only its end can free it.
    async fn force_unlock(&self, id: &str) -> Result<(), StoreError>;
}
