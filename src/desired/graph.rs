//! What waits for what, block by block, before any instance is known.
//!
//! The graph is built from the references as written, so an evaluation in its order never recurses, and a cycle shows as a
//! path. Its size is linear in that of the configuration, whatever `count` says.

use super::provider_configs::{ProviderUse, find_provider, provider_block, provider_of};
use super::target::{Target, suggestion, target, undeclared};
use super::tree::{ModuleIndex, ModuleTree};
use crate::address::{ProviderConfig, Resource};
use crate::config::{CheckBlock, Condition, ImportBlock, ModuleCall, Output, ResourceBlock, Variable};
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::graph::{Cycle, Dag, NodeId};
use crate::lang::{references, references_in_body};
use crate::syntax::ast::{Expression, Traversal, TraversalStep};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use windlass_api::{BlockSchema, Providers};

/// Something that has a value or must be done before something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The module that it stands in.
    pub module: ModuleIndex,
    /// What it is.
    pub kind: NodeKind,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A provider configuration; always of the root module.
    Provider(ProviderConfig),
    /// An input variable.
    Variable(Arc<str>),
    /// A local value.
    Local(Arc<str>),
    /// The instances of a module call.
    Call(Arc<str>),
    /// What the `depends_on` of the module's own call and of those around it demand of everything in it.
    Gate,
    /// A managed or data resource.
    Resource(Resource),
    /// An output.
    Output(Arc<str>),
    /// An `import` block, by its place in the root module.
    Import(usize),
    /// A `check` block.
    Check(Arc<str>),
    /// All outputs of the module.
    Outputs,
    /// Everything in the module.
    All,
}

/// What waits for what.
#[derive(Clone, Debug)]
pub struct ConfigGraph {
    /// The nodes and their edges.
    pub dag: Dag<Node>,
    /// Every node after all that it waits for.
    pub order: Vec<NodeId>,
    /// For each resource, the nodes that its `depends_on` and its module's gate name.
    pub explicit: BTreeMap<NodeId, Vec<NodeId>>,
    /// By module.
    ids: Vec<HashMap<NodeKind, NodeId>>,
    /// For each node: the argument by which its block repeats.
    repeats: Vec<Option<&'static str>>,
}

impl ConfigGraph {
    /// Builds the graph.
    ///
    /// # Errors
    /// Every reference to something that is not declared; a cycle.
    pub fn new(tree: &ModuleTree, providers: &Providers) -> Result<ConfigGraph, Diagnostics> {
        match ConfigGraph::with_mistakes(tree, providers) {
            (Some(graph), found) if !found.has_errors() => Ok(graph),
            (_, found) => Err(found),
        }
    }

    /// The same with all that is wrong; a graph in spite of it, unless there is a cycle.
    pub fn with_mistakes(tree: &ModuleTree, providers: &Providers) -> (Option<ConfigGraph>, Diagnostics) {
        let mut builder = Builder::new(tree, providers);
        builder.add_nodes();
        for id in 0..builder.dag.len() {
            builder.connect(id);
        }
        let Builder { dag, ids, explicit, repeats, mut diagnostics, .. } = builder;
        match dag.order() {
            Ok(order) => (Some(ConfigGraph { dag, order, explicit, ids, repeats }), diagnostics),
            Err(_) if diagnostics.has_errors() => (None, diagnostics),
            Err(cycle) => {
                diagnostics.push(describe(tree, &dag, &cycle));
                (None, diagnostics)
            }
        }
    }

    /// A node's number.
    pub fn id(&self, module: ModuleIndex, kind: &NodeKind) -> Option<NodeId> {
        self.ids.get(module)?.get(kind).copied()
    }

    /// The argument by which the block of a node repeats: `count`, `for_each`, or none.
    pub fn repetition_argument(&self, id: NodeId) -> Option<&'static str> {
        self.repeats[id]
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        self.dag.node(id)
    }
}

