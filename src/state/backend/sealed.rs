//! A back end whose states are encrypted.

use super::contract::Backend;
use crate::encryption::Target;
use crate::state::store::{SealedStore, Store, StoreError};
use std::sync::Arc;

/// A back end behind an encryption.
pub struct SealedBackend {
    inner: Arc<dyn Backend>,
    target: Target,
}

impl SealedBackend {
    /// A back end behind an encryption.
    pub fn new(inner: Arc<dyn Backend>, target: Target) -> SealedBackend {
        SealedBackend { inner, target }
    }
}

#[async_trait::async_trait]
impl Backend for SealedBackend {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn has_workspaces(&self) -> bool {
        self.inner.has_workspaces()
    }

    async fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        self.inner.workspaces().await
    }

    fn store(&self, workspace: &str) -> Arc<dyn Store> {
        Arc::new(SealedStore::new(self.inner.store(workspace), self.target.clone()))
    }

    async fn create(&self, workspace: &str, empty: &[u8]) -> Result<(), StoreError> {
        let sealed = self.store(workspace).as_written(empty.to_vec()).await?;
        self.inner.create(workspace, &sealed).await
    }

    async fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        self.inner.delete(workspace).await
    }
}
