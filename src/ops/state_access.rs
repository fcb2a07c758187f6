//! Where the state is, and looking at it.

use super::lost_state::warn_of_lost_state;
use super::{Context, Failed, LockOptions};
use crate::address::Instance;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::live;
use crate::state::journal::Unsettled;
use crate::state::store::{LocalStore, LockInfo, Store};
use crate::state::{LockRequest, Opened, Session, State, take_lock};
use crate::syntax::ast::ExpressionKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The folder of everything that belongs to the sandbox.
pub const SANDBOX_FOLDER: &str = ".windlass/sandbox";
const STATE_FILE: &str = "terraform.tfstate";

/// The state file of a configuration: under the sandbox its own; else what a `local` back end says, or `terraform.tfstate`.
///
/// # Errors
/// A back end that this build does not have.
pub fn state_path(context: &Context, config: Option<&Config>) -> Result<(PathBuf, Diagnostics), Failed> {
    let backend = config.and_then(|config| config.root.backend.as_ref());
    if context.sandbox() {
        let mut notices = Diagnostics::none();
        if let Some(block) = backend {
            let detail = "Under -sandbox the state lives in .windlass/sandbox, whatever the configuration says of a back end.";
            notices.push(Diagnostic::warning("Back end ignored", detail).at(block.header));
        }
        return Ok((context.working_folder.join(SANDBOX_FOLDER).join(STATE_FILE), notices));
    }
    let Some(block) = backend else { return Ok((context.working_folder.join(STATE_FILE), Diagnostics::none())) };
    let kind = block.labels.first().map_or("", |label| &*label.name);
    if &*block.kind.name != "backend" || kind != "local" {
        let name = if &*block.kind.name == "backend" { format!("back end {kind:?}") } else { "cloud block".to_owned() };
        let detail = format!(
            "This build keeps states in local files only; the {name} is not available yet. Remove the block, or use backend \"local\"."
        );
        return Err(Failed::from(Diagnostic::error("Back end not available", detail).at(block.header)));
    }
    local_path(&context.working_folder, block)
}

fn local_path(folder: &Path, block: &crate::syntax::Block) -> Result<(PathBuf, Diagnostics), Failed> {
    let mut path = folder.join(STATE_FILE);
    for attribute in &block.body.attributes {
        match (&*attribute.name.name, &attribute.value.kind) {
            ("path", ExpressionKind::Literal(value)) if value.as_str().is_some_and(|text| !text.is_empty()) => {
                path = folder.join(value.as_str().unwrap_or(STATE_FILE));
            }
            ("path", _) => {
                let detail = "The path of a local back end must be a string without references.";
                return Err(Failed::from(Diagnostic::error("Invalid back end configuration", detail).at(attribute.value.range)));
            }
            (other, _) => {
                let detail = format!("A local back end has no argument named {other:?} here; it has \"path\".");
                return Err(Failed::from(Diagnostic::error("Unsupported argument", detail).at(attribute.range)));
            }
        }
    }
    Ok((path, Diagnostics::none()))
}

/// Opens the state for a run. With `timeout` it takes the lock.
pub(super) async fn open(context: &Context, path: &Path, operation: &str, timeout: Option<Duration>) -> Result<Opened, Failed> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failed::from(Diagnostic::error("State folder can't be made", format!("{}: {error}.", folder.display()))))?;
    }
    let store: Arc<dyn Store> = Arc::new(LocalStore::new(path, context.effects.clone()));
    let lock = timeout.map(|timeout| lock_request(context, path, operation, timeout));
    let mut opened = Session::open(store, lock).await?;
    opened.diagnostics.0.extend(warn_of_lost_state(path, &opened.state));
    Ok(opened)
}

fn lock_request(context: &Context, path: &Path, operation: &str, timeout: Duration) -> LockRequest {
    let info = LockInfo {
        operation: operation.to_owned(),
        who: context.who.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created: context.timestamp().to_string(),
        path: path.display().to_string(),
        ..LockInfo::default()
    };
    LockRequest { info, timeout }
}

