//! `plan`.

use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::output::{diagnostics, print};
use crate::cli::process::Process;
use crate::ops::{self, PlanRequest, Planned};
use crate::plan::PlanMode;
use crate::view;
use std::process::ExitCode;

/// Shows what apply would do.
pub async fn run(process: &Process, flags: &arguments::Plan) -> Outcome {
    print(&banner(process));
    let mode = if flags.destroy { PlanMode::Destroy } else { PlanMode::Normal };
    let request = flags.planning.request(mode, "OperationTypePlan")?;
    let planned = plan_or_stop(process, &request).await?;
    show(process, &planned);
    let has_changes = !view::plan::is_empty(planned.plan.plan());
    if let Some(file) = &flags.out {
        let warnings = ops::write_plan_file(&process.context, &planned.plan, file)?;
        diagnostics(&warnings, &planned.sources, process.style, process.width);
        let sandbox = if process.context.sandbox() { "-sandbox " } else { "" };
        print(&format!("\nSaved the plan to: {0}\n\nTo do exactly this, run:\n    windlass {sandbox}apply {0:?}\n", file.display()));
    } else if has_changes {
        print(
            "\nNote: You didn't use the -out option to save this plan, so an apply later may find the cloud changed and do something else.\n",
        );
    }
    diagnostics(&planned.session.close().await, &planned.sources, process.style, process.width);
    Ok(if flags.detailed_exitcode && has_changes { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

/// Plans; an interrupt ends it, for nothing has been changed yet.
pub async fn plan_or_stop(process: &Process, request: &PlanRequest) -> Result<Planned, ops::Failed> {
    let mut interrupt = process.context.interrupt.clone();
    tokio::select! {
        planned = ops::plan(&process.context, request) => planned,
        _ = interrupt.changed() => Err(ops::Failed::from(crate::diagnostic::Diagnostic::error("Interrupted", "Planning was stopped. Nothing was changed."))),
    }
}

/// Shows warnings and the plan.
pub fn show(process: &Process, planned: &Planned) {
    diagnostics(&planned.diagnostics, &planned.sources, process.style, process.width);
    print(&view::plan::render(planned.plan.plan(), &process.context.providers, process.style));
}
