//! `dynamic_resources.json`: types that a user declares.
//!
//! ```json
//! { "tfcoremock_server": {
//!     "attributes": { "size": { "type": "integer", "required": true }, "address": { "type": "string", "computed": true } },
//!     "blocks": { "disk": { "mode": "list", "attributes": { "gigabytes": { "type": "number", "optional": true } } } } } }
//! ```

use super::object_wire::value_from_file;
use super::types::{MockType, nested};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Attribute, BlockSchema, Nesting, ObjectType, Type, Value};

/// What the types of this provider begin with.
const PREFIX: &str = "tfcoremock_";
/// Names that the language or the provider has taken.
const TAKEN: [&str; 7] = ["id", "count", "for_each", "depends_on", "lifecycle", "provider", "provisioner"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyWire {
    #[serde(default)]
    attributes: BTreeMap<String, AttributeWire>,
    #[serde(default)]
    blocks: BTreeMap<String, BlockWire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockWire {
    #[serde(default)]
    attributes: BTreeMap<String, AttributeWire>,
    #[serde(default)]
    blocks: BTreeMap<String, BlockWire>,
    mode: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeWire {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    computed: bool,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    replace: bool,
    /// Sent and never stored: an addition of ours.
    #[serde(default)]
    write_only: bool,
    /// Whether an object's schema stands in its type only; here it always does.
    #[serde(default)]
    #[expect(dead_code, reason = "accepted because files have it, and true in any case")]
    skip_nested_metadata: bool,
    value: Option<Json>,
    list: Option<Box<AttributeWire>>,
    map: Option<Box<AttributeWire>>,
    set: Option<Box<AttributeWire>>,
    object: Option<BTreeMap<String, AttributeWire>>,
}

/// The types that a file declares, or what is wrong with it.
pub(super) fn declared_types(text: &str) -> Result<BTreeMap<Arc<str>, MockType>, String> {
    let file: BTreeMap<String, Json> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut types = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (name, json) in file.into_iter().filter(|(name, _)| name != "$schema") {
        match declared_type(&name, json) {
            Ok(declared) => drop(types.insert(Arc::from(name), declared)),
            Err(mistake) => mistakes.push(format!("{name}: {mistake}")),
        }
    }
    if mistakes.is_empty() { Ok(types) } else { Err(mistakes.join("; ")) }
}

fn declared_type(name: &str, json: Json) -> Result<MockType, String> {
    if !name.starts_with(PREFIX) {
        return Err(format!("the names of types begin with {PREFIX:?}"));
    }
    let BodyWire { attributes, blocks } = serde_json::from_value(json).map_err(|error| error.to_string())?;
    let mut decided = BTreeMap::new();
    for (name, attribute) in &attributes {
        if let Some(json) = &attribute.value {
            if !attribute.computed {
                return Err(format!("{name}: a value is given, which only computed attributes have"));
            }
            let ty = attribute.value_type().map_err(|mistake| format!("{name}: {mistake}"))?;
            decided.insert(Arc::from(name.as_str()), value_from_file(json, &ty).map_err(|mistake| format!("{name}: {mistake}"))?);
        }
    }
    if let Some(taken) = TAKEN.iter().find(|taken| attributes.contains_key(**taken) || blocks.contains_key(**taken)) {
        return Err(format!("the name {taken:?} is taken"));
    }
    Ok(MockType::new(body(attributes, blocks, true)?, decided))
}

fn body(attributes: BTreeMap<String, AttributeWire>, blocks: BTreeMap<String, BlockWire>, may_decide: bool) -> Result<BlockSchema, String> {
    let mut schema = BlockSchema::default();
    for (name, wire) in attributes {
        let attribute = wire.attribute(may_decide).map_err(|mistake| format!("{name}: {mistake}"))?;
        schema.attributes.insert(name.into(), attribute);
    }
    for (name, wire) in blocks {
        let nesting = match wire.mode.as_str() {
            "list" => Nesting::List,
            "set" => Nesting::Set,
            other => return Err(format!("{name}: the mode of a block is \"list\" or \"set\", not {other:?}")),
        };
        let inner = body(wire.attributes, wire.blocks, false).map_err(|mistake| format!("{name}: {mistake}"))?;
        schema.blocks.insert(name.into(), nested(nesting, inner));
    }
    Ok(schema)
}

impl AttributeWire {
    fn attribute(&self, may_decide: bool) -> Result<Attribute, String> {
        match (self.required, self.optional, self.computed) {
            (true, false, false) | (false, true, _) | (false, false, true) => {}
            (false, false, false) => return Err("one of required, optional and computed must be true".to_owned()),
            (true, _, _) => return Err("what is required is neither optional nor computed".to_owned()),
        }
        if self.write_only && self.computed {
            return Err("what is write-only can't be computed".to_owned());
        }
        if self.computed && !may_decide {
            return Err("computed attributes inside blocks are not available".to_owned());
        }
        let base = if self.required { Attribute::required(self.value_type()?) } else { Attribute::optional(self.value_type()?) };
        Ok(Attribute {
            optional: self.optional,
            computed: self.computed,
            sensitive: self.sensitive,
            force_new: self.replace,
            write_only: self.write_only,
            ..base
        })
    }

    fn value_type(&self) -> Result<Type, String> {
        let element = |part: &Option<Box<AttributeWire>>| match part {
            Some(element) => element.part_type(),
            None => Err(format!("a {0} says by {0:?} what it holds", self.kind)),
        };
        Ok(match self.kind.as_str() {
            "boolean" | "bool" => Type::Bool,
            "integer" | "float" | "number" => Type::Number,
            "string" => Type::String,
            "list" => Type::list(element(&self.list)?),
            "set" => Type::set(element(&self.set)?),
            "map" => Type::map(element(&self.map)?),
            "object" => self.object_type()?,
            other => {
                return Err(format!(
                    "there is no type {other:?}; there are boolean, integer, float, number, string, list, set, map and object"
                ));
            }
        })
    }

    fn object_type(&self) -> Result<Type, String> {
        let Some(fields) = &self.object else { return Err("an object says by \"object\" what it holds".to_owned()) };
        let mut object = ObjectType::default();
        for (name, field) in fields {
            object.attributes.insert(name.as_str().into(), field.part_type().map_err(|mistake| format!("{name}: {mistake}"))?);
            if !field.required {
                object.optional.insert(name.as_str().into());
            }
        }
        Ok(Type::Object(Arc::new(object)))
    }

    /// The type of something inside an attribute, which is a value without rules of its own.
    fn part_type(&self) -> Result<Type, String> {
        let refused = [
            (self.computed, "computed"),
            (self.sensitive, "sensitive"),
            (self.replace, "replace"),
            (self.write_only, "write_only"),
            (self.value.is_some(), "value"),
        ];
        match refused.iter().find(|(is_set, _)| *is_set) {
            Some((_, rule)) => Err(format!("{rule:?} is available for whole attributes only, not for parts of them")),
            None => self.value_type(),
        }
    }
}

/// What the provider decides for an attribute whose declaration says nothing of it.
pub(super) fn made_up(ty: &Type, text: &str) -> Value {
    match ty {
        Type::String => Value::string(text),
        Type::Number => Value::int(0),
        Type::Bool => Value::bool(false),
        Type::List(element) => Value::list((**element).clone(), Vec::new()),
        Type::Set(element) => Value::set((**element).clone(), Vec::new()),
        Type::Map(element) => Value::map((**element).clone(), BTreeMap::new()),
        other => Value::null(other.without_optional()),
    }
}
