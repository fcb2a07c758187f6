//! Where the state's objects stand now: `moved` blocks, and the moves that `count` implies, applied before anything is planned.
//!
//! A statement is looked up in the ordered addresses of the state, so its cost is that of what it moves. An object whose new
//! address is taken stays where it is, with a warning.

use super::walk::Walk;
use crate::address::{Instance, InstanceKey, ModuleInstance, ModulePath, Resource, of_resource};
use crate::config::{Config, Endpoint, Module, MovedBlock};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
use crate::graph::Dag;
use crate::state::{InstanceState, ObjectState, State};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{Mode, Providers};

/// The state after all moves.
pub(super) struct Moves {
    /// The state with every object at its new address.
    pub state: Arc<State>,
    /// The address in the state as recorded, by the new one.
    pub previous: BTreeMap<Instance, Instance>,
    /// What could not be moved, and other messages.
    pub diagnostics: Diagnostics,
}

/// A `moved` block of any module.
pub(super) struct Statement<'c> {
    /// The module that declares it.
    pub module: &'c ModulePath,
    /// The block.
    pub block: &'c MovedBlock,
}

impl Statement<'_> {
    /// How messages call one of its ends.
    pub fn name(&self, end: &Endpoint) -> String {
        match self.module.0.is_empty() {
            true => end.to_string(),
            false => format!("{}.{end}", self.module),
        }
    }

    /// Whether the ends mean all instances of what they name.
    pub fn is_whole(&self) -> bool {
        self.block.from.key().is_none() && self.block.to.key().is_none()
    }
}

/// All `moved` blocks, those of called modules after those of their callers.
pub(super) fn statements(config: &Config) -> Vec<Statement<'_>> {
    let modules = config.root.with_called().into_iter();
    modules.flat_map(|module| module.moved.iter().map(move |block| Statement { module: &module.path, block })).collect()
}

/// Applies all moves to a state.
pub(super) fn apply_moves(config: &Config, state: &Arc<State>, providers: &Providers) -> Moves {
    let mut moves = Moves { state: state.clone(), previous: BTreeMap::new(), diagnostics: Diagnostics::none() };
    let statements = statements(config);
    if let Some(error) = invalid(&statements, &config.sources) {
        moves.diagnostics = error;
        return moves;
    }
    let ordered = match in_order(&statements, &config.sources) {
        Ok(ordered) => ordered,
        Err(error) => {
            moves.diagnostics.push(*error);
            return moves;
        }
    };
    let mut mover =
        Mover { state: None, recorded: state, previous: BTreeMap::new(), blocked: Vec::new(), providers, errors: Diagnostics::none() };
    for statement in ordered {
        mover.apply(statement);
    }
    mover.apply_implied(&config.root, &statements);
    if !mover.blocked.is_empty() {
        mover.errors.push(unresolved(&mover.blocked));
    }
    if let Some(moved) = mover.state {
        moves.state = Arc::new(moved);
    }
    moves.previous = mover.previous;
    moves.diagnostics = mover.errors;
    moves
}

