//! Settles what JSON bodies leave open, by the schemas of the providers: once, right after loading.

use super::provider_configs::{provider_key, source_of};
use crate::config::{Config, Module};
use crate::diagnostic::Diagnostics;
use crate::lang::decide;
use std::sync::Arc;
use windlass_api::Providers;

/// Makes arguments and blocks of what stands undecided in the bodies of resources and providers, in all modules. Bodies of types that
/// no provider knows stay as they are; they are refused later.
pub fn decide_bodies(config: &mut Config, providers: &Providers) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    decide_module(Arc::make_mut(&mut config.root), providers, &mut diagnostics);
    diagnostics
}

fn decide_module(module: &mut Module, providers: &Providers, diagnostics: &mut Diagnostics) {
    let mut resources = std::mem::take(&mut module.resources);
    for block in resources.values_mut().filter(|block| !block.body.undecided.is_empty()) {
        let source = source_of(module, &provider_key(block).name);
        let provider = providers.by_source(&source);
        if let Some(schema) = provider.and_then(|provider| provider.schema(block.address.mode, &block.address.type_name)) {
            diagnostics.extend(decide(&mut block.body, &schema.block));
        }
    }
    module.resources = resources;
    let mut blocks = std::mem::take(&mut module.providers);
    for block in blocks.values_mut().filter(|block| !block.body.undecided.is_empty()) {
        if let Some(provider) = providers.by_source(&source_of(module, &block.key.name)) {
            diagnostics.extend(decide(&mut block.body, &provider.configuration_schema().block));
        }
    }
    module.providers = blocks;
    for call in module.module_calls.values_mut() {
        decide_module(Arc::make_mut(&mut call.module), providers, diagnostics);
    }
}