struct Builder<'a> {
    tree: &'a ModuleTree,
    providers: &'a Providers,
    dag: Dag<Node>,
    ids: Vec<HashMap<NodeKind, NodeId>>,
    repeats: Vec<Option<&'static str>>,
    explicit: BTreeMap<NodeId, Vec<NodeId>>,
    /// The `check` block whose assertions are being connected.
    scope: Option<Arc<str>>,
    diagnostics: Diagnostics,
}

impl<'a> Builder<'a> {
    fn new(tree: &'a ModuleTree, providers: &'a Providers) -> Builder<'a> {
        let diagnostics = Diagnostics::none();
        let ids = vec![HashMap::new(); tree.iter().count()];
        Builder { tree, providers, dag: Dag::default(), ids, repeats: Vec::new(), explicit: BTreeMap::new(), scope: None, diagnostics }
    }

    fn add(&mut self, module: ModuleIndex, kind: NodeKind) -> NodeId {
        if let Some(id) = self.ids[module].get(&kind) {
            return *id;
        }
        let id = self.dag.add(Node { module, kind: kind.clone() });
        self.repeats.push(self.repetition_argument(module, &kind));
        self.ids[module].insert(kind, id);
        id
    }

    fn repetition_argument(&self, module: ModuleIndex, kind: &NodeKind) -> Option<&'static str> {
        let NodeKind::Resource(resource) = kind else { return None };
        let block = self.tree.get(module).module.resources.get(resource)?;
        match (&block.count, &block.for_each) {
            (Some(_), _) => Some("count"),
            (None, Some(_)) => Some("for_each"),
            (None, None) => None,
        }
    }

    fn add_nodes(&mut self) {
        for (index, place) in self.tree.iter() {
            let module = &place.module;
            if index > 0 {
                self.add(index, NodeKind::Gate);
                self.add(index, NodeKind::Outputs);
                self.add(index, NodeKind::All);
            }
            let names = module.variables.keys().cloned().map(NodeKind::Variable);
            let names = names.chain(module.locals.keys().cloned().map(NodeKind::Local));
            let names = names.chain(module.module_calls.keys().cloned().map(NodeKind::Call));
            let names = names.chain(module.resources.keys().cloned().map(NodeKind::Resource));
            let names = names.chain((0..module.imports.len()).map(NodeKind::Import));
            let names = names.chain(module.checks.keys().cloned().map(NodeKind::Check));
            for kind in names.chain(module.outputs.keys().cloned().map(NodeKind::Output)) {
                self.add(index, kind);
            }
            for block in module.resources.values() {
                match provider_of(self.tree, index, block) {
                    Ok(found) => {
                        self.add(0, NodeKind::Provider(found.config));
                    }
                    Err(error) => self.diagnostics.push(*error),
                }
            }
        }
        let root = &self.tree.get(0).module;
        for block in root.providers.values() {
            let source = super::provider_configs::source_of(root, &block.key.name);
            self.add(0, NodeKind::Provider(ProviderConfig { source, alias: block.key.alias.clone(), key: None }));
        }
    }

    fn connect(&mut self, id: NodeId) {
        let Node { module, kind } = self.dag.node(id).clone();
        let tree = self.tree;
        let place = tree.get(module);
        match &kind {
            NodeKind::Provider(config) => self.connect_provider(id, config),
            NodeKind::Variable(name) => self.connect_variable(id, module, name, &place.module.variables[name]),
            NodeKind::Local(name) => {
                self.refer(id, module, &place.module.locals[name].value);
                self.await_expansion(id, module);
            }
            NodeKind::Call(name) => self.connect_call(id, module, &place.module.module_calls[name]),
            NodeKind::Gate => self.connect_gate(id, module),
            NodeKind::Resource(resource) => self.connect_resource(id, module, &place.module.resources[resource]),
            NodeKind::Output(name) => self.connect_output(id, module, &place.module.outputs[name]),
            NodeKind::Import(position) => self.connect_import(id, &place.module.imports[*position]),
            NodeKind::Check(name) => self.connect_check(id, module, &place.module.checks[name]),
            NodeKind::Outputs => {
                self.await_expansion(id, module);
                for name in place.module.outputs.keys() {
                    self.depend(id, module, NodeKind::Output(name.clone()));
                }
            }
            NodeKind::All => {
                self.depend(id, module, NodeKind::Outputs);
                // Whoever waits for a module waits for nothing that only checks it.
                for (resource, _) in place.module.resources.iter().filter(|(_, block)| block.check.is_none()) {
                    self.depend(id, module, NodeKind::Resource(resource.clone()));
                }
                for child in place.children.values() {
                    self.depend(id, *child, NodeKind::All);
                }
            }
        }
    }

    fn depend(&mut self, id: NodeId, module: ModuleIndex, kind: NodeKind) -> NodeId {
        let dependency = self.add(module, kind);
        self.dag.depend(id, dependency);
        dependency
    }

    /// Everything in a called module waits until the call's instances are known.
    fn await_expansion(&mut self, id: NodeId, module: ModuleIndex) {
        if let Some((caller, name)) = &self.tree.get(module).caller {
            self.depend(id, *caller, NodeKind::Call(name.clone()));
        }
    }

    fn connect_provider(&mut self, id: NodeId, config: &ProviderConfig) {
        let Some(block) = provider_block(self.tree, config) else { return };
        let provider = match find_provider(self.providers, &config.source, Some(block.range)) {
            Ok(provider) => provider,
            Err(error) => return self.diagnostics.push(*error),
        };
        let schema = provider.configuration_schema();
        if let Some(for_each) = &block.for_each {
            self.refer(id, 0, for_each);
        }
        self.refer_all(id, 0, references_in_body(&block.body, &schema.block));
    }

    fn connect_variable(&mut self, id: NodeId, module: ModuleIndex, name: &Arc<str>, variable: &Variable) {
        if let Some((caller, _)) = self.tree.get(module).caller {
            self.await_expansion(id, module);
            let value = self.tree.call(module).and_then(|call| call.inputs.get(name)).cloned();
            if let Some(value) = value {
                self.refer(id, caller, &value);
            }
        }
        let itself = Target::Variable(name.clone());
        for traversal in conditions(&variable.validations) {
            if target(&traversal).is_ok_and(|(target, _)| target != itself) {
                self.refer_to(id, module, &traversal);
            }
        }
    }

    fn connect_call(&mut self, id: NodeId, module: ModuleIndex, call: &ModuleCall) {
        self.await_expansion(id, module);
        for expression in call.repeats().expressions() {
            self.refer(id, module, expression);
        }
        for (name, value) in &call.inputs {
            if !call.module.variables.contains_key(name) {
                let more = suggestion(name, call.module.variables.keys().map(|key| &**key), String::new);
                let detail = format!("An argument named {name:?} is not expected here. {more}");
                self.diagnostics.push(Diagnostic::error("Unsupported argument", detail.trim_end()).at(value.range));
            }
        }
        for (name, variable) in &call.module.variables {
            if variable.default.is_none() && !call.inputs.contains_key(name) {
                let detail = format!("The argument {name:?} is required, but no definition was found.");
                self.diagnostics.push(Diagnostic::error("Missing required argument", detail).at(call.range));
            }
        }
    }

    fn connect_gate(&mut self, id: NodeId, module: ModuleIndex) {
        let Some((caller, _)) = self.tree.get(module).caller else { return };
        if caller > 0 {
            self.depend(id, caller, NodeKind::Gate);
        }
        let targets = self.tree.call(module).map(|call| call.depends_on.clone()).unwrap_or_default();
        for traversal in &targets {
            self.wait_for(id, caller, traversal);
        }
    }

    fn connect_resource(&mut self, id: NodeId, module: ModuleIndex, block: &ResourceBlock) {
        self.await_expansion(id, module);
        let mut explicit = Vec::new();
        if module > 0 {
            explicit.push(self.depend(id, module, NodeKind::Gate));
        }
        let mut schema = None;
        if let Ok(ProviderUse { config, index }) = provider_of(self.tree, module, block) {
            if let Some(index) = index {
                self.refer(id, index.module, &index.expression);
            }
            match find_provider(self.providers, &config.source, Some(block.range)) {
                Ok(provider) => schema = provider.schema(block.address.mode, &block.address.type_name),
                Err(error) => self.diagnostics.push(*error),
            }
            self.depend(id, 0, NodeKind::Provider(config));
        }
        let nothing = BlockSchema::default();
        let schema = schema.as_deref().map_or(&nothing, |schema| &schema.block);
        let mut found = references_in_body(&block.body, schema);
        found.extend(block.variants.iter().flat_map(|variant| references_in_body(&variant.body, schema)));
        found.extend(block.repeats().expressions().chain(block.lifecycle.prevent_destroy.as_deref()).flat_map(references));
        found.extend(conditions(&block.lifecycle.preconditions));
        // A postcondition may name its own resource by `self` and by address.
        let postconditions = conditions(&block.lifecycle.postconditions);
        let itself = Target::Resource(block.address.clone());
        found.extend(postconditions.filter(|traversal| target(traversal).is_ok_and(|(target, _)| target != itself)));
        found.extend(block.lifecycle.replace_triggered_by.iter().map(|trigger| trigger.reference.clone()));
        for traversal in found {
            if target(&traversal).is_ok_and(|(target, _)| target == itself) {
                let address = &block.address;
                let detail = format!("Configuration for {address} may not refer to itself.");
                self.diagnostics.push(Diagnostic::error("Self-referential block", detail).at(traversal.range));
                continue;
            }
            self.refer_to(id, module, &traversal);
        }
        for traversal in &block.depends_on {
            explicit.extend(self.wait_for(id, module, traversal));
        }
        self.explicit.insert(id, explicit);
    }

    fn connect_output(&mut self, id: NodeId, module: ModuleIndex, output: &Output) {
        self.await_expansion(id, module);
        self.refer(id, module, &output.value);
        self.refer_all(id, module, conditions(&output.preconditions).collect());
        for traversal in &output.depends_on {
            self.wait_for(id, module, traversal);
        }
    }

    /// The object is found before the resource that it becomes is planned.
    fn connect_import(&mut self, id: NodeId, import: &ImportBlock) {
        let mut keys = Vec::new();
        let _ = import.to.as_traversal_with(&mut |key| {
            keys.extend(references(key));
            Some(windlass_api::Value::int(0))
        });
        for expression in import.for_each.iter().chain([&import.id]) {
            keys.extend(references(expression));
        }
        self.refer_all(id, 0, keys);
        let Some(module) = self.tree.find(&import.target.module) else { return };
        if self.tree.get(module).module.resources.contains_key(&import.target.resource) {
            let resource = self.add(module, NodeKind::Resource(import.target.resource.clone()));
            self.dag.depend(resource, id);
        }
    }

    fn connect_check(&mut self, id: NodeId, module: ModuleIndex, check: &CheckBlock) {
        self.await_expansion(id, module);
        self.scope = Some(check.name.clone());
        self.refer_all(id, module, conditions(&check.asserts).collect());
        self.scope = None;
        if let Some(data) = &check.data {
            self.depend(id, module, NodeKind::Resource(data.clone()));
        }
    }

    fn refer(&mut self, id: NodeId, module: ModuleIndex, expression: &Expression) {
        self.refer_all(id, module, references(expression));
    }

    fn refer_all(&mut self, id: NodeId, module: ModuleIndex, found: Vec<Traversal>) {
        for traversal in found {
            self.refer_to(id, module, &traversal);
        }
    }

    fn refer_to(&mut self, id: NodeId, module: ModuleIndex, traversal: &Traversal) {
        if let Some(node) = self.find(module, traversal, false) {
            self.dag.depend(id, node);
        }
    }

    /// An entry of `depends_on`: a whole module means everything in it.
    fn wait_for(&mut self, id: NodeId, module: ModuleIndex, traversal: &Traversal) -> Option<NodeId> {
        if let Ok((target, taken)) = target(traversal)
            && let Some(error) = unfit_to_wait_for(&target, &traversal.steps[taken.min(traversal.steps.len())..])
        {
            self.diagnostics.push(error.at(traversal.range));
            return None;
        }
        let node = self.find(module, traversal, true)?;
        self.dag.depend(id, node);
        Some(node)
    }

    fn find(&mut self, module: ModuleIndex, traversal: &Traversal, everything: bool) -> Option<NodeId> {
        let (target, steps_taken) = match target(traversal) {
            Ok(found) => found,
            Err(error) => {
                self.diagnostics.push(*error);
                return None;
            }
        };
        if let Some(error) = self.scoped_elsewhere(module, &target) {
            self.diagnostics.push(error.at(traversal.range));
            return None;
        }
        // Whatever is declared has a node.
        let kind = target.node();
        if let Some(id) = kind.as_ref().and_then(|kind| self.ids[module].get(kind)) {
            return Some(*id);
        }
        if let Some(error) = undeclared(self.tree, module, &target, traversal) {
            self.diagnostics.push(error);
            return None;
        }
        match target {
            Target::Variable(_) | Target::Local(_) | Target::Resource(_) => kind.map(|kind| self.add(module, kind)),
            Target::Module(name) => self.find_output(module, &name, &traversal.steps[steps_taken..], everything),
            Target::Each(_) | Target::Count | Target::Path(_) | Target::Terraform(_) | Target::SelfObject => None,
        }
    }

    /// A data source within a `check` block is there for its assertions only.
    fn scoped_elsewhere(&self, module: ModuleIndex, target: &Target) -> Option<Diagnostic> {
        let Target::Resource(resource) = target else { return None };
        let check = self.tree.get(module).module.resources.get(resource)?.check.as_ref()?;
        let detail =
            format!("The referenced data resource {:?} {:?} is not available from this context.", &*resource.type_name, &*resource.name);
        (self.scope.as_ref() != Some(check)).then(|| Diagnostic::error("Reference to scoped resource", detail))
    }

    fn find_output(&mut self, module: ModuleIndex, call: &str, rest: &[TraversalStep], everything: bool) -> Option<NodeId> {
        let child = *self.tree.get(module).children.get(call)?;
        let is_repeated = self.tree.call(child).is_some_and(|call| call.count.is_some() || call.for_each.is_some());
        // Where a key is missing or stands in vain, the whole module is looked at, which tells what is wrong.
        let output = match rest {
            [TraversalStep::Index(..), rest @ ..] if is_repeated => rest.first(),
            rest => rest.first().filter(|_| !is_repeated),
        };
        let Some(TraversalStep::Attribute(name)) = output else {
            return Some(self.add(child, if everything { NodeKind::All } else { NodeKind::Outputs }));
        };
        let outputs = &self.tree.get(child).module.outputs;
        if !outputs.contains_key(&name.name) {
            let more = suggestion(&name.name, outputs.keys().map(|key| &**key), String::new);
            let detail = format!("This object does not have an attribute named {:?}. {more}", &*name.name);
            self.diagnostics.push(Diagnostic::error("Unsupported attribute", detail.trim_end()).at(name.range));
            return None;
        }
        Some(self.add(child, NodeKind::Output(name.name.clone())))
    }
}

