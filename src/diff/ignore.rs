//! Attributes that keep their live values: `ignore_changes`, and those that the cloud moves by itself.

use super::paths::traversal_path;
use crate::config::IgnoreChanges;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Path, Step, Type, Value};

/// The configuration with ignored attributes taken from the live object.
pub fn ignore_changes(prior: &Value, config: &Value, ignored: &IgnoreChanges) -> Value {
    match ignored {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => prior.clone(),
        IgnoreChanges::Attributes(paths) => paths.iter().fold(config.clone(), |config, path| take(prior, &config, &traversal_path(path))),
    }
}

/// The configuration with attributes whose live value is one of those that are no drift taken from the live object. Numbers are
/// compared as the live object writes them, whatever the list calls them.
pub fn accept_live(prior: &Value, config: &Value, accepted: &BTreeMap<Arc<str>, Vec<Value>>) -> Value {
    accepted.iter().fold(config.clone(), |config, (name, values)| match prior.get(name) {
        Some(live) if config.get(name).is_some() && values.iter().any(|value| equals(value, live)) => config.with_field(name, live.clone()),
        _ => config,
    })
}

fn equals(value: &Value, live: &Value) -> bool {
    windlass_api::value::convert(value, live.ty()).is_ok_and(|value| value == *live)
}

fn take(prior: &Value, config: &Value, path: &Path) -> Value {
    if let Some((Step::Index(key), parent)) = path.0.split_last() {
        let parent = Path(parent.to_vec());
        if let (Some(old), Some(new), Some(key)) = (prior.at(&parent), config.at(&parent), key.as_str())
            && matches!(new.ty(), Type::Map(_))
        {
            return config.with_part(&parent, take_key(&old, &new, key));
        }
    }
    match prior.at(path) {
        Some(live) if config.at(path).is_some() => config.with_part(path, live),
        _ => config.clone(),
    }
}

/// A map with one key as the live map has it: its value, or its absence.
fn take_key(old: &Value, new: &Value, key: &str) -> Value {
    let Type::Map(element) = new.ty() else { return new.clone() };
    if !new.is_known() || !old.is_known() {
        return new.clone();
    }
    let mut fields = new.fields().cloned().unwrap_or_default();
    match old.get(key) {
        Some(live) => fields.insert(key.into(), live.clone()),
        None => fields.remove(key),
    };
    match fields.is_empty() && new.is_null() {
        true => new.clone(),
        false => Value::map(Type::clone(element), fields).with_marks(new.marks()),
    }
}
