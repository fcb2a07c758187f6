//! What attributes and blocks a type has.
//!
//! A schema is data: it comes from a provider's packed schema file and is decoded type by type on first use.

pub mod pack;
mod wire;

use crate::value::Type;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The schema of a resource type, a data source or a provider's configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    /// The version that a state file records.
    pub version: u64,
    /// The body.
    pub block: BlockSchema,
    /// Default time limits in seconds by operation ("create", "update", "delete", "read").
    pub timeouts_seconds: BTreeMap<Arc<str>, u64>,
    /// Whether the type may be imported.
    pub importable: bool,
}

/// Attributes and nested blocks of a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockSchema {
    /// Attributes by name.
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    /// Nested blocks by type name.
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    /// Why the body as a whole is deprecated.
    pub deprecated: Option<Arc<str>>,
}

/// One attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The type of its value.
    pub ty: Type,
    /// It must be set.
    pub required: bool,
    /// It may be set.
    pub optional: bool,
    /// The provider may decide its value.
    pub computed: bool,
    /// It is never shown.
    pub sensitive: bool,
    /// It is sent, and never stored.
    pub write_only: bool,
    /// A change of it replaces the object.
    pub force_new: bool,
    /// The value that the provider assumes when it is not set.
    pub default: Option<crate::Value>,
    /// The only values that are allowed; empty when any is.
    pub allowed: Vec<Arc<str>>,
    /// Attributes that may not be set together with it.
    pub conflicts_with: Vec<Arc<str>>,
    /// Attributes of which exactly one must be set.
    pub exactly_one_of: Vec<Arc<str>>,
    /// Why it is deprecated and what to use instead.
    pub deprecated: Option<Arc<str>>,
    /// One sentence.
    pub description: Arc<str>,
}

/// How often a nested block may stand, and the type that follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// At most once: an object, null when absent.
    Single,
    /// At most once: an object, never null.
    Group,
    /// A list of objects.
    List,
    /// A set of objects.
    Set,
    /// A map of objects by label.
    Map,
}

/// A nested block type.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedBlock {
    /// How often it may stand.
    pub nesting: Nesting,
    /// Its body.
    pub block: BlockSchema,
    /// How many there must be at least.
    pub minimum_items: u64,
    /// How many there may be at most; 0 when there is no limit.
    pub maximum_items: u64,
    /// A change of it replaces the object.
    pub force_new: bool,
    /// When none stands in the configuration, the provider decides (an old SDK habit, "attributes as blocks").
    pub computed: bool,
}

impl BlockSchema {
    /// The object type that a body of this schema evaluates to.
    pub fn object_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, block)| (name.clone(), block.value_type()));
        Type::object(attributes.chain(blocks).collect())
    }
}

impl NestedBlock {
    /// The type of the value that all blocks of this type together evaluate to.
    pub fn value_type(&self) -> Type {
        let object = self.block.object_type();
        match self.nesting {
            Nesting::Single | Nesting::Group => object,
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Map => Type::map(object),
        }
    }
}
