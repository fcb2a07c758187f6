//! Provider configurations during an apply: those that come from ephemeral values are evaluated anew, for no plan holds these.

use super::{Inner, Resolver};
use crate::address::ProviderConfig;
use crate::desired::{NodeKind, provider_block};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::NodeId;
use crate::lang::decode_body;
use crate::plan::refresh::provider_not_known;
use crate::plan::{CheckedPlan, Plan, ProviderPin};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Providers, Value};

impl Resolver {
    /// The plan with the configurations of providers that come from ephemeral values as these are now: no plan file holds them.
    ///
    /// # Errors
    /// Evaluation fails.
    pub fn with_providers_anew(&mut self) -> Result<CheckedPlan, Diagnostics> {
        let old = self.plan.plan().clone();
        let ephemeral = old.providers.iter().filter(|(_, pin)| pin.config.marks_deep().is_ephemeral());
        let mut anew = BTreeMap::new();
        for (config, pin) in ephemeral {
            let value = self.inner.borrow_mut().provider_value(&old, &self.providers, config)?;
            anew.insert(config.clone(), ProviderPin { config: value, ..pin.clone() });
        }
        if !anew.is_empty() {
            let mut plan = Plan::clone(&old);
            plan.providers.extend(anew);
            self.plan = CheckedPlan { plan: Arc::new(plan) };
        }
        Ok(self.plan.clone())
    }
}

impl Inner {
    /// The node of a provider configuration, and how the configuration names it.
    pub(super) fn provider_node(&self, providers: &Providers, config: &ProviderConfig) -> Option<(NodeId, ProviderConfig)> {
        let is_it = |written: &ProviderConfig| {
            let source = providers.by_source(&written.source).map_or(&*written.source, |provider| provider.source());
            source == &*config.source && written.alias == config.alias
        };
        self.world.graph.dag.nodes().find_map(|(id, node)| match &node.kind {
            NodeKind::Provider(written) if is_it(written) => Some((id, written.clone())),
            _ => None,
        })
    }

    /// The value of a provider configuration with what is known now.
    fn provider_value(&mut self, plan: &Plan, providers: &Providers, config: &ProviderConfig) -> Result<Value, Diagnostics> {
        let nothing = || Diagnostic::error("Internal error", format!("{config} has no block. This is a fault of the program."));
        let (id, written) = self.provider_node(providers, config).ok_or_else(nothing)?;
        let mut diagnostics = Diagnostics::none();
        self.settle(plan, id, &mut diagnostics);
        let provider = providers.by_source(&config.source).ok_or_else(nothing)?;
        let block = provider_block(&self.world.tree, &written).ok_or_else(nothing)?;
        let instances = self.world.provider_instances(block, &mut diagnostics).unwrap_or_default();
        let instance = instances.into_iter().find(|(key, _)| *key == config.key);
        let (_, repetition) = instance.ok_or_else(nothing)?;
        let scope = self.world.scope(0).repeated(&repetition);
        let (value, found) = decode_body(&block.body, &provider.configuration_schema().block, &scope);
        diagnostics.extend(found);
        if !value.is_wholly_known() {
            diagnostics.push(provider_not_known(config).at(block.range));
        }
        match diagnostics.has_errors() {
            true => Err(diagnostics),
            false => Ok(value),
        }
    }
}
