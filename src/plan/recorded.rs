//! What expressions see outside of any plan: variables, locals and outputs as the configuration has them, objects as the state
//! recorded them. Nothing is read from a cloud; what is not recorded is unknown.

use super::ask::file_answer;
use super::{Answer, Ask, AskKey, Facts};
use crate::address::{Instance, ModuleInstance, Resource};
use crate::config::Config;
use crate::desired::{NodeKind, Surroundings, World, expand};
use crate::diagnostic::{Diagnostics, SourceMap};
use crate::lang::evaluate;
use crate::state::{State, decode_object};
use crate::syntax::ast::ExpressionKind;
use crate::syntax::{Expression, parse_expression};
use crate::workload::assume_recorded;
use std::collections::BTreeSet;
use windlass_api::{Marks, Mode, Providers, Type, Value};

/// The name that messages give to what is typed.
const INPUT: &str = "<console-input>";

/// Everything that expressions of the root module may name.
pub struct Recorded {
    world: World,
}

/// What came of an attempt that may need files first.
pub enum Attempt<T> {
    /// Files must be read; then it is tried again.
    Needs(Vec<Ask>),
    /// It is done.
    Done(T),
}

/// What is wrong, with what it points into.
pub type Mistakes = (Diagnostics, Box<SourceMap>);

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// A value.
    Value(Value),
    /// The type that `type(…)` asked for.
    Type(Type),
}

impl Recorded {
    /// Evaluates everything once. Variables that are not set are unknown. Mistakes in the configuration's expressions are told, and what
    /// they would have given is unknown.
    ///
    /// # Errors
    /// Undeclared references, cycles, workloads that can't be told.
    pub fn new(config: &Config, facts: &Facts, providers: &Providers) -> Result<Attempt<(Recorded, Diagnostics)>, Mistakes> {
        let fail = |found: Diagnostics, config: &Config| (found, Box::new(config.sources.clone()));
        let recorded = |address: &Instance| facts.state.current(address).map(|object| object.attributes.clone());
        let (placed, mut diagnostics) = assume_recorded(config, providers, &facts.variables, &recorded);
        let Some(placed) = placed else { return Err(fail(diagnostics, config)) };
        let mut world = World::new(&placed, providers, surroundings(&placed, facts)).map_err(|found| fail(found, &placed))?;
        let by_resource = ByResource::new(&facts.state);
        for id in world.graph.order.clone() {
            let node = world.graph.node(id).clone();
            match &node.kind {
                NodeKind::Provider(_) => {}
                NodeKind::Resource(resource) if resource.mode == Mode::Ephemeral => {
                    // Nothing is opened for a look at expressions.
                    for instance in world.instances_of(node.module) {
                        world.set(instance, &node.kind, Value::unknown(Type::Dynamic).with_marks(Marks::EPHEMERAL));
                    }
                }
                NodeKind::Resource(resource) => {
                    for instance in world.instances_of(node.module) {
                        let value = recorded_value(&world, instance, resource, &by_resource, providers);
                        world.set(instance, &node.kind, value);
                    }
                }
                kind => world.evaluate_node(node.module, kind, &mut diagnostics),
            }
        }
        Ok(match questions(&world) {
            asks if asks.is_empty() => Attempt::Done((Recorded { world }, diagnostics)),
            asks => Attempt::Needs(asks),
        })
    }

