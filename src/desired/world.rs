//! Values of everything that expressions may name, by module instance.
//!
//! Whoever walks the [`ConfigGraph`] in its order puts each value here once; scopes only look up. So nothing is evaluated twice
//! and nothing recurses.

use super::check_log::CheckLog;
use super::conditions::{ConditionKind, Outcome, check_conditions};
use super::expand::{Expansion, Repetition, check_repeats, expand};
use super::graph::{ConfigGraph, NodeKind};
use super::scope::ModuleScope;
use super::tree::{ModuleIndex, ModuleTree};
use super::variables;
use crate::address::{InstanceKey, ModuleInstance};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::graph::NodeId;
use crate::lang::{FileAnswer, FileQuestion, evaluate};
use crate::syntax::ast::Expression;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use windlass_api::{Marks, Providers, Type, Value};

/// What expressions see besides the configuration.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Answers about files.
    pub files: BTreeMap<FileQuestion, FileAnswer>,
    /// Root variables as given.
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The workspace.
    pub workspace: Arc<str>,
    /// The working folder.
    pub working_folder: Arc<str>,
    /// The time of planning; `None` where it is not known.
    pub timestamp: Option<Arc<str>>,
    /// Whether an apply runs.
    pub is_applying: bool,
    /// Whether instances and variables are unknown, as in `validate`.
    pub is_validating: bool,
    /// Whether only what is there is looked at: then conditions that do not hold are warnings.
    pub is_refreshing_only: bool,
}

/// An instance of a module.
#[derive(Clone, Debug)]
pub struct PlacedModule {
    /// Its address.
    pub address: ModuleInstance,
    /// The module.
    pub module: ModuleIndex,
    /// The instance that calls it.
    pub caller: Option<usize>,
    /// What `count.index` and `each` are in the call's arguments.
    pub repetition: Repetition,
    /// Instances of its own calls.
    calls: BTreeMap<Arc<str>, PlacedCall>,
    /// By the nodes of the graph.
    values: HashMap<NodeId, Value>,
}

/// The instances of a module call.
#[derive(Clone, Debug)]
pub struct PlacedCall {
    /// How it repeats; `None` when that is not known.
    pub expansion: Option<Expansion>,
    /// The instances by key.
    pub instances: BTreeMap<Option<InstanceKey>, usize>,
}

/// All values.
pub struct World {
    /// The modules.
    pub tree: Arc<ModuleTree>,
    /// What waits for what.
    pub graph: Arc<ConfigGraph>,
    /// All sources, for messages.
    pub sources: SourceMap,
    /// What expressions see besides.
    pub surroundings: Surroundings,
    placed: Vec<PlacedModule>,
    by_module: Vec<Vec<usize>>,
    by_address: BTreeMap<ModuleInstance, usize>,
    pub(super) asked_files: RefCell<BTreeSet<FileQuestion>>,
    /// What conditions came to.
    pub checks: RefCell<CheckLog>,
}

impl World {
    /// A world without any value yet.
    ///
    /// # Errors
    /// Undeclared references and cycles.
    pub fn new(config: &Config, providers: &Providers, surroundings: Surroundings) -> Result<World, Diagnostics> {
        match World::with_mistakes(config, providers, surroundings) {
            (Some(world), found) if !found.has_errors() => Ok(world),
            (_, found) => Err(found),
        }
    }

    /// The same with all mistakes of references; a world in spite of them, unless there is a cycle.
    pub fn with_mistakes(config: &Config, providers: &Providers, surroundings: Surroundings) -> (Option<World>, Diagnostics) {
        let tree = ModuleTree::new(config);
        let (graph, found) = ConfigGraph::with_mistakes(&tree, providers);
        let world = graph.map(|graph| World::of(Arc::new(tree), Arc::new(graph), config.sources.clone(), surroundings));
        (world, found)
    }

