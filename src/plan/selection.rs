//! `-target` and `-exclude`: which blocks and which objects of the state a plan looks at.
//!
//! Terraform's rules. A target takes along all that its block refers to, whatever the instances; when deleting, all objects that
//! depend on it. What is excluded leaves out all that refers to it; when deleting, it keeps all that it depends on. An output of the
//! root module is looked at when all resources behind it are, and there is one.

use crate::address::{ConfigResource, Instance, ModuleInstance, ModulePath, TargetAddress};
use crate::desired::{ConfigGraph, ModuleTree, NodeKind};
use crate::diagnostic::Diagnostic;
use crate::graph::NodeId;
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the flags name; at most one of the two lists has entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Targeting {
    /// `-target`
    pub targets: Vec<TargetAddress>,
    /// `-exclude`
    pub excludes: Vec<TargetAddress>,
}

impl Targeting {
    /// Whether the plan is of everything.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.excludes.is_empty()
    }

    /// The flag that is in effect.
    pub fn flag(&self) -> &'static str {
        if self.excludes.is_empty() { "-target" } else { "-exclude" }
    }

    /// Whether the flags themselves admit an instance, without what others take along.
    fn admits(&self, instance: &Instance) -> bool {
        match self.excludes.is_empty() {
            true => self.targets.iter().any(|target| target.covers(instance)),
            false => !self.excludes.iter().any(|target| target.covers(instance)),
        }
    }

    /// What a plan says that is not of everything.
    pub(super) fn warning(&self) -> Option<Diagnostic> {
        let flag = self.flag();
        let detail = format!(
            "You are creating a plan with the {flag} option, which means that the result of this plan may not represent all of the changes \
             requested by the current configuration.\n\nThe {flag} option is not for routine use, and is provided only for exceptional \
             situations such as recovering from errors or mistakes, or when Windlass specifically suggests to use it as part of an error \
             message."
        );
        (!self.is_empty()).then(|| Diagnostic::warning("Resource targeting is in effect", detail))
    }

    /// What is said after applying such a plan.
    pub fn applied_warning(&self) -> Option<Diagnostic> {
        let flag = self.flag();
        let detail = format!(
            "The plan was created with the {flag} option in effect, so some changes requested in the configuration may have been ignored and \
             the output values may not be fully updated. Run the following command to verify that no other changes are pending:\n    windlass \
             plan\n\nNote that the {flag} option is not suitable for routine use, and is provided only for exceptional situations such as \
             recovering from errors or mistakes, or when Windlass specifically suggests to use it as part of an error message."
        );
        (!self.is_empty()).then(|| Diagnostic::warning("Applied changes may be incomplete", detail))
    }

    /// The error for moved objects of which the flags name one address and not the other. `moved` has pairs of new and old address.
    pub(super) fn split_moves(&self, moved: &BTreeMap<Instance, Instance>) -> Option<Diagnostic> {
        if self.is_empty() {
            return None;
        }
        let ends: BTreeSet<&Instance> = moved.iter().flat_map(|(to, from)| [from, to]).filter(|address| !self.admits(address)).collect();
        let (what, advice, named) = match self.excludes.is_empty() {
            true => {
                let named: Vec<String> = ends.iter().map(ToString::to_string).collect();
                ("do not fully cover all of", "add the following additional target options", named)
            }
            false => {
                let is_at_fault = |target: &&TargetAddress| ends.iter().any(|address| target.covers(address));
                let named = self.excludes.iter().filter(is_at_fault).map(ToString::to_string).collect();
                ("exclude some of", "remove the following exclude options", named)
            }
        };
        let flag = self.flag();
        let lines: Vec<String> = named.iter().map(|address| format!("\n  {flag}={address:?}")).collect();
        let detail = format!(
            "Resource instances in your current state have moved to new addresses in the latest configuration. Windlass must include those \
             resource instances while planning in order to ensure a correct result, but your {flag}=... options {what} those resource \
             instances.\n\nTo create a valid plan, either remove your {flag}=... options altogether or {advice}:{}\n\nNote that changing these \
             options may include further additional resource instances in your plan, in order to respect object dependencies.",
            lines.concat()
        );
        (!ends.is_empty()).then(|| Diagnostic::error("Moved resource instances excluded by targeting", detail))
    }
}

/// How much of a node is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Nothing,
    /// The instances that the flags name.
    Named,
    Everything,
}

/// What a plan looks at.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    targeting: Targeting,
    shares: Vec<Share>,
    /// When deleting: the objects concerned.
    leaving: Option<BTreeSet<Instance>>,
}

