//! Ephemeral resources: opened while planning, unless what they need is told only by apply. Nothing of them is part of the plan.

use super::managed::Context;
use super::refresh::{cloud_diagnostic, wrong_answer};
use super::walk::Walk;
use super::{Answer, Ask, PlanMode};
use crate::address::{Instance, Resource};
use crate::desired::{ConditionKind, Repetition, check_conditions};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::NodeId;
use windlass_api::schema::mark_sensitive;
use windlass_api::{Marks, Mode, Schema, Type, Value};

/// An ephemeral object that is not known yet.
fn not_open(context: &Context<'_>) -> Value {
    Value::unknown(context.object_type.clone()).with_marks(Marks::EPHEMERAL)
}

/// An ephemeral object as expressions see it.
pub(super) fn opened_value(schema: &Schema, value: &Value) -> Value {
    mark_sensitive(&schema.block, value).with_marks(Marks::EPHEMERAL)
}

impl Walk<'_> {
    /// Opens all instances of an ephemeral resource. A destruction opens only what providers need.
    pub fn plan_ephemeral(&mut self, id: NodeId, module: usize, resource: &Resource) {
        let declared = self.world.tree.get(module).module.clone();
        let block = &declared.resources[resource];
        let Some(context) = self.context(id, module, block) else { return };
        if !self.is_openable(&context) {
            return;
        }
        self.each_instance(module, block, Marks::EPHEMERAL, &mut |walk, instance, address, repetition| match walk
            .for_instance(&context, instance, &address, repetition)
        {
            Some(own) => walk.open_instance(&own, instance, address, repetition),
            None => not_open(&context),
        });
    }

    fn open_instance(&mut self, context: &Context<'_>, instance: usize, address: Instance, repetition: &Repetition) -> Value {
        let unknown = not_open(context);
        let Some(query) = self.decode_query(context, instance, &address, repetition) else { return unknown };
        let explicit = self.world.graph.explicit.get(&context.id).into_iter().flatten();
        let waits = self.options.mode == PlanMode::Normal && explicit.copied().any(|target| self.changing[target]);
        if !query.is_wholly_known() || waits {
            self.changing[context.id] = true;
            return unknown;
        }
        if self.unusable.contains(&self.canonical(&context.config)) {
            return unknown;
        }
        let ask = Ask::Ephemeral {
            address: address.clone(),
            provider: context.config.clone(),
            config: context.provider_value.clone(),
            query: query.unmarked_deep(),
        };
        match self.answer(ask) {
            None => {
                self.pending[context.id] = true;
                unknown
            }
            Some(Answer::Opened(value)) => {
                let value = opened_value(&context.schema, value);
                self.check_opened(context, instance, &address, &value, repetition);
                value
            }
            Some(Answer::Failed(error)) => {
                let error = cloud_diagnostic("Ephemeral resource can't be opened", &address, error);
                self.fail(error.at(context.block.range).about(&address));
                unknown
            }
            Some(_) => {
                self.fail(wrong_answer(&address));
                unknown
            }
        }
    }

    fn check_opened(&mut self, context: &Context<'_>, instance: usize, address: &Instance, value: &Value, repetition: &Repetition) {
        let own = if address.key.is_none() { value.clone() } else { Value::unknown(Type::Dynamic) };
        let scope = self.world.scope(instance).repeated(repetition).with_self(value).with_own(&context.block.address, &own);
        let mut found = Diagnostics::none();
        let kind = ConditionKind::Postcondition(address);
        check_conditions(&context.block.lifecycle.postconditions, kind, &scope, &self.world, &mut found);
        self.diagnostics.extend(found);
    }

    /// Refuses an ephemeral resource whose provider can't open it.
    fn is_openable(&mut self, context: &Context<'_>) -> bool {
        let type_name = &context.block.address.type_name;
        let is_implemented = context.provider.is_implemented(Mode::Ephemeral, type_name);
        if !is_implemented {
            let detail =
                format!("The ephemeral resource {type_name} is not implemented yet, so {} can't be opened.", context.block.address);
            self.fail(Diagnostic::error("Ephemeral resource not implemented", detail).at(context.block.range));
        }
        is_implemented
    }
}
