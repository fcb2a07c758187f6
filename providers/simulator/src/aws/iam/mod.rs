//! IAM over the Query protocol: roles, policies and their versions, attachments, inline policies, instance profiles, tags.
//!
//! IAM is global: one set of objects for all regions, and eventually consistent: under the `consistency` fault what was just made is not
//! seen by reads.

mod attachment;
mod document;
mod page;
mod policy;
mod profile;
mod role;
mod tags;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ACCOUNT;
use super::error::AwsError;
use super::query::{Action, Node};
use crate::clock::timestamp;
use crate::world::World;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// All roles, policies and instance profiles of the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Iam {
    /// By name.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// Customer managed, by ARN.
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// By name.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    pub path: String,
    pub id: String,
    pub created_ms: i64,
    pub trust: String,
    pub description: Option<String>,
    pub max_session_seconds: i64,
    pub boundary: Option<String>,
    pub tags: Tags,
    /// Documents by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs, in the order attached.
    pub attached: Vec<String>,
}

/// A customer managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    pub path: String,
    pub id: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    pub description: Option<String>,
    pub tags: Tags,
    pub versions: Vec<Version>,
    pub default_version: String,
    pub next_version: u64,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    pub id: String,
    pub document: String,
    pub created_ms: i64,
}

/// An instance profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub path: String,
    pub id: String,
    pub created_ms: i64,
    pub role: Option<String>,
    pub tags: Tags,
}

impl Role {
    /// `arn:aws:iam::123456789012:role/path/name`.
    pub fn arn(&self) -> String {
        arn("role", &self.path, &self.name)
    }
}

impl Policy {
    /// `arn:aws:iam::123456789012:policy/path/name`.
    pub fn arn(&self) -> String {
        arn("policy", &self.path, &self.name)
    }
}

impl Profile {
    /// `arn:aws:iam::123456789012:instance-profile/path/name`.
    pub fn arn(&self) -> String {
        arn("instance-profile", &self.path, &self.name)
    }
}

fn arn(kind: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}{path}{name}")
}

/// The action of a name.
pub fn action(name: &str) -> Option<Action> {
    role::action(name)
        .or_else(|| policy::action(name))
        .or_else(|| attachment::action(name))
        .or_else(|| profile::action(name))
        .or_else(|| tags::action(name))
}

/// Whether an instance profile of that name or ARN exists and EC2 sees it (instances and launch templates name them).
pub fn instance_profile_exists(world: &World, name_or_arn: &str) -> bool {
    let name = name_or_arn.rsplit('/').next().unwrap_or(name_or_arn);
    world
        .iam
        .profiles
        .get(name)
        .is_some_and(|profile| (!name_or_arn.starts_with("arn:") || profile.arn() == name_or_arn) && !world.too_fresh(profile.created_ms))
}

/// Objects by kind, for the status.
pub fn counts(iam: &Iam) -> Vec<(&'static str, usize)> {
    vec![("roles", iam.roles.len()), ("policies", iam.policies.len()), ("instance-profiles", iam.profiles.len())]
}

/// `NoSuchEntity`, as every look-up answers it.
fn no_such(message: impl Into<String>) -> AwsError {
    AwsError::new(404, "NoSuchEntity", message)
}

fn already_exists(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "EntityAlreadyExists", message)
}

fn delete_conflict(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "DeleteConflict", message)
}

fn limit(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "LimitExceeded", message)
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::bad("ValidationError", message)
}

/// `2026-11-23T20:00:00Z`, as IAM writes times.
fn date(ms: i64) -> String {
    let text = timestamp(ms);
    format!("{}Z", text.get(..19).unwrap_or(&text))
}

/// A name by IAM's rule for the parameter.
fn checked_name(params: &Node, parameter: &str, longest: usize) -> Result<String, AwsError> {
    let name = required(params, parameter)?;
    let is_valid = name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
    if !is_valid {
        return Err(validation(format!(
            "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
            lower_first(parameter)
        )));
    }
    if name.len() > longest {
        return Err(validation(format!(
            "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must have length less than or equal to {longest}",
            lower_first(parameter)
        )));
    }
    Ok(name.to_owned())
}

fn required<'a>(params: &'a Node, parameter: &str) -> Result<&'a str, AwsError> {
    params.text(parameter).filter(|text| !text.is_empty()).ok_or_else(|| {
        let name = lower_first(parameter);
        validation(format!("1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"))
    })
}

fn checked_path(params: &Node) -> Result<String, AwsError> {
    let path = params.text("Path").filter(|path| !path.is_empty()).unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 {
        return Ok(path.to_owned());
    }
    Err(validation(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    ))
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}
