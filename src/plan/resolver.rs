//! What apply evaluates again when it knows more.

mod openings;
mod providers;
mod values;

pub use openings::Opening;
use values::nulls_for_unknown;

use super::managed::choice_bodies;
use super::selection::Selection;
use super::{Action, Change, CheckedPlan, PlanMode};
use crate::address::{Instance, ModuleInstance, Resource, of_resource};
use crate::config::{self, Config, Files, Folders, Installed, PackageCall, ResourceBlock};
use crate::desired::{
    CheckLog, CheckPart, ConditionKind, Expansion, Node, NodeKind, Outcome, Repetition, Surroundings, World, check_conditions,
    checked_instance, expand, problem_diagnostic, refuse_ephemeral,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::diff::{DiffRequest, plan_object};
use crate::graph::NodeId;
use crate::lang::decode_body;
use crate::state::{CheckObject, CheckResults, CheckStatus, OutputState};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::schema::mark_write_only;
use windlass_api::{Marks, Mode, Provider, Providers, Schema, Type, Value};

/// Evaluates configurations again with what apply has learnt, and holds the result against the approved plan. The dispatcher is its
/// only owner.
pub struct Resolver {
    plan: CheckedPlan,
    providers: Providers,
    inner: RefCell<Inner>,
}

/// A change with everything known that its provider needs.
#[derive(Clone, Debug)]
pub struct ResolvedChange {
    /// The configuration, wholly known. Its write-only values are marked ephemeral, so that nobody stores them; it has no other marks.
    pub config: Value,
    /// The object as planned, unknown only in what the cloud decides; sensitive parts marked.
    pub planned: Value,
}

struct Inner {
    world: World,
    /// Changes of current objects by address.
    changes: BTreeMap<Instance, usize>,
    finished: BTreeMap<Instance, Value>,
    /// For each node: whether its value may differ from what planning saw.
    volatile: Vec<bool>,
    /// For each node: whether its value is final.
    settled: Vec<bool>,
    /// Place in the graph's order.
    position: Vec<usize>,
    /// Resources whose instances have finished since their value was put together.
    stale: BTreeSet<(ModuleInstance, Resource)>,
    expansions: BTreeMap<(usize, Resource), Expansion>,
    bodies: BTreeMap<NodeId, Arc<Vec<crate::syntax::ast::Body>>>,
    /// Whether the configuration has ephemeral resources at all.
    has_ephemerals: bool,
    /// What the plan looks at, if not at everything.
    selection: Option<Selection>,
    providers: Providers,
}

/// The configuration from a plan's embedded sources.
///
/// # Errors
/// The embedded sources can't be read, which means a broken plan file.
pub fn embedded_config(plan: &CheckedPlan, providers: &Providers) -> Result<Config, Diagnostics> {
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for file in plan.plan().inputs.sources.files() {
        let name = file.name.trim_start_matches("./");
        let (folder, base) = name.rsplit_once('/').unwrap_or((".", name));
        folders.entry(folder.to_owned()).or_default().push((base.to_owned(), file.text.to_string()));
    }
    let root = folders.get(".").cloned().unwrap_or_default();
    let embedded = Embedded { folders, installed: &plan.plan().inputs.installed };
    let inputs = &plan.plan().inputs;
    let variables = |_: &config::Module| inputs.variables.clone();
    let known = config::Inputs {
        variables: &variables,
        workspace: &inputs.workspace,
        working_folder: &inputs.working_folder,
        encryption: config::EncryptionInput::PassedOver,
    };
    let (mut config, mut diagnostics) = config::load_with(".", root, &embedded, &known);
    diagnostics.extend(crate::desired::decide_bodies(&mut config, providers));
    diagnostics.extend(crate::workload::restore(&mut config, &plan.plan().inputs.sources));
    match diagnostics.has_errors() {
        true => Err(diagnostics),
        false => Ok(config),
    }
}

/// The folders that a plan embeds.
struct Embedded<'a> {
    folders: BTreeMap<String, Files>,
    installed: &'a Installed,
}

