//! One walk over the configuration's graph: each node once, in order, as far as the facts go.
//!
//! A node whose dependencies wait for an answer waits too and is not evaluated, so that a round never reports what a later round
//! would evaluate otherwise.

use super::ask::file_answer;
use super::generate::Generated;
use super::imports::Wanted;
use super::moves::Moves;
use super::selection::Selection;
use super::{Answer, Ask, AskKey, Change, Facts, PlanMode, PlanOptions, ProviderPin};
use crate::address::{ConfigResource, Instance, Mode, ModulePath, ProviderConfig, Resource};
use crate::config::{Config, Module};
use crate::desired::{NodeKind, Surroundings, Target, World, checked_instance, provider_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::NodeId;
use crate::state::{DeposedKey, InstanceState, ObjectState, State};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use windlass_api::{Providers, Schema, Type, Value};

/// A change, and what ordering and recording need to know of it besides.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub change: Change,
    /// The configuration's node; `None` when nothing declares it.
    pub node: Option<NodeId>,
    /// What the state says that it depends on.
    pub recorded_dependencies: Arc<[ConfigResource]>,
    /// The object to be recorded without a provider's operation; `None` when the state has it so already.
    pub record: Option<Recorded>,
}

/// What is recorded of an object that no provider touches.
#[derive(Clone, Debug)]
pub(super) enum Recorded {
    /// This object.
    Object(ObjectState),
    /// That it is gone.
    Gone,
}

/// An object of the state as it is now.
#[derive(Clone, Debug)]
pub(super) enum Live {
    /// It has been asked for.
    Pending,
    /// It is gone.
    Gone,
    /// It is there: as recorded, and as it is.
    Present(Value, Value),
    /// It can't be read or understood; a message tells why.
    Failed,
}

pub(super) struct Walk<'a> {
    pub facts: &'a Facts,
    /// The state as recorded, with every object at the address that it has now.
    pub state: &'a Arc<State>,
    /// The recorded address of objects that have another one now.
    pub previous: &'a BTreeMap<Instance, Instance>,
    pub providers: &'a Providers,
    pub options: &'a PlanOptions,
    pub world: World,
    pub diagnostics: Diagnostics,
    /// Where messages stand among `diagnostics`, by a hash of their text; of as many as the number says.
    told: (HashMap<u64, Vec<usize>>, usize),
    pub asks: BTreeMap<AskKey, Ask>,
    pub used: BTreeSet<AskKey>,
    pub pins: BTreeMap<ProviderConfig, ProviderPin>,
    /// Those that failed, or that act elsewhere than their objects stand: one message has been given, and nothing is read by them.
    pub unusable: BTreeSet<ProviderConfig>,
    pub live: BTreeMap<(Instance, Option<DeposedKey>), Live>,
    /// Objects to be imported, by the instances that they become.
    pub imports: BTreeMap<Instance, Wanted>,
    /// Imported objects that have no configuration yet.
    pub generated: Vec<Generated>,
    pub planned: Vec<Planned>,
    /// Schemas by their place in memory, with the types of their objects.
    pub object_types: HashMap<usize, (Arc<Schema>, Type)>,
    pub index: BTreeMap<Instance, usize>,
    /// For each node: whether it waits for an answer.
    pub pending: Vec<bool>,
    /// For each node: whether anything behind it will be changed by apply.
    pub changing: Vec<bool>,
    /// For each node: whether its replacements are made before the old objects go.
    pub create_first: Vec<bool>,
    /// For each node: the resources that it refers to, looked through everything that is no resource.
    pub dependencies: Vec<Arc<[ConfigResource]>>,
    /// Instances of the state by resource.
    pub recorded: BTreeMap<ConfigResource, Vec<Instance>>,
    /// The provider configuration that manages each instance of the state.
    pub managers: BTreeMap<ProviderConfig, Vec<Instance>>,
    /// Provider configurations with `for_each` whose instances are evaluated.
    pub expanded_providers: BTreeSet<ProviderConfig>,
    /// What `removed` blocks name, and whether its objects are deleted.
    pub removals: BTreeMap<(ModulePath, Option<Resource>), bool>,
    /// Nodes that a destruction or a mere refresh needs: providers and what they are made of.
    pub needed: Option<BTreeSet<NodeId>>,
    /// What is looked at under `-target` and `-exclude`; `None` without them.
    pub selection: Option<Selection>,
}

