//! `import` blocks: which object each instance takes over, and the object as it is.

use super::generate::Generated;
use super::managed::Context;
use super::refresh::{cloud_diagnostic, wrong_answer};
use super::walk::Walk;
use super::{Answer, Ask, Importing, PlanMode, PlanOptions};
use crate::address::{Instance, InstanceKey, ModuleInstance};
use crate::config::{ImportBlock, Repeats, duplicate_import};
use crate::desired::{Repetition, expand};
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::diff::mark_sensitive;
use crate::lang::evaluate;
use crate::syntax::ast::{Traversal, TraversalStep};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::convert;
use windlass_api::{ErrorKind, Marks, Type, Value};

/// An object that an instance takes over.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Its id.
    pub id: Arc<str>,
    /// The block's header, and its `to`; none of an import that a command asks for.
    pub block: Option<Range>,
    pub to: Option<Range>,
}

/// What a command asks for.
pub(super) fn asked(options: &PlanOptions) -> BTreeMap<Instance, Wanted> {
    let wanted = |(address, id): &(Instance, Arc<str>)| (address.clone(), Wanted { id: id.clone(), block: None, to: None });
    options.import.iter().map(wanted).collect()
}

fn placed(error: Diagnostic, at: Option<Range>) -> Diagnostic {
    match at {
        Some(range) => error.at(range),
        None => error,
    }
}

/// What became of the look-up of an object.
pub(super) enum Found {
    /// No `import` block names the instance.
    Nothing,
    /// It is asked for, or a message tells why it can't be had.
    NotYet,
    /// The object as it is.
    Object(Value, Importing),
}

/// The error for a target that nothing declares.
const NO_TARGET: &str = "Configuration for import target does not exist";
const BAD_TO: &str = "Invalid import 'to' expression";
const BAD_ID: &str = "Invalid import id argument";

