//! Applying: approve a checked plan, run it, report.

use super::plan_file::write_private;
use super::{Context, Failed, Planned};
use crate::apply::{self, Apply, ApplyReport};
use crate::diagnostic::Diagnostic;
use crate::plan::Resolver;
use crate::state::{State, wire};
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
    let resolver = Resolver::new(&planned.plan, &context.providers);
    let resolver = match resolver {
        Ok(resolver) => resolver,
        Err(errors) => {
            drop(planned.session.close().await);
            return Err(Failed::from(errors).in_sources(&planned.sources));
        }
    };
    let mut report = apply::run(Apply {
        plan: &planned.plan,
        resolver: Box::new(resolver),
        clients: planned.clients,
        session: &mut planned.session,
        listener: Arc::clone(&context.listener),
        interrupt: context.interrupt.clone(),
        parallelism,
        effects: context.effects.clone(),
        clock: context.clock.clone(),
        check_moved: is_saved,
    })
    .await;
    if report.is_unwritten {
        report.diagnostics.push(keep_errored_state(context, &report.state, &planned.session.place()));
    }
    report.diagnostics.extend(planned.session.close().await);
    Ok(report)
}

/// Writes a state that its store would not take into the working folder, as Terraform does. The journal holds the same; this is for
/// those who have lost it, and for tools that know the file.
fn keep_errored_state(context: &Context, state: &State, place: &str) -> Diagnostic {
    let state = State { serial: state.serial + 1, ..state.clone() };
    let written = write_private(&context.working_folder.join(ERRORED_STATE), &wire::write(&state));
    let detail = match written {
        Ok(()) => format!(
            "The error shown above has prevented Windlass from writing the updated state to {place}. It was written to the file \
             {ERRORED_STATE:?} in the current working directory instead.\n\nRemove the cause and run plan or apply: the journal beside the state \
             holds the same and is taken in. If the journal is lost too, put the file in the state's place:\n    cp {ERRORED_STATE} {place}"
        ),
        Err(error) => format!(
            "The error shown above has prevented Windlass from writing the updated state to {place}, and {ERRORED_STATE:?} in the current \
             working directory can't be written either: {error}.\n\nThe journal beside the state holds what this run did. Keep it, remove the \
             cause, and run plan or apply: it is taken in."
        ),
    };
    Diagnostic::error("Failed to persist state to backend", detail)
}
