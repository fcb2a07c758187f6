//! A plan as `show -json` writes it. Sensitive values are null; the parallel `*_sensitive` members say where.

use super::check_wire::checks;
use super::state_wire::{ModuleJson, TERRAFORM_VERSION, hide, identity, sensitive, value_or_null, values};
use crate::plan::{Action, Change, OutputChange, Plan, Reason};
use serde_json::{Map, Value as Json, json};
use windlass_api::{Path, Providers, Step, Value};

/// The whole document.
pub fn plan(plan: &Plan, providers: &Providers) -> Json {
    let variables: Map<String, Json> =
        plan.inputs.variables.iter().map(|(name, value)| (name.to_string(), json!({ "value": value_or_null(&hide(value)) }))).collect();
    let outputs: Map<String, Json> = plan.outputs.iter().map(|(name, output)| (name.to_string(), output_change(output))).collect();
    let mut document = json!({
        "format_version": "1.2",
        "terraform_version": TERRAFORM_VERSION,
        "variables": variables,
        "planned_values": planned_values(plan),
        "resource_drift": plan.drift.iter().map(|drift| json!({ "address": drift.address.to_string(), "change": change_json(if drift.after.is_null() { Action::Delete } else { Action::Update }, &drift.before, &drift.after, &[]) })).collect::<Vec<_>>(),
        "resource_changes": plan.changes.iter().map(resource_change).collect::<Vec<_>>(),
        "output_changes": outputs,
        "prior_state": { "format_version": "1.0", "terraform_version": TERRAFORM_VERSION, "values": values(&plan.refreshed, providers) },
        "timestamp": &*plan.inputs.timestamp,
        "applyable": !crate::view::plan::is_empty(plan),
        "complete": true,
        "errored": false,
        "windlass": { "sandbox": plan.sandbox, "cost": cost(plan), "variants": variants(plan) },
    });
    if !plan.checks.is_empty() {
        document["checks"] = checks(&plan.checks);
    }
    document
}

fn planned_values(plan: &Plan) -> Json {
    let mut root = ModuleJson::default();
    for change in plan.changes.iter().filter(|change| !change.after.is_null() && change.deposed.is_none()) {
        let mut json = identity(&change.address, &change.provider.source);
        json.insert("values".into(), known(&hide(&change.after)));
        json.insert("sensitive_values".into(), sensitive(&change.after));
        root.place(&change.address, 0, Json::Object(json));
    }
    let outputs: Map<String, Json> =
        plan.outputs.iter().filter_map(|(name, output)| Some((name.to_string(), planned_output(output)?))).collect();
    json!({ "outputs": outputs, "root_module": root.into_json() })
}

fn planned_output(output: &OutputChange) -> Option<Json> {
    let after = output.after.as_ref()?;
    let mut json = Map::new();
    json.insert("sensitive".into(), output.sensitive.into());
    if after.is_wholly_known() && !output.sensitive {
        json.insert("value".into(), value_or_null(&hide(after)));
    }
    Some(Json::Object(json))
}

fn resource_change(change: &Change) -> Json {
    let mut json = identity(&change.address, &change.provider.source);
    if let Some(previous) = &change.previous_address {
        json.insert("previous_address".into(), previous.to_string().into());
    }
    if let Some(deposed) = &change.deposed {
        json.insert("deposed".into(), deposed.0.to_string().into());
    }
    let mut inner = change_json(change.action, &change.before, &change.after, &change.replace_paths);
    if let Some(importing) = &change.importing {
        inner["importing"] = json!({ "id": &*importing.id });
        if let Some(text) = &importing.generated {
            inner["generated_config"] = Json::String(text.to_string());
        }
    }
    json.insert("change".into(), inner);
    if let Some(reason) = reason(&change.reason) {
        json.insert("action_reason".into(), reason.into());
    }
    Json::Object(json)
}

fn change_json(action: Action, before: &Value, after: &Value, replace: &[Path]) -> Json {
    let actions: &[&str] = match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::DeleteThenCreate => &["delete", "create"],
        Action::CreateThenDelete => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    };
    let mut json = json!({
        "actions": actions,
        "before": value_or_null(&hide(before)),
        "after": known(&hide(after)),
        "after_unknown": unknown(after),
        "before_sensitive": sensitive(before),
        "after_sensitive": sensitive(after),
    });
    if !replace.is_empty() {
        json["replace_paths"] = replace.iter().map(path).collect();
    }
    json
}

