//! Managed resources: their instances and what is done to each.

use super::imports::Found;
use super::walk::{Live, Planned, Recorded, Walk};
use super::{Action, Change, PlanMode, Reason, Variant};
use crate::address::{Instance, InstanceKey, ModuleInstance, ProviderConfig, Resource, of_resource};
use crate::config::{IgnoreChanges, ResourceBlock};
use crate::desired::{
    ConditionKind, Outcome, ProviderIndex, ProviderUse, Repetition, Target, check_conditions, problem_diagnostic, provider_of,
    refuse_ephemeral, truth,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::diff::{DiffRequest, Difference, Forced, Verdict, diff};
use crate::graph::NodeId;
use crate::lang::{decode_body, evaluate};
use crate::state::{DeposedKey, ObjectState, ObjectStatus};
use crate::syntax::ast::{Body, ExpressionKind, Traversal, TraversalStep};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use windlass_api::{Marks, Mode, Provider, Schema, Type, Value};

/// The most choices that one creation may have, the first among them.
pub(super) const CHOICES_LIMIT: usize = 8;

/// What all instances of a resource share; with [`Walk::for_instance`] what one of them is planned with.
#[derive(Clone)]
pub(super) struct Context<'c> {
    pub id: NodeId,
    pub block: &'c ResourceBlock,
    pub provider: Arc<dyn Provider>,
    pub schema: Arc<Schema>,
    pub config: ProviderConfig,
    pub provider_value: Value,
    /// What tells the instance of a provider with `for_each`.
    pub index: Option<ProviderIndex>,
    /// The body of each choice; the block's own first.
    pub bodies: Arc<[Body]>,
    /// The type of its objects.
    pub object_type: Type,
}

/// The bodies of a block's choices: each variant's attributes and blocks stand in place of those of the same names.
pub(super) fn choice_bodies(block: &ResourceBlock, schema: &Schema) -> Vec<Body> {
    let base = crate::desired::without_timeouts(&block.body, &schema.block).into_owned();
    let varied = block.variants.iter().map(|variant| {
        let mut body = base.clone();
        body.attributes.retain(|attribute| variant.body.attribute(&attribute.name.name).is_none());
        body.attributes.extend(variant.body.attributes.iter().cloned());
        body.blocks.retain(|block| variant.body.blocks_of(&block.kind.name).next().is_none());
        body.blocks.extend(variant.body.blocks.iter().cloned());
        body
    });
    let varied: Vec<Body> = varied.collect();
    std::iter::once(base).chain(varied).collect()
}

/// What those who refer to an object may know of it: what differs between its choices is told only by apply.
pub(super) fn late_value(first: &Value, variants: &[Variant]) -> Value {
    variants.iter().fold(first.clone(), |value, variant| {
        let differing: Vec<Arc<str>> = match (value.fields(), variant.after.fields()) {
            (Some(one), Some(other)) => one.keys().filter(|name| one.get(*name) != other.get(*name)).cloned().collect(),
            _ => Vec::new(),
        };
        differing.iter().fold(value, |value, name| {
            let part = value.get(name).map(|part| Value::unknown(Type::clone(part.ty())).with_marks(part.marks_deep()));
            part.map_or_else(|| value.clone(), |part| value.with_field(name, part))
        })
    })
}

