//! Asking a store again that fails for now.

use super::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// The waits before a store is asked again: about half a minute in all. Stores have retries of their own for single requests; this is
/// for what outlasts those.
const WAITS: [Duration; 6] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
];

/// Who is told that a store is asked again, in a sentence without its full stop.
pub type Tell = Arc<dyn Fn(String) + Send + Sync>;

/// Does something with a store, again and again while it fails for no lasting reason.
///
/// # Errors
/// The last try's.
pub(super) async fn patiently<T, F>(tell: &Tell, attempt: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    for (tries, wait) in WAITS.iter().enumerate() {
        match attempt().await {
            Err(error @ StoreError::Outage { .. }) => {
                tell(format!("Error {error}; trying again in {} s ({} of {})", wait.as_secs_f64(), tries + 1, WAITS.len()));
                tokio::time::sleep(*wait).await;
            }
            done => return done,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn outage() -> StoreError {
        StoreError::Outage { action: "writing", place: "s3://b/k".into(), message: "503".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_passing_failure_is_outlasted_a_lasting_one_is_not_waited_for() {
        let told = Arc::new(AtomicUsize::new(0));
        let counter = told.clone();
        let tell: Tell = Arc::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let tries = AtomicUsize::new(0);
        let third = async || if tries.fetch_add(1, Ordering::Relaxed) < 2 { Err(outage()) } else { Ok(3) };
        assert_eq!(patiently(&tell, third).await.unwrap(), 3);
        assert_eq!(told.load(Ordering::Relaxed), 2);
        let never = async || Err::<(), _>(outage());
        assert!(patiently(&tell, never).await.is_err());
        assert_eq!(told.load(Ordering::Relaxed), 2 + WAITS.len());
        let lasting = async || Err::<(), _>(StoreError::Io { action: "writing", place: "f".into(), message: "full".into() });
        assert!(patiently(&tell, lasting).await.is_err());
        assert_eq!(told.load(Ordering::Relaxed), 2 + WAITS.len());
    }
}
