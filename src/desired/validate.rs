//! Checks a configuration without any state or cloud.

use super::conditions::{ConditionKind, check_conditions};
use super::ephemeral::refuse_ephemeral;
use super::expand::{Repetition, check_repeats};
use super::graph::NodeKind;
use super::provider_configs::{ProviderUse, find_provider, find_schema, provider_block, provider_of};
use super::target::{Target, suggestion, target};
use super::world::{Surroundings, World};
use crate::address::{Instance, ProviderConfig, Resource};
use crate::config::{Config, IgnoreChanges, Repeats, ResourceBlock};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lang::{decode_body, evaluate, references_in_body};
use crate::syntax::ast::{Body, Traversal, TraversalStep};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{BlockSchema, Marks, Mode, Problem, Providers, Schema, Step, Type, Value};

/// Checks every block against its schema and every reference against what is declared, with unknown variables. Returns all
/// findings, not only the first.
pub fn validate(config: &Config, providers: &Providers) -> Diagnostics {
    let (assumed, mut diagnostics) = crate::workload::assume(config, providers);
    if let Some(expanded) = &assumed {
        diagnostics.extend(validate_placed(expanded, providers));
        crate::workload::point_home(&mut diagnostics, config, expanded);
    }
    diagnostics
}

/// The same for a configuration whose workloads are modules already.
fn validate_placed(config: &Config, providers: &Providers) -> Diagnostics {
    let (world, mut diagnostics) = World::with_mistakes(config, providers, validating());
    if let Some(world) = world {
        add_findings(&mut diagnostics, validate_world(world, providers));
    }
    diagnostics
}

/// All that is wrong with a configuration that can't be planned: wrong references hide no other mistakes.
pub fn validate_broken(config: &Config, providers: &Providers) -> Diagnostics {
    validate_placed(config, providers)
}

/// Adds what a second look finds; what was told of the same place is not told twice.
pub fn add_findings(told: &mut Diagnostics, found: Diagnostics) {
    let place = |diagnostic: &Diagnostic| diagnostic.subject.map(|range| (range, diagnostic.severity));
    let places: BTreeSet<_> = told.0.iter().filter_map(place).collect();
    let is_new = |other: &Diagnostic| match place(other) {
        Some(place) => !places.contains(&place),
        None => !told.0.iter().any(|known| known.summary == other.summary && known.detail == other.detail),
    };
    let new: Vec<Diagnostic> = found.0.into_iter().filter(is_new).collect();
    told.0.extend(new);
}

/// The same for the configuration of a world, whose values do not matter.
pub fn validate_again(world: &World, providers: &Providers) -> Diagnostics {
    validate_world(world.again(validating()), providers)
}

/// Only what no evaluation of the configuration sees: what it requires of versions and providers.
pub fn check_again(world: &World, providers: &Providers) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    super::requirements::check_requirements(&world.tree, providers, &mut diagnostics);
    diagnostics
}

fn validating() -> Surroundings {
    Surroundings { is_validating: true, workspace: "default".into(), ..Surroundings::default() }
}

fn validate_world(mut world: World, providers: &Providers) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    super::requirements::check_requirements(&world.tree, providers, &mut diagnostics);
    for id in world.graph.order.clone() {
        let node = world.graph.node(id).clone();
        match &node.kind {
            NodeKind::Provider(config) => validate_provider(&world, providers, config, &mut diagnostics),
            NodeKind::Resource(resource) => {
                for instance in world.instances_of(node.module) {
                    let value = validate_resource(&world, providers, instance, resource, &mut diagnostics);
                    world.set(instance, &node.kind, value);
                }
            }
            NodeKind::Import(position) => validate_import(&world, *position, &mut diagnostics),
            NodeKind::Check(name) => {
                for instance in world.instances_of(node.module) {
                    world.evaluate_check(instance, name, &mut diagnostics);
                }
            }
            kind => world.evaluate_node(node.module, kind, &mut diagnostics),
        }
    }
    diagnostics
}

