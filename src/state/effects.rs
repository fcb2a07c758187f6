//! Every effect on the world outside, counted: so that a test can stop the process just before or after any of them.
//!
//! An effect is a call that starts a provider's operation, or one physical write of a store. The counter is always compiled in;
//! it is armed only by a value that the command line passes in. In normal runs it costs one atomic addition an effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// At which effect the process stops. Numbers count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopAt {
    /// Nowhere.
    #[default]
    Never,
    /// Just before the effect of this number.
    Before(u64),
    /// Just after the effect of this number.
    After(u64),
}

/// What stopping means.
#[derive(Clone, Debug)]
enum StopBy {
    /// The process aborts, as if it had been killed.
    Abort,
    /// Nothing happens any more: every effect from here on waits for ever. For simulated crashes inside a test.
    Freeze(Arc<Notify>),
}

/// Counts effects and stops at one of them.
#[derive(Debug)]
pub struct Effects {
    stop_at: StopAt,
    stop_by: StopBy,
    count: AtomicU64,
}

/// The number of an effect that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectNumber(u64);

impl StopAt {
    /// Parses `before:17` or `after:17`.
    pub fn parse(text: &str) -> Option<StopAt> {
        let (side, number) = text.split_once(':')?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        match side {
            "before" => Some(StopAt::Before(number)),
            "after" => Some(StopAt::After(number)),
            _ => None,
        }
    }
}

impl Effects {
    /// Counts, never stops.
    pub fn unarmed() -> Arc<Effects> {
        Effects::aborting(StopAt::Never)
    }

    /// Aborts the process there.
    pub fn aborting(stop_at: StopAt) -> Arc<Effects> {
        Arc::new(Effects { stop_at, stop_by: StopBy::Abort, count: AtomicU64::new(0) })
    }

    /// Freezes there, and says so to whoever waits for the notification.
    pub fn freezing(stop_at: StopAt) -> (Arc<Effects>, Arc<Notify>) {
        let frozen = Arc::new(Notify::new());
        let effects = Effects { stop_at, stop_by: StopBy::Freeze(frozen.clone()), count: AtomicU64::new(0) };
        (Arc::new(effects), frozen)
    }

    /// How many effects have begun.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Called just before an effect.
    pub async fn begin(&self) -> EffectNumber {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        match self.stop_at {
            StopAt::Before(at) if number >= at => self.stop().await,
            // Effects run side by side: after the stopping point nothing may begin any more.
            StopAt::After(at) if number > at => self.stop().await,
            _ => {}
        }
        EffectNumber(number)
    }

    /// Called just after an effect.
    pub async fn end(&self, number: EffectNumber) {
        match self.stop_at {
            StopAt::After(at) if number.0 >= at => self.stop().await,
            _ => {}
        }
    }

    async fn stop(&self) {
        match &self.stop_by {
            StopBy::Abort => std::process::abort(),
            StopBy::Freeze(frozen) => {
                frozen.notify_one();
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopping_points_parse() {
        assert_eq!(StopAt::parse("before:17"), Some(StopAt::Before(17)));
        assert_eq!(StopAt::parse("after:1"), Some(StopAt::After(1)));
        for wrong in ["", "17", "before:0", "before:x", "amid:3"] {
            assert_eq!(StopAt::parse(wrong), None, "{wrong}");
        }
    }
}