impl Walk<'_> {
    /// Evaluates an `import` block. Once an object is in the state, the block says nothing new.
    pub fn plan_import(&mut self, position: usize) {
        if self.options.mode != PlanMode::Normal {
            return;
        }
        let block = self.world.tree.get(0).module.imports[position].clone();
        if !self.has_target(&block) {
            return;
        }
        let mut found = Diagnostics::none();
        for repetition in repetitions(self, &block, &mut found) {
            self.plan_one_import(&block, &repetition, &mut found);
        }
        self.diagnostics.extend(found);
    }

    /// Whether something declares what a block names; a message otherwise.
    fn has_target(&mut self, block: &ImportBlock) -> bool {
        let target = &block.target;
        let declared = self.world.tree.find(&target.module).map(|module| self.world.tree.get(module).module.clone());
        let resource = declared.as_ref().and_then(|module| module.resources.get(&target.resource));
        let detail = match resource {
            Some(resource) if resource.generated.is_none() => {
                if let Some((_, range)) = &block.provider {
                    let detail = "The provider argument can only be specified in import blocks that will generate configuration.\n\nUse the \
                                  provider argument in the target resource block to configure the provider for a resource with explicit \
                                  provider configuration.";
                    self.fail(Diagnostic::error("Invalid import provider argument", detail).at(*range));
                    return false;
                }
                return true;
            }
            Some(_) => return true,
            None if self.options.generate.is_some() && target.module.0.is_empty() && block.for_each.is_none() && block.is_single => format!(
                "The configuration for the given import target {target} does not exist, and the state has an object of that address already, so \
                 that nothing is imported and nothing generated. Declare the resource, or remove the object from the state first."
            ),
            None if self.options.generate.is_some() && target.module.0.is_empty() => {
                "The given import block is not compatible with config generation. The -generate-config-out option cannot be used with import \
                 blocks which use for_each, or resources which use for_each or count."
                    .to_owned()
            }
            None if target.module.0.is_empty() && block.for_each.is_none() && block.is_single => format!(
                "The configuration for the given import target {target} does not exist. If you wish to automatically generate config for this \
                 resource, use the -generate-config-out option within windlass plan. Otherwise, make sure the target resource exists within \
                 your configuration. For example:\n\n  windlass plan -generate-config-out=generated.tf"
            ),
            None => format!(
                "The configuration for the given import target {target} does not exist. All target instances must have an associated \
                 configuration to be imported."
            ),
        };
        self.fail(Diagnostic::error(NO_TARGET, detail).at(block.to.range));
        false
    }

    /// Whether `-target` and `-exclude` admit an instance.
    fn is_looked_at(&self, address: &Instance) -> bool {
        let module = self.world.tree.find(&address.module.path());
        let node = module.and_then(|module| self.world.graph.id(module, &crate::desired::NodeKind::Resource(address.resource.clone())));
        self.selection.as_ref().is_none_or(|selection| selection.has(node, address))
    }

    fn plan_one_import(&mut self, block: &ImportBlock, repetition: &Repetition, found: &mut Diagnostics) {
        let scope = self.world.scope(0).repeated(repetition);
        let (value, more) = evaluate(&block.id, &scope);
        let failed = more.has_errors();
        found.extend(more);
        let mut traversal_failed = false;
        let traversal = block.to.as_traversal_with(&mut |key| {
            let (value, more) = evaluate(key, &scope);
            traversal_failed |= more.has_errors();
            found.extend(more);
            Some(value)
        });
        let Some(traversal) = traversal.filter(|_| !failed && !traversal_failed) else { return };
        let checked = id_of(&value).map_err(|detail| Diagnostic::error(BAD_ID, detail).at(block.id.range));
        let address = self.target_address(block, &traversal).map_err(|detail| Diagnostic::error(BAD_TO, detail).at(block.to.range));
        let (id, address) = match (checked, address) {
            (Ok(id), Ok(address)) => (id, address),
            (id, address) => return found.0.extend(id.err().into_iter().chain(address.err())),
        };
        if !self.is_looked_at(&address) {
            return;
        }
        if let Some(earlier) = self.imports.get(&address) {
            let place = earlier.block.map_or_else(|| "the command line".to_owned(), |range| self.world.sources.place(range));
            let (summary, detail) = duplicate_import(&address.to_string(), &place);
            return found.push(Diagnostic::error(summary, detail).at(block.to.range));
        }
        self.imports.insert(address, Wanted { id, block: Some(block.range), to: Some(block.to.range) });
    }

    /// The instance that `to` names, with its keys evaluated.
    fn target_address(&self, block: &ImportBlock, traversal: &Traversal) -> Result<Instance, String> {
        let mut keys = Vec::new();
        for step in &traversal.steps {
            match step {
                TraversalStep::Attribute(_) => keys.push(None),
                TraversalStep::Index(key, _) => {
                    if !key.is_known() {
                        return Err(
                            "The import block \"to\" argument depends on resource attributes that cannot be determined until apply, so \
                                    Windlass cannot plan to import this resource."
                                .to_owned(),
                        );
                    }
                    let key = InstanceKey::from_value(&key.unmarked())
                        .ok_or("An instance key must be a whole number of at least zero, or a string.")?;
                    *keys.last_mut().ok_or("An instance key may follow a name only.")? = Some(key);
                }
            }
        }
        let target = &block.target;
        let depth = target.module.0.len();
        // `module.a[k].module.b.type.name[k]`: after the root name, a module's name stands at every even place.
        let module = (0..depth).map(|level| (target.module.0[level].clone(), keys.get(level * 2).cloned().flatten()));
        let address =
            Instance { module: ModuleInstance(module.collect()), resource: target.resource.clone(), key: keys.last().cloned().flatten() };
        let declared = self.world.tree.find(&target.module).map(|module| self.world.tree.get(module).module.clone());
        let resource = declared.as_ref().and_then(|module| module.resources.get(&target.resource));
        let (counted, keyed) = resource.map_or((false, false), |block| (block.count.is_some(), block.for_each.is_some()));
        match (&address.key, counted, keyed) {
            (Some(InstanceKey::Int(_)), false, _) => Err("The target resource does not use count.".to_owned()),
            (Some(InstanceKey::String(_)), _, false) => Err("The target resource does not use for_each.".to_owned()),
            (None, true, _) => Err("The target resource is using count.".to_owned()),
            (None, _, true) => Err("The target resource is using for_each.".to_owned()),
            _ => Ok(address),
        }
    }

    /// The object that an `import` block gives to an instance which the state does not have.
    pub fn imported(&mut self, context: &Context<'_>, address: &Instance) -> Found {
        let Some(wanted) = self.imports.get(address).cloned() else { return Found::Nothing };
        let type_name = &address.resource.type_name;
        if !context.provider.is_implemented(windlass_api::Mode::Managed, type_name) {
            return Found::Nothing;
        }
        if self.unusable.contains(&context.config) {
            return Found::NotYet;
        }
        let shown = |error: Diagnostic| placed(error, wanted.block).about(address);
        if !context.schema.importable {
            let detail = format!("Resources of type {type_name} can't be imported: nothing tells an object of it by an id.");
            self.fail(shown(Diagnostic::error("Resource Import Not Implemented", detail)));
            return Found::NotYet;
        }
        let ask = Ask::Import {
            address: address.clone(),
            id: wanted.id.clone(),
            provider: context.config.clone(),
            config: context.provider_value.clone(),
        };
        match self.answer(ask) {
            None => self.pending[context.id] = true,
            Some(Answer::Object(Some(value))) => {
                let object = mark_sensitive(&context.schema.block, value);
                let generated = context.block.generated.clone();
                if generated.as_deref() == Some("") {
                    let (resource, schema) = (address.resource.clone(), context.schema.clone());
                    self.generated.push(Generated { resource, id: wanted.id, object, schema });
                    return Found::NotYet;
                }
                return Found::Object(object, Importing { id: wanted.id, generated });
            }
            Some(Answer::Object(None)) => self.fail(shown(not_there(address))),
            Some(Answer::Failed(error)) if error.kind == ErrorKind::NotFound => self.fail(shown(not_there(address))),
            Some(Answer::Failed(error)) => self.fail(shown(cloud_diagnostic("Object can't be imported", address, error))),
            Some(_) => self.fail(wrong_answer(address)),
        }
        Found::NotYet
    }

    /// Every `import` block must name an instance that is declared.
    pub fn check_import_targets(&mut self) {
        // The second pass, with their configuration, tells of them.
        if !self.generated.is_empty() {
            return;
        }
        let missing = self.imports.iter().filter(|(address, _)| !self.index.contains_key(*address));
        let errors: Vec<Diagnostic> = missing
            .map(|(address, wanted)| {
                let detail = format!(
                    "The configuration for the given import {address} does not exist. All target instances must have an associated \
                     configuration to be imported."
                );
                placed(Diagnostic::error(NO_TARGET, detail), wanted.to)
            })
            .collect();
        self.diagnostics.0.extend(errors);
    }
}