impl Selection {
    /// For a plan that makes things as declared; `None` when it is of everything.
    pub fn of_declared(targeting: &Targeting, tree: &ModuleTree, graph: &ConfigGraph) -> Option<Selection> {
        if targeting.is_empty() {
            return None;
        }
        let mut selection = Selection { targeting: targeting.clone(), shares: Vec::new(), leaving: None };
        match targeting.excludes.is_empty() {
            true => selection.take_targets(tree, graph),
            false => selection.take_all_but_excluded(tree, graph),
        }
        Some(selection)
    }

    /// For a plan that deletes.
    pub fn of_deleted(targeting: &Targeting, graph: &ConfigGraph, state: &State) -> Option<Selection> {
        if targeting.is_empty() {
            return None;
        }
        let shares = vec![Share::Everything; graph.dag.len()];
        let leaving = match targeting.excludes.is_empty() {
            true => with_dependents(state, |instance| targeting.admits(instance)),
            false => {
                let kept = with_dependencies(state, |instance| !targeting.admits(instance));
                state.instances.keys().filter(|instance| !kept.contains(*instance)).cloned().collect()
            }
        };
        Some(Selection { targeting: targeting.clone(), shares, leaving: Some(leaving) })
    }

    /// Whether any of a node is looked at.
    pub fn has_node(&self, id: NodeId) -> bool {
        self.shares[id] != Share::Nothing
    }

    /// Whether some instances of a node are looked at, and others are not.
    pub fn divides(&self, id: NodeId) -> bool {
        self.shares[id] == Share::Named
    }

    /// Whether an instance is looked at. `id` is the node of its block, if it is declared.
    pub fn has(&self, id: Option<NodeId>, instance: &Instance) -> bool {
        match (&self.leaving, id.map(|id| self.shares[id])) {
            (Some(leaving), _) => leaving.contains(instance),
            (None, Some(Share::Nothing)) => false,
            (None, Some(Share::Everything)) => true,
            (None, Some(Share::Named) | None) => self.targeting.admits(instance),
        }
    }

    /// Looks at a node and all that it refers to as well.
    pub fn take_along(&mut self, graph: &ConfigGraph, id: NodeId) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if self.shares[id] != Share::Everything {
                self.shares[id] = Share::Everything;
                open.extend(graph.dag.dependencies(id));
            }
        }
    }

    fn take_targets(&mut self, tree: &ModuleTree, graph: &ConfigGraph) {
        self.shares = vec![Share::Nothing; graph.dag.len()];
        for id in graph.order.iter().rev().copied() {
            if self.shares[id] == Share::Nothing {
                let node = graph.node(id);
                let NodeKind::Resource(resource) = &node.kind else { continue };
                let path = &tree.get(node.module).path;
                if !self.targeting.targets.iter().any(|target| target.touches(path, resource)) {
                    continue;
                }
                self.shares[id] = Share::Named;
            }
            // What something looked at refers to is looked at as a whole, be it named by a key besides.
            for dependency in graph.dag.dependencies(id) {
                self.shares[dependency] = Share::Everything;
            }
        }
        self.take_outputs(graph);
    }

    /// Outputs of the root module all of whose resources are looked at, with what else they refer to.
    fn take_outputs(&mut self, graph: &ConfigGraph) {
        // For each node: whether any resource stands behind it, and whether all that do are looked at.
        let mut behind = vec![(false, true); graph.dag.len()];
        let mut taken = Vec::new();
        for id in graph.order.iter().copied() {
            let mut found = (false, true);
            for dependency in graph.dag.dependencies(id) {
                let is_resource = matches!(graph.node(dependency).kind, NodeKind::Resource(_));
                found.0 |= is_resource || behind[dependency].0;
                found.1 &= behind[dependency].1 && (!is_resource || self.has_node(dependency));
            }
            behind[id] = found;
            let node = graph.node(id);
            if node.module == 0 && matches!(node.kind, NodeKind::Output(_)) && found == (true, true) {
                taken.push(id);
            }
        }
        for id in taken {
            // Resources behind it are looked at already, some of them in part: that stays.
            let mut open = vec![id];
            while let Some(id) = open.pop() {
                if self.shares[id] == Share::Nothing {
                    self.shares[id] = Share::Everything;
                    open.extend(graph.dag.dependencies(id));
                }
            }
        }
    }

    fn take_all_but_excluded(&mut self, tree: &ModuleTree, graph: &ConfigGraph) {
        self.shares = vec![Share::Everything; graph.dag.len()];
        // Nodes that leave out whatever refers to them.
        let mut is_left_out = vec![false; graph.dag.len()];
        for id in graph.order.iter().copied() {
            let node = graph.node(id);
            if graph.dag.dependencies(id).any(|dependency| is_left_out[dependency]) {
                self.shares[id] = Share::Nothing;
                is_left_out[id] = true;
                continue;
            }
            let NodeKind::Resource(resource) = &node.kind else { continue };
            let path = &tree.get(node.module).path;
            let mut excludes = self.targeting.excludes.iter().filter(|target| target.touches(path, resource)).peekable();
            if excludes.peek().is_some() {
                let is_whole = excludes.any(TargetAddress::is_whole);
                self.shares[id] = if is_whole { Share::Nothing } else { Share::Named };
                is_left_out[id] = true;
            }
        }
        // What only prepares something that is left out is not done either.
        for id in graph.order.iter().copied().filter(|id| matches!(graph.node(*id).kind, NodeKind::Import(_))) {
            let mut dependents = graph.dag.dependents(id).peekable();
            if dependents.peek().is_some() && dependents.all(|dependent| self.shares[dependent] == Share::Nothing) {
                self.shares[id] = Share::Nothing;
            }
        }
    }
}

