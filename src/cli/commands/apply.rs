//! `apply` and `destroy`.

use super::plan::{plan_or_stop, show};
use super::{Outcome, banner};
use crate::apply::{ApplyReport, Counts};
use crate::cli::arguments::{self, Planning};
use crate::cli::output::{Answer, ask, print, print_error};
use crate::cli::process::Process;
use crate::diagnostic::Diagnostic;
use crate::ops::{self, Approval, Planned};
use crate::plan::{PlanMode, PlanOptions};
use crate::state::journal::armoured;
use crate::view;
use crate::view::json::message_wire as message;
use std::path::Path;
use std::process::ExitCode;

/// Plans, asks, applies; or applies a saved plan.
pub async fn run(process: &Process, flags: &arguments::Apply) -> Outcome {
    banner(process);
    refuse_unasked(process, flags.auto_approve || flags.plan_file.is_some())?;
    if let Some(file) = &flags.plan_file {
        if let Some(flag) = flags.operation.planning_flag() {
            let detail = format!("A saved plan does what it was made for. Make one with plan {flag} and -out=FILE, or leave out {flag}.");
            return Err(ops::Failed::from(Diagnostic::error(format!("Can't use {flag} with a saved plan"), detail)));
        }
        return saved(process, file, &flags.planning).await;
    }
    planned(process, &flags.planning, flags.operation.options()?, flags.auto_approve, false).await
}

/// Deletes everything that the state holds.
pub async fn destroy(process: &Process, flags: &arguments::Destroy) -> Outcome {
    banner(process);
    refuse_unasked(process, flags.auto_approve)?;
    planned(process, &flags.planning, flags.operation.destroying()?, flags.auto_approve, true).await
}

/// Nobody can be asked where the answer is a stream for machines.
fn refuse_unasked(process: &Process, is_approved: bool) -> Result<(), ops::Failed> {
    if process.stream.is_none() || is_approved {
        return Ok(());
    }
    let detail = "Windlass cannot ask for interactive approval when -json is set. Apply a saved plan file, or give -auto-approve.";
    Err(ops::Failed::from(Diagnostic::error("Plan file or auto-approve required", detail)))
}

async fn planned(process: &Process, flags: &Planning, options: PlanOptions, auto_approve: bool, is_destroy: bool) -> Outcome {
    let mode = options.mode;
    let operation = if mode == PlanMode::Destroy { "OperationTypeDestroy" } else { "OperationTypeApply" };
    let request = flags.request(process, options, operation).await?;
    let planned = plan_or_stop(process, &request).await?;
    show(process, &planned);
    let needs_approval = !view::plan::is_empty(planned.plan.plan()) && !auto_approve;
    if needs_approval && approve(process, mode, flags.input).await == Approval::Refused {
        process.report(&planned.session.close().await, &planned.sources);
        print(if is_destroy { "\nDestroy cancelled.\n" } else { "\nApply cancelled.\n" });
        return Ok(ExitCode::FAILURE);
    }
    finish(process, planned, flags, false, is_destroy).await
}

async fn saved(process: &Process, file: &Path, flags: &Planning) -> Outcome {
    let plan = ops::read_plan_file(&process.context, file).await?;
    let planned = ops::open_saved(&process.context, plan, &flags.variables.0, flags.lock.options()?).await?;
    if let Some(stream) = &process.stream {
        stream.write_all(message::changes(planned.plan.plan()));
    }
    finish(process, planned, flags, true, false).await
}

async fn finish(process: &Process, planned: Planned, flags: &Planning, is_saved: bool, is_destroy: bool) -> Outcome {
    process.say("\n");
    let sources = planned.sources.clone();
    let report = ops::apply(&process.context, planned, usize::from(flags.parallelism), is_saved).await?;
    process.report(&report.diagnostics, &sources);
    if !report.unsaved.is_empty() {
        print_error(&armoured(&report.unsaved));
    }
    if report.diagnostics.has_errors() || report.stopped {
        return Ok(ExitCode::FAILURE);
    }
    match &process.stream {
        Some(stream) => {
            let Counts { imported: import, added: add, changed: change, destroyed: destroy, forgotten: forget } = report.counts;
            let counts = view::plan::Counts { import, add, change, destroy, forget };
            let operation = if is_destroy { "destroy" } else { "apply" };
            stream.write(message::change_summary(&closing(&report, is_destroy), operation, counts));
            stream.write_all(message::applied_outputs(&report.state).filter(|_| !is_destroy));
        }
        None => {
            print(&format!("\n{}\n", closing(&report, is_destroy)));
            if !report.state.outputs.is_empty() && !is_destroy {
                print(&format!("\nOutputs:\n\n{}", view::state::outputs(&report.state)));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn closing(report: &ApplyReport, is_destroy: bool) -> String {
    let Counts { imported, added, changed, destroyed, forgotten } = report.counts;
    let imports = if imported > 0 { format!("{imported} imported, ") } else { String::new() };
    let forgets = if forgotten > 0 { format!(", {forgotten} forgotten") } else { String::new() };
    match is_destroy {
        true => format!("Destroy complete! Resources: {destroyed} destroyed{forgets}."),
        false => format!("Apply complete! Resources: {imports}{added} added, {changed} changed, {destroyed} destroyed{forgets}."),
    }
}

async fn approve(process: &Process, mode: PlanMode, input: bool) -> Approval {
    let place = if process.context.sandbox() { " in the sandbox" } else { "" };
    let question = match mode {
        PlanMode::RefreshOnly => format!(
            "\nWould you like to update the Windlass state{place} to reflect these detected changes?\n  Windlass will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.\n\n  Enter a value: "
        ),
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