fn not_there(address: &Instance) -> Diagnostic {
    let detail = format!(
        "While attempting to import an existing object to {address:?}, the provider detected that no object exists with the given id. Only \
         pre-existing objects can be imported; check that the id is correct and that it is associated with the provider's configured region or \
         endpoint, or use \"windlass apply\" to create a new remote object for this resource.",
        address = address.to_string()
    );
    Diagnostic::error("Cannot import non-existent remote object", detail)
}

fn id_of(value: &Value) -> Result<Arc<str>, String> {
    if value.marks_deep().contains(Marks::EPHEMERAL) {
        return Err("The import ID value cannot be ephemeral.".to_owned());
    }
    if value.is_null() {
        return Err("The import ID cannot be null.".to_owned());
    }
    if !value.is_known() {
        return Err(
            "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so Windlass cannot \
                    plan to import this resource."
                .to_owned(),
        );
    }
    let text = convert(&value.unmarked_deep(), &Type::String).map_err(|error| format!("The import ID value is unsuitable: {error}."))?;
    match text.as_str() {
        Some("") | None => Err("The import ID value evaluates to an empty string, please provide a non-empty value.".to_owned()),
        Some(id) => Ok(id.into()),
    }
}

/// What `each` is, for every import of a block.
fn repetitions(walk: &Walk<'_>, block: &ImportBlock, found: &mut Diagnostics) -> Vec<Repetition> {
    let Some(for_each) = &block.for_each else { return vec![Repetition::default()] };
    let scope = walk.world.scope(0);
    let (value, _) = evaluate(for_each, &scope);
    let sequence = !value.is_null() && !value.marks().is_sensitive() && value.fields().is_none();
    // Unlike elsewhere, lists are allowed too: the keys need not be instance keys.
    if let Some(elements) = value.elements().filter(|_| sequence && !matches!(value.ty(), Type::Set(_))) {
        let pair = |(index, element): (usize, &Value)| Repetition {
            count_index: None,
            each_key: Some(Value::int(i64::try_from(index).unwrap_or(i64::MAX))),
            each_value: Some(element.clone()),
        };
        return elements.iter().enumerate().map(pair).collect();
    }
    let repeats = Repeats { count: None, for_each: Some(for_each), enabled: None };
    let expansion = expand(&repeats, &scope, found);
    expansion.iter().flat_map(|expansion| expansion.instances().map(|(_, repetition)| repetition).collect::<Vec<_>>()).collect()
}
