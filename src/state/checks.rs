//! What conditions came to: `check` blocks, conditions of resources and outputs, validations of variables.

use crate::address::{ConfigResource, Instance};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What has conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckedKind {
    /// A `check` block.
    Check,
    /// An output with preconditions.
    Output,
    /// A resource or data source with preconditions or postconditions.
    Resource,
    /// A variable with validations.
    Variable,
}

/// Something with conditions, as written. What is no resource is named as one whose type is the word that its address begins
/// with: `check.name`, `output.name`, `var.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckAddress {
    /// What it is.
    pub kind: CheckedKind,
    /// Where.
    pub place: ConfigResource,
}

/// What conditions came to; of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckStatus {
    /// All hold.
    Passed,
    /// Some can only be told later.
    Unknown,
    /// Some do not hold.
    Failed,
    /// Some can't be evaluated.
    Errored,
}

/// What the conditions of one instance came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckObject {
    /// Together.
    pub status: CheckStatus,
    /// The messages of those that do not hold.
    pub messages: Vec<Arc<str>>,
}

/// What the conditions of all instances came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// Together.
    pub status: CheckStatus,
    /// By instance; none where the instances are not known.
    pub objects: BTreeMap<Instance, CheckObject>,
}

/// Everything with conditions, by address.
pub type CheckResults = BTreeMap<CheckAddress, CheckResult>;

impl CheckedKind {
    /// The kind of what an address names.
    pub fn of(place: &ConfigResource) -> CheckedKind {
        match &*place.resource.type_name {
            "check" => CheckedKind::Check,
            "output" => CheckedKind::Output,
            "var" => CheckedKind::Variable,
            _ => CheckedKind::Resource,
        }
    }
}

impl CheckObject {
    /// Both together.
    pub fn add(&mut self, other: &CheckObject) {
        self.status = self.status.max(other.status);
        self.messages.extend(other.messages.iter().cloned());
    }
}

impl CheckResult {
    /// From the objects; without any, `otherwise`.
    pub fn of(objects: BTreeMap<Instance, CheckObject>, otherwise: CheckStatus) -> CheckResult {
        let status = objects.values().map(|object| object.status).max().unwrap_or(otherwise);
        CheckResult { status, objects }
    }
}

impl fmt::Display for CheckAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}