    /// Another world of the same configuration, without any value yet.
    pub fn again(&self, surroundings: Surroundings) -> World {
        World::of(self.tree.clone(), self.graph.clone(), self.sources.clone(), surroundings)
    }

    fn of(tree: Arc<ModuleTree>, graph: Arc<ConfigGraph>, sources: SourceMap, surroundings: Surroundings) -> World {
        let mut by_module = vec![Vec::new(); tree.iter().count()];
        by_module[0].push(0);
        let root = PlacedModule {
            address: ModuleInstance::default(),
            module: 0,
            caller: None,
            repetition: Repetition::default(),
            calls: BTreeMap::new(),
            values: HashMap::new(),
        };
        World {
            tree,
            graph,
            sources,
            surroundings,
            placed: vec![root],
            by_module,
            by_address: BTreeMap::from([(ModuleInstance::default(), 0)]),
            asked_files: RefCell::default(),
            checks: RefCell::default(),
        }
    }

    /// The instances of a module.
    pub fn instances_of(&self, module: ModuleIndex) -> Vec<usize> {
        self.by_module[module].clone()
    }

    /// A module instance.
    pub fn placed(&self, instance: usize) -> &PlacedModule {
        &self.placed[instance]
    }

    /// The module instance at an address.
    pub fn find_instance(&self, address: &ModuleInstance) -> Option<usize> {
        self.by_address.get(address).copied()
    }

    /// The instances of a call in a module instance, once they are known.
    pub fn call(&self, instance: usize, name: &str) -> Option<&PlacedCall> {
        self.placed[instance].calls.get(name)
    }

    /// A value.
    pub fn value(&self, instance: usize, kind: &NodeKind) -> Option<&Value> {
        self.value_of(instance, self.graph.id(self.placed[instance].module, kind)?)
    }

    /// The value of a node.
    pub fn value_of(&self, instance: usize, node: NodeId) -> Option<&Value> {
        self.placed[instance].values.get(&node)
    }

    /// Sets a value.
    ///
    /// # Panics
    /// The module has no such node.
    pub fn set(&mut self, instance: usize, kind: &NodeKind, value: Value) {
        let node = self.graph.id(self.placed[instance].module, kind).expect("a node of the graph");
        self.placed[instance].values.insert(node, value);
    }

