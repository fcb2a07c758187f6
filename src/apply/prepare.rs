//! Making a step ready to run, and the steps that are no operation.

use super::dispatcher::Dispatcher;
use super::fault::{read_failure, unchecked};
use super::message::{Message, Reporter, StepEnd};
use super::operate::{Operate, Shared};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{Action, Change, Plan, ProviderPin, StepId, StepOperation};
use crate::state::journal::Record;
use crate::state::{ObjectPrivate, ObjectState, ObjectStatus};
use std::sync::Arc;
use windlass_api::{Error, ErrorKind, Marks, Operation, Schema, Type, Value};

/// What a step's worker does.
pub(super) enum Work {
    Operate(Box<Operate>),
    Read { change: usize, query: Value },
    Record(Record, Option<Value>),
}

impl Dispatcher {
    /// Makes a step ready to run: everything that it needs is known now.
    pub(super) fn prepare(&self, step: StepId) -> Result<Work, Diagnostics> {
        let index = self.plan.steps[step].change;
        let change = self.change(step);
        match self.plan.steps[step].operation {
            StepOperation::Provider(operation) => self.prepare_operation(index, operation, false),
            StepOperation::SetAsideAndCreate => self.prepare_operation(index, Operation::Create, true),
            StepOperation::DeleteDeposed => self.prepare_operation(index, Operation::Delete, true),
            StepOperation::ReadData => Ok(Work::Read { change: index, query: self.resolver.resolve_data(index)? }),
            StepOperation::Record | StepOperation::Join => self.prepare_record(change, &change.after),
            StepOperation::Import => self.prepare_import(change),
            StepOperation::Forget => Ok(Work::Record(Record::Forget(change.address.clone(), change.deposed.clone()), None)),
        }
    }

    fn prepare_record(&self, change: &Change, value: &Value) -> Result<Work, Diagnostics> {
        let schema = schema_of(&self.shared, change)?;
        let object = self.template(change).with_value(value, &schema);
        let record = Record::Put(change.address.clone(), change.provider.clone(), Box::new(object));
        Ok(Work::Record(record, Some(value.clone())))
    }

    /// The object as it is; if nothing else is done to it, with the marks that the configuration gives it.
    fn prepare_import(&self, change: &Change) -> Result<Work, Diagnostics> {
        let schema = schema_of(&self.shared, change)?;
        let value = if change.action == Action::NoOp { &change.after } else { &change.before };
        let object = self.template_for(change, Operation::Create).with_value(value, &schema);
        Ok(Work::Record(Record::Put(change.address.clone(), change.provider.clone(), Box::new(object)), None))
    }

    /// `aside`: the creation sets the current object aside, the deletion is of what was set aside.
    fn prepare_operation(&self, index: usize, operation: Operation, aside: bool) -> Result<Work, Diagnostics> {
        let change = &self.plan.changes[index];
        let resolved = match operation {
            Operation::Delete => None,
            _ => Some(self.resolver.resolve(index, 0)?),
        };
        if let (Operation::Update, Some(resolved)) = (operation, &resolved)
            && resolved.planned.unmarked_deep() == change.before.unmarked_deep()
        {
            // What was unknown at plan time turned out to be what is there.
            return self.prepare_record(change, &resolved.planned);
        }
        let aside_key = change.set_aside.clone().filter(|_| aside);
        let [create, update, delete] = change.timeouts_seconds;
        let (prior, deposed, set_aside, timeout_seconds) = match operation {
            Operation::Create => (None, None, aside_key, create),
            Operation::Update => (Some(change.before.unmarked_deep()), None, None, update),
            Operation::Delete => (Some(change.before.unmarked_deep()), change.deposed.clone().or(aside_key), None, delete),
        };
        Ok(Work::Operate(Box::new(Operate {
            address: change.address.clone(),
            deposed,
            set_aside,
            provider: change.provider.clone(),
            provider_config: pin_of(&self.plan, change)?.config.clone(),
            operation,
            prior,
            resolved,
            template: self.template_for(change, operation),
            schema: schema_of(&self.shared, change)?,
            timeout_seconds,
            variants: change.variants.iter().map(|variant| variant.label.clone()).collect(),
        })))
    }

