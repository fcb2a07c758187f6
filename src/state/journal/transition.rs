//! What a record does to a state. Apply, replay and settlement all use these, so that they can't disagree.

use super::{IntentRecord, Outcome};
use crate::address::{Instance, ProviderConfig};
use crate::state::{DeposedKey, InstanceState, ObjectState, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Operation;

/// What an intent does: a creation may set the current object aside.
pub fn note_intent(state: &mut State, intent: &IntentRecord) {
    if let (Some(key), Operation::Create) = (&intent.set_aside, intent.request.operation) {
        state.set_aside(&intent.address, key);
    }
}

/// What an operation's end does.
pub fn note_outcome(state: &mut State, intent: &IntentRecord, outcome: &Outcome) {
    match outcome {
        Outcome::Object(object) => state.put(&intent.address, intent.deposed.as_ref(), &intent.provider, (**object).clone()),
        Outcome::Gone => state.remove(&intent.address, intent.deposed.as_ref()),
        Outcome::Unchanged => {}
    }
    if let Some(key) = &intent.set_aside {
        // Does nothing where something was made.
        state.restore(&intent.address, key);
    }
}

/// Under which key an object is recorded that an operation made where the state knows another one by now: as deposed, so that both are
/// known and the plan shows that it goes. `None` when the place is free, or it is the same object.
pub fn another_object(state: &State, intent: &IntentRecord, made: &ObjectState) -> Option<DeposedKey> {
    let is_creation = intent.request.operation == Operation::Create && intent.deposed.is_none();
    let there = state.current(&intent.address).filter(|_| is_creation)?;
    let id = |object: &ObjectState| object.attributes.get_str("id").map(str::to_owned);
    match (id(there), id(made)) {
        (Some(there), Some(made)) if there != made => {
            let digest = super::snapshot_digest(intent.id.0.as_bytes());
            Some(DeposedKey(digest[..8].into()))
        }
        _ => None,
    }
}

impl State {
    fn instance_mut(&mut self, address: &Instance) -> Option<&mut InstanceState> {
        self.instances.get_mut(address).map(Arc::make_mut)
    }

    /// Records an object.
    pub fn put(&mut self, address: &Instance, deposed: Option<&DeposedKey>, provider: &ProviderConfig, object: ObjectState) {
        let empty = || Arc::new(InstanceState { provider: provider.clone(), current: None, deposed: BTreeMap::new() });
        let instance = Arc::make_mut(self.instances.entry(address.clone()).or_insert_with(empty));
        instance.provider = provider.clone();
        match deposed {
            Some(key) => drop(instance.deposed.insert(key.clone(), object)),
            None => instance.current = Some(object),
        }
    }

    /// Removes an object, and its instance if it was the last.
    pub fn remove(&mut self, address: &Instance, deposed: Option<&DeposedKey>) {
        let Some(instance) = self.instance_mut(address) else { return };
        match deposed {
            Some(key) => drop(instance.deposed.remove(key)),
            None => instance.current = None,
        }
        if instance.current.is_none() && instance.deposed.is_empty() {
            self.instances.remove(address);
        }
    }

    /// Gives an instance another address, unless that is taken.
    pub fn rename(&mut self, from: &Instance, to: &Instance) {
        if !self.instances.contains_key(to)
            && let Some(instance) = self.instances.remove(from)
        {
            self.instances.insert(to.clone(), instance);
        }
    }

    /// Makes the current object a deposed one.
    pub fn set_aside(&mut self, address: &Instance, key: &DeposedKey) {
        if let Some(instance) = self.instance_mut(address)
            && let Some(object) = instance.current.take()
        {
            instance.deposed.insert(key.clone(), object);
        }
    }

    /// The reverse of [`State::set_aside`], if nothing has taken its place.
    pub fn restore(&mut self, address: &Instance, key: &DeposedKey) {
        if let Some(instance) = self.instance_mut(address)
            && instance.current.is_none()
        {
            instance.current = instance.deposed.remove(key);
        }
    }
}
