//! The configuration as plan JSON holds it: expressions by what they refer to, or by their value where they are constant.

use super::state_wire::value_or_null;
use crate::address::{ModulePath, Resource};
use crate::config::{Config, Module, ModuleCall, Output, ProviderKey, ResourceBlock, Variable};
use crate::desired::variables::value_of;
use crate::desired::{Target, target};
use crate::diagnostic::{Diagnostics, SourceMap};
use crate::lang::{NothingInScope, evaluate};
use crate::syntax::ast::{Body, Expression, Traversal, TraversalStep};
use crate::syntax::walk::{first_call, references};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{BlockSchema, Mode, Nesting, Providers, Value};

/// The `configuration` member.
pub(super) fn configuration(config: &Config, providers: &Providers) -> Json {
    let mut writer = Writer { providers, sources: &config.sources, provider_configs: BTreeMap::new() };
    let root_module = writer.module(&Place { module: &config.root, caller: None });
    let mut json = Map::new();
    if !writer.provider_configs.is_empty() {
        json.insert("provider_config".into(), writer.provider_configs.into_iter().collect::<Map<_, _>>().into());
    }
    json.insert("root_module".into(), root_module);
    Json::Object(json)
}

struct Writer<'a> {
    providers: &'a Providers,
    sources: &'a SourceMap,
    provider_configs: BTreeMap<String, Json>,
}

/// A module with those that call it.
struct Place<'a> {
    module: &'a Module,
    caller: Option<(&'a Place<'a>, &'a ModuleCall)>,
}

impl Place<'_> {
    /// The source of the provider that a local name means here.
    fn source(&self, name: &Arc<str>) -> Arc<str> {
        match self.module.required_providers.get(name) {
            Some(required) => required.source.clone(),
            None => crate::config::default_source(name),
        }
    }

    /// Where the provider configuration that a module uses by this name stands.
    fn provider(&self, key: &ProviderKey) -> (ModulePath, ProviderKey) {
        self.mentioned(key).unwrap_or_else(|| (self.module.path.clone(), key.clone()))
    }

    /// The place of its block, or else that of the outermost module that mentions it, if any does.
    fn mentioned(&self, key: &ProviderKey) -> Option<(ModulePath, ProviderKey)> {
        let own = (self.module.path.clone(), key.clone());
        if self.module.providers.contains_key(key) {
            return Some(own);
        }
        if let Some((caller, call)) = self.caller {
            if let Some((outside, _)) = call.providers.get(key) {
                return Some(caller.provider(outside));
            }
            // Without an entry in the map of providers, those without an alias are the caller's.
            if key.alias.is_none() {
                let outside = ProviderKey { name: caller.local_name(&self.source(&key.name), &key.name), alias: None };
                if let Some(found) = caller.mentioned(&outside) {
                    return Some(found);
                }
            }
        }
        let is_used = || self.module.resources.values().any(|block| crate::desired::provider_key(block) == *key);
        (self.module.required_providers.contains_key(&key.name) || is_used()).then_some(own)
    }

    /// What the provider of a source is called here.
    fn local_name(&self, source: &str, otherwise: &Arc<str>) -> Arc<str> {
        let found = self.module.required_providers.iter().find(|(_, required)| &*required.source == source);
        found.map_or_else(|| otherwise.clone(), |(name, _)| name.clone())
    }
}

/// `aws`, `aws.west`, and `module.m:aws` in a called module.
fn provider_config_key(path: &ModulePath, key: &ProviderKey) -> String {
    if path.0.is_empty() { key.to_string() } else { format!("{path}:{key}") }
}

