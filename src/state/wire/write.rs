//! State → state file.

use crate::state::State;

/// Writes a state file.
pub fn write(_state: &State) -> Vec<u8> {
    Vec::new()
}
