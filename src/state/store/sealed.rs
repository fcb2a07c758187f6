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
    /// An append that failed: made again, it must be the same.
    pending: Mutex<Option<Pending>>,
}

/// An append on its way.
struct Pending {
    name: String,
    plain: Vec<u8>,
    sealed: Vec<u8>,
    next: segment::Writing,
}

impl SealedStore {
    /// A store behind an encryption.
    pub fn new(inner: Arc<dyn Store>, target: Target) -> SealedStore {
        SealedStore {
            inner,
            target,
            is_current: AtomicBool::new(true),
            outdated: Mutex::default(),
            writing: Mutex::default(),
            pending: Mutex::default(),
        }
    }

    fn failed(&self, action: &'static str) -> impl Fn(EncryptionError) -> StoreError {
        let place = self.inner.place();
        move |error| StoreError::Io { action, place: place.clone(), message: error.0 }
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Option<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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
        let pending = self.pending().take_if(|pending| pending.name == name && pending.plain == bytes);
        let pending = match pending {
            Some(pending) => pending,
            None => {
                let appended = segment::append(&self.target, name, self.begun(name).as_ref(), bytes).await;
                let (sealed, next) = appended.map_err(self.failed("encrypting the journal of"))?;
                Pending { name: name.to_owned(), plain: bytes.to_vec(), sealed, next }
            }
        };
        let appended = self.inner.append_segment(name, &pending.sealed).await;
        match appended {
            Ok(()) => drop(self.writing.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), pending.next)),
            Err(_) => *self.pending() = Some(pending),
        }
        appended
    }

    async fn segment_as_written(&self, bytes: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        if !self.target.seals() {
            return Ok(bytes);
        }
        let sealed = segment::append(&self.target, "unsaved", None, &bytes).await;
        sealed.map(|(sealed, _)| sealed).map_err(self.failed("encrypting the journal of"))
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        self.inner.list_segments().await
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let bytes = self.inner.read_segment(name).await?;
        segment::read(&self.target, Some(name), bytes).await.map_err(self.failed("decrypting the journal of"))
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
