//! What every Describe shares: ids that must exist, filters with wildcards, pages.

use std::collections::BTreeMap;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::tags::Tags;
use crate::aws::error::AwsError;
use crate::aws::query::Node;
use crate::faults::wildcard;

/// The filters of a call: every name must match one of its values.
pub struct Filters {
    list: Vec<(String, Vec<String>)>,
}

impl Filters {
    pub fn parse(params: &Node) -> Result<Self, AwsError> {
        let mut list = Vec::new();
        for node in params.list("Filter") {
            let name = node.text("Name").ok_or_else(|| AwsError::bad("InvalidParameterValue", "The filter 'null' is invalid"))?;
            list.push((name.to_owned(), node.texts("Value")));
        }
        Ok(Self { list })
    }

    /// Whether an object passes. `value_of` answers an object's values for a filter name, `None` for a name that the call does not know.
    pub fn pass(&self, tags: Option<&Tags>, value_of: impl Fn(&str) -> Option<Vec<String>>) -> Result<bool, AwsError> {
        for (name, wanted) in &self.list {
            let have = match name.strip_prefix("tag:") {
                Some(key) => tags.and_then(|tags| tags.get(key)).into_iter().cloned().collect(),
                None if name == "tag-key" => tags.map(|tags| tags.keys().cloned().collect()).unwrap_or_default(),
                None if name == "tag-value" => tags.map(|tags| tags.values().cloned().collect()).unwrap_or_default(),
                None => value_of(name).ok_or_else(|| AwsError::bad("InvalidParameterValue", format!("The filter '{name}' is invalid")))?,
            };
            if !wanted.iter().any(|pattern| have.iter().any(|value| wildcard(pattern, value))) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One value for a filter.
pub fn one(value: impl ToString) -> Option<Vec<String>> {
    Some(vec![value.to_string()])
}

/// No value or one.
pub fn maybe<T: ToString>(value: Option<T>) -> Option<Vec<String>> {
    Some(value.map(|value| value.to_string()).into_iter().collect())
}

/// A page of ids and the token of the next one.
pub struct Page {
    pub ids: Vec<String>,
    pub next: Option<String>,
}

/// Which objects to describe: those named by id, else all after the token, that pass, up to `MaxResults`.
///
/// `list` is the parameter of ids (`VpcId`), `code` the error for one that is not there, `pass` the filters and what else must hold.
pub fn select<T>(
    params: &Node,
    objects: &BTreeMap<String, T>,
    (list, code, noun): (&str, &str, &str),
    mut pass: impl FnMut(&str, &T) -> Result<bool, AwsError>,
    hidden: impl Fn(&T) -> bool,
) -> Result<Page, AwsError> {
    let named = params.texts(list);
    if !named.is_empty() {
        let absent: Vec<&str> = named.iter().filter(|id| objects.get(*id).is_none_or(&hidden)).map(String::as_str).collect();
        if !absent.is_empty() {
            return Err(not_found(code, noun, &absent));
        }
        let mut ids = Vec::new();
        for id in named {
            if let Some(object) = objects.get(&id)
                && pass(&id, object)?
            {
                ids.push(id);
            }
        }
        return Ok(Page { ids, next: None });
    }
    let limit = limit(params)?;
    let after = token(params)?;
    let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let mut ids: Vec<String> = Vec::new();
    for (id, object) in objects.range::<str, _>((start, Bound::Unbounded)) {
        if !hidden(object) && pass(id, object)? {
            if ids.len() == limit {
                let next = ids.last().map(|last| URL_SAFE_NO_PAD.encode(last));
                return Ok(Page { ids, next });
            }
            ids.push(id.clone());
        }
    }
    Ok(Page { ids, next: None })
}

/// `MaxResults`, else everything.
pub fn limit(params: &Node) -> Result<usize, AwsError> {
    match params.number("MaxResults")? {
        None => Ok(usize::MAX),
        Some(number @ 1..) => Ok((number as usize).min(1000)),
        Some(number) => Err(AwsError::invalid_value(format!(
            "Value ( {number} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
        ))),
    }
}

/// The key that a page token stands for.
pub fn token(params: &Node) -> Result<Option<String>, AwsError> {
    let Some(token) = params.text("NextToken").filter(|token| !token.is_empty()) else { return Ok(None) };
    let decoded = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map(Some).ok_or_else(|| AwsError::invalid_value(format!("Invalid value '{token}' for nextToken")))
}

/// `The vpc ID 'vpc-1' does not exist`.
pub fn not_found(code: &str, noun: &str, ids: &[&str]) -> AwsError {
    let message = match ids {
        [id] => format!("The {noun} ID '{id}' does not exist"),
        _ => format!("The {noun} IDs '{}' do not exist", ids.join(", ")),
    };
    AwsError::bad(code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Node {
        Node::parse(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn filters_join_names_by_and_and_values_by_or() {
        let params = params(&[
            ("Filter.1.Name", "tag:Name"),
            ("Filter.1.Value.1", "a*"),
            ("Filter.1.Value.2", "b"),
            ("Filter.2.Name", "state"),
            ("Filter.2.Value.1", "available"),
        ]);
        let filters = Filters::parse(&params).unwrap();
        let pass = |tag: &str, state: &str| {
            let tags = Tags::from([("Name".to_owned(), tag.to_owned())]);
            filters.pass(Some(&tags), |name| if name == "state" { one(state) } else { None }).unwrap()
        };
        assert_eq!(
            [pass("abc", "available"), pass("b", "available"), pass("c", "available"), pass("b", "pending")],
            [true, true, false, false]
        );
        assert!(Filters::parse(&params).unwrap().pass(None, |_| None).is_ok_and(|passed| !passed));
    }

    #[test]
    fn pages_go_on_after_the_last_id() {
        let objects: BTreeMap<String, ()> = (0..5).map(|number| (format!("vpc-{number}"), ())).collect();
        let mut seen = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut pairs = vec![("MaxResults", "2")];
            let token = next.clone().unwrap_or_default();
            pairs.push(("NextToken", &token));
            let page = select(&params(&pairs), &objects, ("VpcId", "x", "vpc"), |_, ()| Ok(true), |()| false).unwrap();
            seen.push(page.ids.len());
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(seen, [2, 2, 1]);
    }
}
