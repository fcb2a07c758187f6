//! Every effect on the world outside, counted: so that a test can stop the process just before or after any of them.
//!
//! An effect is a call that starts a provider's operation, or one physical write of a store. The counter is always compiled in;
//! it is armed only by a value that the command line passes in. In normal runs it costs one atomic addition an effect.
//!
//! Instead of stopping the process, an effect can be made to fail: the store's disk or server is gone from there on, or one connection
//! is cut, before the effect or after it, when only its answer is lost.

use super::store::StoreError;
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

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// The store, from this effect on: it takes nothing more.
    Store,
    /// The store and what is kept on this machine in its stead, from this effect on: a full disk.
    Disk,
    /// The connection of this one effect.
    Connection,
}

/// Which effect fails, and how. Numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailAt {
    /// What fails.
    pub what: Failing,
    /// The number of the effect.
    pub number: u64,
    /// Whether that effect is done all the same and only its answer is lost.
    pub is_done: bool,
}

/// What a write goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// The place of the state.
    Store,
    /// This machine, in its stead.
    Spool,
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
    fail_at: Option<FailAt>,
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

impl FailAt {
    /// Parses `store-before:17`, `store-after:17`, and the same with `disk` and `cut`.
    pub fn parse(text: &str) -> Option<FailAt> {
        let (what, side) = text.split_once('-')?;
        let what = match what {
            "store" => Failing::Store,
            "disk" => Failing::Disk,
            "cut" => Failing::Connection,
            _ => return None,
        };
        match StopAt::parse(side)? {
            StopAt::Before(number) => Some(FailAt { what, number, is_done: false }),
            StopAt::After(number) => Some(FailAt { what, number, is_done: true }),
            StopAt::Never => None,
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
        Effects::aborting_and_failing(stop_at, None)
    }

    /// Aborts the process there, and fails there.
    pub fn aborting_and_failing(stop_at: StopAt, fail_at: Option<FailAt>) -> Arc<Effects> {
        Arc::new(Effects { stop_at, stop_by: StopBy::Abort, fail_at, count: AtomicU64::new(0) })
    }

    /// Freezes there, and says so to whoever waits for the notification.
    pub fn freezing(stop_at: StopAt) -> (Arc<Effects>, Arc<Notify>) {
        let frozen = Arc::new(Notify::new());
        let effects = Effects { stop_at, stop_by: StopBy::Freeze(frozen.clone()), fail_at: None, count: AtomicU64::new(0) };
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

    /// A write of a store: counted, and failed where that is asked for.
    ///
    /// # Errors
    /// The write's own, or the one that is asked for.
    pub async fn write<T>(
        &self,
        medium: Medium,
        action: &'static str,
        place: impl Fn() -> String,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let number = self.begin().await;
        let injected = |is_connection: bool| {
            let message = "it was told to fail".to_owned();
            match is_connection {
                true => StoreError::Outage { action, place: place(), message },
                false => StoreError::Io { action, place: place(), message },
            }
        };
        match self.failing(number, medium) {
            Some((what, false)) => Err(injected(what == Failing::Connection)),
            Some((what, true)) => {
                work.await?;
                self.end(number).await;
                Err(injected(what == Failing::Connection))
            }
            None => {
                let done = work.await?;
                self.end(number).await;
                Ok(done)
            }
        }
    }

    /// Whether the connection of a provider's call is cut; then whether the call is made all the same.
    pub fn cuts(&self, number: EffectNumber) -> Option<bool> {
        let at = self.fail_at.filter(|at| at.what == Failing::Connection && at.number == number.0)?;
        Some(at.is_done)
    }

    /// What fails of a write, and whether it is done all the same.
    fn failing(&self, number: EffectNumber, medium: Medium) -> Option<(Failing, bool)> {
        let at = self.fail_at?;
        let is_hit = match (at.what, medium) {
            (Failing::Connection, Medium::Store) => number.0 == at.number,
            (Failing::Store, Medium::Store) | (Failing::Disk, _) => number.0 >= at.number,
            (Failing::Connection | Failing::Store, Medium::Spool) => false,
        };
        is_hit.then_some((at.what, at.is_done && number.0 == at.number))
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
            assert_eq!(FailAt::parse(&format!("store-{wrong}")), None, "{wrong}");
        }
        assert_eq!(FailAt::parse("disk-after:3"), Some(FailAt { what: Failing::Disk, number: 3, is_done: true }));
        assert_eq!(FailAt::parse("moon-after:3"), None);
    }
}