/// Why an entry of `depends_on` can't be waited for: it is no object, or only a part of one.
fn unfit_to_wait_for(target: &Target, rest: &[TraversalStep]) -> Option<Diagnostic> {
    let rest = match (target, rest) {
        (Target::Resource(_), [TraversalStep::Index(..), rest @ ..]) => rest,
        (Target::Module(_), [TraversalStep::Index(..), TraversalStep::Attribute(_), rest @ ..]) => rest,
        (Target::Module(_), [TraversalStep::Index(..) | TraversalStep::Attribute(_), rest @ ..]) => rest,
        (_, rest) => rest,
    };
    if matches!(target, Target::Each(_) | Target::Count | Target::SelfObject) {
        let detail = "Only objects declared in this module can be waited for, such as resources and modules.";
        return Some(Diagnostic::error("Invalid depends_on reference", detail));
    }
    let detail = "References in depends_on must be to a whole object (resource, etc), not to an attribute of an object.";
    (!rest.is_empty()).then(|| Diagnostic::error("Invalid depends_on reference", detail))
}

impl Target {
    /// The node of a variable, local value or resource.
    pub(super) fn node(&self) -> Option<NodeKind> {
        match self {
            Target::Variable(name) => Some(NodeKind::Variable(name.clone())),
            Target::Local(name) => Some(NodeKind::Local(name.clone())),
            Target::Resource(resource) => Some(NodeKind::Resource(resource.clone())),
            _ => None,
        }
    }
}

