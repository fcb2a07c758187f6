//! A plan as `show -json` writes it. Sensitive values are null; the parallel `*_sensitive` members say where.

use super::check_wire::checks;
use super::configuration_wire::configuration;
use super::relevant_wire::relevant_attributes;
use super::state_wire::{ModuleJson, TERRAFORM_VERSION, identity, schema, sensitive, value_or_null, values};
use crate::address::{Instance, Mode, ModuleInstance};
use crate::config::Config;
use crate::desired::variables::value_of;
use crate::diagnostic::Diagnostics;
use crate::plan::{Action, Change, Drift, OutputChange, Plan, PlanMode, Reason};
use crate::state::{OutputState, State};
use serde_json::{Map, Value as Json, json};
use windlass_api::value::wire::type_to_json;
use windlass_api::{Path, Providers, Step, Type, Value};

/// The whole document. `config` is the configuration that the plan embeds.
pub fn plan(plan: &Plan, config: &Config, providers: &Providers) -> Json {
    let mut json = Map::new();
    json.insert("format_version".into(), "1.2".into());
    json.insert("terraform_version".into(), TERRAFORM_VERSION.into());
    insert_some(&mut json, "variables", Json::Object(variables(plan, config)));
    json.insert("planned_values".into(), planned_values(plan, providers));
    insert_some(&mut json, "resource_drift", plan.drift.iter().map(|drift| drift_json(plan, drift)).collect());
    let is_listed = |change: &&Change| is_shown(change) && plan.mode != PlanMode::RefreshOnly;
    let mut changes: Vec<&Change> = plan.changes.iter().filter(is_listed).collect();
    changes.sort_by_cached_key(|change| (order(&change.address), change.deposed.as_ref().map(|key| key.0.clone())));
    insert_some(&mut json, "resource_changes", changes.into_iter().map(resource_change).collect());
    let outputs: Map<String, Json> = plan.outputs.iter().map(|(name, output)| (name.to_string(), output_change(output))).collect();
    insert_some(&mut json, "output_changes", Json::Object(outputs));
    let prior = planned_state(plan);
    if !prior.instances.is_empty() || !prior.outputs.is_empty() {
        let prior = json!({ "format_version": "1.0", "terraform_version": TERRAFORM_VERSION, "values": values(&prior, providers) });
        json.insert("prior_state".into(), prior);
    }
    json.insert("configuration".into(), configuration(config, providers));
    let changed = plan.outputs.iter().filter(|(_, output)| output.action() != Action::NoOp);
    let relevant = relevant_attributes(plan, config, changed.map(|(name, _)| name));
    insert_some(&mut json, "relevant_attributes", relevant.into());
    json.insert("timestamp".into(), plan.inputs.timestamp.to_string().into());
    json.insert("applyable".into(), (!crate::view::plan::is_empty(plan)).into());
    json.insert("complete".into(), plan.targeting.is_empty().into());
    json.insert("errored".into(), false.into());
    json.insert("windlass".into(), json!({ "sandbox": plan.sandbox, "cost": cost(plan), "variants": variants(plan) }));
    if !plan.checks.is_empty() {
        json.insert("checks".into(), checks(&plan.checks));
    }
    Json::Object(json)
}

/// Members without content are left out.
fn insert_some(json: &mut Map<String, Json>, name: &str, value: Json) {
    let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if !is_empty {
        json.insert(name.to_owned(), value);
    }
}

/// The root module's variables as given, or else their defaults; values that are never stored are left out, and those that nobody may see
/// are null.
fn variables(plan: &Plan, config: &Config) -> Map<String, Json> {
    let shown = config.root.variables.iter().filter_map(|(name, variable)| {
        let given = plan.inputs.variables.get(name).filter(|_| !variable.ephemeral).cloned();
        let default = || variable.default.is_some().then(|| value_of(name, variable, None, &mut Diagnostics::none()));
        let value = given.or_else(default)?;
        let value = if variable.sensitive { Json::Null } else { value_or_null(&value.without_secrets()) };
        Some((name.to_string(), json!({ "value": value })))
    });
    shown.collect()
}

/// What was read while planning is part of the state before the plan, not of the plan.
fn is_shown(change: &Change) -> bool {
    change.address.resource.mode == Mode::Managed || change.action != Action::NoOp
}

/// Terraform's order: modules that lie less deep first, then data sources before resources.
fn order(address: &Instance) -> (usize, ModuleInstance, bool, Instance) {
    (address.module.0.len(), address.module.clone(), address.resource.mode == Mode::Managed, address.clone())
}