    /// Everything but the attributes, as the object is recorded now; anew for one that is made.
    fn template_for(&self, change: &Change, operation: Operation) -> ObjectState {
        let mut template = self.template(change);
        if operation == Operation::Create {
            template.status = ObjectStatus::Ready;
            template.private = ObjectPrivate::default();
        }
        if let Some(account) = self.plan.providers.get(&change.provider).and_then(|pin| pin.account.as_ref()) {
            template.private.account.get_or_insert_with(|| account.id.as_str().into());
            if let Some(region) = &account.region {
                template.private.region.get_or_insert_with(|| region.as_str().into());
            }
        }
        template
    }

    fn template(&self, change: &Change) -> ObjectState {
        let instance = self.state.instances.get(&change.address);
        let recorded = instance.and_then(|instance| match &change.deposed {
            Some(key) => instance.deposed.get(key),
            None => instance.current.as_ref(),
        });
        ObjectState {
            schema_version: 0,
            attributes: Value::null(Type::Dynamic),
            sensitive: Vec::new(),
            status: recorded.map(|object| object.status).unwrap_or_default(),
            dependencies: change.dependencies.clone(),
            create_before_destroy: change.create_before_destroy,
            private: recorded.map(|object| object.private.clone()).unwrap_or_default(),
        }
    }
}

fn pin_of<'a>(plan: &'a Plan, change: &Change) -> Result<&'a ProviderPin, Diagnostics> {
    plan.providers.get(&change.provider).ok_or_else(|| {
        let detail = format!("{} needs {}, which the plan does not hold. This is a fault of Windlass.", change.address, change.provider);
        Diagnostic::error("The plan lacks a provider configuration", detail).about(&change.address).into()
    })
}

fn schema_of(shared: &Shared, change: &Change) -> Result<Arc<Schema>, Diagnostics> {
    let resource = &change.address.resource;
    let provider = shared.clients.providers().by_source(&change.provider.source);
    provider.and_then(|provider| provider.schema(resource.mode, &resource.type_name)).ok_or_else(|| {
        let detail = format!("This build has no schema of {}, which {} needs.", resource.type_name, change.address);
        Diagnostic::error("Unknown resource type", detail).about(&change.address).into()
    })
}

pub(super) async fn read(plan: &Plan, index: usize, query: Value, shared: &Shared, reporter: &Reporter) -> StepEnd {
    let change = &plan.changes[index];
    let failed = |error: &Error| match change.in_check {
        true => StepEnd::Unchecked(unchecked(&change.address, error)),
        false => StepEnd::Failed(read_failure(&change.address, error)),
    };
    let (pin, schema) = match pin_of(plan, change).and_then(|pin| Ok((pin, schema_of(shared, change)?))) {
        Ok(both) => both,
        Err(problems) => return StepEnd::Failed(problems),
    };
    let client = match shared.clients.get(&change.provider, &pin.config).await {
        Ok(client) => client,
        Err(error) => return failed(&error),
    };
    let type_name = &change.address.resource.type_name;
    let value = match client.read_data(type_name, &[query.unmarked_deep()]).await.into_iter().next() {
        Some(Ok(value)) => value.with_marks_at(&query.marked_paths(Marks::SENSITIVE), Marks::SENSITIVE),
        Some(Err(error)) => return failed(&error),
        None => return failed(&Error::new(ErrorKind::Internal, "The provider gave no answer.")),
    };
    let blank = ObjectState {
        schema_version: 0,
        attributes: Value::null(Type::Dynamic),
        sensitive: Vec::new(),
        status: Default::default(),
        dependencies: change.dependencies.clone(),
        create_before_destroy: false,
        private: Default::default(),
    };
    let record = Record::Put(change.address.clone(), change.provider.clone(), Box::new(blank.with_value(&value, &schema)));
    put_down(record, Some(value), shared, reporter).await
}

/// Records something that needs no operation.
pub(super) async fn put_down(record: Record, value: Option<Value>, shared: &Shared, reporter: &Reporter) -> StepEnd {
    match shared.journal.append(vec![record.clone()]).await {
        Ok(()) => {
            reporter.send(Message::Recorded(record));
            StepEnd::Done(value)
        }
        Err(_) => StepEnd::Unrecorded,
    }
}
