//! Importing one object by command: planned like an import block, then written without applying anything.

use super::{Context, Failed, PlanRequest, Planned, plan};
use crate::address::Instance;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::plan::PlanOptions;
use crate::state::State;
use std::sync::Arc;

/// Takes an object into the state. Returns warnings and what they point into.
///
/// # Errors
/// Everything that planning can find, an instance that nothing declares or that the state has already, a state that can't be written.
pub async fn import(context: &Context, request: PlanRequest, address: Instance, id: &str) -> Result<(Diagnostics, Arc<SourceMap>), Failed> {
    let options = PlanOptions { import: Some((address.clone(), id.into())), refresh: false, ..request.options.clone() };
    let Planned { plan, mut session, diagnostics, sources, .. } = plan(context, &PlanRequest { options, ..request }).await?;
    let checked = plan.plan();
    let imported = checked.changes.iter().find(|change| change.address == address && change.importing.is_some());
    let object = imported.and_then(|_| checked.refreshed.instances.get(&address).cloned());
    let Some(mut object) = object else {
        drop(session.close().await);
        let detail = format!(
            "Windlass is already managing a remote object for {address}. To import to this address you must first remove the existing object \
             from the state."
        );
        return Err(Failed::from(Diagnostic::error("Resource already managed by Windlass", detail)));
    };
    let account = checked.providers.get(&object.provider).and_then(|pin| pin.account.as_ref());
    if let (Some(account), Some(current)) = (account, Arc::make_mut(&mut object).current.as_mut()) {
        current.private.account = Some(account.id.as_str().into());
        current.private.region = account.region.as_deref().map(Into::into);
    }
    let mut state = State::clone(&checked.prior);
    state.instances.insert(address, object);
    let written = session.commit(&state).await;
    drop(session.close().await);
    written?;
    Ok((diagnostics, sources))
}