impl Folders for Embedded<'_> {
    fn files(&self, folder: &str) -> Option<Files> {
        self.folders.get(folder.trim_start_matches("./")).cloned()
    }

    fn package(&self, call: &PackageCall) -> config::Found {
        match self.installed.get(call.path.0.join(".").as_str()) {
            Some(module) => config::Found::Installed(module.clone()),
            None => call.not_installed(),
        }
    }
}

impl Resolver {
    /// Parses the plan's embedded sources again. `ephemeral` are the values of ephemeral variables, which no plan holds.
    ///
    /// # Errors
    /// The embedded sources can't be read, which means a broken plan file.
    pub fn new(plan: &CheckedPlan, providers: &Providers, ephemeral: &BTreeMap<Arc<str>, Value>) -> Result<Resolver, Diagnostics> {
        let config = embedded_config(plan, providers)?;
        Resolver::with_config(plan, &config, providers, ephemeral)
    }

    /// The same for a configuration that is parsed already.
    ///
    /// # Errors
    /// As for [`Resolver::new`].
    pub fn with_config(
        plan: &CheckedPlan,
        config: &Config,
        providers: &Providers,
        ephemeral: &BTreeMap<Arc<str>, Value>,
    ) -> Result<Resolver, Diagnostics> {
        let inputs = &plan.plan().inputs;
        let surroundings = Surroundings {
            files: inputs.files.clone(),
            variables: inputs.variables.iter().chain(ephemeral).map(|(name, value)| (name.clone(), value.clone())).collect(),
            workspace: inputs.workspace.clone(),
            working_folder: inputs.working_folder.clone(),
            timestamp: Some(inputs.timestamp.clone()),
            is_applying: true,
            is_validating: false,
            is_refreshing_only: plan.plan().mode == PlanMode::RefreshOnly,
        };
        let world = World::new(config, providers, surroundings)?;
        let changes = plan.plan().changes.iter().enumerate().filter(|(_, change)| change.deposed.is_none());
        let nodes = world.graph.dag.len();
        let mut position = vec![0; nodes];
        for (place, id) in world.graph.order.iter().enumerate() {
            position[*id] = place;
        }
        let is_ephemeral = |node: &Node| matches!(&node.kind, NodeKind::Resource(resource) if resource.mode == Mode::Ephemeral);
        let has_ephemerals = world.graph.dag.nodes().any(|(_, node)| is_ephemeral(node));
        let mut inner = Inner {
            has_ephemerals,
            changes: changes.map(|(index, change)| (change.address.clone(), index)).collect(),
            finished: BTreeMap::new(),
            volatile: vec![false; nodes],
            settled: vec![false; nodes],
            position,
            stale: BTreeSet::new(),
            expansions: BTreeMap::new(),
            bodies: BTreeMap::new(),
            selection: match plan.plan().mode {
                PlanMode::Destroy => None,
                _ => Selection::of_declared(&plan.plan().targeting, &world.tree, &world.graph),
            },
            providers: providers.clone(),
            world,
        };
        inner.start(plan)?;
        Ok(Resolver { plan: plan.clone(), providers: providers.clone(), inner: RefCell::new(inner) })
    }

    /// Records the real value of an object, as soon as its step has ended well.
    pub fn finish(&self, address: &Instance, value: Value) {
        let mut inner = self.inner.borrow_mut();
        let change = inner.changes.get(address).map(|index| &self.plan.plan().changes[*index]);
        let marked = change.map_or_else(Vec::new, |change| change.after.marked_paths(Marks::SENSITIVE));
        inner.finished.insert(address.clone(), value.with_marks_at(&marked, Marks::SENSITIVE));
        inner.stale.insert((address.module.clone(), address.resource.clone()));
    }

