//! Limits on calls: how many at once and how many a second, for each key, such as `ec2:Describe* us-east-1`.
//!
//! The rate is a token bucket. A throttled answer halves it, each success brings a little back, so that it settles below what the
//! cloud allows.

use crate::provider::{Error, ErrorKind};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The rate never falls below this share of the allowed one.
pub const SHARE_MINIMUM: f64 = 0.02;
/// What a throttled answer leaves of the rate.
pub const SHARE_AFTER_THROTTLING: f64 = 0.5;
/// What each success adds to the rate, as a share of the allowed one.
pub const SHARE_PER_SUCCESS: f64 = 0.02;
/// Throttled answers within this time count once: they are of calls that were under way together.
pub const THROTTLING_WINDOW: Duration = Duration::from_secs(1);

/// What one key allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Calls under way at once.
    pub concurrency: usize,
    /// Calls a second in the long run.
    pub calls_per_second: f64,
    /// Calls that may begin at once after a pause.
    pub burst: f64,
}

impl Limit {
    /// A limit for keys of which nothing is known.
    pub const DEFAULT: Limit = Limit { concurrency: 16, calls_per_second: 20.0, burst: 20.0 };
}

/// Limits the calls of one client. Cloning shares the limits.
#[derive(Clone)]
pub struct Limiter {
    keys: Arc<Mutex<BTreeMap<Arc<str>, Arc<Lane>>>>,
    limit_of: Arc<dyn Fn(&str) -> Limit + Send + Sync>,
}

/// The calls of one key.
struct Lane {
    limit: Limit,
    slots: Semaphore,
    bucket: Mutex<Bucket>,
}

struct Bucket {
    /// Calls that may begin now; negative when calls wait for their turn.
    tokens: f64,
    /// When the tokens were counted.
    counted: Instant,
    /// The present share of the allowed rate.
    share: f64,
    /// When the rate was last cut.
    cut: Option<Instant>,
}

impl Limiter {
    /// A limiter; the function tells what a key allows and is asked once a key.
    pub fn new(limit_of: impl Fn(&str) -> Limit + Send + Sync + 'static) -> Limiter {
        Limiter { keys: Arc::default(), limit_of: Arc::new(limit_of) }
    }

    /// Makes a call when its key allows it, and learns from its answer.
    ///
    /// # Errors
    /// The call's own.
    pub async fn call<T>(&self, key: &str, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let lane = self.lane(key);
        let _slot = lane.enter().await;
        let result = call.await;
        match &result {
            Err(error) if error.kind == ErrorKind::Throttled => lane.throttled(),
            Ok(_) => lane.succeeded(),
            Err(_) => {}
        }
        result
    }

    /// The present rate of a key in calls a second.
    pub fn calls_per_second(&self, key: &str) -> f64 {
        let lane = self.lane(key);
        let share = lane.bucket().share;
        lane.limit.calls_per_second * share
    }

    fn lane(&self, key: &str) -> Arc<Lane> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = keys.get(key) {
            return lane.clone();
        }
        let lane = Arc::new(Lane::new((self.limit_of)(key)));
        keys.insert(key.into(), lane.clone());
        lane
    }
}

impl Default for Limiter {
    fn default() -> Limiter {
        Limiter::new(|_| Limit::DEFAULT)
    }
}

impl Lane {
    fn new(limit: Limit) -> Lane {
        let bucket = Bucket { tokens: limit.burst.max(1.0), counted: Instant::now(), share: 1.0, cut: None };
        Lane { limit, slots: Semaphore::new(limit.concurrency.max(1)), bucket: Mutex::new(bucket) }
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a slot and for the call's turn. The permit is held as long as the call runs.
    async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there is always a permit.
        let slot = self.slots.acquire().await.ok();
        let wait = self.bucket().take(self.limit);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        slot
    }

    fn throttled(&self) {
        let mut bucket = self.bucket();
        let now = Instant::now();
        if bucket.cut.is_none_or(|cut| now.duration_since(cut) >= THROTTLING_WINDOW) {
            bucket.refill(self.limit);
            bucket.share = (bucket.share * SHARE_AFTER_THROTTLING).max(SHARE_MINIMUM);
            // What was saved up would only be throttled again.
            bucket.tokens = bucket.tokens.min(0.0);
            bucket.cut = Some(now);
        }
    }

    fn succeeded(&self) {
        let mut bucket = self.bucket();
        if bucket.share < 1.0 {
            bucket.refill(self.limit);
            bucket.share = (bucket.share + SHARE_PER_SUCCESS).min(1.0);
        }
    }
}

impl Bucket {
    fn refill(&mut self, limit: Limit) {
        let now = Instant::now();
        let passed = now.duration_since(self.counted).as_secs_f64();
        self.tokens = (self.tokens + passed * limit.calls_per_second * self.share).min(limit.burst.max(1.0));
        self.counted = now;
    }

    /// Takes the next turn; how long until it comes.
    fn take(&mut self, limit: Limit) -> Duration {
        self.refill(limit);
        self.tokens -= 1.0;
        if self.tokens >= 0.0 {
            return Duration::ZERO;
        }
        // A rate of zero is a mistake of whoever set the limit; it must not stop a run for ever.
        Duration::from_secs_f64(-self.tokens / (limit.calls_per_second * self.share).max(0.01))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn limiter(concurrency: usize, calls_per_second: f64, burst: f64) -> Limiter {
        Limiter::new(move |_| Limit { concurrency, calls_per_second, burst })
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_kept_for_each_key() {
        let limiter = limiter(100, 10.0, 5.0);
        let begun = Instant::now();
        for _ in 0..25 {
            limiter.call("a", async { Ok(()) }).await.unwrap();
        }
        let passed = begun.elapsed().as_secs_f64();
        assert!((1.9..2.2).contains(&passed), "5 at once, 20 at 10 a second: {passed}");
        limiter.call("b", async { Ok(()) }).await.unwrap();
        assert!(begun.elapsed().as_secs_f64() - passed < 0.01, "another key is not held up");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_allowed_run_at_once() {
        let limiter = limiter(3, 1000.0, 1000.0);
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (limiter, running, most) = (limiter.clone(), running.clone(), most.clone());
            tasks.spawn(async move {
                let call = async {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                };
                limiter.call("a", call).await
            });
        }
        let begun = Instant::now();
        while let Some(result) = tasks.join_next().await {
            result.unwrap().unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert_eq!(begun.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_slows_down_and_success_speeds_up() {
        let limiter = limiter(100, 10.0, 10.0);
        let throttle = || limiter.call("a", async { Err::<(), _>(Error::new(ErrorKind::Throttled, "slow down")) });
        for _ in 0..3 {
            throttle().await.unwrap_err();
        }
        let slow = limiter.calls_per_second("a");
        assert!((10.0 * SHARE_MINIMUM..10.0).contains(&slow), "{slow}");
        for _ in 0..60 {
            limiter.call("a", async { Ok(()) }).await.unwrap();
        }
        assert!(limiter.calls_per_second("a") > slow);
        assert!((limiter.calls_per_second("a") - 10.0).abs() < 1e-9);
    }
}
