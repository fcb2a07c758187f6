//! What every back end does.

use crate::bucket::WrongArgument;
use crate::diagnostic::Diagnostic;
use crate::state::store::{Store, StoreError};
use std::sync::Arc;

/// The workspace that is always there.
pub const DEFAULT_WORKSPACE: &str = "default";

/// What is wrong with the arguments of a back end, or with what they lead to.
#[derive(Clone, Debug)]
pub struct BackendError {
    /// The argument at fault, if it is one.
    pub argument: Option<&'static str>,
    /// What is wrong with it. It never holds a secret.
    pub message: String,
}

impl BackendError {
    /// An argument that can't be used.
    pub fn argument(name: &'static str, message: impl Into<String>) -> BackendError {
        BackendError { argument: Some(name), message: message.into() }
    }

    /// Something else.
    pub fn other(message: impl Into<String>) -> BackendError {
        BackendError { argument: None, message: message.into() }
    }

    /// As a message for the user.
    pub fn diagnostic(&self, kind: &str) -> Diagnostic {
        let detail = match self.argument {
            Some(name) => format!("The argument {name:?} of the back end {kind:?}: {}", self.message),
            None => format!("The back end {kind:?} can't be used: {}", self.message),
        };
        Diagnostic::error("Invalid back end configuration", detail)
    }
}

impl From<WrongArgument> for BackendError {
    fn from(wrong: WrongArgument) -> BackendError {
        BackendError::argument(wrong.argument, wrong.message)
    }
}

/// Keeps the states of workspaces.
#[async_trait::async_trait]
pub trait Backend: Send + Sync {
    /// Its type, such as `s3`.
    fn kind(&self) -> &'static str;

    /// Whether there can be other workspaces than `default`.
    fn has_workspaces(&self) -> bool {
        true
    }

    /// The names of all workspaces, `default` first, then in order.
    ///
    /// # Errors
    /// They can't be listed.
    async fn workspaces(&self) -> Result<Vec<String>, StoreError>;

    /// The state of a workspace. Nothing is read or made yet.
    fn store(&self, workspace: &str) -> Arc<dyn Store>;

    /// Makes a workspace that holds nothing, if it is not there yet. `empty` is a state file without objects, for back ends in which
    /// a workspace is there when its state is.
    ///
    /// # Errors
    /// It can't be made.
    async fn create(&self, workspace: &str, empty: &[u8]) -> Result<(), StoreError> {
        let store = self.store(workspace);
        match store.get().await? {
            Some(_) => Ok(()),
            None => store.put_if(None, empty).await.map(drop),
        }
    }

    /// Removes a workspace with its state. Never called for `default`; the caller holds its lock until then, if at all.
    ///
    /// # Errors
    /// It can't be removed.
    async fn delete(&self, workspace: &str) -> Result<(), StoreError>;
}

/// Whether a workspace may have this name: it becomes part of paths and addresses.
pub fn is_workspace_name(name: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.~$&+=:@".contains(character);
    !name.is_empty() && name != "." && name != ".." && name.chars().all(is_plain)
}
