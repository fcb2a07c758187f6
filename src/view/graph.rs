//! A graph of resources for tools that draw.

use crate::desired::{ResourceGraph, ResourceNode};
use std::fmt::Write;

/// The language of Graphviz, as Terraform writes it.
pub fn dot(graph: &ResourceGraph) -> String {
    let mut out = "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n".to_owned();
    for nodes in graph.nodes.chunk_by(|one, two| one.module == two.module) {
        let module = &nodes[0].module;
        let indent = if module.is_empty() { "  " } else { "    " };
        if !module.is_empty() {
            let _ = write!(out, "  subgraph \"cluster_{module}\" {{\n    label = \"{module}\"\n    fontname = \"sans-serif\"\n");
        }
        for node in nodes {
            let _ = writeln!(out, "{indent}{:?} [label={:?}];", address(node), node.name);
        }
        if !module.is_empty() {
            out.push_str("  }\n");
        }
    }
    for (waiting, other) in &graph.edges {
        let _ = writeln!(out, "  {:?} -> {:?};", address(&graph.nodes[*waiting]), address(&graph.nodes[*other]));
    }
    out.push_str("}\n");
    out
}

/// The language of Mermaid, which many forges draw in Markdown.
pub fn mermaid(graph: &ResourceGraph) -> String {
    let mut out = "flowchart RL\n".to_owned();
    let mut position = 0;
    for nodes in graph.nodes.chunk_by(|one, two| one.module == two.module) {
        let module = &nodes[0].module;
        if !module.is_empty() {
            let _ = writeln!(out, "  subgraph {module:?}");
        }
        for node in nodes {
            let _ = writeln!(out, "{}n{position}[{:?}]", if module.is_empty() { "  " } else { "    " }, node.name);
            position += 1;
        }
        if !module.is_empty() {
            out.push_str("  end\n");
        }
    }
    for (waiting, other) in &graph.edges {
        let _ = writeln!(out, "  n{waiting} --> n{other}");
    }
    out
}

fn address(node: &ResourceNode) -> String {
    if node.module.is_empty() { node.name.clone() } else { format!("{}.{}", node.module, node.name) }
}
