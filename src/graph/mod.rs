//! A directed acyclic graph of anything, over petgraph.
//!
//! Only petgraph's iterative algorithms are used: its recursive ones overflow the stack at some ten thousand nodes.

mod dag;

pub use dag::{Cycle, Dag, NodeId};
