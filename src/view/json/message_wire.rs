//! The messages of the event stream under `-json`.
//!
//! Types, members and wording are those of Terraform's machine-readable UI, version 1.2
//! (<https://developer.hashicorp.com/terraform/internals/machine-readable-ui>); what only Windlass knows stands in members called
//! `windlass`.

use super::diagnostic_wire;
use super::plan_wire;
use super::state_wire::TERRAFORM_VERSION;
use crate::address::{Instance, InstanceKey};
use crate::diagnostic::{Diagnostic, Severity, SourceMap};
use crate::event::{Event, EventOperation, Refreshed};
use crate::plan::{Action, Change, Plan, Reason};
use crate::state::State;
use crate::view::plan::{Counts, shown_drift, summary};
use crate::view::style::Style;
use crate::view::words::{INTERRUPTED, INTERRUPTED_AGAIN, Words, duration, id_suffix, words};
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// The version of the stream's format.
const UI_VERSION: &str = "1.2";

/// One line of the stream.
#[derive(Clone, Debug)]
pub struct Message {
    level: &'static str,
    text: String,
    kind: &'static str,
    fields: Map<String, Json>,
}

impl Message {
    fn new(kind: &'static str, text: impl Into<String>) -> Message {
        Message { level: "info", text: text.into(), kind, fields: Map::new() }
    }

    fn with(mut self, name: &str, value: Json) -> Message {
        self.fields.insert(name.into(), value);
        self
    }

    /// The line, with its end.
    pub fn into_line(self, now: jiff::Timestamp) -> String {
        let mut object = Map::new();
        object.insert("@level".into(), self.level.into());
        object.insert("@message".into(), self.text.into());
        object.insert("@module".into(), "terraform.ui".into());
        object.insert("@timestamp".into(), format!("{now:.6}").into());
        object.extend(self.fields);
        object.insert("type".into(), self.kind.into());
        format!("{}\n", Json::Object(object))
    }
}

/// The first message: which program and which format.
pub fn version(windlass_version: &str) -> Message {
    Message::new("version", format!("Windlass {windlass_version}"))
        .with("terraform", TERRAFORM_VERSION.into())
        .with("ui", UI_VERSION.into())
        .with("windlass", json!({ "version": windlass_version }))
}

/// A line that no other type fits.
pub fn log(text: impl Into<String>) -> Message {
    Message::new("log", text)
}

/// A line of `init`, with the code that tells what it is.
pub fn init(code: &'static str, text: impl Into<String>) -> Message {
    Message::new("init_output", text).with("message_code", code.into())
}

/// A warning or an error.
pub fn diagnostic(one: &Diagnostic, sources: &SourceMap) -> Message {
    let (level, word) = match one.severity {
        Severity::Error => ("error", "Error"),
        Severity::Warning => ("warn", "Warning"),
    };
    let message = Message { level, ..Message::new("diagnostic", format!("{word}: {}", one.summary)) };
    message.with("diagnostic", diagnostic_wire::diagnostic(one, sources))
}

/// What another hand changed, then what the plan does with each object.
pub fn changes(plan: &Plan) -> Vec<Message> {
    let drifted = shown_drift(plan).into_iter().map(|drift| {
        let action = if drift.after.is_null() { "delete" } else { "update" };
        let text = format!("{}: Drift detected ({action})", drift.address);
        Message::new("resource_drift", text).with("change", json!({ "resource": resource(&drift.address), "action": action }))
    });
    drifted.chain(plan.changes.iter().filter_map(planned_change)).collect()
}

fn planned_change(change: &Change) -> Option<Message> {
    let action = match change.action {
        Action::NoOp if change.importing.is_some() => "import",
        Action::NoOp if change.previous_address.is_some() => "move",
        Action::NoOp => return None,
        Action::Create => "create",
        Action::Read => "read",
        Action::Update => "update",
        Action::DeleteThenCreate | Action::CreateThenDelete => "replace",
        Action::Delete => "delete",
        Action::Forget => "remove",
    };
    let mut json = json!({ "resource": resource(&change.address) });
    if let Some(previous) = &change.previous_address {
        json["previous_resource"] = resource(previous);
    }
    json["action"] = action.into();
    if let Some(reason) = reason(&change.reason) {
        json["reason"] = reason.into();
    }
    if let Some(importing) = &change.importing {
        json["importing"] = json!({ "id": &*importing.id });
        if let Some(text) = &importing.generated {
            json["generated_config"] = Json::String(text.to_string());
        }
    }
    Some(Message::new("planned_change", format!("{}: Plan to {action}", change.address)).with("change", json))
}

