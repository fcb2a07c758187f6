//! Providers and the state's objects: what they are now, and whether they are where the state left them.

use super::walk::{Live, Walk};
use super::{Answer, Ask, PlanMode, ProviderPin};
use crate::address::{Instance, Mode, ProviderConfig};
use crate::desired::{Repetition, find_provider, provider_block};
use crate::diagnostic::{Diagnostic, Range, SourceId};
use crate::diff::mark_sensitive;
use crate::graph::NodeId;
use crate::lang::decode_body;
use crate::state::{DeposedKey, ObjectState, decode_object};
use crate::syntax::ast::Body;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{Account, Error, ErrorKind, Marks, Provider, Schema, Type, Value};

/// The error for a provider configuration that nothing can be done with.
pub(super) fn provider_not_known(config: &ProviderConfig) -> Diagnostic {
    let detail = format!(
        "The configuration of {config} depends on values that are known only after apply, so nothing can be planned with it. Apply what it \
         depends on first, from a configuration of its own."
    );
    Diagnostic::error("Provider configuration is not known yet", detail)
}

/// So many objects of one provider must be gone at once, and more than half of them, for the run to stop: a wrong account or
/// region looks like that, and going on would make everything again.
const GONE_MINIMUM: usize = 3;

impl Walk<'_> {
    /// Provider configurations that only the state knows have no block and so no value but the empty one.
    pub fn pin_undeclared_providers(&mut self) {
        let declared: BTreeSet<ProviderConfig> = self.provider_nodes();
        let missing: Vec<ProviderConfig> = self.managers.keys().filter(|config| !declared.contains(config)).cloned().collect();
        for config in missing {
            // Whether a block with `for_each` has the instance is told once it is evaluated.
            if declared.contains(&config.block()) && provider_block(&self.world.tree, &config).is_some_and(|block| block.for_each.is_some())
            {
                continue;
            }
            if config.alias.is_none() && config.key.is_none() && self.providers.by_source(&config.source).is_some() {
                self.pin(&config, &Repetition::default());
                continue;
            }
            let whose = self.managers[&config].first().map(ToString::to_string).unwrap_or_default();
            if self.providers.by_source(&config.source).is_none() {
                if let Err(error) = find_provider(self.providers, &config.source, None) {
                    self.fail(error.about(&whose));
                }
                continue;
            }
            let detail = format!(
                "To work with {whose} its original provider configuration at {config} is required, but it has been removed. This occurs \
                 when a provider configuration is removed while objects created by that provider still exist in the state. Re-add \
                 the provider configuration to destroy {whose}, after which you can remove the provider configuration again."
            );
            self.fail(Diagnostic::error("Provider configuration not present", detail).about(&whose));
        }
    }

    fn provider_nodes(&self) -> BTreeSet<ProviderConfig> {
        let nodes = self.world.graph.dag.nodes().filter_map(|(_, node)| match &node.kind {
            crate::desired::NodeKind::Provider(config) => Some(self.canonical(config)),
            _ => None,
        });
        nodes.collect()
    }

    /// Evaluates a provider configuration, if anything uses it.
    pub fn pin_provider(&mut self, id: NodeId, config: &ProviderConfig) {
        let block = provider_block(&self.world.tree, config).filter(|block| block.for_each.is_some()).cloned();
        let canonical = self.canonical(config);
        let is_managing = match &block {
            Some(_) => self.managers.keys().any(|manager| manager.is_of_block(&canonical)),
            None => self.managers.contains_key(&canonical),
        };
        // A part of the state is deleted without the providers of the rest.
        let only_managers = self.options.mode == PlanMode::Destroy && self.selection.is_some();
        let has_dependents = || self.world.graph.dag.dependents(id).next().is_some();
        if !is_managing && (only_managers || !has_dependents()) {
            return;
        }
        match block {
            Some(block) => self.pin_instances(config, &block),
            None => self.pin(config, &Repetition::default()),
        }
    }

    pub(super) fn pin(&mut self, config: &ProviderConfig, repetition: &Repetition) {
        let Some(provider) = self.providers.by_source(&config.source).cloned() else { return };
        let nothing = Range { source: SourceId(0), start: 0, end: 0 };
        let block = provider_block(&self.world.tree, config).map(|block| (block.body.clone(), block.range));
        let (body, range) = block.unwrap_or((Body::empty(nothing), nothing));
        let questions = self.world.asked_file_count();
        let (value, found) = decode_body(&body, &provider.configuration_schema().block, &self.world.scope(0).repeated(repetition));
        let failed = found.has_errors();
        self.diagnostics.extend(found);
        if failed || self.world.asked_file_count() > questions {
            return;
        }
        if !value.is_wholly_known() {
            return self.fail(provider_not_known(config).at(range));
        }
        let config = self.canonical(config);
        let ask = Ask::Account { provider: config.clone(), config: value.clone() };
        let account = match self.answer(ask) {
            Some(Answer::Account(account)) if !account.id.is_empty() => Some(account.clone()),
            Some(Answer::Failed(error)) if error.kind != ErrorKind::Unsupported => {
                let error = cloud_diagnostic("Provider is not usable", &config, error);
                self.fail(error);
                self.unusable.insert(config.clone());
                None
            }
            None | Some(_) => None,
        };
        self.pins.insert(config.clone(), ProviderPin { config: value, account });
        self.read_objects(&config);
    }

    /// Asks for every object of the state that a provider configuration manages; with all answers there, looks whether most are
    /// gone.
    fn read_objects(&mut self, config: &ProviderConfig) {
        let mut gone = Vec::new();
        let mut there = 0;
        for address in self.managers.get(config).cloned().unwrap_or_default() {
            let (gone_here, there_here) = self.read_objects_of(config, &address);
            gone.extend(std::iter::repeat_n(address, gone_here));
            there += there_here;
        }
        if gone.len() >= GONE_MINIMUM && gone.len() > there && !self.options.allow_gone {
            let names: Vec<String> = gone.iter().take(5).map(ToString::to_string).collect();
            let more = if gone.len() > names.len() { format!(" and {} more", gone.len() - names.len()) } else { String::new() };
            let detail = format!(
                "{} of {} objects of {config} are gone: {}{more}. That looks like another account or region, or credentials that can't \
                 see them; going on would make all of them again. Nothing was changed.",
                gone.len(),
                gone.len() + there,
                names.join(", ")
            );
            self.fail(
                Diagnostic::error("Most objects are gone", detail)
                    .hint("check account, region and credentials; if they really are gone, give -allow-gone"),
            );
        }
    }

    /// Asks for the objects of an instance; how many are gone, and how many are there.
    pub(super) fn read_objects_of(&mut self, config: &ProviderConfig, address: &Instance) -> (usize, usize) {
        let (mut gone, mut there) = (0, 0);
        let Some(instance) = self.state_of(address).filter(|_| address.resource.mode != Mode::Data) else { return (0, 0) };
        let deposed = instance.deposed.iter().map(|(key, object)| (Some(key.clone()), object));
        for (key, object) in instance.current.iter().map(|object| (None, object)).chain(deposed) {
            self.guard_account(config, address, object);
            // What is read where the object does not stand, or by a provider that failed, would only repeat the message.
            let live = match self.unusable.contains(config) {
                true => Live::Failed,
                false => self.read_object(config, address, key.as_ref(), object),
            };
            match &live {
                Live::Gone => gone += 1,
                Live::Present(..) => there += 1,
                Live::Pending | Live::Failed => {}
            }
            self.live.insert((address.clone(), key), live);
        }
        (gone, there)
    }

    /// The state remembers where its objects stand.
    fn guard_account(&mut self, config: &ProviderConfig, address: &Instance, object: &ObjectState) {
        let Some(Account { id, region }) = self.pins.get(config).and_then(|pin| pin.account.clone()) else { return };
        let moved = |recorded: &Option<Arc<str>>, now: Option<&str>| match (recorded, now) {
            (Some(recorded), Some(now)) if **recorded != *now => Some((recorded.clone(), now.to_owned())),
            _ => None,
        };
        let account = moved(&object.private.account, Some(&id)).map(|pair| ("account", pair));
        let Some((what, (recorded, now))) =
            account.or_else(|| moved(&object.private.region, region.as_deref()).map(|pair| ("region", pair)))
        else {
            return;
        };
        let detail = format!(
            "{address} stands in {what} {recorded}, but {config} acts in {what} {now}. Use the credentials and the region that it was made \
             with. Nothing was changed."
        );
        // One message a configuration is enough: all its objects would say the same.
        if self.unusable.insert(config.clone()) {
            self.fail(Diagnostic::error(format!("Another {what}"), detail).about(address));
        }
    }

    fn read_object(&mut self, config: &ProviderConfig, address: &Instance, key: Option<&DeposedKey>, object: &ObjectState) -> Live {
        let type_name = &address.resource.type_name;
        let provider = self.providers.by_source(&config.source).cloned();
        let schema = provider.as_ref().and_then(|provider| provider.schema(Mode::Managed, type_name));
        let (Some(provider), Some(schema)) = (provider, schema) else {
            // Kept and shown as it is: nothing here knows the type.
            return Live::Present(object.attributes.clone(), object.attributes.clone());
        };
        let prior = match decode_object(object, &schema) {
            Ok(value) => mark_sensitive(&schema.block, &value),
            Err(reason) => {
                let detail = format!("The state's attributes of {address} do not fit the schema of {type_name}: {reason}");
                self.fail(Diagnostic::error("Object of the state can't be read", detail).about(address));
                return Live::Failed;
            }
        };
        if !self.options.refresh || !provider.is_implemented(Mode::Managed, type_name) {
            return Live::Present(prior.clone(), prior);
        }
        let ask = Ask::Object {
            address: self.previous.get(address).unwrap_or(address).clone(),
            deposed: key.cloned(),
            provider: config.clone(),
            config: self.pins[config].config.clone(),
            prior: prior.unmarked_deep(),
        };
        match self.answer(ask) {
            None => Live::Pending,
            Some(Answer::Object(None)) => Live::Gone,
            Some(Answer::Object(Some(value))) => {
                let value = mark_sensitive(&schema.block, &value.with_marks_at(&object.sensitive, Marks::SENSITIVE));
                Live::Present(prior, value)
            }
            Some(Answer::Failed(error)) => {
                let error = cloud_diagnostic("Object can't be read", address, error).about(address);
                self.fail(error);
                Live::Failed
            }
            Some(_) => {
                self.fail(wrong_answer(address));
                Live::Failed
            }
        }
    }

    /// A provider and a type's schema, if both are there; messages otherwise.
    pub fn schema_for(
        &mut self,
        config: &ProviderConfig,
        address: &crate::address::Resource,
        at: Range,
    ) -> Option<(Arc<dyn Provider>, Arc<Schema>)> {
        let found = find_provider(self.providers, &config.source, Some(at)).and_then(|provider| {
            crate::desired::find_schema(&**provider, address.mode, &address.type_name, at).map(|schema| (provider.clone(), schema))
        });
        match found {
            Ok(found) => Some(found),
            Err(error) => {
                self.fail(*error);
                None
            }
        }
    }

    /// The value of a managed resource whose objects are taken as they are, for runs that change nothing by configuration.
    pub fn value_as_recorded(&self, addresses: &[Instance], counted: bool, keyed: bool) -> Value {
        let live = |address: &Instance| match self.live.get(&(address.clone(), None)) {
            Some(Live::Present(_, live)) => Some(live.clone()),
            _ => None,
        };
        let present: BTreeMap<&Instance, Value> = addresses.iter().filter_map(|address| Some((address, live(address)?))).collect();
        match (counted, keyed) {
            (true, _) => Value::tuple(present.into_values().collect()),
            (false, true) => {
                let key = |address: &Instance| match &address.key {
                    Some(crate::address::InstanceKey::String(key)) => Some(key.clone()),
                    _ => None,
                };
                Value::object(present.into_iter().filter_map(|(address, value)| Some((key(address)?, value))).collect())
            }
            (false, false) => present.into_values().next().unwrap_or_else(|| Value::unknown(Type::Dynamic)),
        }
    }
}

/// An error of a cloud as a message.
pub(super) fn cloud_diagnostic(summary: &str, whose: &impl ToString, error: &Error) -> Diagnostic {
    let diagnostic = Diagnostic::error(summary, format!("{}: {error}", whose.to_string()));
    match &error.hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

pub(super) fn wrong_answer(whose: &impl ToString) -> Diagnostic {
    Diagnostic::error("Internal error", format!("{} was answered with something else than was asked.", whose.to_string()))
}
