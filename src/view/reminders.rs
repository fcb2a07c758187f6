//! When to say that an operation still goes on: every ten seconds, as Terraform does.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long between two lines about the same operation.
const INTERVAL: Duration = Duration::from_secs(10);

/// When each operation in flight was last spoken of.
#[derive(Debug, Default)]
pub(super) struct Reminders(BTreeMap<String, Duration>);

impl Reminders {
    /// Whether it is time again for an operation that has gone on for `elapsed`; if so, it counts as spoken of.
    pub(super) fn is_due(&mut self, address: &str, elapsed: Duration) -> bool {
        let last = self.0.get(address).copied().unwrap_or_default();
        let is_due = elapsed >= last + INTERVAL;
        if is_due {
            self.0.insert(address.to_owned(), elapsed);
        }
        is_due
    }

    /// The operation has ended.
    pub(super) fn end(&mut self, address: &str) {
        self.0.remove(address);
    }
}
