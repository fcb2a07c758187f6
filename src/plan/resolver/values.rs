//! The values of resources while a plan is applied: from instances that have finished, and from what was planned of the others.

use super::Inner;
use crate::address::{Instance, Mode, Resource, of_resource};
use crate::desired::{NodeKind, expand};
use crate::diagnostic::Diagnostics;
use crate::plan::managed::late_value;
use crate::plan::recorded::decoded;
use crate::plan::{Action, Plan, PlanMode};
use std::sync::Arc;
use windlass_api::{Type, Value};

impl Inner {
    /// Puts a resource's value together from its instances: finished, or as planned. Returns whether apply changes any.
    pub(super) fn put_together(&mut self, plan: &Plan, instance: usize, resource: &Resource) -> bool {
        if resource.mode == Mode::Ephemeral {
            self.put_opened_together(instance, resource);
            return true;
        }
        let placed = self.world.placed(instance);
        let block = &self.world.tree.get(placed.module).module.resources[resource];
        let (counted, keyed, is_optional) = (block.count.is_some(), block.for_each.is_some(), block.enabled.is_some());
        let mut changes_any = false;
        let mut values: Vec<(Instance, Value)> = Vec::new();
        for (address, index) in of_resource(&self.changes, &placed.address, resource) {
            let change = &plan.changes[*index];
            changes_any |= change.action != Action::NoOp;
            if change.after.is_null() {
                continue;
            }
            let value = self.finished.get(address).cloned().unwrap_or_else(|| late_value(&change.after, &change.variants));
            values.push((address.clone(), value));
        }
        let whole = match (counted, keyed) {
            (true, _) => Value::tuple(values.into_iter().map(|(_, value)| value).collect()),
            (false, true) => {
                Value::object(values.into_iter().filter_map(|(address, value)| Some((string_key(&address)?, value))).collect())
            }
            (false, false) => match values.into_iter().next() {
                Some((_, value)) => value,
                None if is_optional => Value::null(Type::Dynamic),
                None => Value::unknown(Type::Dynamic),
            },
        };
        let whole = self.put_part_together(plan, instance, resource).unwrap_or(whole);
        self.world.set(instance, &NodeKind::Resource(resource.clone()), whole);
        changes_any
    }

    /// The value of a resource of which only some instances are in the plan: the others are as recorded. `None` when it is whole.
    fn put_part_together(&self, plan: &Plan, instance: usize, resource: &Resource) -> Option<Value> {
        let placed = self.world.placed(instance);
        let id = self.world.graph.id(placed.module, &NodeKind::Resource(resource.clone()))?;
        if plan.mode == PlanMode::Normal && !self.selection.as_ref().is_some_and(|selection| selection.divides(id)) {
            return None;
        }
        let block = &self.world.tree.get(placed.module).module.resources[resource];
        let expansion = expand(&block.repeats(), &self.world.scope(instance), &mut Diagnostics::none())?;
        let value = |key| {
            let address = Instance { module: placed.address.clone(), resource: resource.clone(), key };
            let planned = self.changes.get(&address).map(|index| &plan.changes[*index]).filter(|change| !change.after.is_null());
            let finished = self.finished.get(&address).cloned();
            let known = finished.or_else(|| planned.map(|change| late_value(&change.after, &change.variants)));
            known.or_else(|| decoded(&address, &plan.refreshed, &self.providers)).unwrap_or_else(|| Value::unknown(Type::Dynamic))
        };
        Some(expansion.whole(expansion.instances().map(|(key, _)| value(key)).collect()))
    }
}

/// A value whose unknown parts are null.
pub(super) fn nulls_for_unknown(value: &Value) -> Value {
    value.transform(&mut |_, part| (!part.is_known()).then(|| Value::null(part.ty().clone())))
}

fn string_key(address: &Instance) -> Option<Arc<str>> {
    match &address.key {
        Some(crate::address::InstanceKey::String(key)) => Some(key.clone()),
        _ => None,
    }
}
