//! A graph of resources as a picture: one SVG file that needs nothing else.

use super::layers::{Layers, place};
use crate::desired::ResourceGraph;
use std::fmt::Write;

/// Sizes in pixels.
const CHARACTER: f64 = 7.3;
const BOX_HEIGHT: f64 = 40.0;
const ROW: f64 = 58.0;
const GAP: f64 = 90.0;
const MARGIN: f64 = 24.0;
const PADDING: f64 = 12.0;

const STYLE: &str = "<style>
  svg { background: #ffffff; font-family: 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: 12px }
  rect { fill: #eef3fb; stroke: #5b7db1; rx: 6 }
  rect.data { fill: #f5f5f0; stroke: #9a9a80; stroke-dasharray: 5 3 }
  text { fill: #1c2733 } text.module { fill: #6a7785; font-size: 10px }
  path { fill: none; stroke: #8a97a6; stroke-width: 1.2 } #tip path { fill: #8a97a6; stroke: none }
  @media (prefers-color-scheme: dark) {
    svg { background: #12171d } rect { fill: #1d2a3d; stroke: #6f95cf } rect.data { fill: #26261d; stroke: #8f8f74 }
    text { fill: #e4eaf1 } text.module { fill: #93a1b1 }
  }
</style>
";

/// The picture: what comes first stands left, and each line goes from what is waited for to what waits.
pub fn svg(graph: &ResourceGraph) -> String {
    let layers = place(graph.nodes.len(), &graph.edges);
    let columns = Columns::new(graph, &layers);
    let rows = layers.nodes.iter().map(|node| node.1).fold(0.0, f64::max);
    let (width, height) = (columns.end + MARGIN, 2.0 * MARGIN + rows * ROW + BOX_HEIGHT);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         {STYLE}<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n"
    );
    for ((waiting, other), bends) in graph.edges.iter().zip(&layers.bends) {
        line(&columns, layers.nodes[*other], bends, layers.nodes[*waiting], &mut out);
    }
    for (node, place) in graph.nodes.iter().zip(&layers.nodes) {
        let (x, y, width) = (columns.start[place.0], MARGIN + place.1 * ROW, columns.width[place.0]);
        let class = if node.name.starts_with("data.") { " class=\"data\"" } else { "" };
        let _ = writeln!(out, "<rect{class} x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\"/>");
        let middle = if node.module.is_empty() { 24.0 } else { 31.0 };
        if !node.module.is_empty() {
            let _ = writeln!(out, "<text class=\"module\" x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + PADDING, y + 15.0, escaped(&node.module));
        }
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + PADDING, y + middle, escaped(&node.name));
    }
    out.push_str("</svg>\n");
    out
}

/// Where columns begin and how wide they are.
struct Columns {
    start: Vec<f64>,
    width: Vec<f64>,
    end: f64,
}

impl Columns {
    fn new(graph: &ResourceGraph, layers: &Layers) -> Columns {
        let count = layers.nodes.iter().map(|node| node.0 + 1).max().unwrap_or(0);
        let mut width = vec![0.0_f64; count];
        for (node, (column, _)) in graph.nodes.iter().zip(&layers.nodes) {
            let characters = node.name.chars().count().max(node.module.chars().count() * 5 / 6 + 1);
            width[*column] = width[*column].max(characters as f64 * CHARACTER + 2.0 * PADDING);
        }
        let mut x = MARGIN;
        let mut start = Vec::with_capacity(count);
        for width in &width {
            start.push(x);
            x += width + GAP;
        }
        Columns { start, width, end: (x - GAP).max(MARGIN) }
    }
}

/// A line of curves: level where it leaves, passes a column and arrives.
fn line(columns: &Columns, from: (usize, f64), bends: &[(usize, f64)], to: (usize, f64), out: &mut String) {
    let y = |row: f64| MARGIN + row * ROW + BOX_HEIGHT / 2.0;
    let right = |column: usize| columns.start[column] + columns.width[column];
    let _ = write!(out, "<path marker-end=\"url(#tip)\" d=\"M{:.1} {:.1}", right(from.0), y(from.1));
    let mut last = (right(from.0), y(from.1));
    let mut curve = |x: f64, y: f64, last: &mut (f64, f64)| {
        let middle = (last.0 + x) / 2.0;
        let _ = write!(out, "C{middle:.1} {:.1} {middle:.1} {y:.1} {x:.1} {y:.1}", last.1);
        *last = (x, y);
    };
    for (column, row) in bends {
        curve(columns.start[*column], y(*row), &mut last);
        curve(right(*column), y(*row), &mut last);
    }
    curve(columns.start[to.0], y(to.1), &mut last);
    out.push_str("\"/>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