/// The values of the provider blocks as far as they are known without any resource: what a look-up before planning goes through.
pub fn known_provider_configs(
    config: &Config,
    providers: &Providers,
    variables: BTreeMap<Arc<str>, Value>,
) -> BTreeMap<ProviderConfig, Value> {
    let surroundings = Surroundings { variables, workspace: "default".into(), ..Surroundings::default() };
    let Ok(mut world) = World::new(config, providers, surroundings) else { return BTreeMap::new() };
    // Whatever is wrong is told by planning.
    let mut ignored = Diagnostics::none();
    let mut known = BTreeMap::new();
    for id in world.graph.order.clone() {
        let node = world.graph.node(id).clone();
        match &node.kind {
            NodeKind::Provider(config) => {
                let Some(provider) = providers.by_source(&config.source) else { continue };
                let Some(block) = provider_block(&world.tree, config) else { continue };
                for (key, repetition) in world.provider_instances(block, &mut ignored).unwrap_or_default() {
                    let scope = world.scope(0).repeated(&repetition);
                    let (value, found) = decode_body(&block.body, &provider.configuration_schema().block, &scope);
                    if !found.has_errors() && value.is_wholly_known() {
                        known.insert(ProviderConfig { source: provider.source().into(), alias: config.alias.clone(), key }, value);
                    }
                }
            }
            NodeKind::Resource(_) => {
                for instance in world.instances_of(node.module) {
                    world.set(instance, &node.kind, Value::unknown(Type::Dynamic));
                }
            }
            kind => world.evaluate_node(node.module, kind, &mut ignored),
        }
    }
    known
}

fn validate_provider(world: &World, providers: &Providers, config: &ProviderConfig, diagnostics: &mut Diagnostics) {
    let Some(block) = provider_block(&world.tree, config) else { return };
    match find_provider(providers, &config.source, Some(block.range)) {
        Ok(provider) => {
            let schema = provider.configuration_schema();
            let repetition = Repetition::unknown(false, block.for_each.is_some());
            let repeats = Repeats { count: None, for_each: block.for_each.as_deref(), enabled: None };
            check_repeats(&repeats, &world.scope(0), diagnostics);
            let (_, found) = decode_body(&block.body, &schema.block, &world.scope(0).repeated(&repetition));
            diagnostics.extend(found);
        }
        Err(error) => diagnostics.push(*error),
    }
}

fn validate_import(world: &World, position: usize, diagnostics: &mut Diagnostics) {
    let import = &world.tree.get(0).module.imports[position];
    let repetition = Repetition::unknown(false, import.for_each.is_some());
    let scope = world.scope(0).repeated(&repetition);
    if let Some(for_each) = &import.for_each {
        diagnostics.extend(evaluate(for_each, &world.scope(0)).1);
    }
    diagnostics.extend(evaluate(&import.id, &scope).1);
    let _ = import.to.as_traversal_with(&mut |key| {
        diagnostics.extend(evaluate(key, &scope).1);
        Some(Value::int(0))
    });
}

fn validate_resource(world: &World, providers: &Providers, instance: usize, resource: &Resource, diagnostics: &mut Diagnostics) -> Value {
    let nothing = Value::unknown(Type::Dynamic);
    let module = world.placed(instance).module;
    let block = &world.tree.get(module).module.resources[resource];
    // One that may be disabled may be null.
    let repeats = block.repeats().expressions().next().is_some();
    let scope = world.scope(instance);
    check_repeats(&block.repeats(), &scope, diagnostics);
    let Ok(ProviderUse { config, index }) = provider_of(&world.tree, module, block) else { return nothing };
    if let Some(index) = index.filter(|index| index.passed_to.is_none()) {
        let repetition = Repetition::unknown(block.count.is_some(), block.for_each.is_some());
        diagnostics.extend(evaluate(&index.expression, &scope.clone().repeated(&repetition)).1);
    }
    let found = find_provider(providers, &config.source, Some(block.range))
        .and_then(|provider| find_schema(&**provider, resource.mode, &resource.type_name, block.range).map(|schema| (provider, schema)));
    let (provider, schema) = match found {
        Ok(found) => found,
        Err(error) => {
            diagnostics.push(*error);
            return nothing;
        }
    };
    let repetition = Repetition::unknown(block.count.is_some(), block.for_each.is_some());
    let scope = scope.repeated(&repetition);
    if let Some(expression) = &block.lifecycle.prevent_destroy {
        diagnostics.extend(evaluate(expression, &scope).1);
    }
    let body = super::body::without_timeouts(&block.body, &schema.block);
    let (value, found) = decode_body(&body, &schema.block, &scope);
    let decoded = !found.has_errors();
    diagnostics.extend(found);
    let address = Instance { module: world.placed(instance).address.clone(), resource: resource.clone(), key: None };
    let is_ephemeral = resource.mode == Mode::Ephemeral;
    let refused = if is_ephemeral { Diagnostics::none() } else { refuse_ephemeral(&value, &body, &schema.block, block.range, &address) };
    diagnostics.extend(refused);
    if decoded {
        for problem in provider.validate(resource.mode, &resource.type_name, &value.unmarked_deep()) {
            diagnostics.push(problem_diagnostic(&problem, block));
        }
    }
    check_attribute_references(world, providers, module, &body, &schema, diagnostics);
    check_ignored(block, &schema.block, diagnostics);
    check_conditions(&block.lifecycle.preconditions, ConditionKind::Precondition(&address), &scope, world, diagnostics);
    let marks = if is_ephemeral { Marks::EPHEMERAL } else { Marks::NONE };
    let (object, nothing) = (Value::unknown(schema.block.object_type()).with_marks(marks), nothing.with_marks(marks));
    let own = if repeats { nothing.clone() } else { object.clone() };
    let after = scope.with_self(&object).with_own(resource, &own);
    check_conditions(&block.lifecycle.postconditions, ConditionKind::Postcondition(&address), &after, world, diagnostics);
    if repeats { nothing } else { object }
}

