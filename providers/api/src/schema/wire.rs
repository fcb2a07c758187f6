//! The compact JSON of a schema pack.
//!
//! A schema: `v` version, `i` importable, `t` time limits in seconds, and a body. A body: `a` attributes, `b` blocks, `p` deprecated.
//! An attribute: `t` type, `f` flags (**r**equired, **o**ptional, **c**omputed, **s**ensitive, **w**rite-only, **f**orce-new,
//! de**p**recated), `d` default, `e` allowed values, `c` conflicts, `x` exactly one of, `n` description. A block: `k` nesting,
//! `f` flags (**f**orce-new, **c**omputed), `m` [minimum, maximum], and a body.

use super::{Attribute, BlockSchema, NestedBlock, Nesting, Schema};
use crate::value::wire::type_from_json;
use crate::value::{Number, Type, Value};
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The index of a pack.
#[derive(Deserialize)]
pub(super) struct Index {
    /// Offset and length of each chunk.
    pub(super) chunks: Vec<(usize, usize)>,
    pub(super) resource: BTreeMap<String, Place>,
    pub(super) data: BTreeMap<String, Place>,
    pub(super) provider: BTreeMap<String, Place>,
}

/// Where a schema stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "(usize, usize, usize)")]
pub(super) struct Place {
    pub(super) chunk: usize,
    pub(super) offset: usize,
    pub(super) length: usize,
}

impl From<(usize, usize, usize)> for Place {
    fn from((chunk, offset, length): (usize, usize, usize)) -> Place {
        Place { chunk, offset, length }
    }
}

pub(super) fn index(text: &[u8]) -> serde_json::Result<Index> {
    serde_json::from_slice(text)
}

pub(super) fn schema(text: &[u8]) -> serde_json::Result<Schema> {
    let wire: SchemaWire = serde_json::from_slice(text)?;
    let block = BodyWire { a: wire.a, b: wire.b, p: wire.p }.body()?;
    Ok(Schema {
        version: wire.v,
        block,
        timeouts_seconds: wire.t.into_iter().map(|(name, seconds)| (name.into(), seconds)).collect(),
        importable: wire.i,
    })
}

#[derive(Deserialize)]
struct SchemaWire {
    v: u64,
    #[serde(default)]
    i: bool,
    #[serde(default)]
    t: BTreeMap<String, u64>,
    a: BTreeMap<String, AttributeWire>,
    #[serde(default)]
    b: BTreeMap<String, BlockWire>,
    #[serde(default)]
    p: bool,
}

#[derive(Deserialize)]
struct BlockWire {
    k: String,
    f: String,
    m: (u64, u64),
    a: BTreeMap<String, AttributeWire>,
    #[serde(default)]
    b: BTreeMap<String, BlockWire>,
    #[serde(default)]
    p: bool,
}

struct BodyWire {
    a: BTreeMap<String, AttributeWire>,
    b: BTreeMap<String, BlockWire>,
    p: bool,
}

#[derive(Deserialize)]
struct AttributeWire {
    t: Json,
    f: String,
    #[serde(default)]
    d: Option<Json>,
    #[serde(default)]
    e: Vec<String>,
    #[serde(default)]
    c: Vec<String>,
    #[serde(default)]
    x: Vec<String>,
    n: String,
}

impl BodyWire {
    fn body(self) -> serde_json::Result<BlockSchema> {
        let deprecated = deprecation(self.p, "type");
        let attributes = self.a.into_iter().map(|(name, wire)| Ok((name.into(), wire.attribute()?))).collect::<serde_json::Result<_>>()?;
        let blocks = self.b.into_iter().map(|(name, wire)| Ok((name.into(), wire.block()?))).collect::<serde_json::Result<_>>()?;
        Ok(BlockSchema { attributes, blocks, deprecated })
    }
}

impl BlockWire {
    fn block(self) -> serde_json::Result<NestedBlock> {
        let nesting = match self.k.as_str() {
            "single" => Nesting::Single,
            "group" => Nesting::Group,
            "list" => Nesting::List,
            "set" => Nesting::Set,
            "map" => Nesting::Map,
            other => return Err(serde_json::Error::custom(format!("unknown nesting {other}"))),
        };
        Ok(NestedBlock {
            nesting,
            block: BodyWire { a: self.a, b: self.b, p: self.p }.body()?,
            minimum_items: self.m.0,
            maximum_items: self.m.1,
            force_new: self.f.contains('f'),
            computed: self.f.contains('c'),
        })
    }
}

impl AttributeWire {
    fn attribute(self) -> serde_json::Result<Attribute> {
        let ty = type_of(&self.t)?;
        let default = self.d.as_ref().map(|json| default_of(&ty, json)).transpose()?;
        let flag = |letter| self.f.contains(letter);
        Ok(Attribute {
            required: flag('r'),
            optional: flag('o'),
            computed: flag('c'),
            sensitive: flag('s'),
            write_only: flag('w'),
            force_new: flag('f'),
            deprecated: deprecation(flag('p'), "attribute"),
            ty,
            default,
            allowed: shared(self.e),
            conflicts_with: shared(self.c),
            exactly_one_of: shared(self.x),
            description: self.n.into(),
        })
    }
}

fn shared(names: Vec<String>) -> Vec<Arc<str>> {
    names.into_iter().map(Arc::from).collect()
}

fn deprecation(deprecated: bool, what: &str) -> Option<Arc<str>> {
    deprecated.then(|| format!("This {what} is deprecated: the provider's documentation names what to use instead.").into())
}

/// A default is written as its type or, as Terraform's SDK allows, as text.
fn default_of(ty: &Type, json: &Json) -> serde_json::Result<Value> {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let value = match ty {
        Type::Bool => text.parse().ok().map(Value::bool),
        Type::Number => Number::parse(&text).map(Value::number),
        Type::String => Some(Value::string(text)),
        _ => None,
    };
    value.ok_or_else(|| serde_json::Error::custom(format!("default {json} of type {ty:?}")))
}

/// A type in the notation of state files: `"string"`, `["list", "string"]`, `["object", {"a": "bool"}]`.
fn type_of(json: &Json) -> serde_json::Result<Type> {
    type_from_json(json).map_err(serde_json::Error::custom)
}
