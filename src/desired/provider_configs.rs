//! Which provider configuration a block uses.

use super::tree::{ModuleIndex, ModuleTree};
use crate::address::{Mode, ProviderConfig};
use crate::config::{Config, Module, ProviderBlock, ProviderKey, ResourceBlock};
use crate::diagnostic::{Diagnostic, Range};
use crate::syntax::ast::Expression;
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::{Provider, Providers, Schema};

/// The source of a provider that `required_providers` does not list.
fn default_source(name: &str) -> Arc<str> {
    match name {
        "terraform" => "terraform.io/builtin/terraform".into(),
        _ => format!("registry.terraform.io/hashicorp/{name}").into(),
    }
}

/// The source address that a local name stands for in a module.
pub fn source_of(module: &Module, name: &str) -> Arc<str> {
    module.required_providers.get(name).map_or_else(|| default_source(name), |required| required.source.clone())
}

/// The sources of all providers that a configuration names, by declarations, provider blocks and types.
pub fn provider_sources(config: &Config) -> BTreeSet<Arc<str>> {
    let tree = ModuleTree::new(config);
    tree.iter().flat_map(|(_, node)| module_sources(&node.module)).collect()
}

/// The same of one module.
pub(super) fn module_sources(module: &Module) -> BTreeSet<Arc<str>> {
    let mut found: BTreeSet<Arc<str>> = module.required_providers.values().map(|required| required.source.clone()).collect();
    let blocks = module.providers.keys().map(|key| key.name.clone());
    let names = blocks.chain(module.resources.values().map(|block| provider_key(block).name));
    found.extend(names.map(|name| source_of(module, &name)));
    found
}

/// The local name of the provider that a type belongs to unless the block says otherwise.
pub fn local_name(type_name: &str) -> &str {
    type_name.split_once('_').map_or(type_name, |(prefix, _)| prefix)
}

/// The key that a block's `provider` argument gives, or its type.
pub fn provider_key(block: &ResourceBlock) -> ProviderKey {
    block.provider.clone().unwrap_or_else(|| ProviderKey { name: local_name(&block.address.type_name).into(), alias: None })
}

/// Which provider configuration a block uses.
#[derive(Clone, Debug)]
pub struct ProviderUse {
    /// The configuration, without the key of an instance.
    pub config: ProviderConfig,
    /// What tells the key, if the configuration has `for_each`.
    pub index: Option<ProviderIndex>,
}

/// What tells which instance of a provider configuration is used.
#[derive(Clone, Debug)]
pub struct ProviderIndex {
    /// The key.
    pub expression: Arc<Expression>,
    /// The module whose call passes the instance on; `None` where the block itself names it.
    pub passed_to: Option<ModuleIndex>,
    /// The module in which the expression stands.
    pub module: ModuleIndex,
}

/// The provider configuration of a declared resource.
///
/// # Errors
/// An alias that no `provider` block and no `providers` argument gives; a key that is missing, or stands in vain.
pub fn provider_of(tree: &ModuleTree, module: ModuleIndex, block: &ResourceBlock) -> Result<ProviderUse, Box<Diagnostic>> {
    let key = provider_key(block);
    let mut index = block.provider_index.clone().map(|expression| ProviderIndex { expression, passed_to: None, module });
    let config = follow(tree, module, &key, block.range, &mut |caller, called, expression| {
        index = Some(ProviderIndex { expression: expression.clone(), passed_to: Some(called), module: caller });
    })?;
    let has_instances = provider_block(tree, &config).is_some_and(|block| block.for_each.is_some());
    let name = key.to_string();
    match (has_instances, &index) {
        (true, None) => {
            let detail = format!(
                "The provider configuration {name} uses for_each, so that one of its instances must be chosen by its key: write \
                 {name}[each.key], or another key that is known before apply."
            );
            Err(Box::new(Diagnostic::error("Provider instance key required", detail).at(block.range)))
        }
        (false, Some(index)) => {
            let detail = format!("The provider configuration {name} does not use for_each, so no key may follow it.");
            Err(Box::new(Diagnostic::error("Unexpected provider instance key", detail).at(index.expression.range)))
        }
        _ => Ok(ProviderUse { config, index }),
    }
}