/// A provider's finding as a message at the attribute concerned.
pub fn problem_diagnostic(problem: &Problem, block: &ResourceBlock) -> Diagnostic {
    let diagnostic = match problem.is_warning {
        true => Diagnostic::warning(&problem.summary, &problem.detail),
        false => Diagnostic::error(&problem.summary, &problem.detail),
    };
    let range = match problem.path.0.first() {
        Some(Step::Attribute(name)) => block.body.attribute(name).map(|attribute| attribute.value.range),
        _ => None,
    };
    let mut diagnostic = diagnostic.at(range.unwrap_or(block.range));
    if range.is_none() && !problem.path.0.is_empty() {
        diagnostic.path = Some(problem.path.clone());
    }
    diagnostic
}

/// Finds references to attributes that the named resource's type does not have: an unknown object would hide them.
fn check_attribute_references(
    world: &World,
    providers: &Providers,
    module: usize,
    body: &Body,
    schema: &Schema,
    diagnostics: &mut Diagnostics,
) {
    for traversal in references_in_body(body, &schema.block) {
        diagnostics.0.extend(check_attribute_reference(world, providers, module, &traversal));
    }
}

fn check_attribute_reference(world: &World, providers: &Providers, module: usize, traversal: &Traversal) -> Option<Diagnostic> {
    let Ok((Target::Resource(resource), taken)) = target(traversal) else { return None };
    let block = world.tree.get(module).module.resources.get(&resource)?;
    // Without an index the evaluator itself sees the object's type, and tells of a wrong name.
    if block.count.is_none() && block.for_each.is_none() {
        return None;
    }
    let [TraversalStep::Index(..), TraversalStep::Attribute(name), ..] = &traversal.steps[taken..] else { return None };
    let config = provider_of(&world.tree, module, block).ok()?.config;
    let schema = providers.by_source(&config.source)?.schema(resource.mode, &resource.type_name)?;
    let known = schema.block.attributes.keys().chain(schema.block.blocks.keys());
    if known.clone().any(|known| *known == name.name) {
        return None;
    }
    let more = suggestion(&name.name, known.map(|known| &**known), String::new);
    let detail = format!("This object has no argument, nested block, or exported attribute named {:?}. {more}", &*name.name);
    Some(Diagnostic::error("Unsupported attribute", detail.trim_end()).at(name.range))
}

/// `ignore_changes` may only name what the type has.
fn check_ignored(block: &ResourceBlock, schema: &BlockSchema, diagnostics: &mut Diagnostics) {
    let IgnoreChanges::Attributes(paths) = &block.lifecycle.ignore_changes else { return };
    for path in paths {
        let name = &path.root.name;
        if !schema.attributes.contains_key(name) && !schema.blocks.contains_key(name) {
            let known = schema.attributes.keys().chain(schema.blocks.keys());
            let more = suggestion(name, known.map(|known| &**known), String::new);
            let detail = format!("This object has no argument, nested block, or exported attribute named {:?}. {more}", &**name);
            diagnostics.push(Diagnostic::error("Unsupported attribute", detail.trim_end()).at(path.range));
        }
    }
}