    /// Evaluates and plans a change again. `variant` 0 is the first choice.
    ///
    /// # Errors
    /// Evaluation fails with what is known now, or the result does not keep what was approved.
    pub fn resolve(&self, change: usize, variant: usize) -> Result<ResolvedChange, Diagnostics> {
        let change = &self.plan.plan().changes[change];
        let mut inner = self.inner.borrow_mut();
        let found = inner.find(self.plan.plan(), &self.providers, change)?;
        let approved = match variant {
            0 => &change.after,
            more => match change.variants.get(more - 1) {
                Some(variant) => &variant.after,
                None => return Err(internal(change, "a variant that the plan does not have was asked for")),
            },
        };
        let prior = (change.action == Action::Update).then(|| change.before.unmarked_deep());
        // An update keeps whichever choice made the object; the approved value tells which one that was.
        let choices: Vec<usize> = match change.action {
            Action::Update => (0..found.bodies.len()).collect(),
            _ => vec![variant],
        };
        let mut first_error = None;
        for choice in choices {
            match inner.resolve_choice(self.plan.plan(), change, &found, prior.as_ref(), choice, approved) {
                Ok(resolved) => return Ok(resolved),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| internal(change, "it has no configuration")))
    }

    /// Evaluates the query of a data source that is read during apply.
    ///
    /// # Errors
    /// As for [`Resolver::resolve`].
    pub fn resolve_data(&self, change: usize) -> Result<Value, Diagnostics> {
        let change = &self.plan.plan().changes[change];
        let mut inner = self.inner.borrow_mut();
        let found = inner.find(self.plan.plan(), &self.providers, change)?;
        inner.decode(change, &found, 0)
    }

    /// Notes that the data source of a `check` block could not be read. Returns where it is declared.
    pub fn fail_check(&self, address: &Instance, message: &str) -> Option<Range> {
        let inner = self.inner.borrow();
        let module = inner.world.find_instance(&address.module).map(|instance| inner.world.placed(instance).module);
        let block = module.and_then(|module| inner.world.tree.get(module).module.resources.get(&address.resource));
        let (check, range) = block.and_then(|block| Some((block.check.clone()?, block.range)))?;
        let place = checked_instance(&address.module, &NodeKind::Check(check))?;
        let object = CheckObject { status: CheckStatus::Failed, messages: vec![message.into()] };
        inner.world.checks.borrow_mut().note(place, CheckPart::Before, object);
        Some(range)
    }

    /// Evaluates all `check` blocks with what is there now, and tells what all conditions came to. Call it after
    /// [`Resolver::outputs`].
    pub fn checks(&self) -> (CheckResults, Diagnostics) {
        let plan = self.plan.plan();
        let inner = self.inner.borrow();
        let mut diagnostics = Diagnostics::none();
        if plan.mode == PlanMode::Destroy {
            return (CheckLog::default().results(&inner.world.tree, None, false), diagnostics);
        }
        for id in &inner.world.graph.order {
            let node = inner.world.graph.node(*id);
            let NodeKind::Check(name) = &node.kind else { continue };
            if !inner.looks_at(*id) {
                continue;
            }
            for instance in inner.world.instances_of(node.module) {
                let place = checked_instance(&inner.world.placed(instance).address, &node.kind);
                if place.is_some_and(|place| inner.world.checks.borrow().is_silent(&place)) {
                    inner.world.evaluate_check(instance, name, &mut diagnostics);
                }
            }
        }
        let is_whole = plan.mode == PlanMode::Normal && plan.targeting.is_empty();
        let results = inner.world.checks.borrow().results(&inner.world.tree, Some(&plan.checks), is_whole);
        (results, diagnostics)
    }

    /// The root module's outputs with what is known now; those that need something unfinished are left as they were. Conditions
    /// that could not be told while planning are checked.
    pub fn outputs(&self) -> (BTreeMap<Arc<str>, OutputState>, Diagnostics) {
        let plan = self.plan.plan();
        let mut outputs = BTreeMap::new();
        let mut diagnostics = Diagnostics::none();
        if plan.mode == PlanMode::Destroy {
            return (if plan.targeting.is_empty() { outputs } else { plan.prior.outputs.clone() }, diagnostics);
        }
        let mut inner = self.inner.borrow_mut();
        let inner = &mut *inner;
        inner.evaluate_rest(plan, &mut diagnostics);
        let root = inner.world.tree.get(0).module.clone();
        if inner.selection.is_some() {
            outputs.clone_from(&plan.prior.outputs);
        }
        for (name, output) in root.outputs.iter().filter(|(_, output)| !output.ephemeral) {
            let value = inner.world.value(0, &NodeKind::Output(name.clone()));
            // What refers to instances that the plan does not look at stays unknown for good: it is null.
            let value = match &inner.selection {
                Some(_) => value.map(nulls_for_unknown),
                None => value.cloned(),
            };
            let value = value.filter(|value| value.is_wholly_known());
            let state = match value {
                Some(value) => {
                    let value = value.unmarked_deep();
                    Some(OutputState { ty: value.ty().clone(), value, sensitive: output.sensitive })
                }
                None => plan.prior.outputs.get(name).cloned(),
            };
            outputs.extend(state.map(|state| (name.clone(), state)));
        }
        (outputs, diagnostics)
    }
}

