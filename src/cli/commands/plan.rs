//! `plan`.

use super::{Outcome, banner};
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::ops::{self, PlanRequest, Planned};
use crate::view;
use crate::view::json::message_wire as message;
use std::process::ExitCode;

/// Shows what apply would do.
pub async fn run(process: &Process, flags: &arguments::Plan) -> Outcome {
    banner(process);
    let request = flags.planning.request(process, flags.operation.options()?, "OperationTypePlan").await?;
    let request = PlanRequest { generate: flags.generate_config_out.clone(), ..request };
    let planned = plan_or_stop(process, &request).await?;
    show(process, &planned);
    if let Some(file) = &planned.generated {
        process.advise(&format!(
            "\nWindlass has generated configuration and written it to {}. Please review the configuration and edit it as necessary before adding it to version control.\n",
            file.display()
        ));
    }
    let has_changes = !view::plan::is_empty(planned.plan.plan());
    if let Some(file) = &flags.out {
        let warnings = ops::write_plan_file(&process.context, &planned.plan, file).await?;
        process.report(&warnings, &planned.sources);
        let sandbox = if process.context.sandbox() { "-sandbox " } else { "" };
        process
            .advise(&format!("\nSaved the plan to: {0}\n\nTo do exactly this, run:\n    windlass {sandbox}apply {0:?}\n", file.display()));
    } else if has_changes {
        process.advise(
            "\nNote: You didn't use the -out option to save this plan, so an apply later may find the cloud changed and do something else.\n",
        );
    }
    process.report(&planned.session.close().await, &planned.sources);
    // The process ends here: to give a large plan back piece by piece would only take time.
    std::mem::forget(planned.plan);
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
    let plan = planned.plan.plan();
    let Some(stream) = &process.stream else {
        process.report(&planned.diagnostics, &planned.sources);
        return print(&view::plan::render(plan, &process.context.providers, process.style));
    };
    stream.write_all(message::changes(plan));
    stream.write(message::planned(plan));
    stream.write_all(message::planned_outputs(plan));
    stream.diagnostics(&planned.diagnostics, &planned.sources);
}
