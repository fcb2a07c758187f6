//! Provider configurations with `for_each`: which instance each object is planned with.

use super::managed::Context;
use super::walk::{Live, Walk};
use crate::address::{Instance, InstanceKey, ProviderConfig};
use crate::config::ProviderBlock;
use crate::desired::Repetition;
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::borrow::Cow;
use std::collections::BTreeSet;

impl Walk<'_> {
    /// Evaluates every instance of a provider configuration. Objects of the state whose instance is no more can't be worked with.
    pub fn pin_instances(&mut self, config: &ProviderConfig, block: &ProviderBlock) {
        let mut found = Diagnostics::none();
        let instances = self.world.provider_instances(block, &mut found);
        self.diagnostics.extend(found);
        let Some(instances) = instances else { return };
        let mut keys: BTreeSet<Option<InstanceKey>> = BTreeSet::new();
        for (key, repetition) in instances {
            self.pin(&ProviderConfig { key: key.clone(), ..config.clone() }, &repetition);
            keys.insert(key);
        }
        let config = self.canonical(config);
        let gone = self.managers.iter().filter(|(manager, _)| manager.is_of_block(&config) && !keys.contains(&manager.key));
        let gone: Vec<(ProviderConfig, String)> =
            gone.map(|(manager, objects)| (manager.clone(), objects.first().map(ToString::to_string).unwrap_or_default())).collect();
        for (manager, object) in gone {
            self.fail(instance_gone(&manager, &object).at(block.range).about(&object));
        }
        self.expanded_providers.insert(config);
    }

    /// What an instance of a resource is planned with: of a provider with `for_each` the instance that its key names. `None` after a
    /// message, or while something is asked.
    pub fn for_instance<'x, 'c>(
        &mut self,
        context: &'x Context<'c>,
        instance: usize,
        address: &Instance,
        repetition: &Repetition,
    ) -> Option<Cow<'x, Context<'c>>> {
        let Some(index) = &context.index else { return Some(Cow::Borrowed(context)) };
        let chosen = match self.world.provider_instance_key(instance, index, repetition) {
            Ok(chosen) => chosen,
            Err(errors) => {
                self.diagnostics.extend(errors);
                return None;
            }
        };
        let config = ProviderConfig { key: Some(chosen.clone()), ..context.config.clone() };
        let Some(pin) = self.pins.get(&config) else {
            // After a message about the configuration itself nothing is left to say.
            if !self.diagnostics.has_errors() {
                let known = self.pins.keys().filter(|pin| pin.is_of_block(&config)).filter_map(|pin| pin.key.as_ref());
                let known: Vec<String> = known.map(ToString::to_string).collect();
                let detail = format!("{} has no instance {chosen}; it has {}.", context.config, listed(&known));
                self.fail(Diagnostic::error("Invalid provider instance key", detail).at(index.expression.range));
            }
            return None;
        };
        let provider_value = pin.config.clone();
        let recorded = self.state_of(address).map(|state| self.canonical(&state.provider));
        // The state's object was read by the instance that the state names; another one sees other objects.
        if recorded.is_some_and(|recorded| recorded != config) {
            let object = (address.clone(), None);
            let was_there = matches!(self.live.get(&object), Some(Live::Present(..)));
            self.read_objects_of(&config, &object.0);
            match self.live.get(&object) {
                Some(Live::Pending) => {
                    self.pending[context.id] = true;
                    return None;
                }
                Some(Live::Gone) if was_there => {
                    let recorded = self.state_of(&object.0).map(|state| state.provider.to_string()).unwrap_or_default();
                    self.fail(left_behind(&object.0, &recorded, &config).at(index.expression.range).about(&object.0));
                    return None;
                }
                _ => {}
            }
        }
        Some(Cow::Owned(Context { config, provider_value, ..context.clone() }))
    }
}

/// The error for an object that another provider instance than the chosen one has.
fn left_behind(address: &Instance, recorded: &str, chosen: &ProviderConfig) -> Diagnostic {
    let detail = format!(
        "The object of {address} was made by {recorded} and is still there; {chosen}, which the configuration chooses now, does not have it. \
         It would be made anew, and the old object forgotten. Remove {address} from the configuration and apply, then add it again; or run \
         \"windlass state rm\" if the old object shall stay without being managed."
    );
    Diagnostic::error("Object of another provider instance", detail)
}

fn listed(keys: &[String]) -> String {
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}

/// The error for an object whose provider configuration lost the element that it was made with.
fn instance_gone(config: &ProviderConfig, object: &str) -> Diagnostic {
    let detail = format!(
        "To work with {object} its original provider instance at {config} is required, but it has been removed. This occurs when an element is \
         removed from the provider configuration's for_each collection while objects created by that provider instance still exist in the \
         state. Re-add the for_each element to destroy {object}, after which you can remove it again.\n\nThis is commonly caused by using the \
         same for_each collection both for a resource (or its containing module) and its provider configuration. To remove an instance of a \
         resource it must be possible to remove its element from the resource's for_each collection while the provider's still has it."
    );
    Diagnostic::error("Provider instance not present", detail)
}