fn reason(reason: &Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::CannotUpdate(_) => "cannot_update",
        Reason::Tainted => "tainted",
        Reason::Requested => "requested",
        Reason::Triggered(_) => "replace_triggered_by",
        other => return plan_wire::reason(other),
    })
}

/// How much the plan does, and what it costs.
pub fn planned(plan: &Plan) -> Message {
    let counts = Counts::of(plan);
    let text = summary(plan, Style::PLAIN);
    change_summary(text.trim_end(), "plan", counts).with("windlass", json!({ "sandbox": plan.sandbox, "cost": plan_wire::cost(plan) }))
}

/// How much was done.
pub fn change_summary(text: &str, operation: &'static str, counts: Counts) -> Message {
    let mut changes = json!({ "add": counts.add, "change": counts.change, "import": counts.import, "remove": counts.destroy });
    if counts.forget > 0 {
        changes["forget"] = counts.forget.into();
    }
    changes["operation"] = operation.into();
    Message::new("change_summary", text).with("changes", changes)
}

/// What becomes of the outputs; `None` when there are none.
pub fn planned_outputs(plan: &Plan) -> Option<Message> {
    let rows = plan.outputs.iter().map(|(name, output)| {
        let row = json!({ "sensitive": output.sensitive, "action": plan_wire::output_action_name(output).replace("no-op", "noop") });
        (name.to_string(), row)
    });
    outputs(rows.collect())
}

/// The outputs after an apply, without the values of sensitive ones; `None` when there are none.
pub fn applied_outputs(state: &State) -> Option<Message> {
    let rows = state.outputs.iter().map(|(name, output)| {
        let mut row = super::state_wire::output(output);
        if let (true, Some(row)) = (output.sensitive, row.as_object_mut()) {
            row.remove("value");
        }
        (name.to_string(), row)
    });
    outputs(rows.collect())
}

fn outputs(rows: Map<String, Json>) -> Option<Message> {
    (!rows.is_empty()).then(|| Message::new("outputs", format!("Outputs: {}", rows.len())).with("outputs", Json::Object(rows)))
}

/// What is said of an event: nothing of those that only progress rows need.
pub fn event(event: &Event) -> Vec<Message> {
    match event {
        Event::RefreshStarted { objects, is_data: true } => objects.iter().map(|one| data_read(one, None)).collect(),
        Event::RefreshFinished { objects, is_data: true, elapsed } => objects.iter().map(|one| data_read(one, Some(*elapsed))).collect(),
        Event::RefreshStarted { objects, .. } => objects.iter().map(|one| refresh("refresh_start", "Refreshing state...", one)).collect(),
        Event::RefreshFinished { objects, .. } => objects.iter().map(|one| refresh("refresh_complete", "Refresh complete", one)).collect(),
        Event::ApplyStarted { .. } | Event::ApplyFinished => Vec::new(),
        Event::StoreRetried { message } => vec![log(message.clone())],
        Event::Interrupted { times: 1 } => vec![log(INTERRUPTED)],
        Event::Interrupted { .. } => vec![log(INTERRUPTED_AGAIN)],
        Event::Notice(notice) => vec![diagnostic(notice, &SourceMap::default())],
        Event::ModuleFetching { module, source } => vec![log(format!("Downloading {source} for {module}..."))],
        Event::ModuleInstalled { module, folder } => vec![log(format!("- {module} in {folder}"))],
        Event::StepRetried { address, message } => {
            let retry = json!({ "resource": resource(address), "retry": message });
            vec![log(format!("{address}: {message}")).with("windlass", retry)]
        }
        // Terraform's stream tells of imports in the plan only.
        Event::StepStarted { operation: EventOperation::Import, .. } | Event::StepFinished { operation: EventOperation::Import, .. } => {
            Vec::new()
        }
        _ => step(event).into_iter().collect(),
    }
}

