//! What attributes and blocks a type has.
//!
//! A schema is data: it comes from a provider's packed schema file and is decoded type by type on first use.

mod check;
pub mod pack;
mod planning;
mod proposed;
mod wire;

pub use check::{assert_plan_valid, assert_result_compatible};
pub use planning::{default_plan, mark_write_only, with_defaults, without_write_only, without_zeros};
pub use proposed::proposed_new;

use crate::value::{Fields, Marks, Type, Value};
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

impl Attribute {
    fn new(ty: Type) -> Attribute {
        Attribute {
            ty,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            force_new: false,
            default: None,
            allowed: Vec::new(),
            conflicts_with: Vec::new(),
            exactly_one_of: Vec::new(),
            deprecated: None,
            description: "".into(),
        }
    }

    /// An attribute that must be set.
    pub fn required(ty: Type) -> Attribute {
        Attribute { required: true, ..Attribute::new(ty) }
    }

    /// An attribute that may be set.
    pub fn optional(ty: Type) -> Attribute {
        Attribute { optional: true, ..Attribute::new(ty) }
    }

    /// An attribute that only the provider sets.
    pub fn computed(ty: Type) -> Attribute {
        Attribute { computed: true, ..Attribute::new(ty) }
    }

    /// The same attribute; the provider decides where it is not set.
    #[must_use]
    pub fn or_computed(self) -> Attribute {
        Attribute { computed: true, ..self }
    }

    /// The same attribute; a change of it replaces the object.
    #[must_use]
    pub fn force_new(self) -> Attribute {
        Attribute { force_new: true, ..self }
    }

    /// The same attribute, never shown.
    #[must_use]
    pub fn sensitive(self) -> Attribute {
        Attribute { sensitive: true, ..self }
    }

    /// The same attribute with the value that counts where it is not set.
    #[must_use]
    pub fn with_default(self, default: impl Into<Value>) -> Attribute {
        Attribute { default: Some(default.into()), ..self }
    }

    /// The same attribute with a sentence about it.
    #[must_use]
    pub fn described(self, description: &str) -> Attribute {
        Attribute { description: description.into(), ..self }
    }
}

impl Schema {
    /// A schema of attributes alone, by name.
    pub fn of_attributes<const N: usize>(attributes: [(&str, Attribute); N]) -> Schema {
        let attributes = attributes.into_iter().map(|(name, attribute)| (Arc::from(name), attribute)).collect();
        Schema { block: BlockSchema { attributes, ..BlockSchema::default() }, ..Schema::default() }
    }

    /// A schema without any attribute or block.
    pub fn empty() -> Schema {
        Schema::default()
    }
}

/// The value with what the schema calls sensitive marked so, at every depth.
pub fn mark_sensitive(block: &BlockSchema, value: &Value) -> Value {
    let Some(fields) = value.fields().filter(|_| block.has_sensitive()) else { return value.clone() };
    let mut marked = Fields::clone(fields);
    for (name, attribute) in &block.attributes {
        if let Some(field) = marked.get_mut(name).filter(|_| attribute.sensitive) {
            *field = field.clone().with_marks(Marks::SENSITIVE);
        }
    }
    for (name, nested) in &block.blocks {
        if let Some(field) = marked.get_mut(name) {
            *field = nested.map_bodies(field, &mut |body| mark_sensitive(&nested.block, body));
        }
    }
    value.with_attributes(marked)
}

impl BlockSchema {
    /// What an empty body evaluates to: attributes are null, and there are no blocks.
    pub fn null_config(&self) -> Value {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), Value::null(attribute.ty.without_optional())));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.absent()));
        Value::object(attributes.chain(blocks).collect())
    }

    /// Whether any attribute at any depth is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.has(&|attribute| attribute.sensitive)
    }

    /// Whether something holds of any attribute at any depth.
    pub(crate) fn has(&self, test: &dyn Fn(&Attribute) -> bool) -> bool {
        self.attributes.values().any(test) || self.blocks.values().any(|nested| nested.block.has(test))
    }

    /// Whether any attribute at any depth is write-only.
    pub fn has_write_only(&self) -> bool {
        self.has(&|attribute| attribute.write_only)
    }

    /// The object type that a body of this schema evaluates to. What a type calls optional is null in a value, so none is optional here.
    pub fn object_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty.without_optional()));
        let blocks = self.blocks.iter().map(|(name, block)| (name.clone(), block.value_type()));
        Type::object(attributes.chain(blocks).collect())
    }
}

impl NestedBlock {
    /// The value where no such block stands.
    pub fn absent(&self) -> Value {
        let object = self.block.object_type();
        match self.nesting {
            Nesting::Single => Value::null(object),
            Nesting::Group => self.block.null_config(),
            Nesting::List => Value::list(object, Vec::new()),
            Nesting::Set => Value::set(object, Vec::new()),
            Nesting::Map => Value::map(object, Fields::new()),
        }
    }

    /// The value of the blocks with each body replaced; null and unknown ones stay.
    pub fn map_bodies(&self, value: &Value, change: &mut dyn FnMut(&Value) -> Value) -> Value {
        if value.is_null() || !value.is_known() {
            return value.clone();
        }
        let mut each = |body: &Value| if body.fields().is_some() { change(body) } else { body.clone() };
        let changed = match (self.nesting, value.elements(), value.fields()) {
            (Nesting::Single | Nesting::Group, _, _) => return each(value).with_marks(value.marks()),
            (Nesting::List, Some(bodies), _) => self.list_of(bodies.iter().map(each).collect()),
            (Nesting::Set, Some(bodies), _) => self.set_of(bodies.iter().map(each).collect()),
            (Nesting::Map, _, Some(bodies)) => self.map_of(bodies.iter().map(|(key, body)| (key.clone(), each(body))).collect()),
            _ => return value.clone(),
        };
        changed.with_marks(value.marks())
    }

    pub(crate) fn list_of(&self, bodies: Vec<Value>) -> Value {
        // A dynamic attribute makes bodies of several types; the language has a tuple then.
        let object = self.block.object_type();
        if object.has_dynamic() { Value::tuple(bodies) } else { Value::list(object, bodies) }
    }

    pub(crate) fn set_of(&self, bodies: Vec<Value>) -> Value {
        Value::set(self.block.object_type(), bodies)
    }

    pub(crate) fn map_of(&self, bodies: Fields) -> Value {
        let object = self.block.object_type();
        if object.has_dynamic() { Value::object(bodies) } else { Value::map(object, bodies) }
    }

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

#[cfg(test)]
mod tests;
