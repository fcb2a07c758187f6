//! Where the state is, and looking at it.

use super::backend::{Home, home};
use super::lost_state::warn_of_lost_state;
use super::recover::access;
use super::{Context, Failed, LockOptions};
use crate::address::Instance;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::live;
use crate::state::journal::Unsettled;
use crate::state::store::{LocalStore, LockInfo};
use crate::state::{LockRequest, Opened, Session, State, take_lock};
use std::path::Path;
use std::time::Duration;

/// The folder of everything that belongs to the sandbox.
pub const SANDBOX_FOLDER: &str = ".windlass/sandbox";
const STATE_FILE: &str = "terraform.tfstate";

/// Opens the state for a run. With `timeout` it takes the lock.
pub(super) async fn open(context: &Context, home: &Home, operation: &str, timeout: Option<Duration>) -> Result<Opened, Failed> {
    let lock = timeout.map(|timeout| lock_request(context, operation, timeout));
    let access = access(context, home);
    let store = access.store.clone();
    let mut opened = Session::open(access, lock).await?;
    if home.backend.kind() == "local" {
        opened.diagnostics.0.extend(warn_of_lost_state(Path::new(&store.place()), &opened.state));
    }
    Ok(opened)
}

pub(super) fn lock_request(context: &Context, operation: &str, timeout: Duration) -> LockRequest {
    let info = LockInfo {
        operation: operation.to_owned(),
        who: context.who.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created: context.timestamp().to_string(),
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
    take_lock(&store, lock_request(context, "OperationTypeReset", Duration::ZERO)).await?;
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
    let (home, mut diagnostics) = home(context, config)?;
    let opened = open(context, &home, "", None).await?;
    diagnostics.extend(opened.diagnostics);
    Ok((opened.state, diagnostics))
}

/// Gives up what an earlier run began on an instance and did not finish. Returns what that was, such as `creation`.
///
/// # Errors
/// The state can't be locked, read or written, or nothing of that address is open.
pub async fn forget_intent(context: &Context, config: Option<&Config>, address: &Instance, lock: LockOptions) -> Result<String, Failed> {
    let (home, _) = home(context, config)?;
    let Opened { mut session, state, unsettled, .. } =
        open(context, &home, "OperationTypeInvalid", lock.lock.then_some(lock.timeout)).await?;
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
    let (home, _) = home(context, config)?;
    home.store()
        .force_unlock(id)
        .await
        .map_err(|error| Failed::from(Diagnostic::error("Failed to unlock state", format!("{}.", error.to_string().trim_end_matches('.')))))
}
