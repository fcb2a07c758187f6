//! The instances of a block, one after the other.

use super::managed::Context;
use super::walk::Walk;
use crate::address::Instance;
use crate::config::ResourceBlock;
use crate::desired::{NodeKind, Repetition, expand};
use crate::diagnostic::Diagnostics;
use std::borrow::Cow;
use windlass_api::{Marks, Value};

impl Walk<'_> {
    /// Expands a block in each instance of its module, and puts its value together from those that `value` gives its instances.
    pub(super) fn each_instance(
        &mut self,
        module: usize,
        block: &ResourceBlock,
        marks: Marks,
        value: &mut dyn FnMut(&mut Self, usize, Instance, &Repetition) -> Value,
    ) {
        for instance in self.world.instances_of(module) {
            let mut found = Diagnostics::none();
            let expansion = expand(&block.repeats(), &self.world.scope(instance), &mut found);
            self.diagnostics.extend(found);
            let Some(expansion) = expansion else { continue };
            let module = self.world.placed(instance).address.clone();
            let mut values = Vec::with_capacity(expansion.len());
            self.planned.reserve(expansion.len());
            for (key, repetition) in expansion.instances() {
                let address = Instance { module: module.clone(), resource: block.address.clone(), key };
                values.push(value(self, instance, address, &repetition));
            }
            self.world.set(instance, &NodeKind::Resource(block.address.clone()), expansion.whole(values).with_marks(marks));
        }
    }

    /// What an instance is planned with; instead the value of one that is not planned.
    pub(super) fn planned_with<'x, 'c>(
        &mut self,
        context: &'x Context<'c>,
        instance: usize,
        address: &Instance,
        repetition: &Repetition,
    ) -> Result<Cow<'x, Context<'c>>, Value> {
        match self.has_instance(context.id, address) {
            true => self.for_instance(context, instance, address, repetition).ok_or_else(|| Value::unknown(context.object_type.clone())),
            false => Err(self.value_left_alone(address)),
        }
    }
}
