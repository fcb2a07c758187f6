//! Provider configurations that modules are given: `configuration_aliases` of the module, `providers` of the call.

use super::content::Report;
use super::types::{Module, ModuleCall, ProviderKey};
use crate::diagnostic::Range;
use crate::lang::references;
use crate::syntax::ast::{Body, Expression, TraversalStep};
use std::sync::Arc;

impl Report<'_> {
    /// `for_each` of a provider block, of OpenTofu 1.9: its elements must be told by what is known before anything else.
    pub(super) fn provider_for_each(&mut self, body: &Body, has_alias: bool) -> Option<Arc<Expression>> {
        let attribute = body.attribute("for_each")?;
        if !has_alias {
            let detail = "A provider configuration that uses for_each must have an alias, by which its instances are referred to: \
                          NAME.ALIAS[KEY].";
            self.error(attribute.name.range, "Alias required when using \"for_each\"", detail);
        }
        for traversal in references(&attribute.value) {
            if !matches!(&*traversal.root.name, "var" | "local" | "path" | "terraform" | "tofu") {
                let detail = format!(
                    "The for_each argument of a provider block may be made of variables and local values only; {} is not known early enough.",
                    traversal.root.name
                );
                self.error(traversal.range, "Invalid for_each argument", detail);
            }
        }
        Some(attribute.value.clone())
    }

    /// A configuration without a key: what it is called inside of a module.
    pub(super) fn provider_name(&mut self, expression: &Expression) -> Option<ProviderKey> {
        let (key, index) = self.provider_reference(expression)?;
        if let Some(index) = index {
            let detail = format!("{key} stands for one configuration here, so no key may follow it.");
            self.error(index.range, "Invalid provider configuration reference", detail);
        }
        Some(key)
    }

    /// The aliases that an entry of `required_providers` asks callers for.
    pub(super) fn configuration_aliases(&mut self, provider: &str, list: &Expression) -> Vec<(ProviderKey, Range)> {
        self.static_items(list).iter().filter_map(|item| Some((self.configuration_alias(provider, item)?, item.range))).collect()
    }

    fn configuration_alias(&mut self, provider: &str, item: &Expression) -> Option<ProviderKey> {
        let traversal = self.static_reference(item, item.range)?;
        let [TraversalStep::Attribute(alias)] = traversal.steps.as_slice() else {
            let detail = format!("An entry is the provider's local name, a period and an alias, such as {provider}.other.");
            self.error(item.range, "Invalid configuration_aliases value", detail);
            return None;
        };
        if &*traversal.root.name != provider {
            let detail = format!(
                "Configuration aliases must be prefixed with the provider name. Expected {provider:?}, but found {:?}.",
                &*traversal.root.name
            );
            self.error(item.range, "Invalid configuration_aliases value", detail);
            return None;
        }
        Some(ProviderKey { name: traversal.root.name, alias: Some(alias.name.clone()) })
    }

    /// What a module asks for must be passed, and what is passed must be asked for.
    pub(super) fn check_passed(&mut self, call: &ModuleCall, module: &Module) {
        for required in module.required_providers.values() {
            for (key, _) in required.aliases.iter().filter(|(key, _)| !call.providers.contains_key(key)) {
                let detail = format!(
                    "The child module requires an additional configuration for provider {}, with the local name \"{key}\".\n\nRefer to the \
                     module's documentation to understand the intended purpose of this additional provider configuration, and then add an \
                     entry for {key} in the \"providers\" meta-argument in the module block to choose which provider configuration the module \
                     should use for that purpose.",
                    required.source.strip_prefix("registry.terraform.io/").unwrap_or(&required.source)
                );
                self.error(call.range, "Missing required provider configuration", detail);
            }
        }
        for (inside, (outside, range)) in call.providers.iter().filter(|(inside, _)| inside.alias.is_some()) {
            let asked =
                module.required_providers.get(&inside.name).is_some_and(|required| required.aliases.iter().any(|(key, _)| key == inside));
            if asked || module.providers.contains_key(inside) {
                continue;
            }
            let known = module.required_providers.values().flat_map(|required| &required.aliases).map(|(key, _)| key.to_string());
            let known: Vec<String> = known.collect();
            let near = crate::diagnostic::nearest(&inside.to_string(), known.iter().map(String::as_str)).map(str::to_owned);
            let hint = near.map_or_else(String::new, |near| format!(" Did you mean {near}?"));
            let detail = format!(
                "The child module does not declare any provider requirement with the local name \"{inside}\".{hint}\n\nIf you also control the \
                 child module, add {inside} to the configuration_aliases of {:?} in its required_providers, so that it accepts {outside}.",
                &*inside.name
            );
            self.error(*range, "Reference to undefined provider", detail);
        }
    }
}
