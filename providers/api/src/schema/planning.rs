//! The planning that types share whose provider has no more to say than their schema.

use super::{BlockSchema, NestedBlock, Nesting, Schema, proposed_new};
use crate::provider::{PlanRequest, PlanResponse};
use crate::value::{Fields, Marks, Path, Step, Value};

/// Plans by the schema alone: the configuration with its defaults merged with the prior object; what can't change in place forces a
/// replacement. The planned object is that of a change in place even then: the engine plans a replacement's creation once
/// more, without a prior object.
pub fn default_plan(schema: &Schema, request: &PlanRequest<'_>) -> PlanResponse {
    let config = with_defaults(&schema.block, request.config);
    let proposed = match schema.block.has(&has_default) {
        true => proposed_new(&schema.block, request.prior, &config),
        false => request.proposed.clone(),
    };
    let planned = without_write_only(&schema.block, &proposed);
    let mut requires_replace = Vec::new();
    if let Some(prior) = request.prior {
        forcing(&schema.block, prior, &planned, &mut Path::root(), &mut requires_replace);
        // Nothing is stored of a write-only attribute, so that setting one counts as a change of it.
        for (name, attribute) in &schema.block.attributes {
            let is_set = config.get(name).is_some_and(|value| !value.is_null());
            if attribute.write_only && attribute.force_new && is_set && planned != *prior {
                requires_replace.push(Path::of(name));
            }
        }
    }
    PlanResponse { planned, requires_replace, problems: Vec::new() }
}

/// The configuration with the defaults of attributes that it does not set, at every depth.
pub fn with_defaults(block: &BlockSchema, config: &Value) -> Value {
    if !block.has(&has_default) {
        return config.clone();
    }
    rewrite(block, config, &|attribute, value| match &attribute.default {
        Some(default) if value.is_null() && !attribute.computed => default.clone(),
        _ => value.clone(),
    })
}

fn has_default(attribute: &super::Attribute) -> bool {
    attribute.default.is_some()
}

/// An object that is imported, where a provider can't tell an argument that was never set from one that was set to nothing: zero
/// values of arguments that have no default and that the cloud does not decide are null, at every depth.
pub fn without_zeros(block: &BlockSchema, object: &Value) -> Value {
    let is_zero = |value: &Value| {
        value.as_str() == Some("")
            || value.as_bool() == Some(false)
            || value.as_i64() == Some(0)
            || value.elements().is_some_and(<[Value]>::is_empty)
            || value.fields().is_some_and(Fields::is_empty)
    };
    rewrite(block, object, &|attribute, value| {
        let is_silent = attribute.optional && !attribute.computed && attribute.default.is_none() && is_zero(value);
        if is_silent { Value::null(value.ty().clone()) } else { value.clone() }
    })
}

/// The object as it may be stored: write-only attributes are null, at every depth.
pub fn without_write_only(block: &BlockSchema, value: &Value) -> Value {
    if !block.has_write_only() {
        return value.clone();
    }
    rewrite(block, value, &|attribute, value| if attribute.write_only { Value::null(attribute.ty.clone()) } else { value.clone() })
}

/// The configuration with the values of write-only attributes marked ephemeral, at every depth.
pub fn mark_write_only(block: &BlockSchema, value: &Value) -> Value {
    if !block.has_write_only() {
        return value.clone();
    }
    rewrite(block, value, &|attribute, value| match attribute.write_only && !value.is_null() {
        true => value.clone().with_marks(Marks::EPHEMERAL),
        false => value.clone(),
    })
}

/// The body with each attribute rewritten, at every depth.
fn rewrite(block: &BlockSchema, body: &Value, change: &dyn Fn(&super::Attribute, &Value) -> Value) -> Value {
    let Some(fields) = body.fields() else { return body.clone() };
    let mut rewritten = Fields::clone(fields);
    for (name, field) in &mut rewritten {
        if let Some(attribute) = block.attributes.get(name) {
            *field = change(attribute, field);
        } else if let Some(nested) = block.blocks.get(name) {
            *field = nested.map_bodies(field, &mut |body| rewrite(&nested.block, body, change));
        }
    }
    body.with_attributes(rewritten)
}

/// Collects the paths of what changes and can't change in place.
fn forcing(block: &BlockSchema, prior: &Value, planned: &Value, path: &mut Path, found: &mut Vec<Path>) {
    for (name, attribute) in &block.attributes {
        if attribute.force_new && differ(prior.get(name), planned.get(name)) {
            found.push(path.attribute(name));
        }
    }
    for (name, nested) in &block.blocks {
        let (before, after) = (prior.get(name), planned.get(name));
        if !differ(before, after) {
            continue;
        }
        if nested.force_new {
            found.push(path.attribute(name));
        } else {
            path.0.push(Step::Attribute(name.clone()));
            forcing_blocks(nested, before, after, path, found);
            path.0.pop();
        }
    }
}

fn forcing_blocks(nested: &NestedBlock, before: Option<&Value>, after: Option<&Value>, path: &mut Path, found: &mut Vec<Path>) {
    let null = nested.block.null_config();
    if after.is_some_and(|after| !after.is_known()) {
        if has_force_new(&nested.block) {
            found.push(path.clone());
        }
        return;
    }
    let is_there = |value: &&Value| !value.is_null();
    match nested.nesting {
        Nesting::Single | Nesting::Group => {
            forcing(&nested.block, before.filter(is_there).unwrap_or(&null), after.filter(is_there).unwrap_or(&null), path, found);
        }
        Nesting::List => {
            let before = before.and_then(Value::elements).unwrap_or_default();
            let after = after.and_then(Value::elements).unwrap_or_default();
            for position in 0..before.len().max(after.len()) {
                path.0.push(Step::Index(Value::int(position as i64)));
                forcing(&nested.block, before.get(position).unwrap_or(&null), after.get(position).unwrap_or(&null), path, found);
                path.0.pop();
            }
        }
        Nesting::Map => {
            let keys = before.and_then(Value::fields).into_iter().chain(after.and_then(Value::fields)).flat_map(Fields::keys);
            for key in keys.collect::<std::collections::BTreeSet<_>>() {
                let part = |value: Option<&Value>| value.and_then(|value| value.get(key)).cloned().unwrap_or_else(|| null.clone());
                path.0.push(Step::Index(Value::string(key)));
                forcing(&nested.block, &part(before), &part(after), path, found);
                path.0.pop();
            }
        }
        // An element of a set has no identity but its value: a changed one is gone, and another has come.
        Nesting::Set => {
            let before = before.and_then(Value::elements).unwrap_or_default();
            let after = after.and_then(Value::elements).unwrap_or_default();
            let mut inner = Vec::new();
            let gone = before.iter().filter(|element| !after.contains(element));
            gone.for_each(|element| forcing(&nested.block, element, &null, path, &mut inner));
            let come = after.iter().filter(|element| !before.contains(element));
            come.for_each(|element| forcing(&nested.block, &null, element, path, &mut inner));
            if !inner.is_empty() {
                found.push(path.clone());
            }
        }
    }
}

fn has_force_new(block: &BlockSchema) -> bool {
    block.attributes.values().any(|attribute| attribute.force_new)
        || block.blocks.values().any(|nested| nested.force_new || has_force_new(&nested.block))
}

/// Whether a value changes; an unknown one counts as changed. An attribute that the prior object lacks counts as null.
fn differ(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if before.is_null() && after.is_null() => false,
        (Some(before), Some(after)) => before != after,
        (None, Some(value)) | (Some(value), None) => !value.is_null(),
        (None, None) => false,
    }
}
