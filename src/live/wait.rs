//! How long to wait between two looks at an operation under way.

use super::Clients;
use std::time::Duration;

/// The shortest and longest wait, whatever the provider asks for.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(60);

/// Bounds every wait, in milliseconds: where a simulated clock runs fast, what a provider waits for comes sooner than it thinks.
const LONGEST_MILLISECONDS: &str = "WINDLASS_POLL_MILLISECONDS_MAX";

impl Clients {
    /// The wait before the next look where a provider asks for so many milliseconds.
    pub(crate) fn poll_wait(&self, wait_milliseconds: u64) -> Duration {
        let given = self.environment.variables.get(LONGEST_MILLISECONDS).and_then(|text| text.parse().ok());
        let longest = given.map_or(LONGEST, Duration::from_millis).clamp(SHORTEST, LONGEST);
        Duration::from_millis(wait_milliseconds).clamp(SHORTEST, longest)
    }
}
