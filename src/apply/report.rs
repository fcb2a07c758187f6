//! What an apply did.

use crate::diagnostic::Diagnostics;
use crate::state::State;

/// What an apply did.
#[derive(Debug)]
pub struct ApplyReport {
    /// The state after, as written.
    pub state: State,
    /// Errors and warnings, in the order in which they came up.
    pub diagnostics: Diagnostics,
    /// How many objects it touched.
    pub counts: Counts,
    /// Whether the user stopped it before its end.
    pub stopped: bool,
    /// Whether the state could not be written; the journal holds it.
    pub is_unwritten: bool,
    /// What neither the store nor this machine could keep of the journal: a segment, to be shown to the user. Usually empty.
    pub unsaved: Vec<u8>,
}

/// How many objects an apply touched, as its last line counts them: a replacement counts as one added and one destroyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken into the state.
    pub imported: usize,
    /// Made.
    pub added: usize,
    /// Changed in place.
    pub changed: usize,
    /// Deleted.
    pub destroyed: usize,
    /// Left out of the state as the configuration asks.
    pub forgotten: usize,
}