/// A change's place in the configuration.
struct Found {
    block: ResourceBlock,
    instance: usize,
    repetition: Repetition,
    provider: Arc<dyn Provider>,
    schema: Arc<Schema>,
    bodies: Arc<Vec<crate::syntax::ast::Body>>,
}

fn internal(change: &Change, what: &str) -> Diagnostics {
    let detail = format!("{}: {what}. This is a fault of the program.", change.address);
    Diagnostic::error("Internal error", detail).about(&change.address).into()
}

impl Inner {
    /// Evaluates everything with what planning knew, and notes what may still change. Only of ephemeral variables something new is
    /// heard: their values are given anew.
    fn start(&mut self, plan: &CheckedPlan) -> Result<(), Diagnostics> {
        let mut found = Diagnostics::none();
        let plan = plan.plan();
        for id in self.world.graph.order.clone() {
            let node = self.world.graph.node(id).clone();
            if !self.looks_at(id) {
                self.settled[id] = true;
                continue;
            }
            let behind = self.world.graph.dag.dependencies(id).any(|dependency| self.volatile[dependency]);
            // What planning said of these values was said already.
            let mut ignored = Diagnostics::none();
            match &node.kind {
                NodeKind::Resource(resource) => {
                    for instance in self.world.instances_of(node.module) {
                        self.volatile[id] |= self.put_together(plan, instance, resource);
                    }
                }
                NodeKind::Provider(_) => {}
                kind => {
                    self.volatile[id] = behind;
                    let told = if self.is_given_anew(&node) { &mut found } else { &mut ignored };
                    self.world.evaluate_node(node.module, kind, told);
                }
            }
            self.settled[id] = !self.volatile[id];
        }
        match found.has_errors() {
            true => Err(found),
            false => Ok(()),
        }
    }

    /// Whether the plan looks at any of a node.
    fn looks_at(&self, id: NodeId) -> bool {
        self.selection.as_ref().is_none_or(|selection| selection.has_node(id))
    }

    fn is_given_anew(&self, node: &Node) -> bool {
        let NodeKind::Variable(name) = &node.kind else { return false };
        node.module == 0 && self.world.tree.get(0).module.variables[name].ephemeral
    }

    /// Brings everything that a node refers to up to date. All of it has finished: the plan's order says so.
    fn settle(&mut self, plan: &super::Plan, node: NodeId, diagnostics: &mut Diagnostics) {
        let mut needed = BTreeSet::new();
        let mut resources = BTreeSet::new();
        let mut open: Vec<NodeId> = self.world.graph.dag.dependencies(node).collect();
        while let Some(id) = open.pop() {
            match &self.world.graph.node(id).kind {
                NodeKind::Resource(_) => {
                    resources.insert(id);
                }
                _ if self.settled[id] => {}
                _ => {
                    if needed.insert((self.position[id], id)) {
                        open.extend(self.world.graph.dag.dependencies(id));
                    }
                }
            }
        }
        for id in resources {
            self.refresh_resource(plan, id, diagnostics);
        }
        for (_, id) in needed {
            self.evaluate(id, diagnostics);
            self.settled[id] = true;
        }
    }

    fn evaluate(&mut self, id: NodeId, diagnostics: &mut Diagnostics) {
        let node = self.world.graph.node(id).clone();
        match &node.kind {
            NodeKind::Call(name) => self.world.repeat_call(node.module, name, diagnostics),
            kind => self.world.evaluate_node(node.module, kind, diagnostics),
        }
    }

