//! What fetching may know of the machine and its user.

use std::collections::BTreeMap;

/// What fetching may know of the machine and its user; the command line collects it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Variables of the environment: for git.
    pub variables: BTreeMap<String, String>,
}

impl Settings {
    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
