//! What fetching may know of the machine and its user.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// What fetching may know of the machine and its user; the command line collects it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Variables of the environment: for git, proxies, `NETRC`, cloud credentials.
    pub variables: BTreeMap<String, String>,
    /// The user's folder, for `.netrc`.
    pub home: Option<PathBuf>,
    /// What is known of the hosts of registries.
    pub hosts: Hosts,
}

/// What the user's settings say of the hosts of registries.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// URLs of services by host and service, such as `modules.v1`: these hosts are not asked what they have.
    pub services: BTreeMap<String, BTreeMap<String, String>>,
    /// Tokens by host.
    pub tokens: BTreeMap<String, Token>,
    /// A program that knows tokens of more hosts, with its first arguments: it is asked by `get HOST`.
    pub credentials_program: Option<Vec<String>>,
}

/// A secret that is shown to one host only.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Settings {
    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that is a whole number; one that is none counts as not set.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.variable(name)?.trim().parse().ok()
    }
}
