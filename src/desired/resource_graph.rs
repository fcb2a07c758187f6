//! Which resource waits for which, without what stands between them: what `graph` draws.

use super::graph::{ConfigGraph, NodeKind};
use super::tree::ModuleTree;
use crate::config::Config;
use crate::diagnostic::Diagnostics;
use crate::graph::NodeId;
use std::collections::{BTreeMap, BTreeSet};
use windlass_api::Providers;

/// Above so many resources edges that follow from others are kept: finding them costs the square.
const REDUCED_MAX: usize = 5_000;

/// A resource of the graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceNode {
    /// The module, such as `module.a.module.b`; empty for the root.
    pub module: String,
    /// The address inside the module.
    pub name: String,
}

/// Resources, and for each the ones that it waits for, by position; sorted.
#[derive(Clone, Debug, Default)]
pub struct ResourceGraph {
    /// The resources.
    pub nodes: Vec<ResourceNode>,
    /// `(waiting, waited for)`.
    pub edges: Vec<(usize, usize)>,
}

/// The graph of a configuration; workloads stand in it as the modules that they would be.
///
/// # Errors
/// References to what is not declared; a cycle.
pub fn resource_graph(config: &Config, providers: &Providers) -> Result<ResourceGraph, Diagnostics> {
    let (assumed, _) = crate::workload::assume(config, providers);
    let tree = ModuleTree::new(assumed.as_ref().unwrap_or(config));
    let graph = ConfigGraph::new(&tree, providers)?;
    let mut named: Vec<(ResourceNode, NodeId)> = Vec::new();
    for (id, node) in graph.dag.nodes() {
        if let NodeKind::Resource(resource) = &node.kind {
            named.push((ResourceNode { module: tree.get(node.module).path.to_string(), name: resource.to_string() }, id));
        }
    }
    named.sort();
    let positions: BTreeMap<NodeId, usize> = named.iter().enumerate().map(|(position, (_, id))| (*id, position)).collect();
    let mut waits: Vec<Vec<usize>> = named.iter().map(|(_, id)| nearest_resources(&graph, *id, &positions)).collect();
    if named.len() <= REDUCED_MAX {
        waits = (0..waits.len()).map(|node| reduced(node, &waits)).collect();
    }
    let edges = waits.into_iter().enumerate().flat_map(|(node, waits)| waits.into_iter().map(move |other| (node, other))).collect();
    Ok(ResourceGraph { nodes: named.into_iter().map(|(node, _)| node).collect(), edges })
}

/// The resources that a resource waits for, directly or through what is none.
fn nearest_resources(graph: &ConfigGraph, id: NodeId, positions: &BTreeMap<NodeId, usize>) -> Vec<usize> {
    let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![id]);
    while let Some(next) = open.pop() {
        for dependency in graph.dag.dependencies(next) {
            match positions.get(&dependency) {
                Some(position) => drop(found.insert(*position)),
                None if seen.insert(dependency) => open.push(dependency),
                None => {}
            }
        }
    }
    found.into_iter().collect()
}

/// What a node waits for, without what another of these waits for already.
fn reduced(node: usize, waits: &[Vec<usize>]) -> Vec<usize> {
    let mut implied = vec![false; waits.len()];
    let mut open: Vec<usize> = waits[node].iter().flat_map(|direct| waits[*direct].iter().copied()).collect();
    while let Some(next) = open.pop() {
        if !std::mem::replace(&mut implied[next], true) {
            open.extend(&waits[next]);
        }
    }
    waits[node].iter().copied().filter(|direct| !implied[*direct]).collect()
}
