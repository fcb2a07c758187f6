//! A plan as people read it: Terraform's symbols, wording and summary, with the cost under it.

mod align;
mod body;
mod change;
mod lines;
mod values;

pub use body::{recorded, recorded_value};
pub use change::{change, drift as drifted};
pub use lines::Lines;

use super::cost;
use super::style::{Ink, Style};
use crate::plan::{Action, Change, Drift, OutputChange, Plan, PlanMode, StepOperation};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;
use windlass_api::Providers;

/// How many objects a plan makes, changes, deletes and forgets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken into the state.
    pub import: usize,
    /// Made, replacements among them.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted, replacements among them.
    pub destroy: usize,
    /// Left out of the state.
    pub forget: usize,
}

impl Counts {
    /// The counts of a plan.
    pub fn of(plan: &Plan) -> Counts {
        plan.changes.iter().fold(Counts::default(), |mut counts, change| {
            counts.import += usize::from(change.importing.is_some());
            match change.action {
                Action::Create => counts.add += 1,
                Action::Update => counts.change += 1,
                Action::Delete => counts.destroy += 1,
                Action::DeleteThenCreate | Action::CreateThenDelete => {
                    counts.add += 1;
                    counts.destroy += 1;
                }
                Action::Forget => counts.forget += 1,
                Action::NoOp | Action::Read => {}
            }
            counts
        })
    }
}

/// Whether applying the plan would do anything that a user sees.
pub fn is_empty(plan: &Plan) -> bool {
    let records_drift = plan.mode == PlanMode::RefreshOnly && !plan.drift.is_empty();
    !records_drift && !plan.changes.iter().any(is_shown) && plan.outputs.values().all(|output| output.action() == Action::NoOp)
}

/// Whether there is anything to write down at all, be it only what another hand changed.
pub fn has_steps(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.operation != StepOperation::Record) || !is_empty(plan)
}

/// Whether a change is listed: an object that has only moved is, too.
pub(super) fn is_shown(change: &Change) -> bool {
    change.action != Action::NoOp || change.previous_address.is_some() || change.importing.is_some()
}

/// The whole plan.
pub fn render(plan: &Plan, providers: &Providers, style: Style) -> String {
    let mut text = drift(plan, providers, style);
    if is_empty(plan) {
        return text + &no_changes(plan, style);
    }
    let touches_objects = plan.changes.iter().any(is_shown);
    if touches_objects {
        text += &legend(plan, style);
        text += "\nWindlass will perform the following actions:\n";
        for change in plan.changes.iter().filter(|change| is_shown(change)) {
            text.push('\n');
            text += &self::change::change(change, providers, style);
        }
        text.push('\n');
        text += &summary(plan, style);
    }
    text += &outputs(&plan.outputs, style);
    let changes_outputs = plan.outputs.values().any(|output| output.action() != Action::NoOp);
    if !touches_objects && changes_outputs {
        text += "\nYou can apply this plan to save these new output values to the state, without\nchanging any real infrastructure.\n";
    }
    text + &cost::placements(&plan.placements, style) + &cost::render(&plan.cost, style)
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`
pub fn summary(plan: &Plan, style: Style) -> String {
    let counts = Counts::of(plan);
    let forget = if counts.forget > 0 { format!(", {} to forget", counts.forget) } else { String::new() };
    let import = if counts.import > 0 { format!("{} to import, ", counts.import) } else { String::new() };
    format!(
        "{} {import}{} to add, {} to change, {} to destroy{forget}.\n",
        style.paint(Ink::Bold, "Plan:"),
        counts.add,
        counts.change,
        counts.destroy
    )
}

pub(super) fn no_changes(plan: &Plan, style: Style) -> String {
    let (head, tail) = match plan.mode {
        PlanMode::Destroy => (
            "No changes. No objects need to be destroyed.",
            "Either you have not created any objects yet or the existing objects were already deleted outside of Windlass.",
        ),
        PlanMode::RefreshOnly => (
            "No changes. Your infrastructure still matches the configuration.",
            "Windlass has checked that the real objects still match the result of your most recent changes, and found no differences.",
        ),
        PlanMode::Normal => (
            "No changes. Your infrastructure matches the configuration.",
            "Windlass has compared your real infrastructure against your configuration and found no differences, so no changes are needed.",
        ),
    };
    format!("\n{}\n\n{}", style.paint(Ink::Bold, head), super::diagnostic::wrap(tail, super::diagnostic::DEFAULT_WIDTH))
}

fn legend(plan: &Plan, style: Style) -> String {
    let rows = [
        (Action::Create, "create"),
        (Action::Update, "update in-place"),
        (Action::Delete, "destroy"),
        (Action::DeleteThenCreate, "destroy and then create replacement"),
        (Action::CreateThenDelete, "create replacement and then destroy"),
        (Action::Read, "read (data resources)"),
        (Action::Forget, "forget"),
    ];
    if plan.changes.iter().all(|change| change.action == Action::NoOp) {
        return String::new();
    }
    let mut text = "\nWindlass made the following plan. Actions are indicated with these symbols:\n".to_owned();
    for (action, label) in rows {
        if plan.changes.iter().any(|change| change.action == action) {
            let _ = writeln!(text, "{} {label}", change::symbol(action, style));
        }
    }
    text
}

fn outputs(outputs: &BTreeMap<Arc<str>, OutputChange>, style: Style) -> String {
    match output_lines(outputs, style) {
        lines if lines.is_empty() => lines,
        lines => format!("\nChanges to Outputs:\n{lines}"),
    }
}

/// The lines of the outputs that change.
pub(super) fn output_lines(outputs: &BTreeMap<Arc<str>, OutputChange>, style: Style) -> String {
    let changed: Vec<_> = outputs.iter().filter(|(_, output)| output.action() != Action::NoOp).collect();
    if changed.is_empty() {
        return String::new();
    }
    let width = changed.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut lines = lines::Lines::new(style);
    for (name, output) in changed {
        body::output(&mut lines, name, width, output);
    }
    lines.finish()
}

/// What another hand changed and the plan does something about; in a plan that only refreshes, all of it.
pub fn shown_drift(plan: &Plan) -> Vec<&Drift> {
    match plan.mode {
        PlanMode::Normal => {
            let touched: HashSet<_> =
                plan.changes.iter().filter(|change| change.action != Action::NoOp).map(|change| &change.address).collect();
            plan.drift.iter().filter(|drift| touched.contains(&drift.address)).collect()
        }
        PlanMode::RefreshOnly => plan.drift.iter().collect(),
        PlanMode::Destroy => Vec::new(),
    }
}

fn drift(plan: &Plan, providers: &Providers, style: Style) -> String {
    let shown = shown_drift(plan);
    if shown.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n{}\n\n{}",
        style.paint(Ink::Bold, "Note: Objects have changed outside of Windlass"),
        super::diagnostic::wrap(
            "Windlass detected the following changes made outside of it since the last apply which may have affected this plan:",
            super::diagnostic::DEFAULT_WIDTH
        )
    );
    for drift in shown {
        text.push('\n');
        text += &change::drift(drift, plan, providers, style);
    }
    if plan.mode == PlanMode::RefreshOnly {
        let note = "This is a refresh-only plan, so Windlass will not take any actions to undo these. If you were expecting these changes then \
                    you can apply this plan to record the updated values in the state without changing any real objects.";
        text += &format!("\n{}", super::diagnostic::wrap(note, super::diagnostic::DEFAULT_WIDTH));
    }
    text
}
