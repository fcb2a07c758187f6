//! Appends records. Many tasks share one writer; what is ready at the same time is written and synced together.
//!
//! When the store fails, what is in flight must still be brought to its end: its records go to a spool on this machine, and where that
//! fails too, they are kept to be shown to the user. Nothing new may begin then: intents are refused.

use super::standing::Standing;
use super::wire::record_to_json;
use super::{Begin, IntentId, Record, frame::write_frame};
use crate::address::Instance;
use crate::state::patience::{Tell, patiently};
use crate::state::store::{Store, StoreError};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// How many bytes one append holds at most, unless a single entry is larger.
const APPEND_BYTES_MAX: usize = 4 << 20;
/// How long a store that does not answer is waited for when the user wants to stop at once.
const HURRY: Duration = Duration::from_secs(2);

/// Where records go.
#[derive(Clone)]
pub(in crate::state) struct Places {
    pub(in crate::state) store: Arc<dyn Store>,
    /// Takes the records of what is in flight when the store fails. Without it, those are refused too.
    pub(in crate::state) spool: Option<Arc<dyn Store>>,
    pub(in crate::state) tell: Tell,
}

/// Appends records; many tasks share one. When an append fails, all later intents fail too: the run must stop.
#[derive(Clone)]
pub struct JournalWriter {
    begin: Begin,
    entries: mpsc::UnboundedSender<Entry>,
    next_intent: Arc<AtomicU64>,
    failure: watch::Receiver<Option<StoreError>>,
    hurry: Arc<watch::Sender<bool>>,
}

enum Entry {
    Records { records: Vec<Record>, durable: Option<oneshot::Sender<Result<(), StoreError>>> },
    Finish(oneshot::Sender<Ending>),
}

/// How a journal ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Why the store took no more.
    pub failure: Option<StoreError>,
    /// The segment of the spool that holds what the store did not take.
    pub spooled: Option<String>,
    /// Why the spool took no more.
    pub spool_failure: Option<StoreError>,
    /// What neither took: a segment.
    pub unsaved: Vec<u8>,
}

impl JournalWriter {
    /// Opens a segment. Nothing is written before the first record; the beginning goes with it.
    pub(in crate::state) fn open(places: Places, segment: String, begin: Begin) -> JournalWriter {
        let (entries, receiver) = mpsc::unbounded_channel();
        let (failed, failure) = watch::channel(None);
        let (hurry, hurried) = watch::channel(false);
        let standing = Standing::new(begin.clone());
        let task = Task { places, segment, standing, batch: 0, is_begun: false, failed, hurried, ending: Ending::default() };
        tokio::spawn(task.run(receiver));
        JournalWriter { begin, entries, next_intent: Arc::new(AtomicU64::new(1)), failure, hurry: Arc::new(hurry) }
    }

    /// Appends records, in this order and together; durable on return. When the store has failed, what ends an operation is taken
    /// all the same, as well as can be.
    ///
    /// # Errors
    /// The store failed, now or before, and an intent is among the records.
    pub async fn append(&self, records: Vec<Record>) -> Result<(), StoreError> {
        let (durable, is_durable) = oneshot::channel();
        self.entries.send(Entry::Records { records, durable: Some(durable) }).map_err(|_| closed())?;
        is_durable.await.map_err(|_| closed())?
    }

    /// Appends a record that only saves work after a crash; nobody waits for it.
    pub fn append_lazily(&self, record: Record) {
        // A failure shows in the next append that somebody waits for.
        drop(self.entries.send(Entry::Records { records: vec![record], durable: None }));
    }

    /// Whether and why the store has failed.
    pub fn failure(&self) -> watch::Receiver<Option<StoreError>> {
        self.failure.clone()
    }

    /// Whether the store has failed.
    pub fn has_failed(&self) -> bool {
        self.failure.borrow().is_some()
    }

    /// Waits until everything is where it can be. `in_a_hurry`: a store that does not answer soon counts as failed.
    pub async fn finish(&self, in_a_hurry: bool) -> Ending {
        let (ended, is_ended) = oneshot::channel();
        let gone = Ending { failure: Some(closed()), ..Ending::default() };
        if self.entries.send(Entry::Finish(ended)).is_err() {
            return gone;
        }
        tokio::pin!(is_ended);
        if in_a_hurry {
            if let Ok(ending) = tokio::time::timeout(HURRY, &mut is_ended).await {
                return ending.unwrap_or(gone);
            }
            self.hurry.send_replace(true);
        }
        is_ended.await.unwrap_or(gone)
    }

    /// An id for an operation, unique in the state's life.
    pub fn next_intent(&self) -> IntentId {
        let number = self.next_intent.fetch_add(1, Ordering::Relaxed);
        IntentId(format!("{}-{number}", self.begin.nonce).into())
    }

    /// The idempotency token of an attempt: 32 hexadecimal digits.
    pub fn token(&self, address: &Instance, generation: u64, variant: usize, attempt: usize) -> String {
        hash(&[&self.begin.nonce, &address.to_string(), &generation.to_string(), &variant.to_string(), &attempt.to_string()])
    }

    /// The value of the hidden tag of what an intent makes.
    pub fn tag(&self, intent: &IntentId) -> String {
        hash(&[&self.begin.lineage, &intent.0])
    }
}

