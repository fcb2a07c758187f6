//! Typed blocks.

use super::checks::CheckBlock;
use super::imports::ImportBlock;
use super::moves::{MovedBlock, RemovedBlock};
use crate::address::{ModulePath, Resource};
use crate::diagnostic::{Range, SourceMap};
use crate::encryption::Encrypting;
use crate::lang::{Defaults, convert_with};
use crate::syntax::ast::{Block, Body, Expression, Traversal};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::ConversionError;
use windlass_api::{Type, Value};

/// A whole configuration: the root module, with the modules it calls inside, and all their sources.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The root module.
    pub root: Arc<Module>,
    /// All sources.
    pub sources: SourceMap,
    /// Where the modules from elsewhere were found, by the names on the way to them joined by dots. With it the same sources make
    /// the same configuration anew.
    pub installed: Installed,
}

/// Modules from elsewhere by the names on the way to them, such as `network.subnets`.
pub type Installed = BTreeMap<Arc<str>, InstalledModule>;

/// Where a module from elsewhere was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledModule {
    /// The folder of the module, relative to the working folder or absolute.
    pub folder: Arc<str>,
    /// The folder of the package that it is part of.
    pub package: Arc<str>,
}

/// What one folder declares. Maps are ordered by name, so that nothing depends on the order of files.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Which module it is.
    pub path: ModulePath,
    /// Its folder, as `path.module` shows it.
    pub folder: Arc<str>,
    /// `required_version` constraints.
    pub required_versions: Vec<(Arc<str>, Range)>,
    /// `required_providers` by local name.
    pub required_providers: BTreeMap<Arc<str>, RequiredProvider>,
    /// The `backend` or `cloud` block.
    pub backend: Option<Block>,
    /// The `encryption` block as it stands there; only the root module's counts.
    pub encryption_block: Option<Block>,
    /// What it says, with what the environment puts over it.
    pub encryption: Encrypting,
    /// `provider` blocks.
    pub providers: BTreeMap<ProviderKey, ProviderBlock>,
    /// `variable` blocks.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// All items of all `locals` blocks.
    pub locals: BTreeMap<Arc<str>, Local>,
    /// `output` blocks.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// `resource` and `data` blocks.
    pub resources: BTreeMap<Resource, ResourceBlock>,
    /// `module` blocks.
    pub module_calls: BTreeMap<Arc<str>, ModuleCall>,
    /// `moved` blocks.
    pub moved: Vec<MovedBlock>,
    /// `removed` blocks.
    pub removed: Vec<RemovedBlock>,
    /// `import` blocks; only the root module has any.
    pub imports: Vec<ImportBlock>,
    /// `check` blocks.
    pub checks: BTreeMap<Arc<str>, CheckBlock>,
    /// `workload` blocks, of `*.wl.hcl` files only.
    pub workloads: BTreeMap<Arc<str>, WorkloadBlock>,
}

impl Module {
    /// This module and all that it calls, each before those that it calls, by their names.
    pub fn with_called(&self) -> Vec<&Module> {
        let mut modules = Vec::new();
        let mut open = vec![self];
        while let Some(module) = open.pop() {
            modules.push(module);
            open.extend(module.module_calls.values().rev().map(|call| &*call.module));
        }
        modules
    }
}

/// A provider configuration's local name and alias.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderKey {
    /// Local name, such as `aws`.
    pub name: Arc<str>,
    /// Alias.
    pub alias: Option<Arc<str>>,
}

impl std::fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.alias {
            Some(alias) => write!(f, "{}.{alias}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    /// Full source address, such as `registry.terraform.io/hashicorp/aws`.
    pub source: Arc<str>,
    /// Version constraint.
    pub version: Option<(Arc<str>, Range)>,
    /// `configuration_aliases`: configurations that callers of the module must pass.
    pub aliases: Vec<(ProviderKey, Range)>,
    /// Where.
    pub range: Range,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    /// Its name and alias.
    pub key: ProviderKey,
    /// `for_each`: an instance of the configuration for each element (OpenTofu 1.9).
    pub for_each: Option<Arc<Expression>>,
    /// Everything but meta-arguments.
    pub body: Body,
    /// The header.
    pub range: Range,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The type constraint; dynamic when absent. Optional object attributes stand in the type.
    pub ty: Type,
    /// Whether a constraint was written; without one, values from flags and environment are plain text.
    pub is_typed: bool,
    /// Defaults of `optional(type, default)` attributes; see [`Variable::convert`].
    pub attribute_defaults: Option<Arc<Defaults>>,
    /// The default.
    pub default: Option<Arc<Expression>>,
    /// Never shown.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// Whether null is allowed.
    pub nullable: bool,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Why it should not be set any more.
    pub deprecated: Option<Arc<str>>,
    /// The header.
    pub range: Range,
}

impl Variable {
    /// A value brought to the type constraint, with defaults of optional attributes filled in.
    ///
    /// # Errors
    /// Why the value does not fit.
    pub fn convert(&self, value: &Value) -> Result<Value, ConversionError> {
        convert_with(self.attribute_defaults.as_deref(), value, &self.ty)
    }
}

/// `condition` and `error_message`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What must be true.
    pub condition: Arc<Expression>,
    /// What is shown otherwise.
    pub error_message: Arc<Expression>,
    /// The whole block.
    pub range: Range,
}

/// An item of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its expression.
    pub value: Arc<Expression>,
    /// The name's place.
    pub range: Range,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its expression.
    pub value: Arc<Expression>,
    /// Never shown.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// What it is for.
    pub description: Option<Arc<str>>,
    /// Why it should not be used any more.
    pub deprecated: Option<Arc<str>>,
    /// What must be finished before it.
    pub depends_on: Vec<Traversal>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// The header.
    pub range: Range,
}