impl<'a> Walk<'a> {
    pub fn new(
        config: &Config,
        moves: &'a Moves,
        facts: &'a Facts,
        providers: &'a Providers,
        options: &'a PlanOptions,
    ) -> Result<Walk<'a>, Diagnostics> {
        let world = World::new(config, providers, surroundings(facts, options))?;
        let nodes = world.graph.dag.len();
        let selection = match options.mode {
            PlanMode::Destroy => Selection::of_deleted(&options.targeting, &world.graph, &moves.state),
            PlanMode::Normal | PlanMode::RefreshOnly => Selection::of_declared(&options.targeting, &world.tree, &world.graph),
        };
        let mut walk = Walk {
            facts,
            providers,
            options,
            world,
            diagnostics: Diagnostics::none(),
            told: (HashMap::new(), 0),
            asks: BTreeMap::new(),
            used: BTreeSet::new(),
            pins: BTreeMap::new(),
            unusable: BTreeSet::new(),
            live: BTreeMap::new(),
            imports: super::imports::asked(options),
            generated: Vec::new(),
            planned: Vec::with_capacity(nodes),
            object_types: HashMap::new(),
            index: BTreeMap::new(),
            previous: &moves.previous,
            state: &moves.state,
            pending: vec![false; nodes],
            changing: vec![false; nodes],
            create_first: vec![false; nodes],
            dependencies: vec![Arc::from([]); nodes],
            recorded: BTreeMap::new(),
            managers: BTreeMap::new(),
            expanded_providers: BTreeSet::new(),
            removals: removals(config),
            needed: None,
            selection,
        };
        crate::desired::check_requirements(&walk.world.tree, providers, &mut walk.diagnostics);
        walk.sort_state();
        walk.force_create_first();
        walk.find_dependencies();
        if options.mode == PlanMode::Destroy {
            walk.needed = Some(walk.find_needed());
        }
        Ok(walk)
    }

    /// Walks.
    pub fn run(&mut self) {
        self.pin_undeclared_providers();
        for id in self.world.graph.order.clone() {
            let is_looked_at = self.selection.as_ref().is_none_or(|selection| selection.has_node(id));
            if !is_looked_at || self.needed.as_ref().is_some_and(|needed| !needed.contains(&id)) {
                continue;
            }
            let waits = self.world.graph.dag.dependencies(id).any(|dependency| self.pending[dependency]);
            let node = self.world.graph.node(id).clone();
            if waits {
                self.pending[id] = true;
                continue;
            }
            let questions = self.world.asked_file_count();
            // A provider's value is known by now, so nothing behind it can change it.
            self.changing[id] = !matches!(node.kind, NodeKind::Provider(_))
                && self.world.graph.dag.dependencies(id).any(|dependency| self.changing[dependency]);
            match &node.kind {
                NodeKind::Provider(config) => self.pin_provider(id, config),
                NodeKind::Resource(resource) => match resource.mode {
                    Mode::Managed => self.plan_managed(id, node.module, resource),
                    Mode::Data => self.plan_data(id, node.module, resource),
                    Mode::Ephemeral => self.plan_ephemeral(id, node.module, resource),
                },
                NodeKind::Import(position) => self.plan_import(*position),
                NodeKind::Check(name) => self.plan_check(node.module, name),
                kind => self.world.evaluate_node(node.module, kind, &mut self.diagnostics),
            }
            if self.world.asked_file_count() > questions {
                self.pending[id] = true;
            }
        }
        self.plan_undeclared();
        for question in self.world.take_asked_files() {
            self.asks.insert(AskKey::File(question.clone()), Ask::File(question));
        }
    }

    /// Evaluates the assertions of a `check` block, unless its data source could not be read: that says all.
    fn plan_check(&mut self, module: usize, name: &Arc<str>) {
        let mut found = Diagnostics::none();
        for instance in self.world.instances_of(module) {
            let address = checked_instance(&self.world.placed(instance).address, &NodeKind::Check(name.clone()));
            if address.is_some_and(|address| self.world.checks.borrow().is_silent(&address)) {
                self.world.evaluate_check(instance, name, &mut found);
            }
        }
        self.diagnostics.extend(found);
    }

    /// The answer to an ask; notes the ask when there is none yet.
    pub fn answer(&mut self, ask: Ask) -> Option<&'a Answer> {
        let key = ask.key();
        match self.facts.answers.get(&key) {
            Some(answer) => {
                self.used.insert(key);
                Some(answer)
            }
            None => {
                self.asks.insert(key, ask);
                None
            }
        }
    }

    /// The objects of an instance in the state.
    pub fn state_of(&self, address: &Instance) -> Option<&'a Arc<InstanceState>> {
        self.state.instances.get(address)
    }

    /// The provider configuration with the source that the provider itself uses: states of OpenTofu name another registry.
    pub fn canonical(&self, config: &ProviderConfig) -> ProviderConfig {
        match self.providers.by_source(&config.source) {
            Some(provider) => ProviderConfig { source: provider.source().into(), ..config.clone() },
            None => config.clone(),
        }
    }

    /// Groups the state's instances by resource and by provider configuration. What is not looked at stays out of both, and so is neither
    /// read nor planned.
    fn sort_state(&mut self) {
        for (address, instance) in &self.state.instances {
            let resource = address.config();
            let module = self.world.tree.find(&resource.module);
            let node = module.and_then(|module| self.world.graph.id(module, &NodeKind::Resource(resource.resource.clone())));
            if self.selection.as_ref().is_some_and(|selection| !selection.has(node, address)) {
                continue;
            }
            let declared = module.and_then(|module| {
                let block = self.world.tree.get(module).module.resources.get(&resource.resource)?;
                provider_of(&self.world.tree, module, block).ok()
            });
            // Of a provider with `for_each` the state says which instance made the object.
            let declared = declared.filter(|found| found.index.is_none()).map(|found| found.config);
            let manager = self.canonical(&declared.unwrap_or_else(|| instance.provider.clone()));
            if node.is_none() {
                self.look_at_manager(&manager, module);
            }
            self.managers.entry(manager).or_default().push(address.clone());
            self.recorded.entry(resource).or_default().push(address.clone());
        }
    }

    /// An object that nothing declares needs its provider, and the instances of the module that it stands in.
    fn look_at_manager(&mut self, manager: &ProviderConfig, module: Option<usize>) {
        let Some(selection) = &mut self.selection else { return };
        let graph = &self.world.graph;
        let call = module.and_then(|module| {
            let (caller, name) = self.world.tree.get(module).caller.clone()?;
            graph.id(caller, &NodeKind::Call(name))
        });
        for id in graph.id(0, &NodeKind::Provider(manager.clone())).into_iter().chain(call) {
            selection.take_along(graph, id);
        }
    }

    /// Whether a node of the configuration is looked at.
    pub fn has_node(&self, module: usize, kind: &NodeKind) -> bool {
        let Some(selection) = &self.selection else { return true };
        self.world.graph.id(module, kind).is_some_and(|id| selection.has_node(id))
    }

    /// Whether an instance of a block is looked at.
    pub fn has_instance(&self, id: NodeId, address: &Instance) -> bool {
        self.selection.as_ref().is_none_or(|selection| selection.has(Some(id), address))
    }

    /// The value of an instance that is not looked at: as recorded, unknown when it is not.
    pub fn value_left_alone(&self, address: &Instance) -> Value {
        super::recorded::decoded(address, self.state, self.providers).unwrap_or_else(|| Value::unknown(windlass_api::Type::Dynamic))
    }

    /// Whatever a create-before-destroy resource depends on must be so too, or the order would be a cycle.
    fn force_create_first(&mut self) {
        for id in self.world.graph.order.clone().into_iter().rev() {
            let node = self.world.graph.node(id);
            if let NodeKind::Resource(resource) = &node.kind {
                let block = &self.world.tree.get(node.module).module.resources[resource];
                self.create_first[id] |= block.lifecycle.create_before_destroy == Some(true);
            }
            if self.create_first[id] {
                for dependency in self.world.graph.dag.dependencies(id).collect::<Vec<_>>() {
                    self.create_first[dependency] = true;
                }
            }
        }
    }

    /// Finds what each node refers to. A node that is no resource, and a data source, lets what it refers to show through.
    fn find_dependencies(&mut self) {
        let mut through: Vec<Arc<[ConfigResource]>> = vec![Arc::from([]); self.world.graph.dag.len()];
        for id in self.world.graph.order.clone() {
            let parts: Vec<NodeId> = self.world.graph.dag.dependencies(id).collect();
            let own: Arc<[ConfigResource]> = match parts.as_slice() {
                [] => Arc::from([]),
                [only] => through[*only].clone(),
                _ => {
                    let all: BTreeSet<&ConfigResource> = parts.iter().flat_map(|part| through[*part].iter()).collect();
                    all.into_iter().cloned().collect()
                }
            };
            let node = self.world.graph.node(id);
            through[id] = match &node.kind {
                NodeKind::Resource(resource) => {
                    let itself = ConfigResource { module: self.world.tree.get(node.module).path.clone(), resource: resource.clone() };
                    match resource.mode {
                        Mode::Managed => Arc::from([itself]),
                        // It is never recorded, so nothing recorded may name it.
                        Mode::Ephemeral => own.clone(),
                        Mode::Data => {
                            let all: BTreeSet<ConfigResource> = own.iter().cloned().chain([itself]).collect();
                            all.into_iter().collect()
                        }
                    }
                }
                // What a provider is made of is no dependency of each of its objects.
                NodeKind::Provider(_) => Arc::from([]),
                _ => own.clone(),
            };
            self.dependencies[id] = own;
        }
    }

    /// Providers and what says whether objects may be deleted, and all that these are made of.
    fn find_needed(&self) -> BTreeSet<NodeId> {
        let mut needed = BTreeSet::new();
        let graph = &self.world.graph;
        for (_, node) in graph.dag.nodes() {
            let NodeKind::Resource(resource) = &node.kind else { continue };
            let module = &self.world.tree.get(node.module).module;
            let protection = module.resources[resource].lifecycle.prevent_destroy.as_deref();
            for traversal in protection.map(crate::lang::references).into_iter().flatten() {
                let id = match crate::desired::target(&traversal) {
                    Ok((Target::Variable(name), _)) => graph.id(node.module, &NodeKind::Variable(name)),
                    Ok((Target::Local(name), _)) => graph.id(node.module, &NodeKind::Local(name)),
                    Ok((Target::Resource(resource), _)) => graph.id(node.module, &NodeKind::Resource(resource)),
                    Ok((Target::Module(name), _)) => {
                        let child = self.world.tree.get(node.module).children.get(&name);
                        child.and_then(|child| graph.id(*child, &NodeKind::Outputs))
                    }
                    _ => None,
                };
                needed.extend(id);
            }
        }
        for id in graph.order.iter().rev() {
            if matches!(graph.node(*id).kind, NodeKind::Provider(_)) || needed.contains(id) {
                needed.insert(*id);
                needed.extend(graph.dag.dependencies(*id));
            }
        }
        needed
    }

    /// Adds a message unless the same has been told.
    pub fn tell_once(&mut self, diagnostic: Diagnostic) {
        let hash = |one: &Diagnostic| {
            let mut hasher = DefaultHasher::new();
            (&one.summary, &one.detail, &one.address).hash(&mut hasher);
            hasher.finish()
        };
        let (places, known) = &mut self.told;
        for (place, told) in self.diagnostics.0.iter().enumerate().skip(*known) {
            places.entry(hash(told)).or_default().push(place);
        }
        *known = self.diagnostics.0.len();
        let alike = places.get(&hash(&diagnostic)).into_iter().flatten();
        if !alike.copied().any(|place| self.diagnostics.0[place] == diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub fn fail(&mut self, error: Diagnostic) {
        self.diagnostics.push(error);
    }
}

fn surroundings(facts: &Facts, options: &PlanOptions) -> Surroundings {
    Surroundings {
        files: facts.answers.iter().filter_map(|(key, answer)| file_answer(key, answer)).collect(),
        variables: facts.variables.clone(),
        workspace: facts.workspace.clone(),
        working_folder: facts.working_folder.clone(),
        timestamp: Some(facts.timestamp.clone()),
        is_applying: false,
        is_validating: false,
        is_refreshing_only: options.mode == PlanMode::RefreshOnly,
    }
}

fn removals(config: &Config) -> BTreeMap<(ModulePath, Option<Resource>), bool> {
    let modules = config.root.with_called().into_iter();
    let of_module = |module: &Module| {
        let removed = module.removed.iter().map(|removed| ((module.path.join(&removed.module), removed.resource.clone()), removed.destroy));
        removed.collect::<Vec<_>>()
    };
    modules.flat_map(of_module).collect()
}
