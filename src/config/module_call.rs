//! `module` blocks.

use super::content::{Report, escaped, without};
use super::resource::expression;
use super::types::{Module, ModuleCall, ProviderKey};
use super::versions::Constraint;
use crate::address::ModuleSource;
use crate::address::module_source::RegistrySource;
use crate::diagnostic::{Diagnostic, Range};
use crate::syntax::ast::{Attribute, Block, Body, Expression, ExpressionKind};
use crate::syntax::walk;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `providers`: name inside → name outside, and where it stands.
type Passed = BTreeMap<ProviderKey, (ProviderKey, Range)>;

const META_ARGUMENTS: [&str; 6] = ["source", "version", "count", "for_each", "depends_on", "providers"];

/// What says which module it is.
pub(super) const SOURCE_ARGUMENTS: [&str; 2] = ["source", "version"];

/// A module block whose module is still to be loaded.
pub(super) struct PendingCall {
    pub(super) call: ModuleCall,
    pub(super) source: ModuleSource,
    pub(super) source_range: Range,
    pub(super) constraint: Option<Constraint>,
}

impl Report<'_> {
    pub(super) fn module_call(&mut self, block: &Block) -> Option<PendingCall> {
        if !self.check_labels(block, &["name"]) {
            return None;
        }
        let (name, body) = (&block.labels[0], &block.body);
        self.check_name("module instance", &name.name, name.range);
        self.check_repetition(body, "modules");
        for inner in body.blocks.iter().filter(|inner| &*inner.kind.name != "_") {
            let kind = &inner.kind.name;
            match &**kind {
                "lifecycle" => {
                    self.check_labels(inner, &[]);
                    self.check_names(&inner.body, &["enabled"], &[]);
                }
                "locals" | "provider" => {
                    let detail = format!("The block type name {kind:?} is reserved for use by Terraform in a future version.");
                    self.error(inner.kind.range, "Reserved block type name in module block", detail);
                }
                _ => self.unsupported_block(inner, &META_ARGUMENTS, &[]),
            }
        }
        let source = self.required(body, "source", block.header)?;
        let text = self.string(&source.value)?;
        let range = source.value.range;
        let version = body.attribute("version");
        let address = self.source(&text, range, version.is_some());
        let constraint = version.and_then(|version| self.version(version));
        if version.is_some() && constraint.is_none() {
            return None;
        }
        let address = address?;
        let providers = self.providers_map(body);
        let inputs = escaped(body, without(body, &META_ARGUMENTS, &[]));
        let call = ModuleCall {
            name: name.name.clone(),
            source: text,
            version: version.and_then(|version| self.string(&version.value)),
            count: expression(body, "count"),
            for_each: expression(body, "for_each"),
            enabled: self.enabled(body),
            depends_on: self.reference_list(body, "depends_on"),
            providers: providers.0,
            provider_indexes: providers.1,
            inputs: inputs.attributes.into_iter().map(|attribute| (attribute.name.name, attribute.value)).collect(),
            module: Arc::new(Module::default()),
            range: block.header,
        };
        Some(PendingCall { call, source: address, source_range: range, constraint })
    }

    fn source(&mut self, text: &str, range: Range, has_version: bool) -> Option<ModuleSource> {
        if !has_version {
            let source = ModuleSource::parse(text);
            return source.map_err(|error| self.error(range, "Invalid module source address", error.0)).ok();
        }
        let source = RegistrySource::parse(text).map(ModuleSource::Registry);
        let failed = source.map_err(|error| {
            let detail = format!(
                "Failed to parse module registry address: {}.\n\nWindlass assumed that you intended a module registry source address because \
                 you also set the argument \"version\", which applies only to registry modules.",
                error.0.trim_end_matches('.')
            );
            self.error(range, "Invalid registry module source address", detail);
        });
        failed.ok()
    }

    fn version(&mut self, version: &Attribute) -> Option<Constraint> {
        let text = self.string(&version.value)?;
        let constraint = Constraint::parse(&text);
        if constraint.is_none() {
            self.error(version.value.range, "Invalid version constraint", "This string does not use correct version constraint syntax.");
        }
        constraint
    }

    fn providers_map(&mut self, body: &Body) -> (Passed, BTreeMap<ProviderKey, Arc<Expression>>) {
        let (mut providers, mut indexes) = (BTreeMap::new(), BTreeMap::new());
        let Some(attribute) = body.attribute("providers") else { return (providers, indexes) };
        let ExpressionKind::Object(items) = &attribute.value.kind else {
            self.error(attribute.value.range, "Invalid expression", "A static map expression is required.");
            return (providers, indexes);
        };
        for item in items {
            let inside = match &item.key.kind {
                ExpressionKind::Literal(value) => value.as_str().map(|name| ProviderKey { name: name.into(), alias: None }),
                _ => self.provider_name(&item.key),
            };
            let range = item.key.range.to(item.value.range);
            let (Some(inside), Some((outside, index))) = (inside, self.provider_reference(&item.value)) else { continue };
            match providers.get(&inside) {
                Some((_, first)) => {
                    let detail = format!(
                        "A provider configuration was already passed to {inside} at {}. Each child provider configuration can be assigned only once.",
                        self.sources.place(*first)
                    );
                    self.error(range, "Duplicate provider address", detail);
                }
                None => {
                    indexes.extend(index.map(|index| (inside.clone(), index)));
                    providers.insert(inside, (outside, range));
                }
            }
        }
        (providers, indexes)
    }

    /// Inputs must be variables of the module, and its variables without default must be given.
    pub(super) fn check_inputs(&mut self, call: &ModuleCall, module: &Module) {
        for (name, value) in &call.inputs {
            if !module.variables.contains_key(name) {
                let near = crate::diagnostic::nearest(name, module.variables.keys().map(|name| &**name));
                let hint = near.map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
                let detail = format!("An argument named {name:?} is not expected here.{hint}");
                self.error(value.range, "Unsupported argument", detail);
            }
        }
        for (name, variable) in &module.variables {
            if let (Some(why), Some(value)) = (&variable.deprecated, call.inputs.get(name)) {
                let detail = format!("The variable {name:?} of this module is marked as deprecated: {why}");
                self.diagnostics.push(Diagnostic::warning("Variable marked as deprecated by the module author", detail).at(value.range));
            }
            if variable.default.is_none() && !call.inputs.contains_key(name) {
                let detail = format!("The argument {name:?} is required, but no definition was found.");
                self.error(call.range, "Missing required argument", detail);
            }
        }
    }

    /// `workload.…` is known in `*.wl.hcl` files only.
    pub(super) fn refuse_workload_references(&mut self, body: &Body) {
        for reference in walk::body_references(body) {
            if &*reference.root.name == "workload" {
                let detail = "Only *.wl.hcl files may refer to workloads, so that *.tf files stay plain Terraform. Move this block to a \
                              *.wl.hcl file, or hand the value over by a local value declared there.";
                self.error(reference.range, "Reference to a workload in a Terraform file", detail);
            }
        }
    }
}