impl Writer<'_> {
    fn module(&mut self, place: &Place<'_>) -> Json {
        let module = place.module;
        for key in module.providers.keys() {
            self.provider_config(place, key);
        }
        let mut json = Map::new();
        insert_map(&mut json, "outputs", module.outputs.iter().map(|(name, one)| (name.to_string(), output(one, self.sources))));
        let mut resources: Vec<(bool, String, &ResourceBlock)> =
            module.resources.values().map(|block| (block.address.mode == Mode::Data, block.address.to_string(), block)).collect();
        resources.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        let resources: Vec<Json> = resources.into_iter().map(|(_, address, block)| self.resource(place, address, block)).collect();
        if !resources.is_empty() {
            json.insert("resources".into(), resources.into());
        }
        for name in module.required_providers.keys().filter(|_| place.caller.is_none()) {
            self.provider_config(place, &ProviderKey { name: name.clone(), alias: None });
        }
        let calls: Vec<(String, Json)> =
            module.module_calls.iter().map(|(name, call)| (name.to_string(), self.module_call(place, call))).collect();
        insert_map(&mut json, "module_calls", calls);
        insert_map(&mut json, "variables", module.variables.iter().map(|(name, one)| (name.to_string(), variable(name, one))));
        Json::Object(json)
    }

    fn module_call(&mut self, place: &Place<'_>, call: &ModuleCall) -> Json {
        let mut json = Map::new();
        json.insert("source".into(), call.source.to_string().into());
        insert_map(&mut json, "expressions", call.inputs.iter().map(|(name, value)| (name.to_string(), expression(value, self.sources))));
        insert_repetition(&mut json, call.count.as_deref(), call.for_each.as_deref(), self.sources);
        json.insert("module".into(), self.module(&Place { module: &call.module, caller: Some((place, call)) }));
        if let Some(version) = &call.version {
            json.insert("version_constraint".into(), version.to_string().into());
        }
        insert_depends_on(&mut json, &call.depends_on);
        Json::Object(json)
    }

    fn resource(&mut self, place: &Place<'_>, address: String, block: &ResourceBlock) -> Json {
        let key = crate::desired::provider_key(block);
        let mut json = Map::new();
        let Resource { mode, type_name, name } = &block.address;
        json.insert("address".into(), address.into());
        json.insert("mode".into(), if *mode == Mode::Data { "data" } else { "managed" }.into());
        json.insert("type".into(), type_name.to_string().into());
        json.insert("name".into(), name.to_string().into());
        json.insert("provider_config_key".into(), self.provider_config(place, &key).into());
        let schema = self.providers.by_source(&place.source(&key.name)).and_then(|provider| provider.schema(*mode, type_name));
        if let Some(schema) = &schema {
            insert_map(&mut json, "expressions", expressions(&block.body, &schema.block, self.sources));
        }
        json.insert("schema_version".into(), schema.map_or(0, |schema| schema.version).into());
        insert_repetition(&mut json, block.count.as_deref(), block.for_each.as_deref(), self.sources);
        insert_depends_on(&mut json, &block.depends_on);
        Json::Object(json)
    }

    /// The key of the configuration that a name means at a place, which is written once.
    fn provider_config(&mut self, place: &Place<'_>, key: &ProviderKey) -> String {
        let (path, found) = place.provider(key);
        let name = provider_config_key(&path, &found);
        if self.provider_configs.contains_key(&name) {
            return name;
        }
        let mut home = place;
        while let Some((caller, _)) = home.caller.filter(|_| home.module.path != path) {
            home = caller;
        }
        let source = home.source(&found.name);
        let mut json = Map::new();
        json.insert("name".into(), found.name.to_string().into());
        json.insert("full_name".into(), source.to_string().into());
        if let Some(alias) = &found.alias {
            json.insert("alias".into(), alias.to_string().into());
        }
        if let Some((version, _)) = home.module.required_providers.get(&found.name).and_then(|required| required.version.as_ref()) {
            json.insert("version_constraint".into(), version.to_string().into());
        }
        if !path.0.is_empty() {
            json.insert("module_address".into(), path.to_string().into());
        }
        let block = home.module.providers.get(&found);
        let schema = self.providers.by_source(&source).map(|provider| provider.configuration_schema());
        if let (Some(block), Some(schema)) = (block, schema) {
            insert_map(&mut json, "expressions", expressions(&block.body, &schema.block, self.sources));
        }
        self.provider_configs.insert(name.clone(), Json::Object(json));
        name
    }
}

fn insert_map(json: &mut Map<String, Json>, name: &str, members: impl IntoIterator<Item = (String, Json)>) {
    let members: Map<String, Json> = members.into_iter().collect();
    if !members.is_empty() {
        json.insert(name.to_owned(), members.into());
    }
}

fn insert_repetition(json: &mut Map<String, Json>, count: Option<&Expression>, for_each: Option<&Expression>, sources: &SourceMap) {
    for (name, repetition) in [("count_expression", count), ("for_each_expression", for_each)] {
        let shown = repetition.map(|repetition| expression(repetition, sources));
        if let Some(shown) = shown.filter(|shown| shown.as_object().is_some_and(|members| !members.is_empty())) {
            json.insert(name.into(), shown);
        }
    }
}

fn insert_depends_on(json: &mut Map<String, Json>, depends_on: &[Traversal]) {
    if !depends_on.is_empty() {
        let texts = depends_on.iter().map(|reference| Json::from(text(&reference.root.name, &reference.steps)));
        json.insert("depends_on".into(), texts.collect());
    }
}

