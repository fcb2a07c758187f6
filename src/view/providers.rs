//! The providers that modules and state require, as a tree.

use crate::desired::ProviderNode;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What `providers` prints: the tree of modules, and the providers of the state's objects if it has any.
pub fn providers(root: &ProviderNode, of_state: &BTreeSet<&str>) -> String {
    let mut out = format!("\nProviders required by configuration:\n{}\n", root.name);
    below(root, "", &mut out);
    out.push('\n');
    if !of_state.is_empty() {
        out.push_str("Providers required by state:\n\n");
        for source in of_state {
            let _ = writeln!(out, "    provider[{source}]\n");
        }
    }
    out
}

fn below(node: &ProviderNode, lead: &str, out: &mut String) {
    let count = node.providers.len() + node.children.len();
    let branch = |position: usize| if position + 1 == count { ("└── ", "    ") } else { ("├── ", "│   ") };
    for (position, (source, constraint)) in node.providers.iter().enumerate() {
        let version = constraint.as_ref().map(|constraint| format!(" {constraint}")).unwrap_or_default();
        let _ = writeln!(out, "{lead}{}provider[{source}]{version}", branch(position).0);
    }
    for (position, child) in node.children.iter().enumerate() {
        let (mark, further) = branch(node.providers.len() + position);
        let _ = writeln!(out, "{lead}{mark}{}", child.name);
        below(child, &format!("{lead}{further}"), out);
    }
}
