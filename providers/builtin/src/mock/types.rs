//! The types of the mock provider.

use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Attribute, BlockSchema, NestedBlock, Nesting, ObjectType, Schema, Type, Value};

/// How deep attributes and blocks of the complex type nest in each other.
const DEPTH: usize = 3;

/// A type of mock objects.
pub(super) struct MockType {
    /// Of the resource.
    pub resource: Arc<Schema>,
    /// Of the data source.
    pub data: Arc<Schema>,
    /// What the provider decides for attributes that are not set, where the declaration says it.
    pub decided: BTreeMap<Arc<str>, Value>,
}

impl MockType {
    /// A type of these attributes and blocks; it gets an `id`.
    pub fn new(mut block: BlockSchema, decided: BTreeMap<Arc<str>, Value>) -> MockType {
        let id = "The name of the object's file; made up where it is not set.";
        block.attributes.insert("id".into(), Attribute::optional(Type::String).or_computed().force_new().described(id));
        let data = Schema { block: read_only(&block), ..Schema::default() };
        let resource = Schema { block, importable: true, ..Schema::default() };
        MockType { resource: Arc::new(resource), data: Arc::new(data), decided }
    }
}

/// The types that are always there.
pub(super) fn fixed() -> BTreeMap<Arc<str>, MockType> {
    let simple = BlockSchema { attributes: simple_attributes(), ..BlockSchema::default() };
    BTreeMap::from([
        ("tfcoremock_simple_resource".into(), MockType::new(simple, BTreeMap::new())),
        ("tfcoremock_complex_resource".into(), MockType::new(complex_block(DEPTH), BTreeMap::new())),
    ])
}

const SIMPLE: [(&str, Type, &str); 5] = [
    ("bool", Type::Bool, "A truth value."),
    ("number", Type::Number, "A number, whole or not."),
    ("string", Type::String, "A text."),
    ("float", Type::Number, "A number, whole or not."),
    ("integer", Type::Number, "A number, meant to be whole."),
];

fn simple_attributes() -> BTreeMap<Arc<str>, Attribute> {
    SIMPLE.into_iter().map(|(name, ty, about)| (name.into(), Attribute::optional(ty).described(about))).collect()
}

/// The body of the complex type: with levels left below it, objects and collections of objects of the next one, and blocks.
fn complex_block(levels: usize) -> BlockSchema {
    let mut block = BlockSchema { attributes: simple_attributes(), ..BlockSchema::default() };
    if levels == 0 {
        return block;
    }
    let inner = complex_object(levels - 1);
    let mut add = |name: &str, ty: Type, about: &str| block.attributes.insert(name.into(), Attribute::optional(ty).described(about));
    add("object", inner.clone(), "An object with attributes like these.");
    add("list", Type::list(inner.clone()), "A list of such objects.");
    add("set", Type::set(inner.clone()), "A set of such objects.");
    add("map", Type::map(inner), "A map of such objects.");
    for (name, nesting) in [("list_block", Nesting::List), ("set_block", Nesting::Set)] {
        block.blocks.insert(name.into(), nested(nesting, complex_block(levels - 1)));
    }
    block
}

fn complex_object(levels: usize) -> Type {
    let mut attributes: Vec<(Arc<str>, Type)> = SIMPLE.into_iter().map(|(name, ty, _)| (name.into(), ty)).collect();
    if levels > 0 {
        let inner = complex_object(levels - 1);
        attributes.push(("list".into(), Type::list(inner.clone())));
        attributes.push(("set".into(), Type::set(inner.clone())));
        attributes.push(("map".into(), Type::map(inner.clone())));
        attributes.push(("object".into(), inner));
    }
    let optional = attributes.iter().map(|(name, _)| name.clone()).collect();
    Type::Object(Arc::new(ObjectType { attributes: attributes.into_iter().collect(), optional }))
}

/// A block type without limits.
pub(super) fn nested(nesting: Nesting, block: BlockSchema) -> NestedBlock {
    NestedBlock { nesting, block, minimum_items: 0, maximum_items: 0, force_new: false, computed: false }
}

/// What reading an object by its id yields: all that it has, blocks as attributes.
fn read_only(block: &BlockSchema) -> BlockSchema {
    let attribute = |(name, own): (&Arc<str>, &Attribute)| {
        (name.clone(), Attribute { sensitive: own.sensitive, ..Attribute::computed(own.ty.without_optional()).described(&own.description) })
    };
    let mut attributes: BTreeMap<Arc<str>, Attribute> = block.attributes.iter().map(attribute).collect();
    attributes.extend(block.blocks.iter().map(|(name, nested)| (name.clone(), Attribute::computed(nested.value_type()))));
    attributes.insert("id".into(), Attribute::required(Type::String).described("The name of the file in the data folder."));
    BlockSchema { attributes, ..BlockSchema::default() }
}