    /// Evaluates what was typed.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn evaluate(&mut self, text: &str) -> Attempt<Result<(Meaning, Diagnostics), Diagnostics>> {
        let source = self.world.sources.add(INPUT, text);
        let expression = match parse_expression(source, text, 0) {
            Ok(expression) => expression,
            Err(mistakes) => return Attempt::Done(Err(mistakes)),
        };
        let asked = type_argument(&expression);
        let scope = self.world.scope(0);
        let (value, found) = evaluate(asked.unwrap_or(&expression), &scope);
        let asks = questions(&self.world);
        if !asks.is_empty() {
            return Attempt::Needs(asks);
        }
        if found.has_errors() {
            return Attempt::Done(Err(found));
        }
        let meaning = if asked.is_some() { Meaning::Type(value.ty().clone()) } else { Meaning::Value(value) };
        Attempt::Done(Ok((meaning, found)))
    }

    /// Takes answers about files.
    pub fn learn(&mut self, answers: impl IntoIterator<Item = (AskKey, Answer)>) {
        self.world.surroundings.files.extend(answers.into_iter().filter_map(|(key, answer)| file_answer(&key, &answer)));
    }

    /// What messages point into.
    pub fn sources(&self) -> &SourceMap {
        &self.world.sources
    }
}

/// The argument of a `type(…)` that is the whole expression; it is no function of the language.
fn type_argument(expression: &Expression) -> Option<&Expression> {
    match &expression.kind {
        ExpressionKind::Call(call) if &*call.name.name == "type" && call.arguments.len() == 1 && !call.expand_last => {
            call.arguments.first()
        }
        _ => None,
    }
}

fn questions(world: &World) -> Vec<Ask> {
    world.take_asked_files().into_iter().map(Ask::File).collect()
}

fn surroundings(config: &Config, facts: &Facts) -> Surroundings {
    let mut variables = facts.variables.clone();
    for (name, variable) in config.root.variables.iter().filter(|(_, variable)| variable.default.is_none()) {
        variables.entry(name.clone()).or_insert_with(|| Value::unknown(variable.ty.clone()));
    }
    Surroundings {
        files: facts.answers.iter().filter_map(|(key, answer)| file_answer(key, answer)).collect(),
        variables,
        workspace: facts.workspace.clone(),
        working_folder: facts.working_folder.clone(),
        timestamp: Some(facts.timestamp.clone()),
        // So that timestamp() and uuid() have values.
        is_applying: true,
        is_validating: false,
        is_refreshing_only: false,
    }
}

/// Which resources of which module instances the state has.
struct ByResource<'s> {
    state: &'s State,
    known: BTreeSet<(&'s ModuleInstance, &'s Resource)>,
}

impl<'s> ByResource<'s> {
    fn new(state: &'s State) -> ByResource<'s> {
        let current = state.instances.iter().filter(|(_, instance)| instance.current.is_some());
        ByResource { state, known: current.map(|(address, _)| (&address.module, &address.resource)).collect() }
    }
}

/// The recorded value of a resource in a module instance: unknown as a whole when nothing of it is recorded, else in the shape that
/// `count` and `for_each` give it.
fn recorded_value(world: &World, instance: usize, resource: &Resource, recorded: &ByResource<'_>, providers: &Providers) -> Value {
    let placed = world.placed(instance);
    if !recorded.known.contains(&(&placed.address, resource)) {
        return Value::unknown(Type::Dynamic);
    }
    let block = &world.tree.get(placed.module).module.resources[resource];
    // What is wrong with them is told by plan.
    let mut ignored = Diagnostics::none();
    let expansion = expand(&block.repeats(), &world.scope(instance), &mut ignored);
    let Some(expansion) = expansion else { return Value::unknown(Type::Dynamic) };
    let object = |key| {
        let address = Instance { module: placed.address.clone(), resource: resource.clone(), key };
        decoded(&address, recorded.state, providers).unwrap_or_else(|| Value::unknown(Type::Dynamic))
    };
    let objects = expansion.instances().map(|(key, _)| object(key)).collect();
    expansion.whole(objects)
}

/// The current object of an instance in its schema's type, sensitive parts marked; `None` when it is not there or can't be told.
pub(super) fn decoded(address: &Instance, state: &State, providers: &Providers) -> Option<Value> {
    let instance = state.instances.get(address)?;
    let schema = providers.by_source(&instance.provider.source)?.schema(address.resource.mode, &address.resource.type_name)?;
    let value = decode_object(instance.current.as_ref()?, &schema).ok()?;
    Some(crate::diff::mark_sensitive(&schema.block, &value))
}
