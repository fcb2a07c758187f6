//! Configuration merged with the prior object: Terraform's "proposed new" object.

use super::{BlockSchema, NestedBlock, Nesting};
use crate::value::{Fields, Value};

/// What the object becomes if the provider has no say: what the configuration sets, and the prior object's value of each computed
/// attribute that it does not set. Where there is no prior object, in a creation or in a block that is new, such an attribute is
/// unknown.
///
/// Blocks meet their prior counterparts by position in a list, by label in a map, and in a set by the first prior element not yet
/// taken that agrees in everything the configuration sets. A block type that is computed keeps its prior blocks, or is unknown, when
/// the configuration has none.
pub fn proposed_new(block: &BlockSchema, prior: Option<&Value>, config: &Value) -> Value {
    let prior = prior.filter(|prior| !prior.is_null() && prior.is_known());
    let Some(set) = config.fields() else { return config.clone() };
    let mut proposed = Fields::new();
    for (name, attribute) in &block.attributes {
        let value = match set.get(name) {
            Some(value) if !value.is_null() || !attribute.computed => value.clone(),
            None if !attribute.computed => Value::null(attribute.ty.clone()),
            _ => match prior {
                Some(prior) => prior.get(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone())),
                None => Value::unknown(attribute.ty.clone()),
            },
        };
        proposed.insert(name.clone(), value);
    }
    for (name, nested) in &block.blocks {
        let before = prior.and_then(|prior| prior.get(name));
        let value = match set.get(name) {
            Some(value) => proposed_blocks(nested, prior.is_some(), before, value),
            None => proposed_blocks(nested, prior.is_some(), before, &nested.absent()),
        };
        proposed.insert(name.clone(), value);
    }
    config.with_attributes(proposed)
}

/// Whether blocks of the type stand in a configuration, so far as is known.
fn is_absent(config: &Value) -> bool {
    config.is_null() || config.is_known() && config.elements().is_some_and(<[Value]>::is_empty)
}

fn proposed_blocks(nested: &NestedBlock, exists: bool, prior: Option<&Value>, config: &Value) -> Value {
    if nested.computed && is_absent(config) {
        return match prior {
            Some(prior) => prior.clone(),
            None if exists => config.clone(),
            None => Value::unknown(nested.value_type()),
        };
    }
    if config.is_null() || !config.is_known() {
        return config.clone();
    }
    let prior = prior.filter(|prior| !prior.is_null() && prior.is_known());
    let body = |prior: Option<&Value>, config: &Value| proposed_new(&nested.block, prior, config);
    let proposed = match nested.nesting {
        Nesting::Single | Nesting::Group => return body(prior, config),
        Nesting::List => {
            let bodies = config.elements().unwrap_or_default();
            let before = prior.and_then(Value::elements).unwrap_or_default();
            nested.list_of(bodies.iter().enumerate().map(|(position, config)| body(before.get(position), config)).collect())
        }
        Nesting::Map => {
            let bodies = config.fields().into_iter().flatten();
            nested.map_of(bodies.map(|(key, config)| (key.clone(), body(prior.and_then(|prior| prior.get(key)), config))).collect())
        }
        Nesting::Set => {
            let mut before: Vec<Option<&Value>> = prior.and_then(Value::elements).unwrap_or_default().iter().map(Some).collect();
            let bodies = config.elements().unwrap_or_default();
            nested.set_of(bodies.iter().map(|config| body(take_match(&nested.block, &mut before, config), config)).collect())
        }
    };
    proposed.with_marks(config.marks())
}

/// Takes the first prior element that the configured one may be.
fn take_match<'a>(block: &BlockSchema, before: &mut [Option<&'a Value>], config: &Value) -> Option<&'a Value> {
    let found = before.iter_mut().find(|prior| prior.is_some_and(|prior| may_be(block, prior, config)))?;
    found.take()
}

/// Whether the prior object agrees in everything that the configuration sets.
fn may_be(block: &BlockSchema, prior: &Value, config: &Value) -> bool {
    if prior == config {
        return true;
    }
    let (Some(before), Some(set)) = (prior.fields(), config.fields()) else { return false };
    let attributes = block.attributes.iter().all(|(name, attribute)| {
        let (before, set) = (before.get(name), set.get(name));
        before == set || attribute.computed && set.is_none_or(Value::is_null)
    });
    let nested = |name: &str, nested: &NestedBlock| {
        let (Some(before), Some(set)) = (before.get(name), set.get(name)) else { return false };
        if before == set || nested.computed && is_absent(set) {
            return true;
        }
        match (before.elements(), set.elements()) {
            (Some(before), Some(set)) => {
                before.len() == set.len() && before.iter().zip(set).all(|(before, set)| may_be(&nested.block, before, set))
            }
            _ => matches!(nested.nesting, Nesting::Single | Nesting::Group) && may_be(&nested.block, before, set),
        }
    };
    attributes && block.blocks.iter().all(|(name, schema)| nested(name, schema))
}
