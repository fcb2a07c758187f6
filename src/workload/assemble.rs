//! The text of a workload's module → a module call in the configuration. Used when a workload has just been placed, and again
//! when a saved plan is read, which holds the text.

use super::render::PLACEMENT_SOURCE;
use super::shape::FLOW;
use crate::address::ModulePath;
use crate::config::{Config, Module, ModuleCall, ProviderBlock, ProviderKey, RequiredProvider, VariantBlock, WorkloadBlock, read_module};
use crate::diagnostic::{Diagnostics, SourceId, SourceMap};
use crate::syntax::ast::{Attribute, Block, Body, Expression, ExpressionKind};
use crate::syntax::parse_file;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// The name of the synthetic source of a workload; not one that a loader would take for a file of the configuration.
pub fn source_name(workload: &str) -> String {
    format!("workload.{workload}")
}

/// Adds a workload's module to a configuration. The module's text has been added to the configuration's sources.
///
/// A mistake in the text is a fault of this program; it is reported like any other.
pub fn assemble(config: &mut Config, workload: &WorkloadBlock, source: SourceId) -> Diagnostics {
    let text = config.sources.file(source).text.clone();
    let (mut body, mut diagnostics) = parse_file(source, &text);
    for block in &body.blocks {
        config.sources.note_block(block.range, format!("{} (of workload {:?})", block.title(), &*workload.name));
    }
    let extensions = take_extensions(&mut body);
    let path = ModulePath(vec![workload.name.clone()]);
    let (mut module, found) = read_module(path, &config.root.folder, body, &config.sources);
    diagnostics.extend(found);
    extend(&mut module, extensions);
    let placements = RequiredProvider { source: PLACEMENT_SOURCE.into(), version: None, aliases: Vec::new(), range: workload.range };
    Arc::make_mut(&mut config.root).required_providers.entry("windlass".into()).or_insert(placements);
    let providers = providers(config, &module);
    let inputs = inputs(workload, &module);
    let call = ModuleCall {
        name: workload.name.clone(),
        source: source_name(&workload.name).into(),
        version: None,
        count: None,
        for_each: None,
        enabled: None,
        depends_on: Vec::new(),
        providers: providers.into_iter().map(|(inside, outside)| (inside, (outside, workload.range))).collect(),
        provider_indexes: BTreeMap::new(),
        inputs,
        module: Arc::new(module),
        range: workload.range,
    };
    Arc::make_mut(&mut config.root).module_calls.insert(workload.name.clone(), call);
    diagnostics
}

/// Puts the modules of placed workloads into a configuration. Their texts are among the sources of the plan that placed them;
/// nothing is decided anew.
pub fn restore(config: &mut Config, planned: &SourceMap) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    for workload in config.root.workloads.clone().values() {
        let name = source_name(&workload.name);
        if let Some(file) = planned.files().iter().find(|file| *file.name == *name) {
            let source = config.sources.add(name.as_str(), file.text.clone());
            diagnostics.extend(assemble(config, workload, source));
        }
    }
    diagnostics
}

/// A string among the local values of a workload's module.
fn literal_local(module: &Module, name: &str) -> Option<Arc<str>> {
    match &module.locals.get(name)?.value.kind {
        ExpressionKind::Literal(value) => value.as_str().map(Arc::from),
        _ => None,
    }
}

/// Flow inputs are the expressions of the workload block; they are evaluated in the root module when their time comes.
fn inputs(workload: &WorkloadBlock, module: &Module) -> BTreeMap<Arc<str>, Arc<Expression>> {
    let mut inputs: BTreeMap<Arc<str>, Arc<Expression>> = BTreeMap::new();
    if let Some(tags) = workload.body.attribute("tags") {
        inputs.insert("tags".into(), tags.value.clone());
    }
    for service in workload.body.blocks_of("service") {
        let Some(label) = service.labels.first() else { continue };
        for name in FLOW {
            let input: Arc<str> = format!("{}_{name}", super::render_service::variable_prefix(&label.name)).into();
            if let (Some(attribute), true) = (service.body.attribute(name), module.variables.contains_key(&input)) {
                inputs.insert(input, attribute.value.clone());
            }
        }
    }
    inputs
}

/// Hands the provider configuration for the module's region on; a derived one is added to the root module.
fn providers(config: &mut Config, module: &Module) -> BTreeMap<ProviderKey, ProviderKey> {
    let Some(alias) = literal_local(module, "provider_alias") else { return BTreeMap::new() };
    let outside = ProviderKey { name: "aws".into(), alias: Some(alias) };
    if !config.root.providers.contains_key(&outside) {
        let region = literal_local(module, "region").unwrap_or_default();
        let derived = super::regions::derived(&config.root, &region);
        Arc::make_mut(&mut config.root).providers.insert(outside.clone(), ProviderBlock { key: outside.clone(), ..derived });
    }
    [(ProviderKey { name: "aws".into(), alias: None }, outside)].into()
}

/// The `windlass` blocks of resources, by the resource's type and name.
type Extensions = BTreeMap<(Arc<str>, Arc<str>), Block>;

fn take_extensions(body: &mut Body) -> Extensions {
    let mut extensions = BTreeMap::new();
    for block in &mut body.blocks {
        let own = block.body.blocks.iter().position(|inner| &*inner.kind.name == "windlass");
        if let (Some(position), [kind, name]) = (own, block.labels.as_slice()) {
            let key = (kind.name.clone(), name.name.clone());
            extensions.insert(key, block.body.blocks.remove(position));
        }
    }
    extensions
}

fn extend(module: &mut Module, extensions: Extensions) {
    for ((kind, name), extension) in extensions {
        let resource = module.resources.values_mut().find(|resource| resource.address.type_name == kind && resource.address.name == name);
        let Some(resource) = resource else { continue };
        for inner in extension.body.blocks {
            match (&*inner.kind.name, inner.labels.first()) {
                ("variant", Some(label)) => resource.variants.push(VariantBlock { label: label.name.clone(), body: inner.body }),
                ("accepted_live", _) => {
                    resource.accepted_live =
                        inner.body.attributes.iter().map(|attribute| (attribute.name.name.clone(), literals(attribute))).collect();
                }
                _ => {}
            }
        }
    }
}

fn literals(attribute: &Attribute) -> Vec<Value> {
    let ExpressionKind::Tuple(items) = &attribute.value.kind else { return Vec::new() };
    let literal = |item: &Expression| match &item.kind {
        ExpressionKind::Literal(value) => Some(value.clone()),
        _ => None,
    };
    items.iter().filter_map(literal).collect()
}

/// A provider block with another value of one attribute.
pub(super) fn with_attribute(block: &ProviderBlock, attribute: Attribute) -> Body {
    let mut body = block.body.clone();
    body.attributes.retain(|existing| existing.name.name != attribute.name.name);
    body.attributes.push(attribute);
    body
}