/// Removes everything from the sandbox's folder but the files to keep, and calls `empty` before, while no run can begin or is
/// under way.
///
/// # Errors
/// A run holds the state, `empty` fails, or a file can't be removed.
pub async fn discard_sandbox_state(
    context: &Context,
    keep: &[&str],
    empty: impl AsyncFnOnce() -> Result<(), Failed>,
) -> Result<(), Failed> {
    let folder = context.working_folder.join(SANDBOX_FOLDER);
    let path = folder.join(STATE_FILE);
    // Its end frees the lock: the file that is locked is gone by then.
    let store = LocalStore::new(path.clone(), context.effects.clone());
    take_lock(&store, lock_request(context, &path, "OperationTypeReset", Duration::ZERO)).await?;
    empty().await?;
    remove_all_but(&folder, keep)
        .map_err(|error| Failed::from(Diagnostic::error("The sandbox can't be removed", format!("{}: {error}.", folder.display()))))
}

fn remove_all_but(folder: &Path, keep: &[&str]) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_kept = entry.file_name().to_str().is_some_and(|name| keep.contains(&name));
        match entry.file_type()?.is_dir() {
            _ if is_kept => {}
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// The state with the journal's results, without a lock.
///
/// # Errors
/// It can't be read.
pub async fn read_state(context: &Context, config: Option<&Config>) -> Result<(State, Diagnostics), Failed> {
    let (path, mut diagnostics) = state_path(context, config)?;
    if !path.parent().is_none_or(Path::exists) {
        return Ok((State::empty(), diagnostics));
    }
    let opened = open(context, &path, "", None).await?;
    diagnostics.extend(opened.diagnostics);
    Ok((opened.state, diagnostics))
}

/// Gives up what an earlier run began on an instance and did not finish. Returns what that was, such as `creation`.
///
/// # Errors
/// The state can't be locked, read or written, or nothing of that address is open.
pub async fn forget_intent(context: &Context, config: Option<&Config>, address: &Instance, lock: LockOptions) -> Result<String, Failed> {
    let (path, _) = state_path(context, config)?;
    let Opened { mut session, state, unsettled, .. } =
        open(context, &path, "OperationTypeInvalid", lock.lock.then_some(lock.timeout)).await?;
    let of_it: Vec<_> = unsettled.iter().filter(|open| open.intent.address == *address).map(|open| &open.intent).collect();
    let result = match of_it.first() {
        Some(first) => {
            let ids: Vec<_> = of_it.iter().map(|intent| intent.id.clone()).collect();
            session.give_up(&ids, &state).await.map(|()| live::verb(first.request.operation).to_owned())
        }
        None => Err(nothing_open(address, &unsettled).into()),
    };
    drop(session.close().await);
    Ok(result?)
}

fn nothing_open(address: &Instance, unsettled: &[Unsettled]) -> Diagnostic {
    let open: Vec<String> = unsettled.iter().map(|open| open.intent.address.to_string()).collect();
    let others = if open.is_empty() { "nothing else either".to_owned() } else { format!("only: {}", open.join(", ")) };
    let detail = format!("No operation on {address} was begun and left unfinished; {others}. Nothing was changed.");
    Diagnostic::error("Nothing to forget", detail)
}

/// Removes a lock by its id.
///
/// # Errors
/// There is no such lock, or it can't be removed.
pub async fn force_unlock(context: &Context, config: Option<&Config>, id: &str) -> Result<(), Failed> {
    let (path, _) = state_path(context, config)?;
    let store = LocalStore::new(path, context.effects.clone());
    store
        .force_unlock(id)
        .await
        .map_err(|error| Failed::from(Diagnostic::error("Failed to unlock state", format!("{}.", error.to_string().trim_end_matches('.')))))
}
