//! A state in objects of a bucket.
//!
//! ```text
//! KEY                          the snapshot
//! KEY.tflock                   Terraform's lock: made only if it is not there
//! KEY.journal/00000001-4be1c7a2/00000007   segments of the journal, one object an append
//! KEY.successor/DIGEST         OSS: who may write the version after the one of this digest
//! ```
//!
//! The snapshot is replaced only if it is the expected version: S3 compares its ETag, Google its generation. OSS can do neither; there a
//! version's successor is claimed by an object that must not exist yet, which holds in buckets without versioning only.
//!
//! The answer to a write under a condition may get lost. Then what is there tells whether it was done: the content is ours, or not.

use super::wire::{lock_info_from_json, lock_info_to_json};
use super::{LockInfo, Store, StoreError, Version, Versioned};
use crate::bucket::{self, Bucket, Condition, Error, Kind, Meta, Put, Service};
use crate::state::{Effects, Medium};
use futures::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// How large a state may be.
const STATE_BYTES_MAX: u64 = 2 << 30;
/// How many parts the segments of one journal may have: each is one append.
const PARTS_MAX: usize = 1_000_000;
/// How many parts are read or deleted side by side.
const PARALLEL: usize = 16;

/// Where the objects of a state are, and how they are written.
#[derive(Clone, Debug)]
pub struct ObjectLayout {
    /// Whose bucket it is.
    pub service: Service,
    /// The name of the snapshot.
    pub key: String,
    /// The name of the lock; without it the state is not locked.
    pub lock_key: Option<String>,
    /// More headers of every write: encryption, access lists.
    pub write_headers: Vec<(String, String)>,
    /// More headers of every read: keys of the caller's own.
    pub read_headers: Vec<(String, String)>,
    /// More of the query of every write.
    pub query: Vec<(String, String)>,
}

/// A state in objects.
pub struct ObjectStore {
    bucket: Arc<Bucket>,
    layout: ObjectLayout,
    effects: Arc<Effects>,
    held: Mutex<Option<LockInfo>>,
    /// How many parts each segment of this run has.
    parts: Mutex<BTreeMap<String, u64>>,
    /// That the bucket keeps no old versions, where that matters.
    is_suitable: OnceCell<()>,
}

