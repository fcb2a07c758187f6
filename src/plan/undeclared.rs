//! Objects of the state that nothing declares any more, and those that were set aside.

use super::managed::{prevented, unchanged};
use super::walk::{Live, Planned, Recorded, Walk};
use super::{Action, Change, PlanMode, Reason};
use crate::address::{Instance, Mode, ModulePath, ProviderConfig};
use crate::config::ResourceBlock;
use crate::desired::{NodeKind, Repetition, timeouts};
use crate::diagnostic::Diagnostic;
use crate::diff::{DeleteReason, delete_reason};
use crate::state::{DeposedKey, ObjectState, encode_object};
use windlass_api::Value;

impl Walk<'_> {
    /// Plans what is left of the state once everything declared is planned.
    pub fn plan_undeclared(&mut self) {
        // Only a round in which nothing waits knows what is declared.
        if self.pending.contains(&true) || !self.asks.is_empty() || self.diagnostics.has_errors() {
            return;
        }
        self.check_import_targets();
        let managers = std::mem::take(&mut self.managers);
        for (config, addresses) in &managers {
            for address in addresses {
                let Some(instance) = self.state_of(address) else { continue };
                if let Some(object) = &instance.current
                    && !self.index.contains_key(address)
                {
                    self.plan_leftover(config, address, None, object);
                }
                for (key, object) in &instance.deposed {
                    self.plan_leftover(config, address, Some(key), object);
                }
            }
        }
        self.managers = managers;
    }

    fn plan_leftover(&mut self, config: &ProviderConfig, address: &Instance, key: Option<&DeposedKey>, object: &ObjectState) {
        let none = Value::null(windlass_api::Type::Dynamic);
        let previous_address = self.previous.get(address).cloned();
        let base = |value: Value| Change {
            deposed: key.cloned(),
            previous_address: previous_address.clone(),
            ..unchanged(address.clone(), config.clone(), value, object.dependencies.clone())
        };
        let (change, record) = match self.live.get(&(address.clone(), key.cloned())) {
            _ if address.resource.mode == Mode::Data => match self.options.mode {
                PlanMode::RefreshOnly => (base(object.attributes.clone()), None),
                _ => (Change { reason: self.reason(address), ..base(none) }, Some(Recorded::Gone)),
            },
            Some(Live::Gone) => (Change { reason: Reason::Gone, ..base(none) }, Some(Recorded::Gone)),
            Some(Live::Present(prior, live)) => {
                let (prior, live) = (prior.clone(), live.clone());
                match self.options.mode {
                    PlanMode::RefreshOnly => (base(live.clone()), self.drifted(config, address, object, &prior, &live)),
                    _ if self.stays_in_the_cloud(address) => {
                        let after = Value::null(live.ty().clone());
                        (Change { action: Action::Forget, reason: self.reason(address), after, ..base(live) }, None)
                    }
                    _ => {
                        let Some(change) = self.delete(address, key, base(live)) else { return };
                        (change, None)
                    }
                }
            }
            _ => return,
        };
        let change = Change { create_before_destroy: object.create_before_destroy, ..change };
        let node = self.node_of(address);
        self.add(Planned { change, node, recorded_dependencies: object.dependencies.clone(), record });
    }

    /// Whether its own block or a `removed` block says that the object is not deleted.
    fn stays_in_the_cloud(&self, address: &Instance) -> bool {
        let module = self.world.tree.find(&address.module.path()).map(|module| &self.world.tree.get(module).module);
        if module.and_then(|module| module.resources.get(&address.resource)).is_some_and(|block| !block.lifecycle.destroy) {
            return true;
        }
        if self.removals.is_empty() {
            return false;
        }
        let path = address.module.path();
        let modules = (1..=path.0.len()).rev().map(|depth| (ModulePath(path.0[..depth].to_vec()), None));
        let mut places = std::iter::once((path.clone(), Some(address.resource.clone()))).chain(modules);
        places.find_map(|place| self.removals.get(&place)).is_some_and(|destroy| !destroy)
    }

    fn delete(&mut self, address: &Instance, key: Option<&DeposedKey>, base: Change) -> Option<Change> {
        let provider = self.providers.by_source(&base.provider.source)?.clone();
        let schema = provider.schema(Mode::Managed, &address.resource.type_name);
        let Some(schema) = schema.filter(|_| provider.is_implemented(Mode::Managed, &address.resource.type_name)) else {
            let detail = format!("{} is not implemented yet, so {address} can't be deleted.", address.resource.type_name);
            self.fail(Diagnostic::error("Resource type not implemented", detail).about(address));
            return None;
        };
        let module = self.world.tree.find(&address.module.path()).map(|module| self.world.tree.get(module).module.clone());
        let block = module.as_ref().and_then(|module| module.resources.get(&address.resource));
        let place = self.world.find_instance(&address.module);
        if let Some(block) = block.filter(|_| key.is_none())
            && self.is_protected(block, place, &Repetition::of(address.key.as_ref()))
        {
            self.fail(prevented(address, block));
        }
        let mut found = crate::diagnostic::Diagnostics::none();
        let nothing = crate::lang::NothingInScope;
        let empty = crate::syntax::ast::Body::empty(crate::diagnostic::Range { source: crate::diagnostic::SourceId(0), start: 0, end: 0 });
        let body = block.map_or(&empty, |block: &ResourceBlock| &block.body);
        let timeouts_seconds = timeouts(body, &schema, &nothing, &mut found);
        let reason = match (key, self.options.mode) {
            (Some(_), PlanMode::Normal) => Reason::Deposed,
            (_, PlanMode::Destroy) => Reason::DestroyRequested,
            _ => self.reason(address),
        };
        let after = Value::null(base.before.ty().clone());
        Some(Change { action: Action::Delete, reason, after, timeouts_seconds, ..base })
    }

    fn reason(&self, address: &Instance) -> Reason {
        let place = self.world.find_instance(&address.module);
        let module = self.world.tree.find(&address.module.path()).map(|module| &self.world.tree.get(module).module);
        let block = module.and_then(|module| module.resources.get(&address.resource));
        match delete_reason(place.is_some(), block, address.key.as_ref()) {
            DeleteReason::NoResourceConfig | DeleteReason::NoModule if self.previous.contains_key(address) => {
                Reason::NoMoveTarget(self.previous[address].to_string().into())
            }
            DeleteReason::NoResourceConfig => Reason::NoResourceConfig,
            DeleteReason::NoModule => Reason::NoModule,
            DeleteReason::WrongRepetition => Reason::WrongRepetition,
            DeleteReason::Disabled => Reason::Disabled,
            DeleteReason::CountIndex(index) => Reason::CountIndex(index),
            DeleteReason::EachKey(key) => Reason::EachKey(key),
        }
    }

    /// What a mere refresh records.
    fn drifted(&self, config: &ProviderConfig, address: &Instance, object: &ObjectState, prior: &Value, live: &Value) -> Option<Recorded> {
        if prior == live {
            return None;
        }
        let schema = self.providers.by_source(&config.source)?.schema(Mode::Managed, &address.resource.type_name)?;
        let (attributes, sensitive) = encode_object(live, &schema);
        Some(Recorded::Object(ObjectState { attributes, sensitive, schema_version: schema.version, ..object.clone() }))
    }

    fn node_of(&self, address: &Instance) -> Option<crate::graph::NodeId> {
        let module = self.world.tree.find(&address.module.path())?;
        self.world.graph.id(module, &NodeKind::Resource(address.resource.clone()))
    }
}
