//! Does what a plan says, in memory.

use crate::address::Instance;
use crate::plan::tests::mock::providers;
use crate::plan::{Change, CheckedPlan, Resolver, StepOperation};
use crate::state::{InstanceState, ObjectPrivate, ObjectState, ObjectStatus, State, encode_object};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::schema::{assert_result_compatible, mark_sensitive};
use windlass_api::{Mode, Operation, Schema, Value};

/// The state after everything was done. Ids are those of the addresses.
///
/// # Panics
/// Something of the plan can't be resolved, or turns out to be other than it was planned.
pub fn run(plan: &CheckedPlan) -> State {
    let resolver = Resolver::new(plan, &providers(), &BTreeMap::new()).expect("the plan embeds its sources");
    let plan = plan.plan();
    let mut state = (*plan.refreshed).clone();
    for step in &plan.steps {
        let change = &plan.changes[step.change];
        if let Some(old) = &change.previous_address
            && step.operation != StepOperation::Join
            && let Some(moved) = state.instances.remove(old)
        {
            state.instances.insert(change.address.clone(), moved);
        }
        match step.operation {
            StepOperation::Provider(Operation::Create | Operation::Update) => made(&resolver, step.change, change, &mut state),
            StepOperation::Provider(Operation::Delete) => removed(&change.address, None, &mut state),
            StepOperation::SetAsideAndCreate => {
                let key = change.set_aside.clone().expect("a key was chosen");
                let instance = Arc::make_mut(state.instances.get_mut(&change.address).expect("what is replaced is there"));
                let old = instance.current.take().expect("what is replaced is there");
                instance.deposed.insert(key, old);
                made(&resolver, step.change, change, &mut state);
            }
            StepOperation::DeleteDeposed => removed(&change.address, change.deposed.as_ref().or(change.set_aside.as_ref()), &mut state),
            StepOperation::ReadData => {
                let query = resolver.resolve_data(step.change).unwrap_or_else(|found| panic!("{}: {found:?}", change.address));
                let value = mark_sensitive(&schema().block, &query.with_field("id", Value::string("read")).unmarked_deep());
                resolver.finish(&change.address, value.unmarked_deep());
                record(change, value, &mut state);
            }
            StepOperation::Record => record(change, change.after.clone(), &mut state),
            // Data sources leave the state so.
            StepOperation::Forget => drop(state.instances.remove(&change.address)),
            StepOperation::Join => {}
            StepOperation::Import => panic!("nothing is imported here"),
        }
    }
    let (outputs, found) = resolver.outputs();
    assert!(!found.has_errors(), "{found:?}");
    state.outputs = outputs;
    state
}

fn made(resolver: &Resolver, index: usize, change: &Change, state: &mut State) {
    let resolved = resolver.resolve(index, 0).unwrap_or_else(|found| panic!("{}: {found:?}", change.address));
    let id = match resolved.planned.get("id") {
        Some(id) if id.is_known() => id.clone(),
        _ => Value::string(format!("id-{}", change.address)),
    };
    let value = resolved.planned.with_field("id", id);
    let value = mark_sensitive(&schema().block, &value);
    let departed = assert_result_compatible(&change.after.unmarked_deep(), &value.unmarked_deep());
    assert!(departed.is_empty(), "{}: {departed:?}", change.address);
    resolver.finish(&change.address, value.unmarked_deep());
    record(change, value, state);
}

fn record(change: &Change, value: Value, state: &mut State) {
    let (attributes, sensitive) = encode_object(&value, &schema());
    let current = ObjectState {
        schema_version: 0,
        attributes,
        sensitive,
        status: ObjectStatus::Ready,
        dependencies: change.dependencies.clone(),
        create_before_destroy: change.create_before_destroy,
        private: ObjectPrivate::default(),
    };
    let deposed = state.instances.get(&change.address).map_or_else(BTreeMap::new, |instance| instance.deposed.clone());
    let instance = InstanceState { provider: change.provider.clone(), current: Some(current), deposed };
    state.instances.insert(change.address.clone(), Arc::new(instance));
}

pub fn schema() -> Arc<Schema> {
    providers().by_name("mock").and_then(|provider| provider.schema(Mode::Managed, "mock_thing")).expect("the mock has it")
}

fn removed(address: &Instance, deposed: Option<&crate::state::DeposedKey>, state: &mut State) {
    let instance = Arc::make_mut(state.instances.get_mut(address).expect("what is deleted is there"));
    match deposed {
        Some(key) => drop(instance.deposed.remove(key).expect("what is deleted is there")),
        None => drop(instance.current.take().expect("what is deleted is there")),
    }
    if instance.current.is_none() && instance.deposed.is_empty() {
        state.instances.remove(address);
    }
}