fn closed() -> StoreError {
    StoreError::Io { action: "writing", place: "the journal".into(), message: "it is closed".into() }
}

/// 32 hexadecimal digits of the SHA-256 of the parts; their lengths are hashed too, so that no two lists run together.
fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut digits = format!("{:x}", hasher.finalize());
    digits.truncate(32);
    digits
}

/// What writes.
struct Task {
    places: Places,
    segment: String,
    standing: Standing,
    batch: u64,
    /// Whether the place that takes records now has their beginning.
    is_begun: bool,
    failed: watch::Sender<Option<StoreError>>,
    hurried: watch::Receiver<bool>,
    ending: Ending,
}

/// Records that belong together, on their way.
struct Waiting {
    records: Vec<Record>,
    frames: Vec<u8>,
    durable: Option<oneshot::Sender<Result<(), StoreError>>>,
}

impl Waiting {
    fn answer(self, answer: Result<(), StoreError>) {
        // Whoever no longer waits needs no answer.
        drop(self.durable.map(|durable| durable.send(answer)));
    }
}

impl Task {
    async fn run(mut self, mut entries: mpsc::UnboundedReceiver<Entry>) {
        while let Some(first) = entries.recv().await {
            self.batch += 1;
            let (mut waiting, mut finish, mut bytes) = (Vec::new(), None, 0);
            let mut next = Some(first);
            while let Some(entry) = next.take() {
                match entry {
                    Entry::Records { records, durable } => {
                        let mut frames = Vec::new();
                        records.iter().for_each(|record| write_frame(&mut frames, self.batch, &record_to_json(record)));
                        bytes += frames.len();
                        waiting.push(Waiting { records, frames, durable });
                        next = if bytes < APPEND_BYTES_MAX { entries.try_recv().ok() } else { None };
                    }
                    Entry::Finish(ended) => finish = Some(ended),
                }
            }
            self.write(waiting).await;
            if let Some(ended) = finish {
                drop(ended.send(self.ending().await));
            }
        }
    }

    /// How it ended; what nobody took is encrypted if the journal is.
    async fn ending(&self) -> Ending {
        let mut ending = self.ending.clone();
        if !ending.unsaved.is_empty() {
            match self.places.store.segment_as_written(std::mem::take(&mut ending.unsaved)).await {
                Ok(unsaved) => ending.unsaved = unsaved,
                Err(error) => ending.spool_failure = Some(error),
            }
        }
        ending
    }

    async fn write(&mut self, waiting: Vec<Waiting>) {
        if waiting.is_empty() {
            return;
        }
        if self.ending.failure.is_none() {
            let mut bytes = if self.is_begun { Vec::new() } else { self.standing.frames(self.batch) };
            waiting.iter().for_each(|one| bytes.extend_from_slice(&one.frames));
            match self.append(&bytes).await {
                Ok(()) => {
                    self.is_begun = true;
                    for mut one in waiting {
                        one.records.drain(..).for_each(|record| self.standing.note(record));
                        one.answer(Ok(()));
                    }
                    return;
                }
                Err(error) => {
                    self.ending.failure = Some(error.clone());
                    self.is_begun = false;
                    self.failed.send_replace(Some(error));
                }
            }
        }
        self.spool(waiting).await;
    }

    async fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let (store, segment) = (&*self.places.store, &*self.segment);
        let stopped = || StoreError::Io {
            action: "writing the journal of",
            place: store.place(),
            message: "it did not answer before the run was stopped".into(),
        };
        tokio::select! {
            done = patiently(&self.places.tell, || store.append_segment(segment, bytes)) => done,
            Ok(_) = self.hurried.wait_for(|hurried| *hurried) => Err(stopped()),
        }
    }

    /// Writes to the spool what belongs to operations that have begun, and refuses what would begin another.
    async fn spool(&mut self, waiting: Vec<Waiting>) {
        let failure = self.ending.failure.clone().unwrap_or_else(closed);
        let begins = |one: &Waiting| one.records.iter().any(|record| matches!(record, Record::Intent(_) | Record::Committing(_)));
        let (refused, mut taken): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|one| begins(one) || self.places.spool.is_none());
        refused.into_iter().for_each(|one| one.answer(Err(failure.clone())));
        if taken.is_empty() {
            return;
        }
        let heads = self.standing.frames(self.batch);
        let mut bytes = Vec::new();
        taken.iter().for_each(|one| bytes.extend_from_slice(&one.frames));
        taken.iter_mut().flat_map(|one| one.records.drain(..)).for_each(|record| self.standing.note(record));
        if let (Some(spool), None) = (&self.places.spool, &self.ending.spool_failure) {
            let whole = if self.is_begun { bytes.clone() } else { [&*heads, &*bytes].concat() };
            match spool.append_segment(&self.segment, &whole).await {
                Ok(()) => {
                    self.is_begun = true;
                    self.ending.spooled = Some(self.segment.clone());
                }
                Err(error) => {
                    self.ending.spool_failure = Some(error);
                    self.is_begun = false;
                }
            }
        }
        if self.ending.spool_failure.is_some() {
            if !self.is_begun {
                self.ending.unsaved.extend_from_slice(&heads);
                self.is_begun = true;
            }
            self.ending.unsaved.extend_from_slice(&bytes);
        }
        taken.into_iter().for_each(|one| one.answer(Ok(())));
    }
}
