//! The graph itself.

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

/// A node's number, in the order of insertion.
pub type NodeId = usize;

/// A directed graph whose edges point from a node to what it waits for.
#[derive(Clone, Debug)]
pub struct Dag<N> {
    inner: DiGraph<N, ()>,
}

/// A cycle, as the nodes along it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<NodeId>);

impl<N> Default for Dag<N> {
    fn default() -> Self {
        Dag { inner: DiGraph::new() }
    }
}

impl<N> Dag<N> {
    /// Adds a node.
    pub fn add(&mut self, node: N) -> NodeId {
        self.inner.add_node(node).index()
    }

    /// Says that `node` waits for `dependency`. Repeated edges are allowed and harmless.
    pub fn depend(&mut self, node: NodeId, dependency: NodeId) {
        self.inner.add_edge(NodeIndex::new(node), NodeIndex::new(dependency), ());
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.inner.node_count()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &N {
        &self.inner[NodeIndex::new(id)]
    }

    /// A node, to be changed.
    pub fn node_mut(&mut self, id: NodeId) -> &mut N {
        &mut self.inner[NodeIndex::new(id)]
    }

    /// All nodes in the order of insertion.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &N)> {
        self.inner.node_indices().map(|index| (index.index(), &self.inner[index]))
    }

    /// What a node waits for.
    pub fn dependencies(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.inner.neighbors_directed(NodeIndex::new(id), Direction::Outgoing).map(NodeIndex::index)
    }

    /// What waits for a node.
    pub fn dependents(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.inner.neighbors_directed(NodeIndex::new(id), Direction::Incoming).map(NodeIndex::index)
    }

    /// All nodes, each after everything it waits for; among those that are free at once, in the order of insertion.
    ///
    /// # Errors
    /// The shortest cycle through the first node that never becomes free.
    pub fn order(&self) -> Result<Vec<NodeId>, Cycle> {
        use std::cmp::Reverse;
        use std::collections::BinaryHeap;
        let mut waiting: Vec<usize> = (0..self.len()).map(|id| self.dependencies(id).count()).collect();
        let mut free: BinaryHeap<Reverse<NodeId>> = (0..self.len()).filter(|id| waiting[*id] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse(id)) = free.pop() {
            order.push(id);
            for dependent in self.dependents(id) {
                waiting[dependent] -= 1;
                if waiting[dependent] == 0 {
                    free.push(Reverse(dependent));
                }
            }
        }
        match order.len() == self.len() {
            true => Ok(order),
            false => Err(self.find_cycle(&waiting)),
        }
    }

    /// A cycle among the nodes that still wait: every such node waits for another, so walking back must repeat.
    fn find_cycle(&self, waiting: &[usize]) -> Cycle {
        let start = waiting.iter().position(|count| *count > 0).expect("a node that waits");
        let mut seen_at = vec![usize::MAX; self.len()];
        let mut path = Vec::new();
        let mut node = start;
        while seen_at[node] == usize::MAX {
            seen_at[node] = path.len();
            path.push(node);
            node = self.dependencies(node).find(|next| waiting[*next] > 0).expect("a node that waits for another");
        }
        Cycle(path.split_off(seen_at[node]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_puts_dependencies_first_and_finds_cycles() {
        let mut dag = Dag::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| dag.add(name));
        dag.depend(a, b);
        dag.depend(b, c);
        assert_eq!(dag.order(), Ok(vec![c, b, a]));
        dag.depend(c, b);
        assert_eq!(dag.order().unwrap_err().0.len(), 2);
    }

    #[test]
    fn a_deep_chain_needs_no_stack() {
        let mut dag = Dag::default();
        let mut last = dag.add(0);
        for number in 1..100_000 {
            let next = dag.add(number);
            dag.depend(next, last);
            last = next;
        }
        assert_eq!(dag.order().unwrap().len(), 100_000);
    }
}
