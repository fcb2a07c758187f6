//! Ephemeral resources during an apply: which must be opened before a step, and what they are once they are open.

use super::{Inner, Resolver};
use crate::address::{Instance, ProviderConfig, Resource};
use crate::desired::{ConditionKind, NodeKind, Outcome, Repetition, check_conditions, expand, provider_of};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::NodeId;
use crate::lang::decode_body;
use crate::plan::Plan;
use crate::plan::ephemeral::opened_value;
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::{Marks, Mode, Providers, Schema, Type, Value};

/// An ephemeral object that must be opened before something else can go on.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Whose.
    pub address: Instance,
    /// The provider configuration to open it through.
    pub provider: ProviderConfig,
    /// Its value.
    pub config: Value,
    /// The configuration of the object, wholly known, without marks.
    pub query: Value,
}

impl Resolver {
    /// The ephemeral objects that a change needs and that are not open; when they are, ask again: others may need them.
    ///
    /// # Errors
    /// What they are configured by can't be evaluated.
    pub fn openings(&self, change: usize) -> Result<Vec<Opening>, Diagnostics> {
        let plan = self.plan.plan();
        let change = &plan.changes[change];
        let mut inner = self.inner.borrow_mut();
        if !inner.has_ephemerals {
            return Ok(Vec::new());
        }
        let place = inner.world.find_instance(&change.address.module);
        let node = place.and_then(|instance| {
            let module = inner.world.placed(instance).module;
            inner.world.graph.id(module, &NodeKind::Resource(change.address.resource.clone()))
        });
        node.map_or_else(|| Ok(Vec::new()), |node| inner.missing(plan, &self.providers, node))
    }

    /// The same for the configurations of providers that come from ephemeral values.
    ///
    /// # Errors
    /// As for [`Resolver::openings`].
    pub fn provider_openings(&self) -> Result<Vec<Opening>, Diagnostics> {
        let plan = self.plan.plan();
        let mut inner = self.inner.borrow_mut();
        let mut found = Vec::new();
        for (config, _) in plan.providers.iter().filter(|(_, pin)| pin.config.marks_deep().is_ephemeral()) {
            if let Some((id, _)) = inner.provider_node(&self.providers, config) {
                found.extend(inner.missing(plan, &self.providers, id)?);
            }
        }
        Ok(found)
    }

    /// Takes an object that was opened.
    pub fn opened(&self, address: &Instance, value: &Value) {
        let mut inner = self.inner.borrow_mut();
        let provider = inner.provider_of(&self.providers, address);
        let schema = provider.and_then(|(_, schema)| schema);
        let value = schema.map_or_else(|| value.clone().with_marks(Marks::EPHEMERAL), |schema| opened_value(&schema, value));
        inner.finished.insert(address.clone(), value);
        inner.stale.insert((address.module.clone(), address.resource.clone()));
    }
}

impl Inner {
    /// The ephemeral objects that a node depends on and that are not open, as far as they can be opened now.
    fn missing(&mut self, plan: &Plan, providers: &Providers, node: NodeId) -> Result<Vec<Opening>, Diagnostics> {
        let mut seen = BTreeSet::new();
        let mut ephemerals = BTreeSet::new();
        let mut open: Vec<NodeId> = self.world.graph.dag.dependencies(node).collect();
        while let Some(id) = open.pop() {
            let through = match &self.world.graph.node(id).kind {
                NodeKind::Resource(resource) if resource.mode == Mode::Ephemeral => {
                    ephemerals.insert((self.position[id], id));
                    true
                }
                // Providers are evaluated once, before anything is done.
                NodeKind::Resource(_) | NodeKind::Provider(_) => false,
                _ => true,
            };
            if through && seen.insert(id) {
                open.extend(self.world.graph.dag.dependencies(id));
            }
        }
        let mut found = Vec::new();
        for (_, id) in ephemerals {
            let mut diagnostics = Diagnostics::none();
            self.settle(plan, id, &mut diagnostics);
            let node = self.world.graph.node(id).clone();
            let NodeKind::Resource(resource) = &node.kind else { continue };
            for instance in self.world.instances_of(node.module) {
                self.openings_of(plan, providers, instance, resource, &mut found, &mut diagnostics);
            }
            if diagnostics.has_errors() {
                return Err(diagnostics);
            }
        }
        Ok(found)
    }

