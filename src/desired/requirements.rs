//! Whether the providers of this program are those that the configuration asks for.

use super::provider_configs::{find_provider, provider_key, source_of};
use super::tree::ModuleTree;
use crate::config::{Config, ProviderBlock};
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::collections::BTreeSet;
use windlass_api::Providers;

/// Warns of version constraints that exclude the version whose schemas a provider follows, and refuses provider configurations
/// outside of the root module, which nothing would read.
pub fn check_requirements(tree: &ModuleTree, providers: &Providers, diagnostics: &mut Diagnostics) {
    for (_, place) in tree.iter() {
        let is_called = place.caller.is_some();
        // An empty block only says that the module expects such a configuration.
        let has_content = |block: &&ProviderBlock| !block.body.is_empty();
        for block in place.module.providers.values().filter(has_content).filter(|_| is_called) {
            let detail = format!(
                "{} configures the provider {:?}. Provider configurations are taken from the root module only: move the block there, and \
                 pass an aliased one on by the \"providers\" argument of the module block.",
                place.title(),
                &*block.key.name
            );
            diagnostics.push(Diagnostic::error("Provider configuration in a called module", detail).at(block.range));
        }
        for (name, required) in &place.module.required_providers {
            let (Some((constraint, range)), Some(provider)) = (&required.version, providers.by_source(&required.source)) else { continue };
            if crate::config::versions::allows(constraint, provider.version()) == Some(false) {
                let detail = format!(
                    "{} asks for {name} {constraint}, but this program follows the schemas of version {}. It goes on with those.",
                    place.title(),
                    provider.version()
                );
                diagnostics.push(Diagnostic::warning("Provider version differs", detail).at(*range));
            }
        }
    }
}

/// Checks that this program has every provider that the configuration requires, in a version that it allows.
pub fn check_providers(config: &Config, providers: &Providers) -> Diagnostics {
    let tree = ModuleTree::new(config);
    let mut diagnostics = Diagnostics::none();
    check_requirements(&tree, providers, &mut diagnostics);
    for required in tree.iter().flat_map(|(_, place)| place.module.required_providers.values()) {
        if let Err(missing) = find_provider(providers, &required.source, Some(required.range)) {
            diagnostics.push(*missing);
        }
    }
    let mut seen = BTreeSet::new();
    for (_, place) in tree.iter() {
        seen.extend(place.module.required_providers.values().map(|required| required.source.clone()));
        for block in place.module.resources.values() {
            let source = source_of(&place.module, &provider_key(block).name);
            if let (true, Err(missing)) = (seen.insert(source.clone()), find_provider(providers, &source, Some(block.range))) {
                diagnostics.push(*missing);
            }
        }
    }
    diagnostics
}
