//! `apply` and `destroy`.

use super::plan::{plan_or_stop, show};
use super::{Outcome, banner};
use crate::apply::{ApplyReport, Counts};
use crate::cli::arguments::{self, Planning};
use crate::cli::output::{Answer, ask, diagnostics, print};
use crate::cli::process::Process;
use crate::ops::{self, Approval, Planned};
use crate::plan::PlanMode;
use crate::view;
use std::path::Path;
use std::process::ExitCode;

/// Plans, asks, applies; or applies a saved plan.
pub async fn run(process: &Process, flags: &arguments::Apply) -> Outcome {
    print(&banner(process));
    if let Some(file) = &flags.plan_file {
        return saved(process, file, &flags.planning).await;
    }
    let mode = if flags.destroy { PlanMode::Destroy } else { PlanMode::Normal };
    planned(process, &flags.planning, mode, flags.auto_approve, false).await
}

/// Deletes everything that the state holds.
pub async fn destroy(process: &Process, flags: &arguments::Destroy) -> Outcome {
    print(&banner(process));
    planned(process, &flags.planning, PlanMode::Destroy, flags.auto_approve, true).await
}

async fn planned(process: &Process, flags: &Planning, mode: PlanMode, auto_approve: bool, is_destroy: bool) -> Outcome {
    let operation = if mode == PlanMode::Destroy { "OperationTypeDestroy" } else { "OperationTypeApply" };
    let request = flags.request(mode, operation)?;
    let planned = plan_or_stop(process, &request).await?;
    show(process, &planned);
    let needs_approval = !view::plan::is_empty(planned.plan.plan()) && !auto_approve;
    if needs_approval && approve(process, mode, flags.input).await == Approval::Refused {
        diagnostics(&planned.session.close().await, &planned.sources, process.style, process.width);
        print(if is_destroy { "\nDestroy cancelled.\n" } else { "\nApply cancelled.\n" });
        return Ok(ExitCode::FAILURE);
    }
    finish(process, planned, flags, false, is_destroy).await
}

async fn saved(process: &Process, file: &Path, flags: &Planning) -> Outcome {
    if !flags.variables.0.is_empty() {
        let detail = "A saved plan already holds the values that it was made with; -var and -var-file can't be given with it.";
        return Err(ops::Failed::from(crate::diagnostic::Diagnostic::error("Can't set variables when applying a saved plan", detail)));
    }
    let plan = ops::read_plan_file(&process.context, file)?;
    let planned = ops::open_saved(&process.context, plan, flags.lock.options()?).await?;
    finish(process, planned, flags, true, false).await
}

async fn finish(process: &Process, planned: Planned, flags: &Planning, is_saved: bool, is_destroy: bool) -> Outcome {
    print("\n");
    let sources = planned.sources.clone();
    let report = ops::apply(&process.context, planned, usize::from(flags.parallelism), is_saved).await?;
    diagnostics(&report.diagnostics, &sources, process.style, process.width);
    if report.diagnostics.has_errors() || report.stopped {
        return Ok(ExitCode::FAILURE);
    }
    print(&closing(&report, is_destroy));
    if !report.state.outputs.is_empty() && !is_destroy {
        print(&format!("\nOutputs:\n\n{}", view::state::outputs(&report.state)));
    }
    Ok(ExitCode::SUCCESS)
}

fn closing(report: &ApplyReport, is_destroy: bool) -> String {
    let Counts { added, changed, destroyed } = report.counts;
    match is_destroy {
        true => format!("\nDestroy complete! Resources: {destroyed} destroyed.\n"),
        false => format!("\nApply complete! Resources: {added} added, {changed} changed, {destroyed} destroyed.\n"),
    }
}

async fn approve(process: &Process, mode: PlanMode, input: bool) -> Approval {
    let place = if process.context.sandbox() { " in the sandbox" } else { "" };
    let question = match mode {
        PlanMode::Destroy => format!(
            "\nDo you really want to destroy all resources{place}?\n  Windlass will destroy all your managed infrastructure, as shown above.\n  There is no undo. Only 'yes' will be accepted to confirm.\n\n  Enter a value: "
        ),
        _ => format!(
            "\nDo you want to perform these actions{place}?\n  Windlass will perform the actions described above.\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: "
        ),
    };
    if !input {
        print(
            "\nThe plan needs approval and -input=false forbids asking. Give -auto-approve, or save the plan with plan -out and apply that file.\n",
        );
        return Approval::Refused;
    }
    match ask(&question, process.context.interrupt.clone()).await {
        Answer::Line(answer) if answer == "yes" => Approval::Given,
        Answer::Line(_) => Approval::Refused,
        Answer::Interrupted => {
            print("\nInterrupted: nothing was changed.\n");
            Approval::Refused
        }
        Answer::EndOfInput => {
            print("\nNobody answered: standard input is at its end. Give -auto-approve where nobody can be asked.\n");
            Approval::Refused
        }
    }
}
