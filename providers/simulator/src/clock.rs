//! Simulated time: real time plus an offset, or stopped where a test put it; and the queue of what is due later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How simulated time follows from real time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Clock {
    /// Added to real time, milliseconds.
    pub offset_ms: i64,
    /// Set: time stands still here until it is advanced or freed.
    pub frozen_ms: Option<i64>,
}

impl Clock {
    /// Simulated time at a moment of real time.
    pub fn simulated(&self, real_ms: i64) -> i64 {
        self.frozen_ms.unwrap_or(real_ms + self.offset_ms)
    }

    /// Moves simulated time to `target_ms`.
    pub fn set(&mut self, real_ms: i64, target_ms: i64, freeze: Option<bool>) {
        let freeze = freeze.unwrap_or(self.frozen_ms.is_some());
        self.offset_ms = target_ms - real_ms;
        self.frozen_ms = freeze.then_some(target_ms);
    }
}

/// `2026-11-23T20:00:00.000Z`, as EC2 writes times.
pub fn timestamp(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|time| format!("{time:.3}")).unwrap_or_default()
}

/// Wall clock, milliseconds since 1970.
pub fn real_now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// What happens later, in order of its due time and then of its making.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventQueue<T> {
    next_sequence: u64,
    /// Keys are `due_ms-sequence` with leading zeros, so that their text sorts by time.
    waiting: BTreeMap<String, T>,
}

impl<T> Default for EventQueue<T> {
    fn default() -> Self {
        Self { next_sequence: 0, waiting: BTreeMap::new() }
    }
}

impl<T> EventQueue<T> {
    pub fn push(&mut self, due_ms: i64, event: T) {
        let key = format!("{:015}-{:012}", due_ms.max(0), self.next_sequence);
        self.next_sequence += 1;
        self.waiting.insert(key, event);
    }

    /// Takes the next event that is due at `now_ms`, with its due time.
    pub fn pop_due(&mut self, now_ms: i64) -> Option<(i64, T)> {
        let key = self.waiting.first_key_value()?.0;
        let due_ms: i64 = key.split('-').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        if due_ms > now_ms {
            return None;
        }
        self.waiting.pop_first().map(|(_, event)| (due_ms, event))
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
