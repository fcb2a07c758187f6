//! A state in files.

use super::{LockInfo, Store, StoreError, Version, Versioned};
use crate::state::Effects;
use std::path::PathBuf;
use std::sync::Arc;

/// A state in files beside each other: the snapshot, its backup, the lock's information, a folder of journal segments.
pub struct LocalStore {
    path: PathBuf,
    effects: Arc<Effects>,
}

impl LocalStore {
    /// The state at a path, such as `terraform.tfstate`. Nothing is read or made yet.
    pub fn new(path: impl Into<PathBuf>, effects: Arc<Effects>) -> LocalStore {
        LocalStore { path: path.into(), effects }
    }

    fn missing(&self) -> StoreError {
        let _ = &self.effects;
        StoreError::Io { action: "using", place: self.place(), message: "not built yet".into() }
    }
}

#[async_trait::async_trait]
impl Store for LocalStore {
    fn place(&self) -> String {
        self.path.display().to_string()
    }
    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        Err(self.missing())
    }
    async fn put_if(&self, _expected: Option<&Version>, _bytes: &[u8]) -> Result<Version, StoreError> {
        Err(self.missing())
    }
    async fn append_segment(&self, _name: &str, _bytes: &[u8]) -> Result<(), StoreError> {
        Err(self.missing())
    }
    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        Err(self.missing())
    }
    async fn read_segment(&self, _name: &str) -> Result<Vec<u8>, StoreError> {
        Err(self.missing())
    }
    async fn delete_segments(&self, _names: &[String]) -> Result<(), StoreError> {
        Err(self.missing())
    }
    async fn lock(&self, _info: &LockInfo) -> Result<(), StoreError> {
        Err(self.missing())
    }
    async fn unlock(&self, _id: &str) -> Result<(), StoreError> {
        Err(self.missing())
    }
    async fn force_unlock(&self, _id: &str) -> Result<(), StoreError> {
        Err(self.missing())
    }
}