fn pairs(owned: &[(String, String)]) -> Vec<(&str, &str)> {
    owned.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn version_of(version: &bucket::Version) -> Version {
    Version(version.generation.as_ref().or(version.etag.as_ref()).map_or("", String::as_str).into())
}

impl ObjectStore {
    /// The state of a layout.
    pub fn new(bucket: Arc<Bucket>, layout: ObjectLayout, effects: Arc<Effects>) -> ObjectStore {
        let (held, parts) = (Mutex::default(), Mutex::default());
        ObjectStore { bucket, layout, effects, held, parts, is_suitable: OnceCell::new() }
    }

    fn failed(&self, action: &'static str) -> impl Fn(Error) -> StoreError + '_ {
        move |error| {
            let text = error.to_string();
            let message = text.strip_prefix(&format!("{}: ", error.subject)).unwrap_or(&text).to_owned();
            match error.kind {
                // Credentials that have expired may be new ones the next time: their source is asked again.
                Kind::Unavailable | Kind::Throttled | Kind::Credentials => StoreError::Outage { action, place: error.subject, message },
                _ => StoreError::Io { action, place: error.subject, message },
            }
        }
    }

    fn condition(&self, expected: Option<&Version>) -> Condition {
        match (expected, self.layout.service) {
            (None, _) => Condition::Absent,
            (Some(version), Service::Gcs) => {
                Condition::Unchanged(bucket::Version { generation: Some(version.0.to_string()), ..Default::default() })
            }
            (Some(version), _) => Condition::Unchanged(bucket::Version { etag: Some(version.0.to_string()), ..Default::default() }),
        }
    }

    /// Reads an object; `None` when there is none.
    async fn read(&self, key: &str) -> Result<Option<(Meta, Vec<u8>)>, Error> {
        match self.bucket.get(key, &pairs(&self.layout.read_headers)).await {
            Ok(object) => {
                let meta = object.meta.clone();
                Ok(Some((meta, object.bytes(STATE_BYTES_MAX).await?)))
            }
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write(&self, key: &str, content: Vec<u8>, condition: Option<&Condition>) -> Result<bucket::Version, Error> {
        let (headers, query) = (pairs(&self.layout.write_headers), pairs(&self.layout.query));
        let put = Put { condition, content_type: Some("application/json"), headers: &headers, query: &query };
        self.bucket.put(key, content, put).await
    }

    /// In OSS a condition means nothing where the bucket keeps old versions of objects, or once did.
    async fn check_bucket(&self) -> Result<(), StoreError> {
        if self.layout.service != Service::Oss {
            return Ok(());
        }
        let check = async || {
            if self.bucket.is_versioned().await.map_err(self.failed("looking at the bucket of"))? {
                let message = "the bucket keeps old versions of objects, or once did. In such a bucket OSS can't keep two writers apart: use \
                               one that never had versioning";
                return Err(StoreError::Io { action: "using", place: self.place(), message: message.into() });
            }
            Ok(())
        };
        self.is_suitable.get_or_try_init(check).await.map(drop)
    }

    fn journal(&self) -> String {
        format!("{}.journal/", self.layout.key)
    }

    async fn parts(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let listed = self.bucket.list_all(prefix, PARTS_MAX).await.map_err(self.failed("reading the journal of"))?;
        let mut keys: Vec<String> = listed.into_iter().map(|meta| meta.key).collect();
        keys.sort();
        Ok(keys)
    }

    fn held(&self) -> Option<LockInfo> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who holds the lock. In Google's bucket Terraform calls a lock by the generation of its object, and so do we there.
    async fn holder(&self, key: &str) -> Result<Option<LockInfo>, Error> {
        let Some((meta, bytes)) = self.read(key).await? else { return Ok(None) };
        let mut info = lock_info_from_json(&bytes).unwrap_or_default();
        if let Some(generation) = meta.version.generation {
            info.info = format!("{}{}lock {}", info.info, if info.info.is_empty() { "" } else { ", " }, info.id);
            info.id = generation;
        }
        Ok(Some(info))
    }

    async fn put_snapshot(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        let condition = self.condition(expected);
        match self.write(&self.layout.key, bytes.to_vec(), Some(&condition)).await {
            Ok(version) => Ok(version_of(&version)),
            Err(error) if error.kind == Kind::PreconditionFailed => self.look(bytes).await?.ok_or(StoreError::Conflict),
            Err(error) if error.kind == Kind::Unavailable => match self.look(bytes).await {
                Ok(Some(version)) => Ok(version),
                _ => Err(self.failed("writing")(error)),
            },
            Err(error) => Err(self.failed("writing")(error)),
        }
    }

    /// The version of the snapshot, if its content is this one: then it was written, and only the answer got lost.
    async fn look(&self, bytes: &[u8]) -> Result<Option<Version>, StoreError> {
        let there = self.read(&self.layout.key).await.map_err(self.failed("reading"))?;
        Ok(there.filter(|(_, content)| content == bytes).map(|(meta, _)| version_of(&meta.version)))
    }

    /// OSS: claims to be the next writer, writes, and gives the claim back.
    async fn put_claimed(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        let name = expected.map_or_else(|| "none".to_owned(), |version| format!("{:x}", Sha256::digest(&*version.0)));
        let claim = format!("{}.successor/{name}", self.layout.key);
        let who = self.held().map_or_else(|| "without a lock".to_owned(), |info| info.id);
        match self.write(&claim, who.clone().into_bytes(), Some(&Condition::Absent)).await {
            Ok(_) => {}
            // Under the lock, a claim that is there was left by a run that died.
            Err(error) if error.kind == Kind::PreconditionFailed && self.held().is_some() => {
                self.write(&claim, who.into_bytes(), None).await.map_err(self.failed("writing"))?;
            }
            Err(error) if error.kind == Kind::PreconditionFailed => return Err(StoreError::Conflict),
            Err(error) => return Err(self.failed("writing")(error)),
        }
        let there = self.read(&self.layout.key).await.map_err(self.failed("reading"))?;
        let written = match there.map(|(meta, _)| version_of(&meta.version)).as_ref() == expected {
            true => self.write(&self.layout.key, bytes.to_vec(), None).await.map_err(self.failed("writing")),
            false => Err(StoreError::Conflict),
        };
        self.bucket.delete(&claim, None).await.map_err(self.failed("deleting the claim on"))?;
        written.map(|version| version_of(&version))
    }
}

#[async_trait::async_trait]
impl Store for ObjectStore {
    fn place(&self) -> String {
        self.bucket.address(&self.layout.key)
    }

    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        let read = self.read(&self.layout.key).await.map_err(self.failed("reading"))?;
        Ok(read.filter(|(_, bytes)| !bytes.is_empty()).map(|(meta, bytes)| Versioned { bytes, version: version_of(&meta.version) }))
    }

    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        self.check_bucket().await?;
        let write = async {
            match self.layout.service {
                Service::Oss => self.put_claimed(expected, bytes).await,
                Service::S3 | Service::Gcs => self.put_snapshot(expected, bytes).await,
            }
        };
        self.effects.write(Medium::Store, "writing", || self.place(), write).await
    }

    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        const ACTION: &str = "writing the journal of";
        let parts = || self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        // Counted when it is written: an append that is tried again takes the place of the one whose answer got lost.
        let part = parts().get(name).copied().unwrap_or(0) + 1;
        let key = format!("{}{name}/{part:08}", self.journal());
        let write = async { self.write(&key, bytes.to_vec(), None).await.map(drop).map_err(self.failed(ACTION)) };
        self.effects.write(Medium::Store, ACTION, || self.place(), write).await?;
        parts().insert(name.to_owned(), part);
        Ok(())
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        let prefix = self.journal();
        let keys = self.parts(&prefix).await?;
        let mut names: Vec<String> = keys.iter().filter_map(|key| Some(key.strip_prefix(&prefix)?.split_once('/')?.0.to_owned())).collect();
        names.dedup();
        Ok(names)
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let keys = self.parts(&format!("{}{name}/", self.journal())).await?;
        let reads = futures::stream::iter(keys).map(|key| async move { self.read(&key).await });
        let parts: Vec<_> = reads.buffered(PARALLEL).try_collect().await.map_err(self.failed("reading the journal of"))?;
        Ok(parts.into_iter().flatten().flat_map(|(_, bytes)| bytes).collect())
    }

    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError> {
        for name in names {
            // The last parts go first: what is left of a segment is a beginning of it.
            let mut keys = self.parts(&format!("{}{name}/", self.journal())).await?;
            keys.reverse();
            let deletions = futures::stream::iter(keys).map(|key| async move { self.delete_if_there(&key).await });
            let delete = async {
                deletions.buffered(PARALLEL).try_collect::<Vec<()>>().await.map(drop).map_err(self.failed("deleting the journal of"))
            };
            self.effects.write(Medium::Store, "deleting the journal of", || self.place(), delete).await?;
        }
        Ok(())
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError> {
        self.check_bucket().await?;
        let Some(key) = &self.layout.lock_key else { return Ok(()) };
        let number = self.effects.begin().await;
        let written = self.write(key, lock_info_to_json(info), Some(&Condition::Absent)).await;
        self.effects.end(number).await;
        if let Err(error) = written {
            if !matches!(error.kind, Kind::PreconditionFailed | Kind::Unavailable) {
                return Err(self.failed("locking")(error));
            }
            // Is it our own, whose answer got lost?
            let there = self.read(key).await.map_err(self.failed("locking"))?;
            let is_ours = there.and_then(|(_, bytes)| lock_info_from_json(&bytes)).is_some_and(|there| there.id == info.id);
            if !is_ours && error.kind == Kind::Unavailable {
                return Err(self.failed("locking")(error));
            }
            if !is_ours {
                return Err(StoreError::Locked(self.holder(key).await.map_err(self.failed("locking"))?.map(Box::new)));
            }
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.clone());
        Ok(())
    }

    async fn unlock(&self, id: &str) -> Result<(), StoreError> {
        let Some(key) = &self.layout.lock_key else { return Ok(()) };
        if self.held().is_none_or(|held| held.id != id) {
            return Err(StoreError::NoSuchLock("The state is not locked by this run.".into()));
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let there = self.read(key).await.map_err(self.failed("unlocking"))?;
        let Some((meta, _)) = there.filter(|(_, bytes)| lock_info_from_json(bytes).is_some_and(|there| there.id == id)) else {
            return Err(StoreError::NoSuchLock("somebody else has removed the lock of this run".into()));
        };
        self.effects.write(Medium::Store, "unlocking", || self.place(), self.delete_lock(key, &meta)).await
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        let Some(key) = &self.layout.lock_key else {
            return Err(StoreError::NoSuchLock("This back end takes no lock: use_lockfile is not set.".into()));
        };
        let Some((meta, bytes)) = self.read(key).await.map_err(self.failed("unlocking"))? else {
            return Err(StoreError::NoSuchLock("The state is not locked.".into()));
        };
        let existing = lock_info_from_json(&bytes).unwrap_or_default().id;
        if existing != id && meta.version.generation.as_deref() != Some(id) {
            let shown = meta.version.generation.clone().unwrap_or(existing);
            return Err(StoreError::NoSuchLock(format!("lock ID {id:?} does not match existing lock ID {shown:?}")));
        }
        self.delete_lock(key, &meta).await
    }
}

impl ObjectStore {
    /// Deletes a lock as it was read. Google compares its generation; the others have no such condition.
    async fn delete_lock(&self, key: &str, meta: &Meta) -> Result<(), StoreError> {
        let condition = (self.layout.service == Service::Gcs).then(|| Condition::Unchanged(meta.version.clone()));
        self.bucket.delete(key, condition.as_ref()).await.map_err(self.failed("unlocking"))
    }

    async fn delete_if_there(&self, key: &str) -> Result<(), Error> {
        match self.bucket.delete(key, None).await {
            Err(error) if error.kind != Kind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Deletes the snapshot.
    ///
    /// # Errors
    /// It can't be deleted.
    pub async fn delete(&self) -> Result<(), StoreError> {
        self.delete_if_there(&self.layout.key).await.map_err(self.failed("deleting"))
    }
}
