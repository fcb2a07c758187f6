//! Workspaces: several states of one configuration.

use super::backend::{Home, home_in, is_workspace_overridden, select_workspace};
use super::encryption::read_state_file;
use super::state_access::{lock_request, open};
use super::{Context, Failed, LockOptions};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::state::backend::{Backend, DEFAULT_WORKSPACE, is_workspace_name};
use crate::state::store::StoreError;
use crate::state::{Opened, Session, State, take_lock, wire};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// What a workspace that was deleted held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// No object.
    Empty,
    /// Objects, which nothing manages any more.
    NotEmpty,
}

fn refused(text: impl Into<String>, detail: impl Into<String>) -> Failed {
    Diagnostic::error(text, detail).into()
}

fn failed(error: &StoreError) -> Failed {
    refused("Workspaces can't be worked with", format!("Error {error}."))
}

/// The back end, which must have workspaces.
fn backend(context: &Context, config: Option<&Config>) -> Result<Arc<dyn Backend>, Failed> {
    let (Home { backend, .. }, _) = home_in(context, config, DEFAULT_WORKSPACE.into())?;
    match backend.has_workspaces() {
        true => Ok(backend),
        false => Err(refused("workspaces not supported", format!("The back end {:?} keeps one state only.", backend.kind()))),
    }
}

/// The names of all workspaces, `default` first.
///
/// # Errors
/// They can't be listed, or the back end has none.
pub async fn workspaces(context: &Context, config: Option<&Config>) -> Result<Vec<String>, Failed> {
    backend(context, config)?.workspaces().await.map_err(|error| failed(&error))
}

fn check_name(name: &str) -> Result<(), Failed> {
    match is_workspace_name(name) {
        true => Ok(()),
        false => Err(refused(
            "Invalid workspace name",
            format!("The workspace name {name:?} is not allowed. The name must contain only URL safe characters, and no path separators."),
        )),
    }
}

/// Makes a workspace and selects it. `state` is a file whose state it starts with.
///
/// # Errors
/// The name is wrong or taken, the environment names another workspace, or it can't be made.
pub async fn new_workspace(
    context: &Context,
    config: Option<&Config>,
    name: &str,
    state: Option<&Path>,
    lock: LockOptions,
) -> Result<(), Failed> {
    check_name(name)?;
    if is_workspace_overridden(context) && *context.workspace != *name {
        return Err(refused(
            "The workspace is set by the environment",
            "The workspace is currently overridden using the TF_WORKSPACE environment variable. You cannot create a new workspace when using \
             this setting.\n\nTo create a new workspace, either unset this environment variable or update it to match the workspace name you are \
             trying to create, and then run this command again.",
        ));
    }
    let backend = backend(context, config)?;
    if backend.workspaces().await.map_err(|error| failed(&error))?.iter().any(|other| other == name) {
        return Err(refused(
            format!("Workspace {name:?} already exists"),
            "Choose another name, or select it with \"windlass workspace select\".",
        ));
    }
    let copied = match state {
        Some(path) => Some(read_state_file(context, config, path).await?),
        None => None,
    };
    let empty = State { lineage: Uuid::new_v4().to_string().into(), ..State::empty() };
    backend.create(name, &wire::write(&empty)).await.map_err(|error| failed(&error))?;
    if let Some(copied) = copied {
        let home = Home { backend, workspace: name.into() };
        let timeout = lock.lock.then_some(lock.timeout);
        let Opened { mut session, .. } = open(context, &home, "workspace-new", timeout).await?;
        let written = session.replace(&copied).await;
        drop(session.close().await);
        written?;
    }
    select_workspace(context, name)
}

/// Selects a workspace. Says whether it was made, which it is with `or_create` when it is not there.
///
/// # Errors
/// There is no such workspace, or the environment names another.
pub async fn select(context: &Context, config: Option<&Config>, name: &str, or_create: bool) -> Result<bool, Failed> {
    if is_workspace_overridden(context) {
        return Err(refused(
            "The workspace is set by the environment",
            "The selected workspace is currently overridden using the TF_WORKSPACE environment variable.\n\nTo select a new workspace, either \
             update this environment variable or unset it and then run this command again.",
        ));
    }
    check_name(name)?;
    let backend = backend(context, config)?;
    let known = backend.workspaces().await.map_err(|error| failed(&error))?;
    if known.iter().any(|other| other == name) {
        select_workspace(context, name)?;
        return Ok(false);
    }
    if !or_create {
        return Err(unknown(name));
    }
    let lock = LockOptions { lock: true, timeout: std::time::Duration::ZERO };
    new_workspace(context, config, name, None, lock).await?;
    Ok(true)
}

fn unknown(name: &str) -> Failed {
    refused(
        format!("Workspace {name:?} doesn't exist"),
        "You can create this workspace with the \"new\" subcommand or include the \"-or-create\" flag with the \"select\" subcommand.",
    )
}

/// Deletes a workspace and its state.
///
/// # Errors
/// There is no such, it is the selected one or `default`, or it holds objects and `force` is not given.
pub async fn delete_workspace(
    context: &Context,
    config: Option<&Config>,
    name: &str,
    force: bool,
    lock: LockOptions,
) -> Result<Deleted, Failed> {
    let backend = backend(context, config)?;
    let known = backend.workspaces().await.map_err(|error| failed(&error))?;
    if !known.iter().any(|other| other == name) {
        return Err(unknown(name));
    }
    if *context.workspace == *name {
        return Err(refused(
            format!("Workspace {name:?} is your active workspace"),
            "You cannot delete the currently active workspace. Please switch to another workspace and try again.",
        ));
    }
    if name == DEFAULT_WORKSPACE {
        return Err(refused("The default workspace can't be deleted", "It is always there. To delete what it manages, run destroy in it."));
    }
    let store = backend.store(name);
    let lock_id = match lock.lock {
        true => Some(take_lock(&*store, lock_request(context, "workspace-delete", lock.timeout)).await?),
        false => None,
    };
    let deleted = delete(&backend, &store, name, force).await;
    if let Some(id) = lock_id {
        // With the state its lock is gone in most back ends.
        drop(store.unlock(&id).await);
    }
    deleted
}

async fn delete(
    backend: &Arc<dyn Backend>,
    store: &Arc<dyn crate::state::store::Store>,
    name: &str,
    force: bool,
) -> Result<Deleted, Failed> {
    let Opened { state, unsettled, .. } = Session::open(store.clone(), None).await?;
    let is_empty = state.instances.is_empty() && unsettled.is_empty();
    if !is_empty && !force {
        let open = unsettled.iter().map(|open| &open.intent.address).filter(|address| !state.instances.contains_key(address));
        let objects: String = state.instances.keys().chain(open).map(|address| format!("  - {address}\n")).collect();
        return Err(refused(
            "Workspace is not empty",
            format!(
                "Workspace {name:?} is currently tracking the following resource instances:\n{objects}\nDeleting this workspace would cause Windlass \
                 to lose track of any associated remote objects, which would then require you to delete them manually outside of Windlass. You \
                 should destroy these objects with Windlass before deleting the workspace.\n\nIf you want to delete this workspace anyway, and have \
                 Windlass forget about these managed objects, use the -force option to disable this safety check."
            ),
        ));
    }
    let segments = store.list_segments().await.map_err(|error| failed(&error))?;
    store.delete_segments(&segments).await.map_err(|error| failed(&error))?;
    backend.delete(name).await.map_err(|error| failed(&error))?;
    Ok(if is_empty { Deleted::Empty } else { Deleted::NotEmpty })
}
