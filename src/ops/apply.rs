//! Applying: approve a checked plan, run it, report.

use super::whole_file::write_private;
use super::{Context, Failed, Planned};
use crate::apply::{self, Apply, ApplyReport};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::live::{Ephemerals, opening_failure};
use crate::plan::{CheckedPlan, PlanMode, Resolver};
use crate::state::{Session, State};
use std::sync::Arc;

/// Where a state goes that could not be written to its place; Terraform's name.
const ERRORED_STATE: &str = "errored.tfstate";

/// Whether the user wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Yes.
    Given,
    /// No.
    Refused,
}

/// Applies a plan that was approved. `is_saved` says that time passed since planning, so that everything that will be touched
/// is read again first.
///
/// # Errors
/// The plan's sources can't be evaluated again; everything else is in the report.
pub async fn apply(context: &Context, mut planned: Planned, parallelism: usize, is_saved: bool) -> Result<ApplyReport, Failed> {
    let resolver = Resolver::new(&planned.plan, &context.providers, &planned.ephemeral);
    let ephemerals = context.ephemerals(&planned.clients);
    let resolver = match resolver {
        Ok(resolver) => open_providers(resolver, &ephemerals).await,
        Err(errors) => Err(errors),
    };
    let (plan, resolver) = match resolver {
        Ok(both) => both,
        Err(errors) => {
            drop(ephemerals.close().await);
            drop(planned.session.close().await);
            return Err(Failed::from(errors).in_sources(&planned.sources));
        }
    };
    let mut report = apply::run(Apply {
        plan: &plan,
        resolver: Box::new(resolver),
        clients: planned.clients,
        ephemerals: ephemerals.clone(),
        session: &mut planned.session,
        listener: Arc::clone(&context.listener),
        interrupt: context.interrupt.clone(),
        parallelism,
        effects: context.effects.clone(),
        clock: context.clock.clone(),
        check_moved: is_saved,
    })
    .await;
    report.diagnostics.extend(ephemerals.close().await);
    // A mere refresh changes nothing that could be incomplete.
    let is_refresh = plan.plan().mode == PlanMode::RefreshOnly;
    report.diagnostics.0.extend(plan.plan().targeting.applied_warning().filter(|_| !is_refresh));
    if report.is_unwritten {
        report.diagnostics.push(keep_errored_state(context, &report.state, &planned.session).await);
    }
    report.diagnostics.extend(planned.session.close().await);
    Ok(report)
}

/// The plan with the configurations of providers that come from ephemeral values as these are now.
async fn open_providers(mut resolver: Resolver, ephemerals: &Ephemerals) -> Result<(CheckedPlan, Resolver), Diagnostics> {
    loop {
        let missing = resolver.provider_openings()?;
        if missing.is_empty() {
            let plan = resolver.with_providers_anew()?;
            return Ok((plan, resolver));
        }
        for opening in missing {
            let opened = ephemerals.open(&opening.address, &opening.provider, &opening.config, &opening.query).await;
            let value = opened.map_err(|error| Diagnostics::from(opening_failure(&opening.address, &error)))?;
            resolver.opened(&opening.address, &value);
        }
    }
}

/// Writes a state that its store would not take into the working folder, as Terraform does. The journal holds the same; this is for
/// those who have lost it, and for tools that know the file.
async fn keep_errored_state(context: &Context, state: &State, session: &Session) -> Diagnostic {
    let (state, place) = (State { serial: state.serial + 1, ..state.clone() }, session.place());
    let written = match session.as_written(&state).await {
        Ok(bytes) => write_private(&context.working_folder.join(ERRORED_STATE), &bytes).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let detail = match written {
        Ok(()) => format!(
            "The error shown above has prevented Windlass from writing the updated state to {place}. It was written to the file \
             {ERRORED_STATE:?} in the current working directory instead.\n\nRemove the cause and run plan or apply: the journal holds the same and \
             is taken in. If it is lost, this file takes its place:\n    windlass state push {ERRORED_STATE}"
        ),
        Err(error) => format!(
            "The error shown above has prevented Windlass from writing the updated state to {place}, and {ERRORED_STATE:?} in the current \
             working directory can't be written either: {error}.\n\nThe journal holds what this run did. Remove the cause, and run plan or apply: \
             it is taken in."
        ),
    };
    Diagnostic::error("Failed to persist state to backend", detail)
}