fn output(output: &Output, sources: &SourceMap) -> Json {
    let mut json = Map::new();
    if output.sensitive {
        json.insert("sensitive".into(), true.into());
    }
    if output.ephemeral {
        json.insert("ephemeral".into(), true.into());
    }
    json.insert("expression".into(), expression(&output.value, sources));
    insert_depends_on(&mut json, &output.depends_on);
    if let Some(description) = output.description.as_ref().filter(|text| !text.is_empty()) {
        json.insert("description".into(), description.to_string().into());
    }
    Json::Object(json)
}

fn variable(name: &str, variable: &Variable) -> Json {
    let mut json = Map::new();
    if variable.default.is_some() {
        let value = value_of(name, variable, None, &mut Diagnostics::none());
        // A default of a sensitive variable stands in the configuration, for all to read; machines' documents still don't repeat it.
        json.insert("default".into(), value_or_null(&value.without_secrets()));
    }
    if let Some(description) = variable.description.as_ref().filter(|text| !text.is_empty()) {
        json.insert("description".into(), description.to_string().into());
    }
    if variable.sensitive {
        json.insert("sensitive".into(), true.into());
    }
    Json::Object(json)
}

/// Attributes and blocks of a body as its schema has them; `dynamic` blocks are not shown.
fn expressions(body: &Body, schema: &BlockSchema, sources: &SourceMap) -> Map<String, Json> {
    let mut json: Map<String, Json> =
        schema.attributes.keys().filter_map(|name| Some((name.to_string(), expression(&body.attribute(name)?.value, sources)))).collect();
    for (name, nested) in &schema.blocks {
        let mut blocks =
            body.blocks_of(name).map(|block| (block, Json::Object(expressions(&block.body, &nested.block, sources)))).peekable();
        if blocks.peek().is_none() {
            continue;
        }
        let shown = match nested.nesting {
            Nesting::Single | Nesting::Group => blocks.next().map_or(Json::Null, |(_, json)| json),
            Nesting::Map => {
                let named = blocks.filter_map(|(block, json)| Some((block.labels.first()?.name.to_string(), json)));
                Json::Object(named.collect())
            }
            Nesting::List | Nesting::Set => blocks.map(|(_, json)| json).collect(),
        };
        json.insert(name.to_string(), shown);
    }
    json
}

/// `{"constant_value": …}`, `{"references": […]}`, or nothing for what a function makes of constants.
fn expression(expression: &Expression, sources: &SourceMap) -> Json {
    let mut json = Map::new();
    let is_json = sources.file(expression.range.source).name.ends_with(".json");
    let constant = match is_json {
        // Terraform shows JSON as it is written, templates and all.
        true => serde_json::from_str(sources.text(expression.range)).ok(),
        false => constant(expression).map(|value| value_or_null(&value)),
    };
    if let Some(constant) = constant {
        json.insert("constant_value".into(), constant);
    }
    let references: Vec<Json> = references(expression).iter().flat_map(reference_texts).map(Json::from).collect();
    if !references.is_empty() {
        json.insert("references".into(), references.into());
    }
    Json::Object(json)
}

fn constant(expression: &Expression) -> Option<Value> {
    if first_call(expression).is_some() || !references(expression).is_empty() {
        return None;
    }
    let (value, found) = evaluate(expression, &NothingInScope);
    (!found.has_errors() && value.is_wholly_known()).then_some(value)
}

/// A reference and all that it passes through, the longest first.
fn reference_texts(reference: &Traversal) -> Vec<String> {
    let Ok((target, taken)) = target(reference) else { return Vec::new() };
    let is_key = |position: usize| matches!(reference.steps.get(position), Some(TraversalStep::Index(..)));
    // What follows the thing itself: its key, and an output of a module.
    let has_key = matches!(target, Target::Resource(_) | Target::Module(_)) && is_key(taken);
    let subject = taken + usize::from(has_key);
    let is_output = matches!(target, Target::Module(_)) && matches!(reference.steps.get(subject), Some(TraversalStep::Attribute(_)));
    let shortest = subject + usize::from(is_output);
    let mut texts: Vec<String> =
        (shortest..=reference.steps.len()).rev().map(|length| text(&reference.root.name, &reference.steps[..length])).collect();
    if is_output {
        texts.push(text(&reference.root.name, &reference.steps[..subject]));
    }
    if has_key && !is_output {
        texts.push(text(&reference.root.name, &reference.steps[..taken]));
    }
    texts
}

fn text(root: &str, steps: &[TraversalStep]) -> String {
    steps.iter().fold(root.to_owned(), |text, step| match step {
        TraversalStep::Attribute(name) => format!("{text}.{}", name.name),
        TraversalStep::Index(key, _) => match key.as_str() {
            Some(key) => format!("{text}[{key:?}]"),
            None => format!("{text}[{}]", value_or_null(key)),
        },
    })
}
