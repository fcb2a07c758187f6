//! How long to wait between two looks at an operation under way.

use std::sync::LazyLock;
use std::time::Duration;

/// The shortest and longest wait, whatever the provider asks for.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(60);

/// Bounds every wait, in milliseconds: where a simulated clock runs fast, what a provider waits for comes sooner than it thinks.
const LONGEST_MILLISECONDS: &str = "WINDLASS_POLL_MILLISECONDS_MAX";

/// The wait before the next look where a provider asks for so many milliseconds.
pub(crate) fn poll_wait(wait_milliseconds: u64) -> Duration {
    static BOUND: LazyLock<Duration> = LazyLock::new(|| {
        let given = std::env::var(LONGEST_MILLISECONDS).ok().and_then(|text| text.parse().ok());
        given.map_or(LONGEST, Duration::from_millis).clamp(SHORTEST, LONGEST)
    });
    Duration::from_millis(wait_milliseconds).clamp(SHORTEST, *BOUND)
}
