//! Names of things: modules, resources, instances, providers.
//!
//! Two families, as in Terraform: *config* addresses name what is written, without instance keys; *instance* addresses
//! name what exists. Both print in Terraform's syntax and are ordered.

pub mod module_source;
mod parse;
mod target;

pub use module_source::ModuleSource;
pub use parse::{AddressError, parse_instance, parse_resource};
pub use target::{TargetAddress, parse_replaced};
pub use windlass_api::Mode;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use windlass_api::Value;

/// The key of one instance of a `count` or `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// Of `count`.
    Int(u64),
    /// Of `for_each`.
    String(Arc<str>),
}

/// A module as written; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModulePath(pub Vec<Arc<str>>);

/// A module instance; empty for the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub Vec<(Arc<str>, Option<InstanceKey>)>);

/// A resource or data source inside a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// Managed or data.
    pub mode: Mode,
    /// Type, such as `aws_vpc`.
    pub type_name: Arc<str>,
    /// Name.
    pub name: Arc<str>,
}

/// A resource as written: module path and resource. State files call these `dependencies`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// The module.
    pub module: ModulePath,
    /// The resource in it.
    pub resource: Resource,
}

/// One instance of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance {
    /// The module instance.
    pub module: ModuleInstance,
    /// The resource in it.
    pub resource: Resource,
    /// Which instance; `None` without `count` and `for_each`.
    pub key: Option<InstanceKey>,
}

/// A provider configuration: `provider["registry.terraform.io/hashicorp/aws"].alias["key"]`, of the root module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderConfig {
    /// Source address.
    pub source: Arc<str>,
    /// Alias.
    pub alias: Option<Arc<str>>,
    /// Which of the instances of a `provider` block with `for_each`.
    pub key: Option<InstanceKey>,
}

impl ProviderConfig {
    /// The configuration as its block declares it: without the key of an instance.
    #[must_use]
    pub fn block(&self) -> ProviderConfig {
        ProviderConfig { key: None, ..self.clone() }
    }

    /// Whether it comes from the same block.
    pub fn is_of_block(&self, other: &ProviderConfig) -> bool {
        self.source == other.source && self.alias == other.alias
    }
}

/// The entries of all instances of a resource in one module instance.
pub fn of_resource<'m, T>(
    map: &'m BTreeMap<Instance, T>,
    module: &ModuleInstance,
    resource: &Resource,
) -> impl Iterator<Item = (&'m Instance, &'m T)> + use<'m, T> {
    let first = Instance { module: module.clone(), resource: resource.clone(), key: None };
    map.range(first.clone()..).take_while(move |(address, _)| address.module == first.module && address.resource == first.resource)
}

impl ModulePath {
    /// A path relative to this one, as a path from the root.
    #[must_use]
    pub fn join(&self, relative: &ModulePath) -> ModulePath {
        ModulePath(self.0.iter().chain(&relative.0).cloned().collect())
    }
}

impl ModuleInstance {
    /// An instance relative to this one, as an instance from the root.
    #[must_use]
    pub fn join(&self, relative: &ModuleInstance) -> ModuleInstance {
        ModuleInstance(self.0.iter().chain(&relative.0).cloned().collect())
    }

    /// The module as written.
    pub fn path(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|(name, _)| name.clone()).collect())
    }

    /// The instance of a module called in this one.
    #[must_use]
    pub fn child(&self, name: &str, key: Option<InstanceKey>) -> ModuleInstance {
        let mut steps = self.0.clone();
        steps.push((name.into(), key));
        ModuleInstance(steps)
    }

    /// Whether it is the root module.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl Instance {
    /// The resource as written.
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.path(), resource: self.resource.clone() }
    }
}

impl InstanceKey {
    /// The key that a value stands for: a whole number of at least zero, or a string.
    pub fn from_value(value: &Value) -> Option<InstanceKey> {
        match value.as_str() {
            Some(key) => Some(InstanceKey::String(key.into())),
            None => value.as_i64().and_then(|index| u64::try_from(index).ok()).map(InstanceKey::Int),
        }
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstanceKey::Int(index) => write!(f, "[{index}]"),
            InstanceKey::String(key) => write!(f, "[\"{}\"]", parse::escape(key)),
        }
    }
}

impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if position == 0 { "" } else { "." })?;
        }
        Ok(())
    }
}

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, key)) in self.0.iter().enumerate() {
            write!(f, "{}module.{name}", if position == 0 { "" } else { "." })?;
            if let Some(key) = key {
                write!(f, "{key}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            Mode::Managed => {}
            Mode::Data => write!(f, "data.")?,
            Mode::Ephemeral => write!(f, "ephemeral.")?,
        }
        write!(f, "{}.{}", self.type_name, self.name)
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.0.is_empty() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}", self.resource)
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}", self.resource)?;
        match &self.key {
            Some(key) => write!(f, "{key}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "provider[\"{}\"]", self.source)?;
        if let Some(alias) = &self.alias {
            write!(f, ".{alias}")?;
        }
        self.key.as_ref().map_or(Ok(()), |key| key.fmt(f))
    }
}