/// Statements that contradict themselves or each other.
fn invalid(statements: &[Statement<'_>], sources: &SourceMap) -> Option<Diagnostics> {
    let mut found = Diagnostics::none();
    let mut by_from: BTreeMap<(&ModulePath, &Endpoint), &Statement<'_>> = BTreeMap::new();
    let mut by_to: BTreeMap<(&ModulePath, &Endpoint), &Statement<'_>> = BTreeMap::new();
    for statement in statements {
        let MovedBlock { from, to, range } = statement.block;
        let (from_name, to_name) = (statement.name(from), statement.name(to));
        if from == to {
            let detail = format!(
                "This statement declares a move from {from_name} to the same address, which is the same as not declaring this move at all."
            );
            found.push(Diagnostic::error("Redundant move statement", detail).at(*range));
            continue;
        }
        if let Some(first) = by_from.insert((statement.module, from), statement).filter(|first| first.block.to != *to) {
            let place = sources.place(first.block.range);
            let detail = format!(
                "A statement at {place} declared that {from_name} moved to {}, but this statement instead declares that it moved to \
                 {to_name}.\n\nEach resource can move to only one destination resource.",
                first.name(&first.block.to)
            );
            found.push(Diagnostic::error("Ambiguous move statements", detail).at(*range));
        }
        if let Some(first) = by_to.insert((statement.module, to), statement).filter(|first| first.block.from != *from) {
            let place = sources.place(first.block.range);
            let detail = format!(
                "A statement at {place} declared that {} moved to {to_name}, but this statement instead declares that {from_name} moved \
                 there.\n\nEach resource can have moved from only one source resource.",
                first.name(&first.block.from)
            );
            found.push(Diagnostic::error("Ambiguous move statements", detail).at(*range));
        }
    }
    found.has_errors().then_some(found)
}

/// What an end names as written: keys don't matter for what may follow what.
type Place = (ModulePath, Option<Resource>);

fn place(statement: &Statement<'_>, end: &Endpoint) -> Place {
    (statement.module.join(&end.module.path()), end.resource.as_ref().map(|(resource, _)| resource.clone()))
}

/// A statement comes after those that may move something to where it takes it from: chains are followed to their end.
fn in_order<'s, 'c>(statements: &'s [Statement<'c>], sources: &SourceMap) -> Result<Vec<&'s Statement<'c>>, Box<Diagnostic>> {
    let mut by_to: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    let mut dag = Dag::default();
    for (number, statement) in statements.iter().enumerate() {
        dag.add(number);
        by_to.entry(place(statement, &statement.block.to)).or_default().push(number);
    }
    for (number, statement) in statements.iter().enumerate() {
        let (module, resource) = place(statement, &statement.block.from);
        // The resource itself, and every module around it that another statement moves.
        let around = (1..=module.0.len()).map(|depth| (ModulePath(module.0[..depth].to_vec()), None));
        let itself = resource.is_some().then(|| (module.clone(), resource.clone()));
        for before in around.chain(itself).filter_map(|place| by_to.get(&place)).flatten() {
            let is_chain = *before != number && overlaps(&statements[*before], statement);
            if is_chain {
                dag.depend(number, *before);
            }
        }
    }
    let order = dag.order().map_err(|cycle| {
        let lines = cycle.0.iter().map(|number| {
            let statement = &statements[*number];
            let (from, to) = (statement.name(&statement.block.from), statement.name(&statement.block.to));
            format!("\n  - {}: {from} → {to}", sources.place(statement.block.range))
        });
        let mut lines: Vec<String> = lines.collect();
        lines.sort_unstable();
        lines.dedup();
        let detail = format!(
            "The following chained move statements form a cycle, and so there is no final location to move objects to:{}\n\nA chain of move \
             statements must end with an address that doesn't appear in any other statements, and which typically also refers to an \
             object still declared in the configuration.",
            lines.concat()
        );
        Box::new(Diagnostic::error("Cyclic dependency in move statements", detail))
    })?;
    Ok(order.into_iter().map(|id| &statements[*dag.node(id)]).collect())
}

/// Whether what the first statement moves may be moved on by the second: their keys, where both have one, are equal.
fn overlaps(first: &Statement<'_>, second: &Statement<'_>) -> bool {
    let (to, from) = (&first.block.to, &second.block.from);
    let same_modules = first.module == second.module;
    !same_modules
        || to.module.0 != from.module.0
        || to.resource.is_none()
        || first.is_whole()
        || second.is_whole()
        || to.key() == from.key()
}

struct Mover<'a> {
    /// The moved state; `None` as long as nothing has moved.
    state: Option<State>,
    recorded: &'a Arc<State>,
    previous: BTreeMap<Instance, Instance>,
    /// From, to.
    blocked: Vec<(Instance, Instance)>,
    providers: &'a Providers,
    errors: Diagnostics,
}

