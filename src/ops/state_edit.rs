//! Editing the state by hand: what a person knows better than a plan.

use super::backend::home;
use super::state_access::open;
use super::{Context, Failed, LockOptions};
use crate::address::Instance;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::state::{ObjectStatus, Opened, State};
use std::sync::Arc;

/// Changes the state under its lock and writes it. What an earlier run left unsettled must be settled first.
///
/// # Errors
/// The state can't be locked, read or written, a stopped run is not settled, or the edit refuses.
pub async fn edit_state<T>(
    context: &Context,
    config: Option<&Config>,
    lock: LockOptions,
    edit: impl FnOnce(&mut State) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let (home, _) = home(context, config)?;
    let Opened { mut session, mut state, unsettled, .. } =
        open(context, &home, "OperationTypeInvalid", lock.lock.then_some(lock.timeout)).await?;
    let result = match unsettled.first() {
        Some(first) => {
            let detail = format!(
                "A stopped run began something on {} and did not finish it. Run plan or apply, which finds out what became of it, and then this \
                 again. Nothing was changed.",
                first.intent.address
            );
            Err(Failed::from(Diagnostic::error("A stopped run is not settled", detail)))
        }
        None => edit(&mut state),
    };
    let result = match result {
        Ok(value) => session.commit(&state).await.map(|_| value).map_err(Failed::from),
        Err(failed) => Err(failed),
    };
    drop(session.close().await);
    result
}

/// Marks the object of an instance as sound or as one that the next apply replaces.
///
/// # Errors
/// There is no such instance, or it is not tainted.
pub fn set_tainted(state: &mut State, address: &Instance, tainted: bool) -> Result<(), Failed> {
    let object = state.instances.get_mut(address).and_then(|instance| Arc::make_mut(instance).current.as_mut());
    let verb = if tainted { "tainted" } else { "untainted" };
    let Some(object) = object else {
        let detail = format!(
            "There is no resource instance in the state with the address {address}. If the resource configuration has just been added, you must \
             run \"windlass apply\" once to create the corresponding instance(s) before they can be {verb}."
        );
        return Err(Failed::from(Diagnostic::error("No such resource instance", detail)));
    };
    if !tainted && object.status != ObjectStatus::Tainted {
        let detail = format!("Resource instance {address} is not currently tainted, and so it cannot be untainted.");
        return Err(Failed::from(Diagnostic::error("Resource instance is not tainted", detail)));
    }
    object.status = if tainted { ObjectStatus::Tainted } else { ObjectStatus::Ready };
    Ok(())
}

/// Takes another state in place of the recorded one.
///
/// # Errors
/// It is of another lineage, or older; the last two not with `force`.
pub fn push_state(state: &mut State, pushed: State, force: bool) -> Result<(), Failed> {
    let refuse = |detail: String| Err(Failed::from(Diagnostic::error("Failed to write state", detail)));
    if !force && !state.lineage.is_empty() && pushed.lineage != state.lineage {
        return refuse(format!(
            "cannot import state with lineage {:?} over unrelated state with lineage {:?}",
            &*pushed.lineage, &*state.lineage
        ));
    }
    if !force && pushed.serial < state.serial {
        return refuse(format!("cannot import state with serial {} over newer state with serial {}", pushed.serial, state.serial));
    }
    if !force && pushed.serial == state.serial && !state.lineage.is_empty() && pushed != *state {
        return refuse(format!(
            "cannot overwrite existing state with serial {} with a different state that has the same serial",
            pushed.serial
        ));
    }
    *state = pushed;
    Ok(())
}