impl Walk<'_> {
    /// Plans all instances of a managed resource.
    pub fn plan_managed(&mut self, id: NodeId, module: usize, resource: &Resource) {
        let declared = self.world.tree.get(module).module.clone();
        let block = &declared.resources[resource];
        let address = crate::address::ConfigResource { module: self.world.tree.get(module).path.clone(), resource: resource.clone() };
        let recorded = self.recorded.get(&address).cloned().unwrap_or_default();
        if recorded.iter().any(|address| matches!(self.live.get(&(address.clone(), None)), Some(Live::Pending))) {
            self.pending[id] = true;
            return;
        }
        self.changing[id] = false;
        if self.options.mode == PlanMode::RefreshOnly {
            return self.take_as_they_are(module, block);
        }
        if self.options.mode == PlanMode::Destroy {
            for instance in self.world.instances_of(module) {
                let placed = &self.world.placed(instance).address;
                let here: Vec<Instance> = recorded.iter().filter(|address| address.module == *placed).cloned().collect();
                let value = self.value_as_recorded(&here, block.count.is_some(), block.for_each.is_some());
                self.world.set(instance, &crate::desired::NodeKind::Resource(resource.clone()), value);
            }
            return;
        }
        let Some(context) = self.context(id, module, block) else { return };
        self.each_instance(module, block, Marks::NONE, &mut |walk, instance, address, repetition| match walk
            .planned_with(&context, instance, &address, repetition)
        {
            Ok(own) => walk.plan_instance(&own, instance, address, repetition),
            Err(value) => value,
        });
        // Objects that the block declares no more change what depends on it too.
        self.changing[id] |= recorded.iter().any(|address| !self.index.contains_key(address));
    }

    /// The values of a resource in a run that changes nothing: objects as they are, unknown where there is none.
    fn take_as_they_are(&mut self, module: usize, block: &ResourceBlock) {
        self.each_instance(module, block, Marks::NONE, &mut |walk, _, address, _| match walk.live.get(&(address.clone(), None)) {
            Some(Live::Present(_, live)) => live.clone(),
            Some(_) => Value::unknown(Type::Dynamic),
            None => walk.value_left_alone(&address),
        });
    }

    /// What all instances of a resource share; `None` after a message, or while its provider is not usable.
    pub fn context<'c>(&mut self, id: NodeId, module: usize, block: &'c ResourceBlock) -> Option<Context<'c>> {
        let ProviderUse { config, index } = provider_of(&self.world.tree, module, block).ok()?;
        let config = self.canonical(&config);
        let (provider, schema) = self.schema_for(&config, &block.address, block.range)?;
        let provider_value = match self.pins.get(&config) {
            Some(pin) => pin.config.clone(),
            None if self.expanded_providers.contains(&config) => Value::null(Type::Dynamic),
            None => return None,
        };
        if block.variants.len() >= CHOICES_LIMIT {
            let detail = format!("{} has {} choices; at most {CHOICES_LIMIT} are allowed.", block.address, block.variants.len() + 1);
            self.fail(Diagnostic::error("Too many choices", detail).at(block.range));
            return None;
        }
        let bodies = choice_bodies(block, &schema).into();
        let object_type = self.object_type(&schema);
        Some(Context { id, block, provider, schema, config, provider_value, index, bodies, object_type })
    }

    /// The type of a schema's objects, made once: those of clouds have hundreds of attributes.
    fn object_type(&mut self, schema: &Arc<Schema>) -> Type {
        let make = || (schema.clone(), schema.block.object_type());
        // The schema is held together with the type, so that its address stays its own.
        self.object_types.entry(Arc::as_ptr(schema) as usize).or_insert_with(make).1.clone()
    }

    /// Plans one instance; returns what others may know of it.
    fn plan_instance(&mut self, context: &Context<'_>, instance: usize, address: Instance, repetition: &Repetition) -> Value {
        let unknown = Value::unknown(context.object_type.clone());
        let (prior, is_gone, importing) = match self.live.get(&(address.clone(), None)) {
            Some(Live::Present(_, live)) => (Some(live.clone()), false, None),
            Some(Live::Gone) => (None, true, None),
            Some(Live::Failed | Live::Pending) => return unknown,
            None => match self.imported(context, &address) {
                Found::Nothing => (None, false, None),
                Found::NotYet => return unknown,
                Found::Object(object, importing) => (Some(object), false, Some(importing)),
            },
        };
        let Some((configs, timeouts_seconds)) = self.decode_choices(context, instance, &address, repetition) else { return unknown };
        let object = self.state.current(&address).cloned();
        let forced = match prior.is_some() {
            true => self.forced(context, instance, repetition, &address, object.as_ref()),
            false => None,
        };
        if !context.provider.is_implemented(Mode::Managed, &address.resource.type_name) {
            return self.plan_unimplemented(context, address, prior, &configs[0]);
        }
        let Some((chosen, variants)) = self.choose(context, &address, prior.as_ref(), &configs, forced.as_ref()) else { return unknown };
        let change = Change {
            previous_address: self.previous.get(&address).cloned(),
            deposed: None,
            provider: context.config.clone(),
            importing,
            in_check: false,
            action: self.action(context, &chosen.verdict),
            reason: reason(&chosen.verdict, forced, is_gone),
            before: prior.clone().unwrap_or_else(|| Value::null(context.object_type.clone())),
            after: chosen.after.clone(),
            replace_paths: match &chosen.verdict {
                Verdict::Replace(paths) => paths.clone(),
                _ => Vec::new(),
            },
            dependencies: self.dependencies[context.id].clone(),
            create_before_destroy: self.create_first[context.id],
            set_aside: None,
            variants,
            timeouts_seconds,
            address,
        };
        self.finish_instance(context, instance, repetition, change, object, &chosen.verdict)
    }

    /// Checks what remains, records the change and returns what others may know of the object.
    fn finish_instance(
        &mut self,
        context: &Context<'_>,
        instance: usize,
        repetition: &Repetition,
        mut change: Change,
        object: Option<ObjectState>,
        verdict: &Verdict,
    ) -> Value {
        let replaces = matches!(change.action, Action::DeleteThenCreate | Action::CreateThenDelete);
        if replaces && self.is_protected(context.block, Some(instance), repetition) {
            self.fail(prevented(&change.address, context.block));
        }
        if replaces && !context.block.lifecycle.destroy {
            self.fail(can_not_be_left(&change.address, context.block));
        }
        if change.action == Action::CreateThenDelete {
            change.set_aside = Some(self.set_aside_key(&change.address));
        }
        let value = late_value(&change.after, &change.variants);
        let scope = self.world.scope(instance).repeated(repetition).with_self(&value);
        let own = if change.address.key.is_none() { value.clone() } else { Value::unknown(Type::Dynamic) };
        let scope = scope.with_own(&context.block.address, &own);
        let kind = ConditionKind::Postcondition(&change.address);
        let mut found = Diagnostics::none();
        check_conditions(&context.block.lifecycle.postconditions, kind, &scope, &self.world, &mut found);
        self.diagnostics.extend(found);
        self.changing[context.id] |= change.action != Action::NoOp;
        let record = match change.action {
            _ if change.importing.is_some() => Some(Recorded::Object(imported_object(context, &change))),
            Action::NoOp => self.record_anew(context, &change, object.as_ref(), verdict),
            _ => None,
        };
        let recorded_dependencies = object.map_or_else(|| Arc::from([]), |object| object.dependencies);
        self.add(Planned { change, node: Some(context.id), recorded_dependencies, record });
        value
    }

    /// Whether `prevent_destroy` holds for an instance of a block. Where it can't be told, it does: an error is there, or the module that
    /// would say it has no such instance any more.
    pub(super) fn is_protected(&mut self, block: &ResourceBlock, instance: Option<usize>, repetition: &Repetition) -> bool {
        let Some(expression) = &block.lifecycle.prevent_destroy else { return false };
        if let ExpressionKind::Literal(value) = &expression.kind {
            return value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok())).unwrap_or(false);
        }
        let Some(instance) = instance else { return true };
        let mut found = Diagnostics::none();
        let protected = truth("prevent_destroy", expression, &self.world.scope(instance).repeated(repetition), &mut found);
        found.0.into_iter().for_each(|diagnostic| self.tell_once(diagnostic));
        protected.unwrap_or(false)
    }

    /// Adds a change.
    pub fn add(&mut self, planned: Planned) {
        if planned.change.deposed.is_none() {
            self.index.insert(planned.change.address.clone(), self.planned.len());
        }
        self.planned.push(planned);
    }

    /// Evaluates the configuration of every choice, and what stands before it.
    fn decode_choices(
        &mut self,
        context: &Context<'_>,
        instance: usize,
        address: &Instance,
        repetition: &Repetition,
    ) -> Option<(Vec<Value>, [u64; 3])> {
        let mut found = Diagnostics::none();
        let scope = self.world.scope(instance).repeated(repetition);
        let kind = ConditionKind::Precondition(address);
        let outcome = check_conditions(&context.block.lifecycle.preconditions, kind, &scope, &self.world, &mut found);
        let mut configs = Vec::with_capacity(context.bodies.len());
        let mut refused = Diagnostics::none();
        for body in &*context.bodies {
            let (value, more) = decode_body(body, &context.schema.block, &scope);
            found.extend(more);
            refused.extend(refuse_ephemeral(&value, body, &context.schema.block, context.block.range, address));
            configs.push(value);
        }
        let timeouts = crate::desired::timeouts(&context.block.body, &context.schema, &scope, &mut found);
        if !found.has_errors() {
            let problems = configs
                .iter()
                .flat_map(|config| context.provider.validate(Mode::Managed, &address.resource.type_name, &config.unmarked_deep()));
            for problem in problems {
                found.push(problem_diagnostic(&problem, context.block).about(address));
            }
        }
        let failed = outcome == Outcome::Failed || found.has_errors() || refused.has_errors();
        refused.0.into_iter().for_each(|diagnostic| self.tell_once(diagnostic));
        for diagnostic in found.0 {
            // What all instances of a block have in common is said once.
            match diagnostic.severity == Severity::Warning || diagnostic.address.is_none() {
                true => self.tell_once(diagnostic),
                false => self.diagnostics.push(diagnostic),
            }
        }
        (!failed).then_some((configs, timeouts))
    }

    fn forced(
        &mut self,
        context: &Context<'_>,
        instance: usize,
        repetition: &Repetition,
        address: &Instance,
        object: Option<&ObjectState>,
    ) -> Option<Forced> {
        if object.is_some_and(|object| object.status == ObjectStatus::Tainted) {
            return Some(Forced::Tainted);
        }
        if self.options.replace.contains(address) {
            return Some(Forced::Requested);
        }
        let triggers = self.triggers(context, instance, repetition);
        (!triggers.is_empty()).then_some(Forced::Triggered(triggers))
    }

    /// The entries of `replace_triggered_by` that changed.
    fn triggers(&self, context: &Context<'_>, instance: usize, repetition: &Repetition) -> Vec<Arc<str>> {
        let scope = self.world.scope(instance).repeated(repetition);
        let module = &self.world.placed(instance).address;
        let changed = context.block.lifecycle.replace_triggered_by.iter().filter(|trigger| {
            let reference = trigger.expression.as_traversal_with(&mut |key| Some(evaluate(key, &scope).0));
            reference.is_some_and(|reference| self.is_triggered(module, &reference))
        });
        changed.map(|trigger| Arc::from(self.world.sources.text(trigger.expression.range))).collect()
    }

    /// Whether what a trigger names changes.
    fn is_triggered(&self, module: &ModuleInstance, reference: &Traversal) -> bool {
        let Ok((Target::Resource(resource), taken)) = crate::desired::target(reference) else { return false };
        let mut rest = &reference.steps[taken..];
        let mut first = Instance { module: module.clone(), resource, key: None };
        let is_changed = |index: usize, rest: &[TraversalStep]| {
            let change = &self.planned[index].change;
            let path = crate::diff::steps_path(windlass_api::Path::root(), rest);
            matches!(change.action, Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete)
                && (path.0.is_empty() || change.before.at(&path) != change.after.at(&path))
        };
        if let [TraversalStep::Index(key, _), after @ ..] = rest {
            rest = after;
            let Some(key) = InstanceKey::from_value(key) else { return false };
            first.key = Some(key);
            return self.index.get(&first).is_some_and(|index| is_changed(*index, rest));
        }
        of_resource(&self.index, &first.module, &first.resource).any(|(_, index)| is_changed(*index, rest))
    }

    /// The first choice and its alternatives. An object that is there keeps the choice that it was made by: the first that changes
    /// nothing, else the first that can be reached in place.
    fn choose(
        &mut self,
        context: &Context<'_>,
        address: &Instance,
        prior: Option<&Value>,
        configs: &[Value],
        forced: Option<&Forced>,
    ) -> Option<(Difference, Vec<Variant>)> {
        let request = |config| DiffRequest {
            provider: &*context.provider,
            provider_config: &context.provider_value,
            type_name: &context.block.address.type_name,
            schema: &context.schema,
            prior,
            config,
            ignored: if forced.is_some() { &IgnoreChanges::None } else { &context.block.lifecycle.ignore_changes },
            accepted: &context.block.accepted_live,
            forced,
        };
        let mut differences: Vec<Difference> = configs.iter().map(|config| diff(&request(config))).collect();
        let mut failed = false;
        for difference in &differences {
            for problem in &difference.problems {
                failed |= !problem.is_warning;
                self.tell_once(problem_diagnostic(problem, context.block).about(address));
            }
            failed |= difference.diagnostics.has_errors();
            self.diagnostics.0.extend(difference.diagnostics.0.iter().map(|diagnostic| diagnostic.clone().about(address)));
        }
        if failed {
            return None;
        }
        let keeps = |difference: &Difference| matches!(difference.verdict, Verdict::Same | Verdict::Marks);
        let kept = differences.iter().position(keeps);
        let kept = kept.or_else(|| differences.iter().position(|difference| matches!(difference.verdict, Verdict::Update(_))));
        if let Some(kept) = kept {
            return Some((differences.swap_remove(kept), Vec::new()));
        }
        let mut rest = differences.into_iter();
        let first = rest.next()?;
        let labels = context.block.variants.iter().map(|variant| variant.label.clone());
        let variants = labels.zip(rest).map(|(label, difference)| Variant { label, after: difference.after, hourly_usd: None });
        Some((first, variants.collect()))
    }

    fn action(&self, context: &Context<'_>, verdict: &Verdict) -> Action {
        match verdict {
            Verdict::Create => Action::Create,
            Verdict::Same | Verdict::Marks => Action::NoOp,
            Verdict::Update(_) => Action::Update,
            Verdict::Replace(_) if self.create_first[context.id] => Action::CreateThenDelete,
            Verdict::Replace(_) => Action::DeleteThenCreate,
        }
    }

    /// An instance of a type that can't be changed: shown and kept as long as its configuration asks for what is there.
    fn plan_unimplemented(&mut self, context: &Context<'_>, address: Instance, prior: Option<Value>, config: &Value) -> Value {
        let type_name = context.block.address.type_name.clone();
        let kept = prior.filter(|prior| {
            let prior = prior.unmarked_deep();
            crate::diff::proposed_new(&context.schema.block, Some(&prior), &config.unmarked_deep()) == prior
        });
        let Some(live) = kept else {
            let detail = format!(
                "{type_name} is not implemented yet, so {address} can't be created or changed. Its configuration is read, and an existing \
                 object is kept as it is."
            );
            self.fail(Diagnostic::error("Resource type not implemented", detail).at(context.block.range).about(&address));
            return Value::unknown(context.object_type.clone());
        };
        let object = self.state.current(&address).cloned();
        let recorded_dependencies = object.as_ref().map_or_else(|| Arc::from([]), |object| object.dependencies.clone());
        let previous_address = self.previous.get(&address).cloned();
        let record = object.filter(|_| previous_address.is_some()).map(Recorded::Object);
        let change = unchanged(address, context.config.clone(), live.clone(), self.dependencies[context.id].clone());
        let change = Change { previous_address, ..change };
        self.add(Planned { change, node: Some(context.id), recorded_dependencies, record });
        live
    }

    /// What is recorded anew of an object that no provider touches; `None` when the state has it so.
    fn record_anew(&self, context: &Context<'_>, change: &Change, object: Option<&ObjectState>, verdict: &Verdict) -> Option<Recorded> {
        let object = object?;
        let Some(Live::Present(prior, live)) = self.live.get(&(change.address.clone(), None)) else { return None };
        let same = prior == live
            && *verdict == Verdict::Same
            && object.dependencies == change.dependencies
            && object.create_before_destroy == change.create_before_destroy
            && change.previous_address.is_none()
            && (change.provider.key.is_none()
                || self.state_of(&change.address).is_none_or(|state| self.canonical(&state.provider) == change.provider));
        if same {
            return None;
        }
        let (attributes, sensitive) = crate::state::encode_object(&change.after, &context.schema);
        Some(Recorded::Object(ObjectState {
            schema_version: context.schema.version,
            attributes,
            sensitive,
            dependencies: change.dependencies.clone(),
            create_before_destroy: change.create_before_destroy,
            ..object.clone()
        }))
    }

    /// A key that tells the object that is set aside from others; the same for the same plan.
    fn set_aside_key(&self, address: &Instance) -> DeposedKey {
        let taken = self.state_of(address).map(|state| &state.deposed);
        let mut attempt = 0_u32;
        loop {
            let state = self.state;
            let hash = Sha256::digest(format!("{}\n{}\n{address}\n{attempt}", state.lineage, state.serial).as_bytes());
            let key = DeposedKey(hash[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>().into());
            if taken.is_none_or(|taken| !taken.contains_key(&key)) {
                return key;
            }
            attempt += 1;
        }
    }
}