fn conditions(conditions: &[Condition]) -> impl Iterator<Item = Traversal> + '_ {
    conditions.iter().flat_map(|rule| references(&rule.condition).into_iter().chain(references(&rule.error_message)))
}

/// How messages call a node; `None` for those that users do not know of.
pub fn node_name(tree: &ModuleTree, node: &Node) -> String {
    let path = &tree.get(node.module).path;
    let prefix = if path.0.is_empty() { String::new() } else { format!("{path}.") };
    match &node.kind {
        NodeKind::Provider(config) => config.to_string(),
        NodeKind::Variable(name) => format!("{prefix}var.{name}"),
        NodeKind::Local(name) => format!("{prefix}local.{name}"),
        NodeKind::Call(name) => format!("{prefix}module.{name}"),
        NodeKind::Resource(resource) => format!("{prefix}{resource}"),
        NodeKind::Output(name) => format!("{prefix}output.{name}"),
        NodeKind::Import(position) => format!("import of {}", tree.get(0).module.imports[*position].target),
        NodeKind::Check(name) => format!("{prefix}check.{name}"),
        NodeKind::Gate | NodeKind::Outputs | NodeKind::All => path.to_string(),
    }
}

/// Where a node is declared.
fn node_range(tree: &ModuleTree, node: &Node) -> Option<Range> {
    let module = &tree.get(node.module).module;
    match &node.kind {
        NodeKind::Provider(config) => provider_block(tree, config).map(|block| block.range),
        NodeKind::Variable(name) => module.variables.get(name).map(|block| block.range),
        NodeKind::Local(name) => module.locals.get(name).map(|block| block.range),
        NodeKind::Call(name) => module.module_calls.get(name).map(|block| block.range),
        NodeKind::Resource(resource) => module.resources.get(resource).map(|block| block.range),
        NodeKind::Output(name) => module.outputs.get(name).map(|block| block.range),
        NodeKind::Import(position) => module.imports.get(*position).map(|block| block.range),
        NodeKind::Check(name) => module.checks.get(name).map(|block| block.range),
        NodeKind::Gate | NodeKind::Outputs | NodeKind::All => tree.call(node.module).map(|call| call.range),
    }
}

fn describe(tree: &ModuleTree, dag: &Dag<Node>, cycle: &Cycle) -> Diagnostic {
    let mut names: Vec<String> = cycle.0.iter().map(|id| node_name(tree, dag.node(*id))).collect();
    names.dedup();
    // Begin with the least name, so that the same cycle always reads the same.
    let first = (0..names.len()).min_by_key(|position| &names[*position]).unwrap_or(0);
    names.rotate_left(first);
    names.push(names[0].clone());
    let detail = format!("Cycle: {}\n\nEach of these refers to the next one, so none can be evaluated first.", names.join(" → "));
    let diagnostic = Diagnostic::error("Cycle", detail);
    match cycle.0.iter().find_map(|id| node_range(tree, dag.node(*id))) {
        Some(range) => diagnostic.at(range),
        None => diagnostic,
    }
}
