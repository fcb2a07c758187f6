//! What is done about a failed operation, by the kind of its error alone.
//!
//! Calls have their own limits and retries in the providers; here whole operations are tried again, each as a new intent with a
//! token of its own, after the one before is known to have left nothing.

use std::time::Duration;
use windlass_api::{ErrorKind, Operation};

/// How often an operation is tried in all, by what went wrong.
const THROTTLED_ATTEMPTS_MAX: usize = 6;
const CONFLICT_ATTEMPTS_MAX: usize = 10;
const CREATE_CONFLICT_ATTEMPTS_MAX: usize = 3;
const TRANSIENT_ATTEMPTS_MAX: usize = 4;

/// The first wait before another try, and the longest; it doubles.
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_LONGEST: Duration = Duration::from_secs(20);

/// What is done about a failed operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Try again after this long.
    Retry(Duration),
    /// Find out first what it left; if nothing, try again after this long.
    SettleThenRetry(Duration),
    /// Take the next variant, after undoing what was half made.
    NextVariant,
    /// It is what was wanted: the object to be deleted is gone.
    Done,
    /// Find out what it left, then give up.
    SettleThenFail,
    /// Give up.
    Fail,
}

/// The remedy for an error after so many tries (counted from 1) of the same variant.
pub(super) fn remedy(kind: ErrorKind, operation: Operation, tries: usize, has_variant: bool) -> Remedy {
    let wait = WAIT_FIRST.saturating_mul(1 << (tries - 1).min(8)).min(WAIT_LONGEST);
    let conflicts_max = if operation == Operation::Create { CREATE_CONFLICT_ATTEMPTS_MAX } else { CONFLICT_ATTEMPTS_MAX };
    match kind {
        ErrorKind::NotFound if operation == Operation::Delete => Remedy::Done,
        ErrorKind::Throttled if tries < THROTTLED_ATTEMPTS_MAX => Remedy::Retry(wait),
        ErrorKind::Conflict if tries < conflicts_max => Remedy::Retry(wait),
        ErrorKind::Transient if tries < TRANSIENT_ATTEMPTS_MAX => Remedy::SettleThenRetry(wait),
        ErrorKind::Transient => Remedy::SettleThenFail,
        ErrorKind::Capacity if operation == Operation::Create && has_variant => Remedy::NextVariant,
        ErrorKind::Throttled
        | ErrorKind::Conflict
        | ErrorKind::Capacity
        | ErrorKind::Quota
        | ErrorKind::Denied
        | ErrorKind::Credentials
        | ErrorKind::Invalid
        | ErrorKind::NotFound
        | ErrorKind::Unsupported
        | ErrorKind::Internal => Remedy::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_decide() {
        use ErrorKind::{Capacity, Conflict, Invalid, NotFound, Throttled, Transient};
        use Operation::{Create, Delete};
        let seconds = Duration::from_secs;
        assert_eq!(remedy(Throttled, Create, 3, false), Remedy::Retry(seconds(4)));
        assert_eq!(remedy(Throttled, Create, 6, false), Remedy::Fail);
        assert_eq!(remedy(Transient, Create, 1, true), Remedy::SettleThenRetry(seconds(1)));
        assert_eq!(remedy(Transient, Create, 4, true), Remedy::SettleThenFail);
        assert_eq!(remedy(Capacity, Create, 1, true), Remedy::NextVariant);
        assert_eq!(remedy(Capacity, Create, 1, false), Remedy::Fail);
        assert_eq!(remedy(Conflict, Delete, 9, false), Remedy::Retry(seconds(20)));
        assert_eq!(remedy(NotFound, Delete, 1, false), Remedy::Done);
        assert_eq!(remedy(Invalid, Create, 1, true), Remedy::Fail);
    }
}
