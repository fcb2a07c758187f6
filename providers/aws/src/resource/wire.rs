//! JSON documents in attributes, such as policies.

/// Whether two texts hold the same JSON, whatever their spacing and the order of their members.
pub(crate) fn same_json(one: Option<&str>, other: Option<&str>) -> bool {
    let parse = |text: Option<&str>| serde_json::from_str::<serde_json::Value>(text?).ok();
    parse(one).is_some_and(|one| Some(one) == parse(other))
}
