//! Whether two policy documents say the same.
//!
//! A single value equals a list of it, order and repetition of values and statements do not matter, an account's number equals its root,
//! and `"*"` as a principal equals `{"AWS": "*"}`. The rules are those of the library that the Terraform provider uses.

use serde_json::{Map, Value as Json};

/// Whether two documents say the same. What is no JSON says only what it says.
pub(crate) fn same_meaning(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match (serde_json::from_str::<Json>(one), serde_json::from_str::<Json>(other)) {
        (Ok(one), Ok(other)) => normal(&one) == normal(&other),
        _ => false,
    }
}

/// The document found, or the one known before where both say the same.
pub(crate) fn keep_equivalent(found: String, known: Option<&str>) -> String {
    match known {
        Some(known) if same_meaning(&found, known) => known.to_owned(),
        _ => found,
    }
}

fn normal(document: &Json) -> Json {
    let Some(fields) = document.as_object() else { return document.clone() };
    sorted(fields.iter().map(|(name, value)| match name.as_str() {
        "Statement" => (name.clone(), set(many(value).iter().map(statement).collect())),
        _ => (name.clone(), value.clone()),
    }))
}

fn statement(json: &Json) -> Json {
    let Some(fields) = json.as_object() else { return json.clone() };
    let present = fields.iter().filter(|(name, value)| !(name.as_str() == "Sid" && value.as_str() == Some("")));
    sorted(present.map(|(name, value)| {
        let value = match name.as_str() {
            "Action" | "NotAction" | "Resource" | "NotResource" => set(many(value)),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => each(value, |variables| each(variables, |values| set(many(values).iter().map(text).collect()))),
            _ => value.clone(),
        };
        (name.clone(), value)
    }))
}

fn principal(json: &Json) -> Json {
    match json {
        Json::String(text) if text == "*" => sorted([("AWS".to_owned(), set(vec!["*".into()]))].into_iter()),
        Json::Object(kinds) => {
            sorted(kinds.iter().map(|(kind, value)| (kind.clone(), set(many(value).iter().map(account_root).collect()))))
        }
        other => other.clone(),
    }
}

/// `123456789012` is short for the root of the account.
fn account_root(json: &Json) -> Json {
    match json.as_str() {
        Some(number) if number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("arn:aws:iam::{number}:root").into()
        }
        _ => json.clone(),
    }
}

fn text(json: &Json) -> Json {
    match json {
        Json::Bool(_) | Json::Number(_) => json.to_string().into(),
        other => other.clone(),
    }
}

fn many(json: &Json) -> Vec<Json> {
    json.as_array().cloned().unwrap_or_else(|| vec![json.clone()])
}

fn set(mut items: Vec<Json>) -> Json {
    items.sort_by_cached_key(Json::to_string);
    items.dedup();
    Json::Array(items)
}

fn each(json: &Json, change: impl Fn(&Json) -> Json) -> Json {
    json.as_object().map_or_else(|| json.clone(), |fields| sorted(fields.iter().map(|(name, value)| (name.clone(), change(value)))))
}

fn sorted(fields: impl Iterator<Item = (String, Json)>) -> Json {
    let fields: std::collections::BTreeMap<String, Json> = fields.collect();
    Json::Object(fields.into_iter().collect::<Map<String, Json>>())
}

#[cfg(test)]
mod tests {
    use super::same_meaning;

    fn check(one: &str, other: &str, expected: bool) {
        assert_eq!(same_meaning(one, other), expected, "{one}\n{other}");
    }

    #[test]
    fn form_does_not_matter() {
        let one = r#"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":["b","a"],"Resource":"*"}]}"#;
        let other = r#"{ "Statement": {"Resource":["*"],"Action":["a","b"],"Effect":"Allow"}, "Version":"2012-10-17" }"#;
        check(one, other, true);
        check(
            r#"{"Statement":[{"Principal":{"AWS":"123456789012"}}]}"#,
            r#"{"Statement":[{"Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}]}"#,
            true,
        );
        check(r#"{"Statement":[{"Condition":{"Bool":{"x":true}}}]}"#, r#"{"Statement":[{"Condition":{"Bool":{"x":["true"]}}}]}"#, true);
    }

    #[test]
    fn meaning_does() {
        check(r#"{"Statement":[{"Effect":"Allow"}]}"#, r#"{"Statement":[{"Effect":"Deny"}]}"#, false);
        check(r#"{"Statement":[{"Action":"a"}]}"#, r#"{"Statement":[{"NotAction":"a"}]}"#, false);
        check(r#"{"Statement":[{"Action":["a"]}]}"#, r#"{"Statement":[{"Action":["a","b"]}]}"#, false);
        check("no json", "{}", false);
    }
}
