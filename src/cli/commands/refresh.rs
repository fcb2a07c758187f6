//! `refresh`: what is there is read and recorded, without a plan to look at.

use super::plan::plan_or_stop;
use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::ops;
use crate::view;
use crate::view::json::message_wire as message;
use std::process::ExitCode;

/// Reads every object and writes the state.
pub async fn run(process: &Process, flags: &arguments::Refresh) -> Outcome {
    banner(process);
    let request = flags.planning.request(process, flags.options()?, "OperationTypeRefresh").await?;
    let planned = plan_or_stop(process, &request).await?;
    process.report(&planned.diagnostics, &planned.sources);
    let sources = planned.sources.clone();
    let report = ops::apply(&process.context, planned, usize::from(flags.planning.parallelism), false).await?;
    process.report(&report.diagnostics, &sources);
    if report.diagnostics.has_errors() || report.stopped {
        return Ok(ExitCode::FAILURE);
    }
    match &process.stream {
        Some(stream) => stream.write_all(message::applied_outputs(&report.state)),
        None if report.state.outputs.is_empty() => {}
        None => print(&format!("\nOutputs:\n\n{}", view::state::outputs(&report.state))),
    }
    Ok(ExitCode::SUCCESS)
}