fn planned_values(plan: &Plan, providers: &Providers) -> Json {
    let mut root = ModuleJson::default();
    let is_planned = |change: &&Change| is_shown(change) && (!change.after.is_null() || change.action == Action::Forget);
    let changes: &[Change] = if plan.mode == PlanMode::RefreshOnly { &[] } else { &plan.changes };
    let planned = changes.iter().filter(is_planned).filter(|change| change.deposed.is_none());
    for change in planned {
        let mut json = identity(&change.address, &change.provider.source);
        let schema = schema(providers, &change.address, &change.provider.source);
        json.insert("schema_version".into(), schema.map_or(0, |schema| schema.version).into());
        // What is forgotten stays, though nothing is known of it.
        if !change.after.is_null() {
            json.insert("values".into(), known(&change.after.without_secrets()));
        }
        json.insert("sensitive_values".into(), sensitive(&change.after));
        root.place(&change.address, 0, Json::Object(json));
    }
    root.sort();
    let outputs: Map<String, Json> =
        plan.outputs.iter().filter_map(|(name, output)| Some((name.to_string(), planned_output(output)?))).collect();
    let mut json = Map::new();
    insert_some(&mut json, "outputs", Json::Object(outputs));
    json.insert("root_module".into(), root.into_json());
    Json::Object(json)
}

/// The refreshed state with the outputs that are known already, as Terraform's has them.
fn planned_state(plan: &Plan) -> State {
    let mut state = State::clone(&plan.refreshed);
    for (name, output) in &plan.outputs {
        match &output.after {
            Some(after) if !after.is_wholly_known() => {}
            Some(after) if !after.is_null() => {
                let value = after.unmarked_deep();
                let now = OutputState { ty: value.ty().clone(), value, sensitive: output.sensitive };
                state.outputs.insert(name.clone(), now);
            }
            Some(_) => drop(state.outputs.remove(name)),
            None => {}
        }
    }
    state
}

fn drift_json(plan: &Plan, drift: &Drift) -> Json {
    let source = plan.prior.instances.get(&drift.address).map_or("", |instance| &*instance.provider.source);
    let mut json = identity(&drift.address, source);
    insert_module(&mut json, &drift.address);
    let action = if drift.after.is_null() { Action::Delete } else { Action::Update };
    json.insert("change".into(), change_json(action, &drift.before, &drift.after, &[]));
    Json::Object(json)
}

fn insert_module(json: &mut Map<String, Json>, address: &Instance) {
    if !address.module.0.is_empty() {
        json.insert("module_address".into(), address.module.to_string().into());
    }
}

fn planned_output(output: &OutputChange) -> Option<Json> {
    let after = output.after.as_ref()?;
    let is_sensitive = output.sensitive || output.was_sensitive();
    let mut json = Map::new();
    json.insert("sensitive".into(), is_sensitive.into());
    if after.is_wholly_known() {
        json.insert("type".into(), type_to_json(after.ty()));
        json.insert("value".into(), if is_sensitive { Json::Null } else { value_or_null(&after.without_secrets()) });
    }
    Some(Json::Object(json))
}

fn resource_change(change: &Change) -> Json {
    let mut json = identity(&change.address, &change.provider.source);
    insert_module(&mut json, &change.address);
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

fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Read => &["read"],
        Action::Update => &["update"],
        Action::DeleteThenCreate => &["delete", "create"],
        Action::CreateThenDelete => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

fn change_json(action: Action, before: &Value, after: &Value, replace: &[Path]) -> Json {
    let is_known = after.is_wholly_known();
    let mut json = json!({
        "actions": actions(action),
        "before": value_or_null(&before.without_secrets()),
        "after": known(&after.without_secrets()),
        "after_unknown": if is_known { json!({}) } else { unknown(after) },
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

/// What becomes of an output, as machines' documents name it.
pub(super) fn output_action_name(output: &OutputChange) -> &'static str {
    actions(output.action())[0]
}

fn output_change(output: &OutputChange) -> Json {
    let null = Value::null(Type::Dynamic);
    let (before, after) = (output.before.as_ref().unwrap_or(&null), output.after.as_ref().unwrap_or(&null));
    let is_sensitive = output.sensitive || output.was_sensitive();
    let shown = |value: &Value| if is_sensitive { Json::Null } else { known(&value.without_secrets()) };
    let mut json = Map::new();
    json.insert("actions".into(), json!(actions(output.action())));
    json.insert("before".into(), shown(before));
    if after.is_known() {
        json.insert("after".into(), shown(after));
    }
    json.insert("after_unknown".into(), if after.is_wholly_known() { false.into() } else { unknown(after) });
    json.insert("before_sensitive".into(), is_sensitive.into());
    json.insert("after_sensitive".into(), is_sensitive.into());
    Json::Object(json)
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
            .map(|variant| json!({ "label": &*variant.label, "after": known(&variant.after.without_secrets()), "hourly_usd": variant.hourly_usd }))
            .collect();
        (change.address.to_string(), Json::Array(alternatives))
    });
    Json::Object(rows.collect())
}