    /// Puts a resource together again if instances have finished, and checks what could not be checked while planning.
    fn refresh_resource(&mut self, plan: &super::Plan, id: NodeId, diagnostics: &mut Diagnostics) {
        let node = self.world.graph.node(id).clone();
        let NodeKind::Resource(resource) = &node.kind else { return };
        for instance in self.world.instances_of(node.module) {
            let module = self.world.placed(instance).address.clone();
            if self.stale.remove(&(module.clone(), resource.clone())) {
                self.put_together(plan, instance, resource);
            }
            self.check_postconditions(instance, &module, resource, diagnostics);
        }
    }

    fn check_postconditions(&self, instance: usize, module: &ModuleInstance, resource: &Resource, diagnostics: &mut Diagnostics) {
        let declared = &self.world.tree.get(self.world.placed(instance).module).module;
        let block = &declared.resources[resource];
        if block.lifecycle.postconditions.is_empty() {
            return;
        }
        let scope = self.world.scope(instance);
        let mut ignored = Diagnostics::none();
        let Some(expansion) = expand(&block.repeats(), &scope, &mut ignored) else { return };
        for (address, value) in of_resource(&self.finished, module, resource) {
            let Some(repetition) = expansion.repetition(address.key.as_ref()) else { continue };
            let scope = self.world.scope(instance).repeated(&repetition).with_self(value);
            let kind = ConditionKind::Postcondition(address);
            check_conditions(&block.lifecycle.postconditions, kind, &scope, &self.world, diagnostics);
        }
    }

    /// Finds a change's block, with everything that it refers to up to date.
    fn find(&mut self, plan: &super::Plan, providers: &Providers, change: &Change) -> Result<Found, Diagnostics> {
        let address = &change.address;
        let place = self.world.find_instance(&address.module);
        let instance = place.ok_or_else(|| internal(change, "its module is not in the configuration"))?;
        let module = self.world.placed(instance).module;
        let kind = NodeKind::Resource(address.resource.clone());
        let node = self.world.graph.id(module, &kind).ok_or_else(|| internal(change, "its block is not in the configuration"))?;
        let mut diagnostics = Diagnostics::none();
        self.settle(plan, node, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let declared = self.world.tree.get(module).module.clone();
        let block = declared.resources[&address.resource].clone();
        let slot = (instance, address.resource.clone());
        if !self.expansions.contains_key(&slot) {
            let scope = self.world.scope(instance);
            let expansion = expand(&block.repeats(), &scope, &mut diagnostics);
            let Some(expansion) = expansion else { return Err(diagnostics) };
            self.expansions.insert(slot.clone(), expansion);
        }
        let repetition = self.expansions[&slot].repetition(address.key.as_ref());
        let repetition = repetition.ok_or_else(|| internal(change, "the configuration declares no such instance"))?;
        let provider = providers.by_source(&change.provider.source).cloned();
        let provider = provider.ok_or_else(|| internal(change, "its provider is not known"))?;
        let schema = provider.schema(address.resource.mode, &address.resource.type_name);
        let schema = schema.ok_or_else(|| internal(change, "its type is not known"))?;
        let bodies = self.bodies.entry(node).or_insert_with(|| Arc::new(choice_bodies(&block, &schema))).clone();
        Ok(Found { block, instance, repetition, provider, schema, bodies })
    }

    /// Evaluates a body; it must be wholly known by now.
    fn decode(&mut self, change: &Change, found: &Found, choice: usize) -> Result<Value, Diagnostics> {
        let body = found.bodies.get(choice).ok_or_else(|| internal(change, "it has no such choice"))?;
        let mut diagnostics = Diagnostics::none();
        let scope = self.world.scope(found.instance).repeated(&found.repetition);
        let kind = ConditionKind::Precondition(&change.address);
        let conditions = &found.block.lifecycle.preconditions;
        let outcome = check_conditions(conditions, kind, &scope, &self.world, &mut diagnostics);
        let (config, more) = decode_body(body, &found.schema.block, &scope);
        diagnostics.extend(more);
        diagnostics.extend(refuse_ephemeral(&config, body, &found.schema.block, found.block.range, &change.address));
        let config = config.without_marks_deep(Marks::EPHEMERAL);
        if outcome == Outcome::Failed || diagnostics.has_errors() {
            return Err(Diagnostics(diagnostics.0.into_iter().map(|diagnostic| diagnostic.about(&change.address)).collect()));
        }
        for problem in found.provider.validate(change.address.resource.mode, &change.address.resource.type_name, &config.unmarked_deep()) {
            diagnostics.push(problem_diagnostic(&problem, &found.block).about(&change.address));
        }
        if !config.is_wholly_known() {
            diagnostics.0.extend(internal(change, "parts of its configuration are not known although all it refers to is done").0);
        }
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(config),
        }
    }

