//! Tags: default tags, tags that are not ours to show, and the hidden tag.

use super::Draft;
use std::collections::BTreeMap;
use windlass_api::{Type, Value};

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// Marks what an intent made, so that it can be found again. It is no part of `tags`, `tags_all` or the diff.
pub(crate) const HIDDEN_TAG: &str = "windlass";

/// Whether a tag key is the cloud's own or Windlass's.
pub(crate) fn is_hidden(key: &str) -> bool {
    key == HIDDEN_TAG || key.starts_with("aws:")
}

/// Puts what a read found as `tags_all` into a draft's `tags` and `tags_all`: a default tag stands in `tags` only if it did
/// before, and so does one that was a default tag until now.
pub(crate) fn split_tags(draft: &mut Draft, prior: &Value, default_tags: &Tags, is_ignored: impl Fn(&str) -> bool) {
    let Some(found) = draft.0.get("tags_all").and_then(Value::fields).cloned() else { return };
    let all: BTreeMap<_, _> = found.into_iter().filter(|(key, _)| !is_hidden(key) && !is_ignored(key)).collect();
    let (before, all_before) = (prior.get("tags").and_then(Value::fields), prior.get("tags_all").and_then(Value::fields));
    let own = all.iter().filter(|(key, value)| {
        let was_default = all_before.is_some_and(|all| all.get(*key) == Some(*value));
        let is_default = default_tags.get(&***key).map(String::as_str) == value.as_str();
        !(is_default || was_default) || before.is_some_and(|before| before.contains_key(*key))
    });
    let own: BTreeMap<_, _> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
    let was_null = prior.get("tags").is_none_or(Value::is_null);
    let own = if own.is_empty() && was_null { Value::null(Type::map(Type::String)) } else { Value::map(Type::String, own) };
    draft.set("tags", own);
    draft.set("tags_all", Value::map(Type::String, all));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Value {
        Value::map(Type::String, pairs.iter().map(|(key, value)| ((*key).into(), Value::string(value))).collect())
    }

    #[test]
    fn hidden_and_default_tags_stay_out_of_tags() {
        let mut draft = Draft::new();
        draft.pairs("tags_all", [("Name", "a"), ("team", "ml"), ("windlass", "x"), ("aws:autoscaling:groupName", "g")]);
        let defaults = Tags::from([("team".to_owned(), "ml".to_owned())]);
        split_tags(&mut draft, &Value::object_of([("tags", tags(&[("Name", "b")]))]), &defaults, |_| false);
        assert_eq!(draft.0["tags"], tags(&[("Name", "a")]));
        assert_eq!(draft.0["tags_all"], tags(&[("Name", "a"), ("team", "ml")]));
    }

    #[test]
    fn no_tags_stay_null() {
        let mut draft = Draft::new();
        draft.pairs("tags_all", [("windlass", "x")]);
        split_tags(&mut draft, &Value::object_of([("tags", Value::null(Type::map(Type::String)))]), &Tags::new(), |_| false);
        assert!(draft.0["tags"].is_null());
        assert_eq!(draft.0["tags_all"], tags(&[]));
    }
}
