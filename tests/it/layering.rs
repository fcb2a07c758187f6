//! Arrows: which module may use which. A new module or arrow is an edit to the table; a permission that nobody uses fails too.

use crate::sources::{self, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Modules of the engine in order, and what each may use of the others.
const ARROWS: &[(&str, &[&str])] = &[
    ("address", &[]),
    ("graph", &[]),
    ("web", &[]),
    ("bucket", &["web"]),
    ("diagnostic", &[]),
    ("syntax", &["diagnostic"]),
    ("lang", &["diagnostic", "syntax"]),
    ("encryption", &["bucket", "diagnostic", "syntax", "web"]),
    ("config", &["address", "diagnostic", "encryption", "lang", "syntax"]),
    ("state", &["address", "bucket", "diagnostic", "encryption", "web"]),
    ("workload", &["address", "config", "diagnostic", "lang", "syntax"]),
    ("desired", &["address", "config", "diagnostic", "graph", "lang", "state", "syntax", "workload"]),
    ("diff", &["address", "config", "diagnostic", "syntax"]),
    ("plan", &["address", "config", "desired", "diagnostic", "diff", "graph", "lang", "state", "syntax", "workload"]),
    ("event", &["address", "diagnostic"]),
    ("package", &["address", "bucket", "web"]),
    ("live", &["address", "diagnostic", "event", "lang", "plan", "state"]),
    ("apply", &["address", "diagnostic", "event", "live", "plan", "state"]),
    (
        "ops",
        &[
            "address",
            "apply",
            "bucket",
            "config",
            "desired",
            "diagnostic",
            "encryption",
            "event",
            "lang",
            "live",
            "package",
            "plan",
            "state",
            "syntax",
            "workload",
        ],
    ),
    ("view", &["address", "config", "desired", "diagnostic", "event", "lang", "plan", "state", "syntax"]),
    (
        "cli",
        &[
            "address",
            "apply",
            "config",
            "desired",
            "diagnostic",
            "encryption",
            "event",
            "lang",
            "ops",
            "package",
            "plan",
            "state",
            "syntax",
            "view",
        ],
    ),
];

/// What may be named where: a text, the files that may hold it, and why.
const EDGES: &[(&str, &[&str], &str)] = &[
    (
        "hcl_edit",
        &["src/plan/generate.rs", "src/workload/"],
        "only generated HCL is written by a library; what people wrote is read by syntax",
    ),
    ("hcl_edit", &["src/plan/generate.rs", "src/syntax/", "src/workload/"], "one reader and one writer of HCL"),
    (
        "std::env::",
        &["src/cli/", "src/main.rs", "tests/", "providers/simulator/examples/"],
        "the environment is an input of the command line alone",
    ),
    ("windlass_aws", &["src/cli/"], "the engine knows no cloud"),
    ("windlass_builtin", &["src/cli/"], "the engine knows no provider"),
    ("windlass_simulator", &["src/cli/", "providers/simulator/", "providers/aws/src/sandbox_tests.rs"], "the engine knows no simulator"),
    ("petgraph", &["src/graph/"], "one graph"),
    ("reqsign_core", &["src/bucket/"], "one place where credentials of buckets are found"),
    ("indicatif", &["src/view/"], "only the view knows a terminal"),
    ("clap", &["src/cli/"], "only the command line has flags"),
];

#[test]
fn arrows_are_those_of_the_table() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ARROWS.iter().map(|(module, uses)| (*module, uses.iter().copied().collect())).collect();
    let mut used: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for source in sources::rust() {
        let Some(module) = module_of(&source) else { continue };
        for target in uses(&source.text) {
            if target != module {
                used.entry(module.to_owned()).or_default().entry(target).or_insert_with(|| source.path.clone());
            }
        }
    }
    let mut wrong = Vec::new();
    for (module, targets) in &used {
        let Some(allowed) = allowed.get(module.as_str()) else {
            wrong.push(format!("module {module} is not in the table"));
            continue;
        };
        wrong.extend(
            targets
                .iter()
                .filter(|(target, _)| !allowed.contains(target.as_str()))
                .map(|(target, path)| format!("{path}: {module} must not use {target}")),
        );
    }
    for (module, targets) in &allowed {
        let used = used.get(*module);
        wrong.extend(
            targets
                .iter()
                .filter(|target| used.is_none_or(|used| !used.contains_key(**target)))
                .map(|target| format!("{module} does not use {target} any more: remove the permission")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_outside_is_named_at_the_edge_only() {
    let sources = sources::rust();
    let mut wrong = Vec::new();
    for (text, places, why) in EDGES {
        let naming = sources.iter().filter(|source| !source.path.starts_with("tests/it/") && names(&source.text, text));
        wrong.extend(
            naming
                .filter(|source| !places.iter().any(|place| source.path.starts_with(place)))
                .map(|source| format!("{} names {text}: {why}", source.path)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `src/plan/order.rs` belongs to `plan`; `lib.rs` and `main.rs` to none.
fn module_of(source: &Source) -> Option<&str> {
    let (module, _) = source.path.strip_prefix("src/")?.split_once('/')?;
    Some(module)
}

/// The modules named after `crate::` in code, singly or in braces; tests inside the file may use what they like.
fn uses(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let mut found = BTreeSet::new();
    for (position, _) in code.match_indices("crate::") {
        let line_start = code[..position].rfind('\n').map_or(0, |end| end + 1);
        let before = code[line_start..position].trim_start();
        if before.starts_with("//") || code[..position].ends_with(|character: char| character.is_alphanumeric() || character == '_') {
            continue;
        }
        let rest = &code[position + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(inside) => found.extend(inside.split('}').next().unwrap_or("").split(',').map(first_name).filter(|name| !name.is_empty())),
            None => drop(found.insert(first_name(rest))),
        }
    }
    found.retain(|name| name.starts_with(|character: char| character.is_lowercase()));
    found
}

fn first_name(text: &str) -> String {
    text.trim().chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// Whether code, not a comment, holds the text as a path.
fn names(source: &str, text: &str) -> bool {
    let code = source.split("#[cfg(test)]\nmod ").next().unwrap_or(source);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(text).any(|(position, _)| {
            let after = &line[position + text.len()..];
            let ends = text.ends_with(':') || after.starts_with("::") || after.starts_with(';') || after.starts_with(" as ");
            ends && !line[..position].ends_with(|character: char| character.is_alphanumeric() || character == '_')
        })
    })
}