impl Mover<'_> {
    fn instances(&self) -> &BTreeMap<Instance, Arc<InstanceState>> {
        self.state.as_ref().map_or(&self.recorded.instances, |state| &state.instances)
    }

    fn apply(&mut self, statement: &Statement<'_>) {
        let MovedBlock { from, to, range } = statement.block;
        for declaring in self.module_instances(statement.module) {
            let (source, target) = (declaring.join(&from.module), declaring.join(&to.module));
            match (&from.resource, &to.resource) {
                (Some((old, old_key)), Some((new, new_key))) => {
                    let first = Instance { module: source, resource: old.clone(), key: old_key.clone() };
                    let found = match statement.is_whole() {
                        true => self.of_resource(&first),
                        false => self.instances().contains_key(&first).then_some(first).into_iter().collect(),
                    };
                    for address in found {
                        let key = if statement.is_whole() { address.key.clone() } else { new_key.clone() };
                        self.rename(address, Instance { module: target.clone(), resource: new.clone(), key }, Some(*range));
                    }
                }
                _ => self.move_module(statement, &source, &target),
            }
        }
    }

    /// Moves everything in a module.
    fn move_module(&mut self, statement: &Statement<'_>, source: &ModuleInstance, target: &ModuleInstance) {
        let depth = source.0.len();
        let Some(((name, _), parent)) = source.0.split_last() else { return };
        let (parent, range) = (ModuleInstance(parent.to_vec()), Some(statement.block.range));
        let is_it = |address: &&Instance| statement.is_whole() || address.module.0.starts_with(&source.0);
        let found: Vec<Instance> = self.under(&parent, name).filter(is_it).cloned().collect();
        for address in found {
            let mut steps = target.0.clone();
            if statement.is_whole()
                && let (Some(last), Some((_, key))) = (steps.last_mut(), address.module.0.get(depth - 1))
            {
                last.1 = key.clone();
            }
            steps.extend(address.module.0[depth..].iter().cloned());
            let moved = Instance { module: ModuleInstance(steps), ..address.clone() };
            self.rename(address, moved, range);
        }
    }

    /// All instances of a resource in one module instance.
    fn of_resource(&self, first: &Instance) -> Vec<Instance> {
        of_resource(self.instances(), &first.module, &first.resource).map(|(address, _)| address.clone()).collect()
    }

    /// Everything in modules of this name that are called in `parent`, whatever their keys.
    fn under<'m>(&'m self, parent: &'m ModuleInstance, name: &'m Arc<str>) -> impl Iterator<Item = &'m Instance> {
        let lowest = Resource { mode: Mode::Managed, type_name: "".into(), name: "".into() };
        let first = Instance { module: parent.child(name, None), resource: lowest, key: None };
        let all = self.instances().range(first..).map(|(address, _)| address);
        all.take_while(move |address| {
            address.module.0.starts_with(&parent.0) && address.module.0.get(parent.0.len()).is_some_and(|(found, _)| found == name)
        })
    }

    /// The instances of a module that the state knows.
    fn module_instances(&self, path: &ModulePath) -> Vec<ModuleInstance> {
        let Some((first, _)) = path.0.split_first() else { return vec![ModuleInstance::default()] };
        let depth = path.0.len();
        let is_it = |steps: &[(Arc<str>, Option<InstanceKey>)]| steps.iter().zip(&path.0).all(|((name, _), wanted)| name == wanted);
        let root = ModuleInstance::default();
        let inside = self.under(&root, first).filter_map(|address| address.module.0.get(..depth)).filter(|steps| is_it(steps));
        // What stands in one module instance stands together.
        let mut found: Vec<ModuleInstance> = Vec::new();
        for steps in inside {
            if found.last().is_none_or(|last| last.0 != steps) {
                found.push(ModuleInstance(steps.to_vec()));
            }
        }
        found
    }

    fn rename(&mut self, from: Instance, to: Instance, range: Option<Range>) {
        if self.instances().contains_key(&to) {
            return self.blocked.push((from, to));
        }
        let Some(instance) = self.instances().get(&from).cloned() else { return };
        let instance = match from.resource.type_name == to.resource.type_name {
            true => instance,
            false => match self.of_other_type(&from, &to, &instance) {
                Some(instance) => Arc::new(instance),
                None => {
                    let detail = format!(
                        "The state holds {from}, which this statement moves to {to}, but {} can't be made of {} objects. Remove the \
                         statement: the old object is then destroyed and a new one created.",
                        to.resource.type_name, from.resource.type_name
                    );
                    let error = Diagnostic::error("Unsupported `moved` across resource types", detail).about(&to);
                    return self.errors.push(match range {
                        Some(range) => error.at(range),
                        None => error,
                    });
                }
            },
        };
        let recorded = self.recorded;
        let state = self.state.get_or_insert_with(|| State::clone(recorded));
        state.instances.remove(&from);
        state.instances.insert(to.clone(), instance);
        let origin = self.previous.remove(&from).unwrap_or(from);
        if origin != to {
            self.previous.insert(to, origin);
        }
    }

    /// An instance as one of another type, if that type's provider knows how.
    fn of_other_type(&self, from: &Instance, to: &Instance, instance: &InstanceState) -> Option<InstanceState> {
        let type_name = &to.resource.type_name;
        let provider = self.providers.all().iter().find(|provider| provider.schema(Mode::Managed, type_name).is_some())?;
        let schema = provider.schema(Mode::Managed, type_name)?;
        let convert = |object: &ObjectState| {
            let attributes = provider.converted(&from.resource.type_name, type_name, &object.attributes)?;
            Some(ObjectState { attributes, schema_version: schema.version, sensitive: Vec::new(), ..object.clone() })
        };
        let current = match &instance.current {
            Some(object) => Some(convert(object)?),
            None => None,
        };
        let source = crate::address::ProviderConfig { source: provider.source().into(), alias: None, key: None };
        instance.deposed.is_empty().then_some(InstanceState { provider: source, current, deposed: BTreeMap::new() })
    }

    /// `x` is `x[0]` once it has `count`, and the other way round, where no statement says otherwise.
    fn apply_implied(&mut self, root: &Module, statements: &[Statement<'_>]) {
        let told: BTreeSet<Place> = statements.iter().map(|statement| place(statement, &statement.block.from)).collect();
        let managed = self.instances().keys().filter(|address| address.resource.mode == Mode::Managed);
        let moved = managed.filter_map(|address| Some((address.clone(), implied_address(root, &told, address)?)));
        let implied: Vec<(Instance, Instance)> = moved.filter(|(_, to)| !self.instances().contains_key(to)).collect();
        for (from, to) in implied {
            self.rename(from, to, None);
        }
    }
}