/// A `resource` or `data` block.
#[derive(Clone, Debug)]
pub struct ResourceBlock {
    /// Its address in the module.
    pub address: Resource,
    /// `provider = name.alias`; else the type's prefix.
    pub provider: Option<ProviderKey>,
    /// The `key` of `provider = name.alias[key]`.
    pub provider_index: Option<Arc<Expression>>,
    /// `count`.
    pub count: Option<Arc<Expression>>,
    /// `for_each`.
    pub for_each: Option<Arc<Expression>>,
    /// `depends_on`.
    pub depends_on: Vec<Traversal>,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// The `check` block around it, if it stands in one.
    pub check: Option<Arc<str>>,
    /// The text of a block that was written from an imported object; empty while the object is looked up.
    pub generated: Option<Arc<str>>,
    /// `enabled` of `lifecycle`.
    pub enabled: Option<Arc<Expression>>,
    /// Everything else, `timeouts` included.
    pub body: Body,
    /// Closed alternatives in order of preference; only synthetic modules have them. The first choice is the body itself.
    pub variants: Vec<VariantBlock>,
    /// Live values that are no drift besides the configured one, by attribute; only synthetic modules have them. For limits that
    /// schedules in the cloud move to and fro.
    pub accepted_live: BTreeMap<Arc<str>, Vec<Value>>,
    /// The header.
    pub range: Range,
}

/// What decides how many instances a block has.
#[derive(Clone, Copy, Debug)]
pub struct Repeats<'b> {
    /// `count`.
    pub count: Option<&'b Expression>,
    /// `for_each`.
    pub for_each: Option<&'b Expression>,
    /// `enabled` of `lifecycle`.
    pub enabled: Option<&'b Expression>,
}

impl<'b> Repeats<'b> {
    /// The expressions that are there.
    pub fn expressions(self) -> impl Iterator<Item = &'b Expression> {
        self.count.into_iter().chain(self.for_each).chain(self.enabled)
    }
}

impl ResourceBlock {
    /// What decides how many instances it has.
    pub fn repeats(&self) -> Repeats<'_> {
        Repeats { count: self.count.as_deref(), for_each: self.for_each.as_deref(), enabled: self.enabled.as_deref() }
    }
}

impl ModuleCall {
    /// What decides how many instances it has.
    pub fn repeats(&self) -> Repeats<'_> {
        Repeats { count: self.count.as_deref(), for_each: self.for_each.as_deref(), enabled: self.enabled.as_deref() }
    }
}

/// One alternative of a resource: attributes that it sets differently.
#[derive(Clone, Debug)]
pub struct VariantBlock {
    /// What it is called in plans, such as `us-east-1b`.
    pub label: Arc<str>,
    /// Attributes that replace those of the body.
    pub body: Body,
}

/// A `lifecycle` block.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// The new object is made before the old one goes.
    pub create_before_destroy: Option<bool>,
    /// Deleting is refused: a truth value, known while planning.
    pub prevent_destroy: Option<Arc<Expression>>,
    /// Whether deleting deletes the object, or only forgets it.
    pub destroy: bool,
    /// Which attributes keep their live values.
    pub ignore_changes: IgnoreChanges,
    /// What a change of forces a replacement.
    pub replace_triggered_by: Vec<Trigger>,
    /// Checked before.
    pub preconditions: Vec<Condition>,
    /// Checked after.
    pub postconditions: Vec<Condition>,
}

impl Default for Lifecycle {
    fn default() -> Lifecycle {
        Lifecycle {
            create_before_destroy: None,
            prevent_destroy: None,
            destroy: true,
            ignore_changes: IgnoreChanges::None,
            replace_triggered_by: Vec::new(),
            preconditions: Vec::new(),
            postconditions: Vec::new(),
        }
    }
}

/// An entry of `replace_triggered_by`.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// As written; keys may be `count.index` and `each.key`.
    pub expression: Arc<Expression>,
    /// What it names, with 0 in place of such keys.
    pub reference: Traversal,
}

/// `ignore_changes`.
#[derive(Clone, Debug, Default)]
pub enum IgnoreChanges {
    /// Nothing.
    #[default]
    None,
    /// `all`.
    All,
    /// These attributes, relative to the resource.
    Attributes(Vec<Traversal>),
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: Arc<str>,
    /// The source as written.
    pub source: Arc<str>,
    /// The version constraint as written.
    pub version: Option<Arc<str>>,
    /// `count`.
    pub count: Option<Arc<Expression>>,
    /// `for_each`.
    pub for_each: Option<Arc<Expression>>,
    /// `enabled` of `lifecycle`.
    pub enabled: Option<Arc<Expression>>,
    /// `depends_on`.
    pub depends_on: Vec<Traversal>,
    /// `providers`: name inside → name outside, and where it stands.
    pub providers: BTreeMap<ProviderKey, (ProviderKey, Range)>,
    /// The `key` of each `name.alias[key]` there, by name inside.
    pub provider_indexes: BTreeMap<ProviderKey, Arc<Expression>>,
    /// Input variables.
    pub inputs: BTreeMap<Arc<str>, Arc<Expression>>,
    /// The module itself.
    pub module: Arc<Module>,
    /// The header.
    pub range: Range,
}

/// A `workload` block, as parsed; `workload` gives it its meaning.
#[derive(Clone, Debug)]
pub struct WorkloadBlock {
    /// Its name.
    pub name: Arc<str>,
    /// Its body.
    pub body: Body,
    /// The header.
    pub range: Range,
}
