//! Saved plans.

use super::{CheckedPlan, Plan};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Writes a plan.
pub fn write(_plan: &CheckedPlan, _key: Option<&str>) -> Result<(Vec<u8>, Diagnostics), Diagnostics> {
    Err(Diagnostic::error("Saved plans are not available", "This build can't save plans yet.").into())
}

/// Reads a plan.
pub fn read(_bytes: &[u8], name: &str, _key: Option<&str>) -> Result<Plan, Diagnostics> {
    Err(Diagnostic::error("Saved plans are not available", format!("{name} can't be read: this build can't read plans yet.")).into())
}

/// Whether a file is a saved plan.
pub fn is_plan(_bytes: &[u8]) -> bool {
    false
}
