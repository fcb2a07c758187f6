//! `eject`.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::ops::{self, LockOptions, PlanRequest};
use crate::plan::PlanOptions;
use std::process::ExitCode;
use std::time::Duration;

/// Prints the module of a workload. The state is read, never written, so it is not locked.
pub async fn run(process: &Process, flags: &arguments::Eject) -> Outcome {
    let request = PlanRequest {
        generate: None,
        options: PlanOptions::default(),
        variables: flags.variables.0.clone(),
        lock: LockOptions { lock: false, timeout: Duration::ZERO },
        operation: "OperationTypePlan",
    };
    print(&ops::eject(&process.context, &request, flags.workload.as_deref()).await?);
    Ok(ExitCode::SUCCESS)
}