    fn openings_of(
        &mut self,
        plan: &Plan,
        providers: &Providers,
        instance: usize,
        resource: &Resource,
        found: &mut Vec<Opening>,
        diagnostics: &mut Diagnostics,
    ) {
        let module = self.world.placed(instance).address.clone();
        let block = self.world.tree.get(self.world.placed(instance).module).module.resources[resource].clone();
        let Some(expansion) = expand(&block.repeats(), &self.world.scope(instance), diagnostics) else {
            return;
        };
        for (key, repetition) in expansion.instances() {
            let address = Instance { module: module.clone(), resource: resource.clone(), key };
            if self.finished.contains_key(&address) {
                continue;
            }
            let Some((provider, Some(schema))) = self.provider_of(providers, &address) else {
                let problem = format!("{address}: its type is not known. This is a fault of the program.");
                diagnostics.push(Diagnostic::error("Internal error", problem).about(&address));
                continue;
            };
            let Some(config) = plan.providers.get(&provider).map(|pin| pin.config.clone()) else {
                let problem = format!("{address} needs {provider}, which the plan does not hold. This is a fault of the program.");
                diagnostics.push(Diagnostic::error("Internal error", problem).about(&address));
                continue;
            };
            if let Some(query) = self.query(instance, &address, &repetition, &block, &schema, diagnostics) {
                found.push(Opening { address, provider, config, query });
            }
        }
        if expansion.is_empty() {
            // Nothing will ever be opened: its value is that of no instance.
            self.put_together(plan, instance, resource);
        }
    }

    /// The configuration of an ephemeral object; `None` after an error, and while it waits for another one to be opened.
    fn query(
        &self,
        instance: usize,
        address: &Instance,
        repetition: &Repetition,
        block: &crate::config::ResourceBlock,
        schema: &Schema,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value> {
        let scope = self.world.scope(instance).repeated(repetition);
        let kind = ConditionKind::Precondition(address);
        let outcome = check_conditions(&block.lifecycle.preconditions, kind, &scope, &self.world, diagnostics);
        let (query, problems) = decode_body(&block.body, &schema.block, &scope);
        let failed = problems.has_errors();
        diagnostics.extend(problems);
        (!failed && outcome != Outcome::Failed && query.is_wholly_known()).then(|| query.unmarked_deep())
    }

    /// The provider configuration of a declared resource, and the schema of its type.
    fn provider_of(&self, providers: &Providers, address: &Instance) -> Option<(ProviderConfig, Option<Arc<Schema>>)> {
        let instance = self.world.find_instance(&address.module)?;
        let module = self.world.placed(instance).module;
        let block = self.world.tree.get(module).module.resources.get(&address.resource)?;
        let found = provider_of(&self.world.tree, module, block).ok()?;
        let key = match &found.index {
            Some(index) => {
                let expansion = expand(&block.repeats(), &self.world.scope(instance), &mut Diagnostics::none())?;
                let repetition = expansion.repetition(address.key.as_ref())?;
                Some(self.world.provider_instance_key(instance, index, &repetition).ok()?)
            }
            None => None,
        };
        let config = found.config;
        let provider = providers.by_source(&config.source)?;
        let schema = provider.schema(address.resource.mode, &address.resource.type_name);
        Some((ProviderConfig { source: provider.source().into(), alias: config.alias, key }, schema))
    }

    /// Puts an ephemeral resource's value together from its open instances.
    pub(super) fn put_opened_together(&mut self, instance: usize, resource: &Resource) {
        let placed = self.world.placed(instance);
        let block = &self.world.tree.get(placed.module).module.resources[resource];
        let mut ignored = Diagnostics::none();
        let scope = self.world.scope(instance);
        let expansion = expand(&block.repeats(), &scope, &mut ignored);
        let whole = expansion.map(|expansion| {
            let value = |key| {
                let address = Instance { module: placed.address.clone(), resource: resource.clone(), key };
                self.finished.get(&address).cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic))
            };
            expansion.whole(expansion.instances().map(|(key, _)| value(key)).collect())
        });
        let whole = whole.unwrap_or_else(|| Value::unknown(Type::Dynamic)).with_marks(Marks::EPHEMERAL);
        self.world.set(instance, &NodeKind::Resource(resource.clone()), whole);
    }
}
