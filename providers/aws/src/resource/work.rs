//! An operation as its steps see it.

use super::{Fetch, Tags, tags};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use windlass_api::{Operation, StartRequest, Value};

/// One object to read.
pub(crate) struct Known<'a> {
    /// Its id, as the attribute `id` has it.
    pub(crate) id: &'a str,
    /// The object as last known. After a crash it may hold no more than what was planned.
    pub(crate) object: &'a Value,
}

/// What a step leads to.
pub(crate) enum Next {
    /// The next step, at once.
    Step,
    /// The same step again, after a while.
    Wait {
        /// What to show, such as `pending`.
        status: String,
        /// How long.
        milliseconds: u64,
    },
    /// The next step, on the id that the object has from now on.
    Renamed(String),
    /// No further step.
    Done,
}

impl Next {
    /// The same step again after the usual second or so.
    pub(crate) fn wait(status: impl Into<String>) -> Next {
        Next::Wait { status: status.into(), milliseconds: 1_000 }
    }
}

/// What a search after a crash showed.
pub(crate) enum Found {
    /// Ids that bear our token or tag: ours for certain.
    Marked(Vec<String>),
    /// The id of what bears the name; ours only if the name was free before.
    Named(Option<String>),
}

/// One operation: what it is to achieve. Unknown parts of `planned` read as absent.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// What is done.
    pub(crate) operation: Operation,
    /// The object before; null when it is made.
    pub(crate) prior: Value,
    /// The object as planned; null when it is deleted.
    pub(crate) planned: Value,
    /// The idempotency token.
    pub(crate) token: String,
    /// The value of the hidden tag.
    pub(crate) tag: String,
    /// What this process has seen of it so far.
    pub(crate) progress: Arc<Progress>,
}

/// What this process has seen of an operation; lost with the process, so nothing may depend on it but patience.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    waited_milliseconds: AtomicU64,
    note: OnceLock<String>,
}

impl Progress {
    /// How long the present step has waited.
    pub(crate) fn waited_seconds(&self) -> u64 {
        self.waited_milliseconds.load(Ordering::Relaxed) / 1_000
    }

    /// Counts a wait.
    pub(crate) fn add_wait(&self, milliseconds: u64) {
        self.waited_milliseconds.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Begins the next step.
    pub(crate) fn next_step(&self) {
        self.waited_milliseconds.store(0, Ordering::Relaxed);
    }

    /// Remembers what one step has to tell a later one; the first note stays.
    pub(crate) fn set_note(&self, note: String) {
        // A second note would come from a step that runs again.
        let _kept = self.note.set(note);
    }

    /// What an earlier step has noted.
    pub(crate) fn note(&self) -> Option<&str> {
        self.note.get().map(String::as_str)
    }
}

impl Work {
    /// The work that a request asks for.
    pub(crate) fn of(request: &StartRequest) -> Work {
        let or_null = |value: &Option<Value>| value.clone().unwrap_or(Value::null(windlass_api::Type::Dynamic));
        Work {
            operation: request.operation,
            prior: or_null(&request.prior),
            planned: or_null(&request.planned),
            token: request.token.clone(),
            tag: request.tag.clone(),
            progress: Arc::default(),
        }
    }

    /// The object that it is about: as planned, or as it was when it is deleted.
    pub(crate) fn object(&self) -> &Value {
        if self.planned.is_null() { &self.prior } else { &self.planned }
    }

    /// Whether the plan changes any of these top-level attributes; in a creation: whether it sets one.
    pub(crate) fn changes(&self, names: &[&str]) -> bool {
        names.iter().any(|name| match (self.planned.get(name), self.prior.get(name)) {
            (Some(planned), Some(prior)) => planned != prior,
            (Some(planned), None) => planned.is_known() && !planned.is_null(),
            (None, _) => false,
        })
    }

    /// The tags of a creation: all tags of the plan, and the hidden one.
    pub(crate) fn tags(&self) -> Tags {
        let mut all = self.planned.pairs("tags_all");
        all.extend(self.planned.pairs("tags"));
        all.insert(tags::HIDDEN_TAG.to_owned(), self.tag.clone());
        all
    }

    /// Tags to set and keys to remove, to get from the prior object to the planned one.
    pub(crate) fn tag_changes(&self) -> (Tags, Vec<String>) {
        let (prior, planned): (BTreeMap<_, _>, BTreeMap<_, _>) = (self.prior.pairs("tags_all"), self.planned.pairs("tags_all"));
        let removed = prior.keys().filter(|key| !planned.contains_key(*key)).cloned().collect();
        (planned.into_iter().filter(|(key, value)| prior.get(key) != Some(value)).collect(), removed)
    }
}
