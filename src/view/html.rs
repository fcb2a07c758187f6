//! A plan as one page that needs nothing else: no network, no other file.

use super::graph;
use super::report::{Entry, Report};
use crate::plan::Plan;
use std::fmt::Write;
use windlass_api::Providers;

/// Nobody finds anything in larger pictures.
const GRAPH_NODES_MAX: usize = 400;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The page: summary, changes that fold and can be searched, outputs, cost, the graph of steps.
pub fn html(plan: &Plan, providers: &Providers) -> String {
    let report = Report::of(plan, providers);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n<title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
        escaped(&report.headline)
    );
    for note in &report.notes {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escaped(note));
    }
    counts(&report, &mut page);
    page.push_str("</header>\n<main>\n");
    if !report.changes.is_empty() {
        page.push_str(
            "<section id=\"changes\">\n<h2>Changes</h2>\n<p class=\"tools\"><input id=\"search\" type=\"search\" placeholder=\"Search \
             addresses and values\" aria-label=\"Search\"> <button id=\"open\">Open all</button> <button id=\"close\">Close all</button> \
             <span id=\"found\" aria-live=\"polite\"></span></p>\n",
        );
        let is_open = report.changes.len() <= 10;
        report.changes.iter().for_each(|entry| one(entry, is_open, &mut page));
        page.push_str("</section>\n");
    }
    if !report.drift.is_empty() {
        page.push_str("<section>\n<h2>Changed outside of Windlass</h2>\n");
        report.drift.iter().for_each(|entry| one(entry, false, &mut page));
        page.push_str("</section>\n");
    }
    let rest = [("Outputs", &report.outputs), ("Cost", &report.cost), ("Placement of workloads", &report.placements)];
    for (title, lines) in rest.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let _ = writeln!(page, "<section>\n<h2>{title}</h2>\n<pre>{}</pre>\n</section>", painted(lines));
    }
    steps(plan, &mut page);
    let made = &plan.inputs.timestamp;
    let _ = write!(page, "</main>\n<footer>Planned {}</footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n", escaped(made));
    page
}

/// How many changes of each kind there are; each is a button that shows only these.
fn counts(report: &Report, page: &mut String) {
    let kinds = ["destroy", "replace", "update", "create", "forget", "import", "move", "read"];
    let count = |kind: &str| report.changes.iter().filter(|entry| entry.kind == kind).count();
    let found: Vec<_> = kinds.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0).collect();
    if found.is_empty() {
        return;
    }
    page.push_str("<p class=\"counts\">");
    for (kind, count) in found {
        let _ = write!(page, "<button class=\"kind {kind}\" data-kind=\"{kind}\" aria-pressed=\"false\">{count} {kind}</button> ");
    }
    page.push_str("</p>\n");
}

fn one(entry: &Entry, is_open: bool, page: &mut String) {
    let open = if is_open { " open" } else { "" };
    let rest = entry.title.strip_prefix(&*entry.address);
    let title = match rest {
        Some(rest) => format!("<code>{}</code>{}", escaped(&entry.address), escaped(rest)),
        None => escaped(&entry.title),
    };
    let _ = writeln!(
        page,
        "<details class=\"change\" data-kind=\"{0}\"{open}><summary><span class=\"kind {0}\">{0}</span> {title}</summary>\n<pre>{1}</pre></details>",
        entry.kind,
        painted(&entry.text)
    );
}

/// Lines with a class by their symbol.
fn painted(lines: &str) -> String {
    let class = |line: &str| match line.trim_start() {
        rest if rest.starts_with("-/+ ") || rest.starts_with("+/- ") => "replace",
        rest if rest.starts_with("+ ") => "create",
        rest if rest.starts_with("- ") => "destroy",
        rest if rest.starts_with("~ ") => "update",
        rest if rest.starts_with("# ") => "comment",
        _ => "",
    };
    let line = |line: &str| match class(line) {
        "" => format!("{}\n", escaped(line)),
        class => format!("<span class=\"{class}\">{}</span>\n", escaped(line)),
    };
    lines.lines().map(line).collect()
}

fn steps(plan: &Plan, page: &mut String) {
    let found = graph::of_plan(plan);
    if found.nodes.is_empty() {
        return;
    }
    page.push_str("<section>\n<h2>Order of steps</h2>\n");
    match found.nodes.len() <= GRAPH_NODES_MAX {
        true => {
            let _ = writeln!(page, "<div class=\"graph\">{}</div>", graph::svg(&found));
        }
        false => {
            let count = found.nodes.len();
            let _ = writeln!(page, "<p>{count} steps are too many for a picture; <code>windlass graph -plan=FILE</code> has them.</p>");
        }
    }
    page.push_str("</section>\n");
}

fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => result += "&amp;",
            '<' => result += "&lt;",
            '>' => result += "&gt;",
            '"' => result += "&quot;",
            '\'' => result += "&#39;",
            _ => result.push(character),
        }
    }
    result
}
