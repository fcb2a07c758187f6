//! State and outputs as JSON.

use crate::address::{Instance, InstanceKey, Mode};
use crate::state::{ObjectState, ObjectStatus, OutputState, State};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use windlass_api::value::wire::{type_to_json, value_to_json};
use windlass_api::{Providers, Schema, Type, Value};

/// The version of Terraform whose formats these are.
pub(super) const TERRAFORM_VERSION: &str = "1.11.4";

/// `show -json` of a state.
pub fn state(state: &State, providers: &Providers) -> Json {
    if state.instances.is_empty() && state.outputs.is_empty() {
        return json!({ "format_version": "1.0" });
    }
    let mut json = json!({ "format_version": "1.0", "terraform_version": TERRAFORM_VERSION, "values": values(state, providers) });
    if !state.checks.is_empty() {
        json["checks"] = super::check_wire::checks(&state.checks);
    }
    json
}

/// The `values` of a state: outputs, and resources by module.
pub fn values(state: &State, providers: &Providers) -> Json {
    let shown = state.outputs.iter().filter(|(_, output)| !output.value.is_null());
    let outputs: Map<String, Json> = shown.map(|(name, one)| (name.to_string(), output(one))).collect();
    let mut root = ModuleJson::default();
    for (address, instance) in &state.instances {
        let Some(object) = &instance.current else { continue };
        let schema = schema(providers, address, &instance.provider.source);
        let resource = resource(address, object, &instance.provider.source, schema.as_deref());
        root.place(address, 0, resource);
    }
    let mut values = Map::new();
    if !outputs.is_empty() {
        values.insert("outputs".into(), Json::Object(outputs));
    }
    values.insert("root_module".into(), root.into_json());
    Json::Object(values)
}

/// The schema of an instance's type; `None` when its provider is not known.
pub(super) fn schema(providers: &Providers, address: &Instance, source: &str) -> Option<Arc<Schema>> {
    providers.by_source(source)?.schema(address.resource.mode, &address.resource.type_name)
}

/// Resources of a module and its children, in the order of their addresses.
#[derive(Default)]
pub(super) struct ModuleJson {
    address: String,
    resources: Vec<Json>,
    children: Vec<ModuleJson>,
}

impl ModuleJson {
    /// Puts a resource into its module. Addresses must come in order, so that only the last child is looked at.
    pub(super) fn place(&mut self, address: &Instance, depth: usize, resource: Json) {
        if depth == address.module.0.len() {
            return self.resources.push(resource);
        }
        let child = crate::address::ModuleInstance(address.module.0[..=depth].to_vec()).to_string();
        let position = match self.children.iter().rposition(|module| module.address == child) {
            Some(position) => position,
            None => {
                self.children.push(ModuleJson { address: child, ..ModuleJson::default() });
                self.children.len() - 1
            }
        };
        self.children[position].place(address, depth + 1, resource);
    }

    /// Orders resources and modules by the text of their addresses, as planned values are.
    pub(super) fn sort(&mut self) {
        self.resources.sort_by_cached_key(|resource| resource["address"].as_str().unwrap_or_default().to_owned());
        self.children.sort_by(|one, other| one.address.cmp(&other.address));
        self.children.iter_mut().for_each(ModuleJson::sort);
    }

    /// As plan and state JSON write it.
    pub(super) fn into_json(self) -> Json {
        let mut object = Map::new();
        if !self.resources.is_empty() {
            object.insert("resources".into(), Json::Array(self.resources));
        }
        if !self.address.is_empty() {
            object.insert("address".into(), self.address.into());
        }
        if !self.children.is_empty() {
            object.insert("child_modules".into(), Json::Array(self.children.into_iter().map(ModuleJson::into_json).collect()));
        }
        Json::Object(object)
    }
}

/// The members that name a resource instance.
pub(super) fn identity(address: &Instance, source: &str) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("address".into(), address.to_string().into());
    object.insert("mode".into(), if address.resource.mode == Mode::Data { "data" } else { "managed" }.into());
    object.insert("type".into(), address.resource.type_name.to_string().into());
    object.insert("name".into(), address.resource.name.to_string().into());
    match &address.key {
        Some(InstanceKey::Int(index)) => drop(object.insert("index".into(), (*index).into())),
        Some(InstanceKey::String(key)) => drop(object.insert("index".into(), key.to_string().into())),
        None => {}
    }
    object.insert("provider_name".into(), source.into());
    object
}

fn resource(address: &Instance, object: &ObjectState, source: &str, schema: Option<&Schema>) -> Json {
    let mut json = identity(address, source);
    let decoded = schema.and_then(|schema| crate::state::decode_object(object, schema).ok());
    let value = decoded.unwrap_or_else(|| object.attributes.clone());
    let marked = schema.map_or_else(|| value.clone(), |schema| windlass_api::schema::mark_sensitive(&schema.block, &value));
    json.insert("schema_version".into(), object.schema_version.into());
    json.insert("values".into(), value_or_null(&marked.without_secrets()));
    json.insert("sensitive_values".into(), sensitive(&marked));
    if !object.dependencies.is_empty() {
        json.insert("depends_on".into(), object.dependencies.iter().map(ToString::to_string).collect());
    }
    if object.status == ObjectStatus::Tainted {
        json.insert("tainted".into(), true.into());
    }
    Json::Object(json)
}

pub(super) fn value_or_null(value: &Value) -> Json {
    value_to_json(value).unwrap_or(Json::Null)
}

/// `true` where a part is sensitive, the empty shape elsewhere.
pub(super) fn sensitive(value: &Value) -> Json {
    if value.marks().is_sensitive() {
        return true.into();
    }
    if !value.is_known() {
        return match value.ty() {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => json!([]),
            Type::Map(_) | Type::Object(_) => json!({}),
            _ => false.into(),
        };
    }
    match (value.elements(), value.fields()) {
        (Some(elements), _) => elements.iter().map(sensitive).collect(),
        (_, Some(fields)) => {
            let marked = fields.iter().map(|(name, field)| (name.to_string(), sensitive(field)));
            Json::Object(marked.filter(|(_, json)| *json != Json::Bool(false)).collect())
        }
        _ => false.into(),
    }
}

/// All outputs, as `output -json` writes them.
pub fn outputs(state: &State) -> Json {
    let rows = state.outputs.iter().map(|(name, output)| {
        (name.to_string(), json!({ "sensitive": output.sensitive, "type": type_to_json(&output.ty), "value": output_value(output) }))
    });
    Json::Object(rows.collect())
}

/// One output of a state's `values`.
pub fn output(output: &OutputState) -> Json {
    let value = if output.sensitive { Json::Null } else { output_value(output) };
    json!({ "sensitive": output.sensitive, "value": value, "type": type_to_json(&output.ty) })
}

/// An output's value, shown because it was asked for by name.
fn output_value(output: &OutputState) -> Json {
    debug_assert!(output.ty != Type::Dynamic || output.value.is_null());
    value_or_null(&output.value.unmarked_deep())
}