/// Objects of the state by what their `dependencies` name: only those of the same instances of the modules that both stand in depend
/// on each other.
struct Related<'s> {
    state: &'s State,
    /// By resource, and by each beginning of their module.
    objects: HashMap<(ConfigResource, ModuleInstance), Vec<&'s Instance>>,
    /// By the resource that they depend on, by their own module, and by the beginning of it that both share.
    dependents: HashMap<ConfigResource, BTreeMap<ModulePath, BTreeMap<ModuleInstance, Vec<&'s Instance>>>>,
}

impl<'s> Related<'s> {
    fn new(state: &'s State) -> Related<'s> {
        let mut related = Related { state, objects: HashMap::new(), dependents: HashMap::new() };
        for address in state.instances.keys() {
            let config = address.config();
            for depth in 0..=address.module.0.len() {
                related.objects.entry((config.clone(), beginning(&address.module, depth))).or_default().push(address);
            }
            for dependency in related.dependencies_of(address) {
                let path = address.module.path();
                let shared = beginning(&address.module, shared_depth(&path, &dependency.module));
                let places = related.dependents.entry(dependency).or_default();
                places.entry(path).or_default().entry(shared).or_default().push(address);
            }
        }
        related
    }

    /// The resources that an instance's objects depend on.
    fn dependencies_of(&self, address: &Instance) -> BTreeSet<ConfigResource> {
        let instance = &self.state.instances[address];
        let objects = instance.current.iter().chain(instance.deposed.values());
        objects.flat_map(|object| object.dependencies.iter().cloned()).collect()
    }

    fn dependents_of(&self, config: &ConfigResource, module: &ModuleInstance) -> Vec<&'s Instance> {
        let paths = self.dependents.get(config).into_iter().flatten();
        let found = paths.filter_map(|(path, places)| places.get(&beginning(module, shared_depth(path, &config.module))));
        found.flatten().copied().collect()
    }
}

fn beginning(module: &ModuleInstance, depth: usize) -> ModuleInstance {
    ModuleInstance(module.0[..depth].to_vec())
}

/// How many steps two modules have in common.
fn shared_depth(one: &ModulePath, other: &ModulePath) -> usize {
    one.0.iter().zip(&other.0).take_while(|(one, other)| one == other).count()
}

/// The objects that are wanted and all that depend on them.
fn with_dependents(state: &State, is_wanted: impl Fn(&Instance) -> bool) -> BTreeSet<Instance> {
    let related = Related::new(state);
    let mut open: Vec<&Instance> = state.instances.keys().filter(|address| is_wanted(address)).collect();
    let mut found = BTreeSet::new();
    let mut done = BTreeSet::new();
    while let Some(address) = open.pop() {
        if found.insert(address.clone()) && done.insert((address.config(), address.module.clone())) {
            open.extend(related.dependents_of(&address.config(), &address.module));
        }
    }
    found
}

/// The objects that are wanted and all that they depend on.
fn with_dependencies(state: &State, is_wanted: impl Fn(&Instance) -> bool) -> BTreeSet<Instance> {
    let related = Related::new(state);
    let mut open: Vec<&Instance> = state.instances.keys().filter(|address| is_wanted(address)).collect();
    let mut found = BTreeSet::new();
    let mut done = BTreeSet::new();
    while let Some(address) = open.pop() {
        if !found.insert(address.clone()) {
            continue;
        }
        for dependency in related.dependencies_of(address) {
            let shared = shared_depth(&address.module.path(), &dependency.module);
            let place = (dependency, beginning(&address.module, shared));
            if done.insert(place.clone()) {
                open.extend(related.objects.get(&place).into_iter().flatten());
            }
        }
    }
    found
}