/// Follows a local name through `providers` arguments up to the root module's configuration. `passed` hears of every key that a call
/// passes on: in which module it stands, to which module it goes.
///
/// # Errors
/// An alias that no `provider` block and no `providers` argument gives.
fn follow(
    tree: &ModuleTree,
    module: ModuleIndex,
    key: &ProviderKey,
    at: Range,
    passed: &mut dyn FnMut(ModuleIndex, ModuleIndex, &Arc<Expression>),
) -> Result<ProviderConfig, Box<Diagnostic>> {
    let (mut module, mut key) = (module, key.clone());
    let mut source = source_of(&tree.get(module).module, &key.name);
    while let Some((caller, _)) = &tree.get(module).caller {
        let outside = &tree.get(*caller).module;
        let call = tree.call(module).filter(|call| !call.providers.is_empty());
        key = match call.and_then(|call| call.providers.get(&key)) {
            Some((outer, _)) => {
                source = source_of(outside, &outer.name);
                if let Some(index) = call.and_then(|call| call.provider_indexes.get(&key)) {
                    passed(*caller, module, index);
                }
                outer.clone()
            }
            None if key.alias.is_some() => return Err(Box::new(missing(tree, module, &key, at))),
            // A default configuration is inherited by its source: the caller need not know the provider at all.
            None => ProviderKey { name: name_for(outside, &source, &key.name), alias: None },
        };
        module = *caller;
    }
    let root = &tree.get(0).module;
    if key.alias.is_some() && !root.providers.contains_key(&key) {
        return Err(Box::new(missing(tree, 0, &key, at)));
    }
    Ok(ProviderConfig { source, alias: key.alias, key: None })
}

/// The name by which a module knows a provider that another module knows by `name`.
fn name_for(module: &Module, source: &str, name: &str) -> Arc<str> {
    let listed = module.required_providers.iter().find(|(_, required)| &*required.source == source);
    listed.map_or_else(|| name.into(), |(name, _)| name.clone())
}

fn missing(tree: &ModuleTree, module: ModuleIndex, key: &ProviderKey, at: Range) -> Diagnostic {
    let alias = key.alias.as_deref().unwrap_or_default();
    let place = tree.get(module).title();
    let detail = format!(
        "There is no provider configuration {}.{alias} in {place}. Add a provider {:?} block with alias = {alias:?} to the root module, \
         and pass it on by the \"providers\" argument of module blocks.",
        key.name, &*key.name
    );
    Diagnostic::error("Provider configuration not present", detail).at(at)
}

/// The root module's block for a configuration; `None` for a default configuration that nothing is set for.
pub fn provider_block<'a>(tree: &'a ModuleTree, config: &ProviderConfig) -> Option<&'a ProviderBlock> {
    let root = &tree.get(0).module;
    root.providers.values().find(|block| block.key.alias == config.alias && source_of(root, &block.key.name) == config.source)
}

/// The provider behind a source address.
///
/// # Errors
/// None of that source is known; the message names those that are.
pub fn find_provider<'a>(providers: &'a Providers, source: &str, at: Option<Range>) -> Result<&'a Arc<dyn Provider>, Box<Diagnostic>> {
    providers.by_source(source).ok_or_else(|| {
        let known: Vec<&str> = providers.all().iter().map(|provider| provider.name()).collect();
        let detail = format!(
            "There is no provider {source} in this program. It knows: {}. Providers are built in; none is downloaded.",
            known.join(", ")
        );
        let diagnostic = Diagnostic::error("Unknown provider", detail);
        Box::new(match at {
            Some(range) => diagnostic.at(range),
            None => diagnostic,
        })
    })
}

/// The schema of a block's type.
///
/// # Errors
/// The provider has no such type.
pub fn find_schema(provider: &dyn Provider, mode: Mode, type_name: &str, at: Range) -> Result<Arc<Schema>, Box<Diagnostic>> {
    provider.schema(mode, type_name).ok_or_else(|| {
        let (kind, other, other_kind) = match mode {
            Mode::Managed => ("resource type", Mode::Data, "data source"),
            Mode::Data => ("data source", Mode::Managed, "managed resource"),
            Mode::Ephemeral => ("ephemeral resource", Mode::Managed, "managed resource"),
        };
        let summary = format!("Invalid {kind}");
        let mut detail = format!("The provider {} does not support {kind} {type_name:?}.", provider.source());
        let names = provider.type_names(mode);
        if provider.refused_types(mode).contains(&type_name) {
            let detail = format!("{kind} {type_name:?} is known, but this build of Windlass can't open it yet.");
            return Box::new(Diagnostic::error(format!("{summary}: not available yet"), detail).at(at));
        }
        if let Some(near) = crate::diagnostic::nearest(type_name, names.iter().map(|name| &**name)) {
            detail.push_str(&format!(" Did you mean {near:?}?"));
        } else if provider.schema(other, type_name).is_some() {
            detail.push_str(&format!("\n\nDid you intend to use the {other_kind} {type_name:?}?"));
        }
        if let Some(reason) = provider.missing_types() {
            detail.push_str(&format!("\n\n{reason}"));
        }
        Box::new(Diagnostic::error(summary, detail).at(at))
    })
}