fn path(path: &Path) -> Json {
    let step = |step: &Step| match step {
        Step::Attribute(name) => Json::String(name.to_string()),
        Step::Index(value) => value_or_null(value),
    };
    path.0.iter().map(step).collect()
}

/// What becomes of an output.
pub(super) fn output_action(output: &OutputChange) -> &'static str {
    match (&output.before, &output.after) {
        (None, Some(_)) => "create",
        (Some(_), None) => "delete",
        (before, after) if before == after => "no-op",
        _ => "update",
    }
}

fn output_change(output: &OutputChange) -> Json {
    let null = Value::null(windlass_api::Type::Dynamic);
    let (before, after) = (output.before.as_ref().unwrap_or(&null), output.after.as_ref().unwrap_or(&null));
    let action = output_action(output);
    let shown = |value: &Value| if output.sensitive { Json::Null } else { known(&hide(value)) };
    json!({
        "actions": [action], "before": shown(before), "after": shown(after), "after_unknown": unknown(after),
        "before_sensitive": output.sensitive, "after_sensitive": output.sensitive,
    })
}

/// The known parts: unknown attributes are left out, unknown elements are null.
fn known(value: &Value) -> Json {
    match (value.elements(), value.fields()) {
        (Some(elements), _) => elements.iter().map(known).collect(),
        (_, Some(fields)) => Json::Object(
            fields.iter().filter(|(_, field)| field.is_known()).map(|(name, field)| (name.to_string(), known(field))).collect(),
        ),
        _ if !value.is_known() => Json::Null,
        _ => value_or_null(value),
    }
}

/// `true` where a part is unknown, the empty shape elsewhere.
fn unknown(value: &Value) -> Json {
    match (value.elements(), value.fields()) {
        _ if !value.is_known() => true.into(),
        (Some(elements), _) => elements.iter().map(unknown).collect(),
        (_, Some(fields)) => {
            let parts = fields.iter().map(|(name, field)| (name.to_string(), unknown(field)));
            Json::Object(parts.filter(|(_, json)| *json != Json::Bool(false)).collect())
        }
        _ => false.into(),
    }
}

pub(super) fn reason(reason: &Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::CannotUpdate(_) => "replace_because_cannot_update",
        Reason::Tainted => "replace_because_tainted",
        Reason::Requested => "replace_by_request",
        Reason::Triggered(_) => "replace_by_triggers",
        Reason::NoResourceConfig => "delete_because_no_resource_config",
        Reason::NoModule => "delete_because_no_module",
        Reason::NoMoveTarget(_) => "delete_because_no_move_target",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::Disabled => "delete_because_enabled_false",
        Reason::CountIndex(_) => "delete_because_count_index",
        Reason::EachKey(_) => "delete_because_each_key",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::CheckNested => "read_because_check_nested",
        Reason::Declared | Reason::Differs(_) | Reason::Gone | Reason::DestroyRequested | Reason::Deposed | Reason::Recorded => {
            return None;
        }
    })
}

pub(super) fn cost(plan: &Plan) -> Json {
    let lines = plan.cost.lines.iter().map(|line| {
        json!({
            "address": line.address.to_string(), "what": line.what,
            "before_hourly_usd": line.before_hourly_usd, "after_hourly_usd": line.after_hourly_usd,
        })
    });
    json!({ "lines": lines.collect::<Vec<_>>(), "prices_as_of": plan.cost.prices_as_of.as_deref() })
}

/// Alternatives by address, after the first choice that the standard members show.
fn variants(plan: &Plan) -> Json {
    let rows = plan.changes.iter().filter(|change| !change.variants.is_empty()).map(|change| {
        let alternatives: Vec<_> = change
            .variants
            .iter()
            .map(|variant| json!({ "label": &*variant.label, "after": known(&hide(&variant.after)), "hourly_usd": variant.hourly_usd }))
            .collect();
        (change.address.to_string(), Json::Array(alternatives))
    });
    Json::Object(rows.collect())
}
