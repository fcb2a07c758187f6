//! What a plan says in a comment or on a page: the parts that [`super::markdown`] and [`super::html`] lay out, sensitive values hidden.

use super::cost;
use super::plan::{is_empty, is_shown, no_changes, output_lines, shown_drift, summary};
use super::style::Style;
use crate::plan::{Action, Change, Plan, PlanMode};
use windlass_api::Providers;

/// A plan in parts.
#[derive(Clone, Debug)]
pub struct Report {
    /// `Plan: 1 to add, 0 to change, 0 to destroy.`, or that nothing changes.
    pub headline: String,
    /// What a reader must know before anything else.
    pub notes: Vec<String>,
    /// Changes: what is lost first, then the rest, each by address.
    pub changes: Vec<Entry>,
    /// What another hand changed.
    pub drift: Vec<Entry>,
    /// The lines of changed outputs.
    pub outputs: String,
    /// The lines of the cost.
    pub cost: String,
    /// The lines of the placement of workloads.
    pub placements: String,
}

/// One object's part.
#[derive(Clone, Debug)]
pub struct Entry {
    /// One word: `create`, `update`, `replace`, `destroy`, `read`, `forget`, `import`, `move`, `drift`.
    pub kind: &'static str,
    /// Its address, and its key if it is a deposed object.
    pub address: String,
    /// The comment line: the address and what becomes of it.
    pub title: String,
    /// The change as the terminal shows it.
    pub text: String,
}

impl Report {
    /// The parts of a plan.
    pub fn of(plan: &Plan, providers: &Providers) -> Report {
        let nothing = is_empty(plan);
        let mut shown: Vec<&Change> = plan.changes.iter().filter(|change| is_shown(change)).collect();
        shown.sort_by_key(|change| !loses(change.action));
        let has_changes = !shown.is_empty();
        let headline = match (nothing, has_changes) {
            (true, _) => no_changes(plan, Style::PLAIN).trim().lines().next().unwrap_or_default().to_owned(),
            (false, true) => summary(plan, Style::PLAIN).trim_end().to_owned(),
            (false, false) => "Only the state changes: no objects are touched.".to_owned(),
        };
        Report {
            headline,
            notes: notes(plan),
            changes: shown.into_iter().map(|change| entry(change, providers)).collect(),
            drift: shown_drift(plan).into_iter().map(|drift| drift_entry(drift, plan, providers)).collect(),
            outputs: output_lines(&plan.outputs, Style::PLAIN),
            cost: cost::render(&plan.cost, Style::PLAIN).trim_start().to_owned(),
            placements: cost::placements(&plan.placements, Style::PLAIN).trim_start().to_owned(),
        }
    }
}

fn notes(plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.sandbox {
        notes.push("SANDBOX: a simulated cloud; nothing here is real or costs money.".to_owned());
    }
    match plan.mode {
        PlanMode::Destroy => notes.push("This plan deletes; it was made by -destroy.".to_owned()),
        PlanMode::RefreshOnly => notes.push("This plan only records in the state what is there; it changes nothing else.".to_owned()),
        PlanMode::Normal => {}
    }
    if !plan.targeting.is_empty() {
        let flag = plan.targeting.flag();
        notes.push(format!("Resource targeting is in effect: by {flag} this plan is of a part of the configuration."));
    }
    notes
}

fn loses(action: Action) -> bool {
    matches!(action, Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete)
}

fn entry(change: &Change, providers: &Providers) -> Entry {
    let kind = match change.action {
        Action::NoOp if change.importing.is_some() => "import",
        Action::NoOp => "move",
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::Delete => "destroy",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Forget => "forget",
    };
    let address = match &change.deposed {
        Some(key) => format!("{} (deposed object {})", change.address, key.0),
        None => change.address.to_string(),
    };
    with_title(kind, address, super::plan::change(change, providers, Style::PLAIN))
}

fn drift_entry(drift: &crate::plan::Drift, plan: &Plan, providers: &Providers) -> Entry {
    with_title("drift", drift.address.to_string(), super::plan::drifted(drift, plan, providers, Style::PLAIN))
}

/// The first line of a change is its title.
fn with_title(kind: &'static str, address: String, text: String) -> Entry {
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let title = first.trim_start().trim_start_matches("# ").to_owned();
    Entry { kind, address, title, text: rest.to_owned() }
}
