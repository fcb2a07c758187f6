//! Data sources: read while planning, unless what they need is told only by apply.

use super::managed::{Context, unchanged};
use super::refresh::{cloud_diagnostic, wrong_answer};
use super::walk::{Planned, Recorded, Walk};
use super::{Action, Answer, Ask, Change, Reason};
use crate::address::{Instance, ModuleInstance, Resource};
use crate::desired::{
    CheckPart, ConditionKind, NodeKind, Outcome, Repetition, check_conditions, checked_instance, problem_diagnostic, refuse_ephemeral,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::diff::{mark_sensitive, proposed_new};
use crate::graph::NodeId;
use crate::lang::decode_body;
use crate::state::{CheckObject, CheckStatus, ObjectPrivate, ObjectState, ObjectStatus, encode_object};
use std::sync::Arc;
use windlass_api::{Marks, Mode, Type, Value};

impl Walk<'_> {
    /// Plans all instances of a data source.
    pub fn plan_data(&mut self, id: NodeId, module: usize, resource: &Resource) {
        let declared = self.world.tree.get(module).module.clone();
        let block = &declared.resources[resource];
        let Some(context) = self.context(id, module, block) else { return };
        if !context.provider.is_implemented(Mode::Data, &resource.type_name) {
            let detail = format!("The data source {} is not implemented yet, so {resource} can't be read.", resource.type_name);
            return self.fail(Diagnostic::error("Data source not implemented", detail).at(block.range));
        }
        self.each_instance(module, block, Marks::NONE, &mut |walk, instance, address, repetition| match walk
            .planned_with(&context, instance, &address, repetition)
        {
            Ok(own) => walk.plan_data_instance(&own, instance, address, repetition),
            Err(value) => value,
        });
    }

    fn plan_data_instance(&mut self, context: &Context<'_>, instance: usize, address: Instance, repetition: &Repetition) -> Value {
        let unknown = Value::unknown(context.object_type.clone());
        let Some(query) = self.decode_query(context, instance, &address, repetition) else { return unknown };
        if let Some(reason) = self.deferral(context, &query) {
            return self.defer(context, address, &query, reason);
        }
        if self.unusable.contains(&self.canonical(&context.config)) {
            return unknown;
        }
        let ask = Ask::Data {
            address: Some(address.clone()),
            type_name: address.resource.type_name.clone(),
            provider: context.config.clone(),
            config: context.provider_value.clone(),
            query: query.unmarked_deep(),
        };
        match self.answer(ask) {
            None => {
                self.pending[context.id] = true;
                unknown
            }
            Some(Answer::Data(value)) => {
                let value = value.with_marks_at(&query.marked_paths(Marks::SENSITIVE), Marks::SENSITIVE);
                let value = mark_sensitive(&context.schema.block, &value);
                match &context.block.check {
                    Some(_) => self.read_again(context, address, value),
                    None => self.add_read(context, instance, address, value, repetition),
                }
            }
            Some(Answer::Failed(error)) if context.block.check.is_some() => {
                let warning = cloud_diagnostic("Data source can't be read", &address, error).at(context.block.range).about(&address);
                self.fail_check(context, &address.module, &warning);
                self.fail(Diagnostic { severity: Severity::Warning, ..warning });
                self.defer(context, address, &query, Reason::CheckNested)
            }
            Some(Answer::Failed(error)) => {
                let error = cloud_diagnostic("Data source can't be read", &address, error).at(context.block.range).about(&address);
                self.fail(error);
                unknown
            }
            Some(_) => {
                self.fail(wrong_answer(&address));
                unknown
            }
        }
    }

    /// A data source of a `check` block is read again when everything is done: what it says now may not hold then.
    fn read_again(&mut self, context: &Context<'_>, address: Instance, value: Value) -> Value {
        let change = Change {
            action: Action::Read,
            reason: Reason::CheckNested,
            in_check: true,
            before: Value::null(context.object_type.clone()),
            ..unchanged(address, context.config.clone(), value.clone(), self.dependencies[context.id].clone())
        };
        self.add(Planned { change, node: Some(context.id), recorded_dependencies: Arc::from([]), record: None });
        value
    }

    /// Notes that a `check` block fails because its data source can't be read.
    fn fail_check(&mut self, context: &Context<'_>, module: &ModuleInstance, why: &Diagnostic) {
        let Some(check) = &context.block.check else { return };
        let Some(place) = checked_instance(module, &NodeKind::Check(check.clone())) else { return };
        let messages = vec![format!("{}: {}", why.summary, why.detail).into()];
        self.world.checks.borrow_mut().note(place, CheckPart::Before, CheckObject { status: CheckStatus::Failed, messages });
    }

    /// Evaluates the configuration of something that is only read or opened, and what stands before it; `None` when it is wrong, or
    /// waits for a file that was asked for.
    pub(super) fn decode_query(
        &mut self,
        context: &Context<'_>,
        instance: usize,
        address: &Instance,
        repetition: &Repetition,
    ) -> Option<Value> {
        let mut found = Diagnostics::none();
        let questions = self.world.asked_file_count();
        let scope = self.world.scope(instance).repeated(repetition);
        let kind = ConditionKind::Precondition(address);
        let outcome = check_conditions(&context.block.lifecycle.preconditions, kind, &scope, &self.world, &mut found);
        let (query, more) = decode_body(&context.bodies[0], &context.schema.block, &scope);
        found.extend(more);
        let mode = address.resource.mode;
        if mode == Mode::Data {
            found.extend(refuse_ephemeral(&query, &context.bodies[0], &context.schema.block, context.block.range, address));
        }
        if !found.has_errors() {
            for problem in context.provider.validate(mode, &address.resource.type_name, &query.unmarked_deep()) {
                found.push(problem_diagnostic(&problem, context.block).about(address));
            }
        }
        let failed = outcome == Outcome::Failed || found.has_errors();
        self.diagnostics.extend(found);
        let waits = self.world.asked_file_count() > questions;
        self.pending[context.id] |= waits && !failed;
        (!failed && !waits).then_some(query)
    }

    /// Why it can't be read yet: only what it needs itself counts, not what its module waits for in general.
    fn deferral(&self, context: &Context<'_>, query: &Value) -> Option<Reason> {
        if !query.is_wholly_known() {
            return Some(Reason::ConfigUnknown);
        }
        let explicit = self.world.graph.explicit.get(&context.id).into_iter().flatten();
        let lifecycle = &context.block.lifecycle;
        let has_conditions = !lifecycle.preconditions.is_empty() || !lifecycle.postconditions.is_empty();
        let waits = explicit.copied().any(|target| self.changing[target]) || (has_conditions && self.changing[context.id]);
        waits.then_some(Reason::DependencyPending)
    }

    fn defer(&mut self, context: &Context<'_>, address: Instance, query: &Value, reason: Reason) -> Value {
        let after = proposed_new(&context.schema.block, None, &query.unmarked_deep());
        let after = after.with_marks_at(&query.marked_paths(Marks::SENSITIVE), Marks::SENSITIVE);
        let after = mark_sensitive(&context.schema.block, &after);
        let change = Change {
            action: Action::Read,
            reason,
            in_check: context.block.check.is_some(),
            before: Value::null(context.object_type.clone()),
            ..unchanged(address, context.config.clone(), after.clone(), self.dependencies[context.id].clone())
        };
        self.changing[context.id] = true;
        self.add(Planned { change, node: Some(context.id), recorded_dependencies: Arc::from([]), record: None });
        after
    }

    fn add_read(&mut self, context: &Context<'_>, instance: usize, address: Instance, value: Value, repetition: &Repetition) -> Value {
        let own = if address.key.is_none() { value.clone() } else { Value::unknown(Type::Dynamic) };
        let scope = self.world.scope(instance).repeated(repetition).with_self(&value).with_own(&context.block.address, &own);
        let mut found = Diagnostics::none();
        let kind = ConditionKind::Postcondition(&address);
        check_conditions(&context.block.lifecycle.postconditions, kind, &scope, &self.world, &mut found);
        self.diagnostics.extend(found);
        let (attributes, sensitive) = encode_object(&value, &context.schema);
        let dependencies = self.dependencies[context.id].clone();
        let object = ObjectState {
            schema_version: context.schema.version,
            attributes,
            sensitive,
            status: ObjectStatus::Ready,
            dependencies: dependencies.clone(),
            create_before_destroy: false,
            private: ObjectPrivate::default(),
        };
        let is_recorded = self
            .facts
            .state
            .current(&address)
            .is_some_and(|recorded| recorded.attributes == object.attributes && recorded.dependencies == object.dependencies);
        let record = (!is_recorded).then_some(Recorded::Object(object));
        let change = unchanged(address, context.config.clone(), value.clone(), dependencies);
        self.add(Planned { change, node: Some(context.id), recorded_dependencies: Arc::from([]), record });
        value
    }
}
