//! Appends records. Many tasks share one writer; what is ready at the same time is written and synced together.

use super::frame::write_frame;
use super::wire::record_to_json;
use super::{Begin, IntentId, Record};
use crate::address::Instance;
use crate::state::store::{Store, StoreError};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// How many bytes one append holds at most, unless a single entry is larger.
const APPEND_BYTES_MAX: usize = 4 << 20;

/// Appends records; many tasks share one. When an append fails, all later ones fail too: the run must stop.
#[derive(Clone)]
pub struct JournalWriter {
    begin: Begin,
    entries: mpsc::UnboundedSender<Entry>,
    next_intent: Arc<AtomicU64>,
}

struct Entry {
    records: Vec<Record>,
    durable: Option<oneshot::Sender<Result<(), StoreError>>>,
}

impl JournalWriter {
    /// Opens a segment. Nothing is written before the first record; the beginning goes with it.
    pub(in crate::state) fn open(store: Arc<dyn Store>, segment: String, begin: Begin) -> JournalWriter {
        let (entries, receiver) = mpsc::unbounded_channel();
        tokio::spawn(write_all(store, segment, Record::Begin(begin.clone()), receiver));
        JournalWriter { begin, entries, next_intent: Arc::new(AtomicU64::new(1)) }
    }

    /// Appends records, in this order and together; durable on return.
    ///
    /// # Errors
    /// The store failed, now or before.
    pub async fn append(&self, records: Vec<Record>) -> Result<(), StoreError> {
        let (durable, is_durable) = oneshot::channel();
        let closed = || StoreError::Io { action: "writing", place: "the journal".into(), message: "it is closed".into() };
        self.entries.send(Entry { records, durable: Some(durable) }).map_err(|_| closed())?;
        is_durable.await.map_err(|_| closed())?
    }

    /// Appends a record that only saves work after a crash; nobody waits for it.
    pub fn append_lazily(&self, record: Record) {
        // A failure shows in the next append that somebody waits for.
        drop(self.entries.send(Entry { records: vec![record], durable: None }));
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

async fn write_all(store: Arc<dyn Store>, segment: String, begin: Record, mut entries: mpsc::UnboundedReceiver<Entry>) {
    let mut before = Some(begin);
    let mut batch = 0;
    let mut failure: Option<StoreError> = None;
    while let Some(first) = entries.recv().await {
        batch += 1;
        let mut bytes = Vec::new();
        let mut waiting = Vec::new();
        if let Some(begin) = before.take() {
            write_frame(&mut bytes, batch, &record_to_json(&begin));
        }
        let mut next = Some(first);
        while let Some(entry) = next {
            for record in &entry.records {
                write_frame(&mut bytes, batch, &record_to_json(record));
            }
            waiting.extend(entry.durable);
            next = if bytes.len() < APPEND_BYTES_MAX { entries.try_recv().ok() } else { None };
        }
        if failure.is_none() {
            failure = store.append_segment(&segment, &bytes).await.err();
        }
        for durable in waiting {
            // Whoever no longer waits needs no answer.
            let _ = durable.send(failure.clone().map_or(Ok(()), Err));
        }
    }
}
