//! A graph of resources for tools that draw.

use crate::desired::{ResourceGraph, ResourceNode};
use crate::plan::{Plan, Step, StepOperation};
use std::collections::BTreeSet;
use std::fmt::Write;
use windlass_api::Operation;

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

pub use super::graph_svg::svg;

/// What apply would do, step by step, in the form of a graph of resources: each step with what it waits for.
pub fn of_plan(plan: &Plan) -> ResourceGraph {
    let node = |step: &Step| {
        let change = &plan.changes[step.change];
        let module = change.address.module.to_string();
        let whole = change.address.to_string();
        let inside = whole.strip_prefix(&module).map_or(whole.as_str(), |rest| rest.trim_start_matches('.'));
        let name = match step.operation {
            // Nothing is done here, but much waits for it.
            StepOperation::Join => format!("all of {}", change.address.resource),
            operation => format!("{inside} ({})", verb(operation)),
        };
        ResourceNode { module, name }
    };
    let mut order: Vec<(ResourceNode, usize)> = plan.steps.iter().enumerate().map(|(id, step)| (node(step), id)).collect();
    order.sort();
    let mut position = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, (_, id))| position[*id] = place);
    let waits = |id: &usize| plan.steps[*id].waits_for.iter().map(|other| position[*other]).collect::<BTreeSet<usize>>();
    let edges = order.iter().enumerate().flat_map(|(place, (_, id))| waits(id).into_iter().map(move |other| (place, other))).collect();
    ResourceGraph { nodes: order.into_iter().map(|(node, _)| node).collect(), edges }
}

fn verb(operation: StepOperation) -> &'static str {
    match operation {
        StepOperation::Provider(Operation::Create) => "create",
        StepOperation::Provider(Operation::Update) => "update",
        StepOperation::Provider(Operation::Delete) => "delete",
        StepOperation::SetAsideAndCreate => "create, the old one set aside",
        StepOperation::DeleteDeposed => "delete what was set aside",
        StepOperation::ReadData => "read",
        StepOperation::Record => "record",
        StepOperation::Forget => "forget",
        StepOperation::Import => "import",
        StepOperation::Join => "join",
    }
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