/// An object as it stands in the state between its import and whatever is done to it next.
fn imported_object(context: &Context<'_>, change: &Change) -> ObjectState {
    let value = if change.action == Action::NoOp { &change.after } else { &change.before };
    let (attributes, sensitive) = crate::state::encode_object(value, &context.schema);
    ObjectState {
        schema_version: context.schema.version,
        attributes,
        sensitive,
        status: ObjectStatus::Ready,
        dependencies: change.dependencies.clone(),
        create_before_destroy: change.create_before_destroy,
        private: crate::state::ObjectPrivate::default(),
    }
}

/// A change that changes nothing.
pub(super) fn unchanged(
    address: Instance,
    provider: ProviderConfig,
    value: Value,
    dependencies: Arc<[crate::address::ConfigResource]>,
) -> Change {
    Change {
        address,
        previous_address: None,
        deposed: None,
        provider,
        importing: None,
        in_check: false,
        action: Action::NoOp,
        reason: Reason::Recorded,
        before: value.clone(),
        after: value,
        replace_paths: Vec::new(),
        dependencies,
        create_before_destroy: false,
        variants: Vec::new(),
        set_aside: None,
        timeouts_seconds: [0; 3],
    }
}

/// The error for an object that would have to be replaced and may not be deleted.
fn can_not_be_left(address: &Instance, block: &ResourceBlock) -> Diagnostic {
    let detail = format!(
        "Resource {address} has lifecycle.destroy = false set, but the plan calls for it to be replaced. Windlass does not leave an object \
         behind and make another one in its place. Set destroy = true for the replacement, or give the block another name and forget the old \
         object by a removed block."
    );
    Diagnostic::error("Instance cannot be replaced", detail).at(block.range).about(address)
}

/// The error for an object that may not be deleted.
pub(super) fn prevented(address: &Instance, block: &ResourceBlock) -> Diagnostic {
    let detail = format!(
        "Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and \
         continue with the plan, disable lifecycle.prevent_destroy."
    );
    Diagnostic::error("Instance cannot be destroyed", detail).at(block.range).about(address)
}

fn reason(verdict: &Verdict, forced: Option<Forced>, is_gone: bool) -> Reason {
    match (verdict, forced) {
        (Verdict::Create, _) if is_gone => Reason::Gone,
        (Verdict::Create, _) => Reason::Declared,
        (Verdict::Update(paths), _) => Reason::Differs(paths.clone()),
        (Verdict::Replace(_), Some(Forced::Tainted)) => Reason::Tainted,
        (Verdict::Replace(_), Some(Forced::Requested)) => Reason::Requested,
        (Verdict::Replace(_), Some(Forced::Triggered(entries))) => Reason::Triggered(entries),
        (Verdict::Replace(paths), None) => Reason::CannotUpdate(paths.clone()),
        (Verdict::Same | Verdict::Marks, _) => Reason::Recorded,
    }
}
