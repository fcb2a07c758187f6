//! IAM over the Query protocol.

use serde::{Deserialize, Serialize};

use super::query::Action;
use crate::world::World;

/// All users, roles, policies and instance profiles of the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Iam {}

/// The action of a name.
pub fn action(_name: &str) -> Option<Action> {
    None
}

/// Whether an instance profile of that name or ARN exists (instances and launch templates name them).
pub fn instance_profile_exists(_world: &World, _name_or_arn: &str) -> bool {
    true
}

/// Objects by kind, for the status.
pub fn counts(_iam: &Iam) -> Vec<(&'static str, usize)> {
    Vec::new()
}
