//! Which module requires which providers: what `providers` prints.

use super::provider_configs::module_sources;
use super::tree::{ModuleIndex, ModuleTree};
use crate::config::Config;
use crate::config::versions::Constraint;
use std::sync::Arc;

/// A module with what it requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderNode {
    /// `.` for the root, else `module.name`.
    pub name: String,
    /// Source addresses in order, with version constraints where the module has one.
    pub providers: Vec<(Arc<str>, Option<String>)>,
    /// The modules that it calls, by name.
    pub children: Vec<ProviderNode>,
}

/// The tree of a configuration.
pub fn provider_tree(config: &Config) -> ProviderNode {
    node(&ModuleTree::new(config), 0)
}

fn node(tree: &ModuleTree, index: ModuleIndex) -> ProviderNode {
    let place = tree.get(index);
    let module = &place.module;
    let constraint = |source: &Arc<str>| {
        let required = module.required_providers.values().find(|required| required.source == *source)?;
        let (text, _) = required.version.as_ref()?;
        Some(Constraint::parse(text).map_or_else(|| text.to_string(), |constraint| constraint.canonical()))
    };
    ProviderNode {
        name: place.caller.as_ref().map_or_else(|| ".".to_owned(), |(_, name)| format!("module.{name}")),
        providers: module_sources(module).into_iter().map(|source| (source.clone(), constraint(&source))).collect(),
        children: place.children.values().map(|child| node(tree, *child)).collect(),
    }
}
