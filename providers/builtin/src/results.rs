//! Results of operations that end when they are started, kept until they are asked for.
//!
//! Handles do not hold them, since the journal keeps handles and a result may be secret.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use windlass_api::{Error, ErrorKind, Handle, Polled, Value};

/// Results by handle.
#[derive(Default)]
pub(crate) struct Results {
    next: AtomicU64,
    done: Mutex<BTreeMap<String, Option<Value>>>,
}

impl Results {
    /// Keeps a result: the object, or `None` after a deletion.
    pub(crate) fn keep(&self, result: Option<Value>) -> Handle {
        let handle = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(handle.clone(), result);
        Handle(handle)
    }

    /// Gives results out, each once. `lost` says of another run's operation what became of it.
    pub(crate) fn poll(&self, handles: &[Handle], lost: &str) -> Vec<Polled> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let look = |handle: &Handle| match done.remove(&handle.0) {
            Some(result) => Polled::Ready(result),
            None => Polled::Failed { error: Error::new(ErrorKind::NotFound, lost), partial: None },
        };
        handles.iter().map(look).collect()
    }
}
