//! Which calls came, for tests that count them and look for duplicates.

use std::collections::VecDeque;

use serde::Serialize;

/// Older entries are dropped beyond this, so that a long-lived server stays small.
const ENTRIES_MAX: usize = 200_000;

#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub sequence: u64,
    pub at: String,
    pub service: &'static str,
    pub region: String,
    pub method: String,
    pub action: String,
    /// The client token, where the call carries one.
    pub token: Option<String>,
    /// Whether the call changed the world.
    pub effect: bool,
    /// What was answered; 0 where the connection was cut before the call.
    pub status: u16,
    pub code: Option<String>,
    /// The reply did not reach the caller.
    pub cut: bool,
}

#[derive(Debug, Default)]
pub struct Audit {
    next: u64,
    entries: VecDeque<Entry>,
}

impl Audit {
    pub fn push(&mut self, mut entry: Entry) {
        self.next += 1;
        entry.sequence = self.next;
        if self.entries.len() == ENTRIES_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Entries after a sequence number.
    pub fn since(&self, sequence: u64) -> Vec<&Entry> {
        let skip = self.entries.partition_point(|entry| entry.sequence <= sequence);
        self.entries.iter().skip(skip).collect()
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub fn calls(&self) -> u64 {
        self.next
    }
}
