//! A state that is encrypted before another store gets it: snapshot, backup and journal. The lock stays readable, and so do the serial
//! and the lineage.

use super::{LockInfo, Store, StoreError, Version, Versioned};
use crate::encryption::{EncryptionError, Target, segment};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A store behind an encryption. Where nothing is to be encrypted, everything passes as it is, but what is encrypted is refused.
pub struct SealedStore {
    inner: Arc<dyn Store>,
    target: Target,
    /// Whether the snapshot stands there as it would be written now.
    is_current: AtomicBool,
    /// The snapshot that was read, if it is not.
    outdated: Mutex<Option<Vec<u8>>>,
    /// Segments that this run has begun.
    writing: Mutex<BTreeMap<String, segment::Writing>>,
}

impl SealedStore {
    /// A store behind an encryption.
    pub fn new(inner: Arc<dyn Store>, target: Target) -> SealedStore {
        SealedStore { inner, target, is_current: AtomicBool::new(true), outdated: Mutex::default(), writing: Mutex::default() }
    }

    fn failed(&self, action: &'static str) -> impl Fn(EncryptionError) -> StoreError {
        let place = self.inner.place();
        move |error| StoreError::Io { action, place: place.clone(), message: error.0 }
    }

    fn begun(&self, name: &str) -> Option<segment::Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

#[async_trait::async_trait]
impl Store for SealedStore {
    fn place(&self) -> String {
        self.inner.place()
    }

    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        let Some(Versioned { bytes, version }) = self.inner.get().await? else { return Ok(None) };
        let opened = self.target.open(bytes).await.map_err(self.failed("decrypting"))?;
        self.is_current.store(opened.is_current, Ordering::Relaxed);
        *self.outdated.lock().unwrap_or_else(PoisonError::into_inner) = (!opened.is_current).then(|| opened.bytes.clone());
        Ok(Some(Versioned { bytes: opened.bytes, version }))
    }

    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        let outdated = self.outdated.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(before) = outdated {
            // The backup would hold it as it stood there: without encryption, or under a key that goes.
            let backup = self.target.seal_state(&before).await.map_err(self.failed("encrypting the backup of"))?;
            self.inner.keep_as_backup(backup);
        }
        let sealed = self.target.seal_state(bytes).await.map_err(self.failed("encrypting"))?;
        let version = self.inner.put_if(expected, &sealed).await?;
        self.is_current.store(true, Ordering::Relaxed);
        Ok(version)
    }

    fn is_current(&self) -> bool {
        self.is_current.load(Ordering::Relaxed)
    }

    async fn as_written(&self, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.target.seal_state(&bytes).await.map_err(self.failed("encrypting"))
    }

    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if !self.target.seals() {
            return self.inner.append_segment(name, bytes).await;
        }
        // Only one task appends to a segment.
        let begun = self.begun(name);
        let appended = segment::append(&self.target, name, begun.as_ref(), bytes).await;
        let (sealed, next) = appended.map_err(self.failed("encrypting the journal of"))?;
        self.inner.append_segment(name, &sealed).await?;
        self.writing.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), next);
        Ok(())
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        self.inner.list_segments().await
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let bytes = self.inner.read_segment(name).await?;
        segment::read(&self.target, name, bytes).await.map_err(self.failed("decrypting the journal of"))
    }

    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError> {
        self.inner.delete_segments(names).await
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError> {
        self.inner.lock(info).await
    }

    async fn unlock(&self, id: &str) -> Result<(), StoreError> {
        self.inner.unlock(id).await
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        self.inner.force_unlock(id).await
    }
}