    /// What expressions of a module instance see.
    pub fn scope(&self, instance: usize) -> ModuleScope<'_> {
        ModuleScope::new(self, instance)
    }

    /// Takes the questions about files that evaluations met and nobody has answered.
    pub fn take_asked_files(&self) -> BTreeSet<FileQuestion> {
        self.asked_files.take()
    }

    /// How many questions about files are unanswered.
    pub fn asked_file_count(&self) -> usize {
        self.asked_files.borrow().len()
    }

    /// Evaluates a node that is neither a provider nor a resource, in every instance of its module.
    pub fn evaluate_node(&mut self, module: ModuleIndex, kind: &NodeKind, diagnostics: &mut Diagnostics) {
        for instance in self.instances_of(module) {
            match kind {
                NodeKind::Variable(name) => self.evaluate_variable(instance, name, diagnostics),
                NodeKind::Local(name) => {
                    let local = self.tree.get(module).module.locals[name].value.clone();
                    let (value, found) = evaluate(&local, &self.scope(instance));
                    diagnostics.extend(found);
                    self.set(instance, kind, value);
                }
                NodeKind::Output(name) => self.evaluate_output(instance, name, diagnostics),
                NodeKind::Call(name) => self.place_call(instance, name, diagnostics),
                NodeKind::Outputs => self.gather_outputs(instance),
                NodeKind::Provider(_)
                | NodeKind::Resource(_)
                | NodeKind::Import(_)
                | NodeKind::Check(_)
                | NodeKind::Gate
                | NodeKind::All => {}
            }
        }
    }

    fn evaluate_variable(&mut self, instance: usize, name: &Arc<str>, diagnostics: &mut Diagnostics) {
        let module = self.placed[instance].module;
        let variable = self.tree.get(module).module.variables[name].clone();
        let given = match (self.placed[instance].caller, self.tree.call(module)) {
            (Some(caller), Some(call)) => {
                let call_range = call.range;
                call.inputs
                    .get(name)
                    .cloned()
                    .map(|expression| {
                        let repetition = self.placed[instance].repetition.clone();
                        let (value, found) = evaluate(&expression, &self.scope(caller).repeated(&repetition));
                        diagnostics.extend(found);
                        match variable.ephemeral || !value.marks_deep().is_ephemeral() {
                            true => (value, Some(expression.range)),
                            false => {
                                diagnostics.push(ephemeral_argument(&expression));
                                (Value::unknown(Type::Dynamic), Some(expression.range))
                            }
                        }
                    })
                    .or_else(|| variable.default.is_none().then(|| (Value::unknown(Type::Dynamic), Some(call_range))))
            }
            _ if self.surroundings.is_validating => Some((Value::unknown(variable.ty.clone()), None)),
            _ => self.surroundings.variables.get(name).map(|value| (value.clone(), None)),
        };
        let place = given.as_ref().and_then(|(_, at)| *at).unwrap_or(variable.range);
        let value = variables::value_of(name, &variable, given, diagnostics);
        self.set(instance, &NodeKind::Variable(name.clone()), value);
        let scope = self.scope(instance);
        let kind = ConditionKind::Validation(&self.placed[instance].address, name, place);
        check_conditions(&variable.validations, kind, &scope, self, diagnostics);
    }

    fn evaluate_output(&mut self, instance: usize, name: &Arc<str>, diagnostics: &mut Diagnostics) {
        let module = self.placed[instance].module;
        let output = self.tree.get(module).module.outputs[name].clone();
        let scope = self.scope(instance);
        let kind = ConditionKind::Output(&self.placed[instance].address, name);
        let outcome = check_conditions(&output.preconditions, kind, &scope, self, diagnostics);
        let (mut value, found) = evaluate(&output.value, &scope);
        let failed = found.has_errors();
        diagnostics.extend(found);
        if outcome == Outcome::Failed && !self.surroundings.is_refreshing_only {
            value = Value::unknown(Type::Dynamic);
        }
        if !output.ephemeral && value.marks_deep().is_ephemeral() {
            let detail = "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an \
                          ephemeral value.";
            diagnostics.push(Diagnostic::error("Ephemeral value not allowed", detail).at(output.value.range));
            value = Value::unknown(Type::Dynamic);
        } else if output.ephemeral && !failed && outcome != Outcome::Failed && !value.marks_deep().is_ephemeral() {
            let detail = "This output value is declared as returning an ephemeral value, so it can only be set to an ephemeral value.";
            diagnostics.push(Diagnostic::error("Value not allowed in ephemeral output", detail).at(output.value.range));
        }
        if module == 0 && !output.sensitive && value.marks_deep().is_sensitive() {
            let detail = "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, any root \
                          module output containing sensitive data must be explicitly marked as sensitive, to confirm your \
                          intent.\n\nIf you do intend to export this data, annotate the output value as sensitive by adding the \
                          following argument:\n    sensitive = true";
            diagnostics.push(Diagnostic::error("Output refers to sensitive values", detail).at(output.range));
        }
        if output.sensitive {
            value = value.with_marks(Marks::SENSITIVE);
        }
        if output.ephemeral {
            value = value.with_marks(Marks::EPHEMERAL);
        }
        self.set(instance, &NodeKind::Output(name.clone()), value);
    }

    /// Evaluates the assertions of a `check` block in an instance of its module.
    pub fn evaluate_check(&self, instance: usize, name: &Arc<str>, diagnostics: &mut Diagnostics) {
        let placed = &self.placed[instance];
        let asserts = &self.tree.get(placed.module).module.checks[name].asserts;
        check_conditions(asserts, ConditionKind::Assert(&placed.address, name), &self.scope(instance), self, diagnostics);
    }

    fn place_call(&mut self, instance: usize, name: &Arc<str>, diagnostics: &mut Diagnostics) {
        let caller = self.placed[instance].module;
        let module = self.tree.get(caller).children[name];
        let call = self.tree.get(caller).module.module_calls[name].clone();
        let expansion = match self.surroundings.is_validating && call.repeats().expressions().next().is_some() {
            true => {
                check_repeats(&call.repeats(), &self.scope(instance), diagnostics);
                None
            }
            false => expand(&call.repeats(), &self.scope(instance), diagnostics),
        };
        let repetitions: Vec<(Option<InstanceKey>, Repetition)> = match &expansion {
            Some(expansion) => expansion.instances().collect(),
            None => vec![(None, Repetition::unknown(call.count.is_some(), call.for_each.is_some()))],
        };
        let mut instances = BTreeMap::new();
        for (key, repetition) in repetitions {
            let address = self.placed[instance].address.child(name, key.clone());
            let placed = PlacedModule {
                address: address.clone(),
                module,
                caller: Some(instance),
                repetition,
                calls: BTreeMap::new(),
                values: HashMap::new(),
            };
            let number = self.placed.len();
            self.placed.push(placed);
            self.by_module[module].push(number);
            self.by_address.insert(address, number);
            instances.insert(key, number);
        }
        if let Some(expansion) = expansion.as_ref().filter(|_| instances.is_empty()) {
            // No instance will ever gather its outputs.
            self.set(instance, &NodeKind::Call(name.clone()), expansion.whole(Vec::new()));
        }
        self.placed[instance].calls.insert(name.clone(), PlacedCall { expansion, instances });
    }

    /// Evaluates the `for_each` of a call that is placed already: its values may have become known.
    pub fn repeat_call(&mut self, caller: ModuleIndex, name: &Arc<str>, diagnostics: &mut Diagnostics) {
        let call = self.tree.get(caller).module.module_calls[name].clone();
        for instance in self.instances_of(caller) {
            let expansion = expand(&call.repeats(), &self.scope(instance), diagnostics);
            let Some(expansion) = expansion else { continue };
            let children: Vec<_> = self.call(instance, name).map(|call| call.instances.clone().into_iter().collect()).unwrap_or_default();
            for (key, child) in children {
                if let Some(repetition) = expansion.repetition(key.as_ref()) {
                    self.placed[child].repetition = repetition;
                }
            }
        }
    }

    /// Sets the value of the whole module for its caller: once for the first of its instances, which all come at once.
    fn gather_outputs(&mut self, instance: usize) {
        let module = self.placed[instance].module;
        let (Some(caller), Some((_, name))) = (self.placed[instance].caller, self.tree.get(module).caller.clone()) else { return };
        let Some(call) = self.placed[caller].calls.get(&name) else { return };
        if call.instances.values().next() != Some(&instance) {
            return;
        }
        let whole = match &call.expansion {
            None => Value::unknown(Type::Dynamic),
            Some(expansion) => {
                // Keys order as the expansion's instances do: numbers by value, texts by bytes.
                expansion.whole(call.instances.values().map(|child| self.outputs(*child)).collect())
            }
        };
        self.set(caller, &NodeKind::Call(name), whole);
    }

    /// All outputs of a module instance as an object.
    pub fn outputs(&self, instance: usize) -> Value {
        let placed = &self.placed[instance];
        let module = &self.tree.get(placed.module).module;
        let value = |name: &Arc<str>| {
            self.value(instance, &NodeKind::Output(name.clone())).cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic))
        };
        Value::object(module.outputs.keys().map(|name| (name.clone(), value(name))).collect())
    }
}

fn ephemeral_argument(expression: &Expression) -> Diagnostic {
    let detail = "This input variable is not declared as accepting ephemeral values, so it cannot be set to a result derived from an \
                  ephemeral value.";
    Diagnostic::error("Ephemeral value not allowed", detail).at(expression.range)
}