    fn resolve_choice(
        &mut self,
        plan: &super::Plan,
        change: &Change,
        found: &Found,
        prior: Option<&Value>,
        choice: usize,
        approved: &Value,
    ) -> Result<ResolvedChange, Diagnostics> {
        let declared = self.decode(change, found, choice)?;
        let nothing = Value::null(Type::Dynamic);
        let request = DiffRequest {
            provider: &*found.provider,
            provider_config: plan.providers.get(&change.provider).map_or(&nothing, |pin| &pin.config),
            type_name: &change.address.resource.type_name,
            schema: &found.schema,
            prior,
            config: &declared,
            ignored: &found.block.lifecycle.ignore_changes,
            accepted: &found.block.accepted_live,
            forced: None,
        };
        let config = prior.map_or_else(|| declared.clone(), |prior| request.with_live(prior));
        let mut diagnostics = Diagnostics::none();
        let (planned, replace, problems) = plan_object(&request, prior, &config, &mut diagnostics);
        for problem in problems {
            diagnostics.push(problem_diagnostic(&problem, &found.block).about(&change.address));
        }
        let mut broken = Vec::new();
        departures(&approved.unmarked_deep(), &planned.unmarked_deep(), &windlass_api::Path::root(), &mut broken);
        if let Some(prior) = prior {
            let plain = planned.unmarked_deep();
            broken.extend(replace.into_iter().filter(|path| prior.at(path) != plain.at(path)));
        }
        for path in broken {
            let detail = format!(
                "When expanding the plan for {} to include new values learned so far during apply, provider {:?} produced an invalid new value \
                 for {path}: it is not what was planned and approved.\n\nThis is a bug in the provider, unless something that it refers to \
                 changed in an unforeseen way; plan again.",
                change.address,
                found.provider.source()
            );
            let diagnostic = Diagnostic::error("Provider produced inconsistent final plan", detail);
            diagnostics.push(diagnostic.at(found.block.range).about(&change.address));
        }
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(ResolvedChange { config: mark_write_only(&found.schema.block, &config.unmarked_deep()), planned }),
        }
    }

    /// Evaluates what is not final with what is known now; nothing becomes final by it.
    fn evaluate_rest(&mut self, plan: &super::Plan, diagnostics: &mut Diagnostics) {
        for id in self.world.graph.order.clone() {
            if !self.looks_at(id) {
                continue;
            }
            if matches!(self.world.graph.node(id).kind, NodeKind::Resource(_)) {
                self.refresh_resource(plan, id, diagnostics);
            } else if self.volatile[id] && !self.settled[id] {
                self.evaluate(id, diagnostics);
            }
        }
    }
}

/// Where a final plan departs from the approved one: what was known must stay, what was unknown may become anything.
fn departures(approved: &Value, planned: &Value, path: &windlass_api::Path, broken: &mut Vec<windlass_api::Path>) {
    if approved == planned || !approved.is_known() {
        return;
    }
    match (approved.fields(), planned.fields(), approved.elements(), planned.elements()) {
        (Some(old), Some(new), _, _) if old.keys().eq(new.keys()) => {
            for (name, old) in old {
                departures(old, &new[name], &path.attribute(name), broken);
            }
        }
        // The elements of a set have no place of their own: unknown ones may settle anywhere.
        (_, _, Some(_), Some(_)) if matches!(approved.ty(), Type::Set(_)) && !approved.is_wholly_known() => {}
        (_, _, Some(old), Some(new)) if old.len() == new.len() => {
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                departures(old, new, &path.index(index), broken);
            }
        }
        _ => broken.push(path.clone()),
    }
}