fn step(event: &Event) -> Option<Message> {
    let phase = |operation: &EventOperation, address: &Instance, words: Words| {
        let is_read = *operation == EventOperation::Read;
        // Terraform's stream says "Refreshing" where its text says "Reading".
        let (start, noun) = if is_read { ("Refreshing", "Refresh") } else { (words.start, words.noun) };
        (start, noun, json!({ "resource": resource(address), "action": words.action }))
    };
    // Ephemeral resources have kinds of messages of their own.
    let kind = |operation: &EventOperation, of_steps: &'static str, of_ephemerals: &'static str| match operation {
        EventOperation::Open | EventOperation::Close => of_ephemerals,
        _ => of_steps,
    };
    Some(match event {
        Event::StepStarted { address, operation, id } => {
            let (start, _, mut hook) = phase(operation, address, words(*operation));
            with_id(&mut hook, id.as_deref());
            Message::new(kind(operation, "apply_start", "ephemeral_op_start"), format!("{address}: {start}...{}", id_suffix(id.as_deref())))
                .with("hook", hook)
        }
        Event::StepProgress { address, operation, status, elapsed } => {
            let (_, _, mut hook) = phase(operation, address, words(*operation));
            hook["elapsed_seconds"] = elapsed.as_secs().into();
            if !status.is_empty() {
                hook["windlass"] = json!({ "status": status });
            }
            let text = format!("{address}: Still {}... [{} elapsed]", words(*operation).going_on, duration(*elapsed));
            Message::new(kind(operation, "apply_progress", "ephemeral_op_progress"), text).with("hook", hook)
        }
        Event::StepFinished { address, operation, id, elapsed } => {
            let (_, noun, mut hook) = phase(operation, address, words(*operation));
            with_id(&mut hook, id.as_deref());
            hook["elapsed_seconds"] = elapsed.as_secs().into();
            let text = format!("{address}: {noun} complete after {}{}", duration(*elapsed), id_suffix(id.as_deref()));
            Message::new(kind(operation, "apply_complete", "ephemeral_op_complete"), text).with("hook", hook)
        }
        Event::StepFailed { address, operation, elapsed, .. } => {
            let (_, noun, mut hook) = phase(operation, address, words(*operation));
            hook["elapsed_seconds"] = elapsed.as_secs().into();
            Message::new(
                kind(operation, "apply_errored", "ephemeral_op_errored"),
                format!("{address}: {noun} errored after {}", duration(*elapsed)),
            )
            .with("hook", hook)
        }
        _ => return None,
    })
}

fn with_id(hook: &mut Json, id: Option<&str>) {
    if let Some(id) = id {
        hook["id_key"] = "id".into();
        hook["id_value"] = id.into();
    }
}

fn refresh(kind: &'static str, words: &str, object: &Refreshed) -> Message {
    let mut hook = json!({ "resource": resource(&object.address) });
    with_id(&mut hook, object.id.as_deref());
    Message::new(kind, format!("{}: {words}{}", object.address, id_suffix(object.id.as_deref()))).with("hook", hook)
}

/// A data source is read while planning: told as an operation, as Terraform does. `elapsed` is there when it has ended.
fn data_read(data: &Refreshed, elapsed: Option<Duration>) -> Message {
    let mut hook = json!({ "resource": resource(&data.address), "action": "read" });
    match elapsed {
        None => Message::new("apply_start", format!("{}: Refreshing...", data.address)).with("hook", hook),
        Some(elapsed) => {
            with_id(&mut hook, data.id.as_deref());
            hook["elapsed_seconds"] = elapsed.as_secs().into();
            let text = format!("{}: Refresh complete after {}{}", data.address, duration(elapsed), id_suffix(data.id.as_deref()));
            Message::new("apply_complete", text).with("hook", hook)
        }
    }
}

fn resource(address: &Instance) -> Json {
    let type_name = &*address.resource.type_name;
    let key = match &address.key {
        None => Json::Null,
        Some(InstanceKey::Int(index)) => (*index).into(),
        Some(InstanceKey::String(key)) => key.to_string().into(),
    };
    let within = Instance { module: Default::default(), ..address.clone() };
    json!({
        "addr": address.to_string(),
        "module": address.module.to_string(),
        "resource": within.to_string(),
        "implied_provider": type_name.split_once('_').map_or(type_name, |(provider, _)| provider),
        "resource_type": type_name,
        "resource_name": &*address.resource.name,
        "resource_key": key,
    })
}
