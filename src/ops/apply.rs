//! Applying: approve a checked plan, run it, report.

use super::{Context, Failed, Planned};
use crate::apply::{self, Apply, ApplyReport};
use crate::plan::Resolver;
use std::sync::Arc;

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
    report.diagnostics.extend(planned.session.close().await);
    Ok(report)
}
