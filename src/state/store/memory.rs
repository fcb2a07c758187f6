//! A state in memory: for tests, and for what is about to be printed because no disk takes it.

use super::{LockInfo, Store, StoreError, Version, Versioned};
use crate::state::{Effects, Medium};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a memory store holds; it outlives the stores that use it, as a disk outlives a process.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    content: Arc<Mutex<Content>>,
}

#[derive(Debug, Default)]
struct Content {
    snapshot: Option<Vec<u8>>,
    version: u64,
    segments: BTreeMap<String, Vec<u8>>,
    lock: Option<LockInfo>,
}

/// A state in memory, for tests. Its lock is not tied to a process: a test takes it away with `force_unlock`.
pub struct MemoryStore {
    disk: MemoryDisk,
    medium: Medium,
    effects: Arc<Effects>,
}

impl MemoryStore {
    /// A store on a disk.
    pub fn new(disk: MemoryDisk, effects: Arc<Effects>) -> MemoryStore {
        MemoryStore { disk, medium: Medium::Store, effects }
    }

    /// The same in place of what a machine keeps.
    pub fn of_spool(disk: MemoryDisk, effects: Arc<Effects>) -> MemoryStore {
        MemoryStore { disk, medium: Medium::Spool, effects }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Content) -> T) -> T {
        work(&mut self.disk.content.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn effect<T>(&self, action: &'static str, work: impl FnOnce(&mut Content) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.effects.write(self.medium, action, || self.place(), async { self.with(work) }).await
    }
}

impl Content {
    fn version(&self) -> Version {
        Version(self.version.to_string().into())
    }
}

#[async_trait::async_trait]
impl Store for MemoryStore {
    fn place(&self) -> String {
        "memory".into()
    }

    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        Ok(self.with(|content| content.snapshot.clone().map(|bytes| Versioned { bytes, version: content.version() })))
    }

    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        self.effect("writing", |content| {
            if content.snapshot.as_ref().map(|_| content.version()).as_ref() != expected {
                return Err(StoreError::Conflict);
            }
            content.snapshot = Some(bytes.to_vec());
            content.version += 1;
            Ok(content.version())
        })
        .await
    }

    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let append = |content: &mut Content| {
            content.segments.entry(name.to_owned()).or_default().extend_from_slice(bytes);
            Ok(())
        };
        self.effect("writing the journal of", append).await
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.with(|content| content.segments.keys().cloned().collect()))
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.with(|content| content.segments.get(name).cloned().unwrap_or_default()))
    }

    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError> {
        for name in names {
            let remove = |content: &mut Content| {
                content.segments.remove(name);
                Ok(())
            };
            self.effect("deleting the journal of", remove).await?;
        }
        Ok(())
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError> {
        self.with(|content| match &content.lock {
            Some(holder) => Err(StoreError::Locked(Some(Box::new(holder.clone())))),
            None => {
                content.lock = Some(info.clone());
                Ok(())
            }
        })
    }

    async fn unlock(&self, id: &str) -> Result<(), StoreError> {
        self.force_unlock(id).await
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        self.with(|content| match &content.lock {
            Some(holder) if holder.id == id => {
                content.lock = None;
                Ok(())
            }
            Some(holder) => Err(StoreError::NoSuchLock(format!("lock ID {id:?} does not match existing lock ID {:?}", holder.id))),
            None => Err(StoreError::NoSuchLock("the state is not locked".into())),
        })
    }
}
