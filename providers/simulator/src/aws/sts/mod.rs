//! STS over the Query protocol.

use super::query::Action;

/// The action of a name.
pub fn action(_name: &str) -> Option<Action> {
    None
}