/// Where an object stands by the `count` of its block; `None` where it stands already. As in Terraform, modules that get or lose
/// `count` move by `moved` blocks only.
fn implied_address(root: &Module, told: &BTreeSet<Place>, address: &Instance) -> Option<Instance> {
    let mut module = root;
    for (name, _) in &address.module.0 {
        module = &module.module_calls.get(name)?.module;
    }
    let block = module.resources.get(&address.resource)?;
    let key = implied_key(address.key.as_ref(), block.count.is_some(), block.for_each.is_some())?;
    (!told.contains(&(module.path.clone(), Some(address.resource.clone())))).then(|| Instance { key, ..address.clone() })
}

/// The key that `count` gives to an instance with another one.
fn implied_key(key: Option<&InstanceKey>, counted: bool, keyed: bool) -> Option<Option<InstanceKey>> {
    match key {
        None if counted => Some(Some(InstanceKey::Int(0))),
        Some(InstanceKey::Int(0)) if !counted && !keyed => Some(None),
        _ => None,
    }
}

fn unresolved(blocked: &[(Instance, Instance)]) -> Diagnostic {
    let lines: Vec<String> = blocked.iter().map(|(from, to)| format!("\n  - {from} could not move to {to}")).collect();
    let detail = format!(
        "Windlass tried to adjust resource instance addresses in the prior state based on change information recorded in the configuration, \
         but some adjustments did not succeed due to existing objects already at the intended addresses:{}\n\nWindlass has planned to \
         destroy these objects. If that's not wanted, choose another address for them or remove what stands there, by `moved` or \
         `removed` blocks.",
        lines.concat()
    );
    Diagnostic::warning("Unresolved resource instance address changes", detail)
}

/// A statement whose old address is declared still: nothing has moved.
pub(super) fn still_declared(config: &Config, walk: &Walk<'_>) -> Diagnostics {
    let mut found = Diagnostics::none();
    for statement in statements(config) {
        let from = &statement.block.from;
        let Some((kind, declared)) = declared(&statement, walk) else { continue };
        let (old, new) = (statement.name(from), statement.name(&statement.block.to));
        let kind = if from.key().is_some() { format!("{kind} instance") } else { kind.to_owned() };
        let detail = format!(
            "This statement declares a move from {old}, but that {kind} is still declared at {}.\n\nChange your configuration so that this \
             {kind} will be declared as {new} instead.",
            config.sources.place(declared)
        );
        found.push(Diagnostic::error("Moved object still exists", detail).at(statement.block.range));
    }
    found
}

/// What declares the old address of a statement: `resource` or `module`, and where.
fn declared(statement: &Statement<'_>, walk: &Walk<'_>) -> Option<(&'static str, Range)> {
    let (tree, from) = (&walk.world.tree, &statement.block.from);
    let module = tree.find(&place(statement, from).0)?;
    let (kind, range) = match &from.resource {
        Some((resource, _)) => ("resource", tree.get(module).module.resources.get(resource)?.range),
        None => ("module", tree.call(module)?.range),
    };
    let is_placed = |instance: &usize| {
        let module = walk.world.placed(*instance).address.join(&from.module);
        match &from.resource {
            Some((resource, key)) => walk.index.contains_key(&Instance { module, resource: resource.clone(), key: key.clone() }),
            None => walk.world.find_instance(&module).is_some(),
        }
    };
    let is_there = statement.is_whole() || walk.world.instances_of(tree.find(statement.module)?).iter().any(is_placed);
    is_there.then_some((kind, range))
}
