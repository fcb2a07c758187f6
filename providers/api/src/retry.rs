//! When a failed call is tried again, and after how long.
//!
//! Only two kinds of error are worth it: a throttled call had no effect and may always be repeated; a transient failure leaves open
//! whether the call had an effect, so that it is repeated only where that does no harm. Everything else is for the engine to judge.

use crate::provider::{Error, ErrorKind};
use std::time::Duration;

/// How often a call is made at most.
pub const ATTEMPTS_MAXIMUM: u32 = 8;
/// The wait before the second attempt, before jitter.
pub const WAIT_FIRST: Duration = Duration::from_millis(250);
/// The longest wait between attempts, before jitter.
pub const WAIT_MAXIMUM: Duration = Duration::from_secs(20);
/// How long all attempts and waits may take together; no attempt begins after it.
pub const TOTAL_MAXIMUM: Duration = Duration::from_secs(120);

/// Whether a call may be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeatable {
    /// It only reads, or it carries an idempotency token, or doing it twice is doing it once.
    Yes,
    /// A second call may do a second thing.
    No,
}

/// A source of jitter that is the same for the same seed, so that a run can be replayed.
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// Jitter from a seed, such as a hash of the run's nonce and the call.
    pub fn new(seed: u64) -> Jitter {
        Jitter(seed)
    }

    /// The next number in `[0, 1)`, by splitmix64.
    pub fn next_fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Whether an error of a call may be answered by calling again.
pub fn is_worth_repeating(kind: ErrorKind, repeatable: Repeatable) -> bool {
    match kind {
        ErrorKind::Throttled => true,
        ErrorKind::Transient => repeatable == Repeatable::Yes,
        _ => false,
    }
}

/// How long to wait after so many failed attempts, at least one: between half of an exponentially growing wait and all of it.
pub fn wait_after(failures: u32, jitter: &mut Jitter) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let wait = WAIT_FIRST.saturating_mul(1 << doublings).min(WAIT_MAXIMUM);
    wait.mul_f64(0.5 + jitter.next_fraction() / 2.0)
}

/// Makes a call, again where that may help, and answers with its last result.
///
/// # Errors
/// The error of the last attempt.
pub async fn with_retry<T>(
    repeatable: Repeatable,
    mut jitter: Jitter,
    mut call: impl AsyncFnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let begun = tokio::time::Instant::now();
    let mut failures = 0;
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        failures += 1;
        let wait = wait_after(failures, &mut jitter);
        let is_over = failures >= ATTEMPTS_MAXIMUM || begun.elapsed() + wait > TOTAL_MAXIMUM;
        if is_over || !is_worth_repeating(error.kind, repeatable) {
            return Err(error);
        }
        tracing::debug!(kind = ?error.kind, operation = error.operation.as_deref(), failures, "calling again");
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls until the kinds run out; the number of calls, the time passed and the outcome.
    async fn run(repeatable: Repeatable, kinds: &[ErrorKind]) -> (usize, Duration, Result<(), ErrorKind>) {
        let begun = tokio::time::Instant::now();
        let mut calls = 0;
        let result = with_retry(repeatable, Jitter::new(7), async || {
            calls += 1;
            kinds.get(calls - 1).map_or(Ok(()), |kind| Err(Error::new(*kind, "no")))
        })
        .await;
        (calls, begun.elapsed(), result.map_err(|error| error.kind))
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_helps_is_repeated() {
        use ErrorKind::{Capacity, Throttled, Transient};
        assert_eq!(run(Repeatable::Yes, &[Throttled, Transient]).await.0, 3);
        assert_eq!(run(Repeatable::No, &[Throttled]).await.2, Ok(()));
        let (calls, waited, outcome) = run(Repeatable::No, &[Transient]).await;
        assert_eq!((calls, waited, outcome), (1, Duration::ZERO, Err(Transient)));
        assert_eq!(run(Repeatable::Yes, &[Capacity]).await.0, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_and_time_are_bounded() {
        let (calls, waited, outcome) = run(Repeatable::Yes, &[ErrorKind::Throttled; 100]).await;
        assert_eq!(outcome, Err(ErrorKind::Throttled));
        assert_eq!(calls, ATTEMPTS_MAXIMUM as usize);
        assert!(waited > Duration::from_secs(10) && waited <= TOTAL_MAXIMUM, "{waited:?}");
        assert_eq!(waited, run(Repeatable::Yes, &[ErrorKind::Throttled; 100]).await.1, "the same seed waits the same time");
    }

    #[test]
    fn waits_grow_and_stay_below_the_limit() {
        let mut jitter = Jitter::new(1);
        for failures in 1..100 {
            let wait = wait_after(failures, &mut jitter);
            assert!(wait >= WAIT_FIRST / 2 && wait <= WAIT_MAXIMUM);
        }
        assert!(wait_after(8, &mut jitter) > wait_after(2, &mut jitter));
    }
}
