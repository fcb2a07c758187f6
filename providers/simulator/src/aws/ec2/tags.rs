//! Tags of every EC2 object, kept by id in one table of the region.

use std::collections::BTreeMap;

use super::describe::{Filters, one};
use super::region::{Region, region};
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

pub type Tags = BTreeMap<String, String>;

const TAGS_PER_OBJECT_MAX: usize = 50;

/// The kinds of ids by prefix, as `resource-type` names them.
const KINDS: [(&str, &str); 15] = [
    ("vpc-", "vpc"),
    ("vpce-", "vpc-endpoint"),
    ("subnet-", "subnet"),
    ("igw-", "internet-gateway"),
    ("rtb-", "route-table"),
    ("sg-", "security-group"),
    ("sgr-", "security-group-rule"),
    ("lt-", "launch-template"),
    ("i-", "instance"),
    ("vol-", "volume"),
    ("eni-", "network-interface"),
    ("acl-", "network-acl"),
    ("ami-", "image"),
    ("dopt-", "dhcp-options"),
    ("pg-", "placement-group"),
];

pub fn kind_of(id: &str) -> &'static str {
    KINDS.iter().find(|(prefix, _)| id.starts_with(prefix)).map_or("", |(_, kind)| kind)
}

/// The tags that a create call gives to objects of a kind (`TagSpecification.N`).
pub fn specified(params: &Node, list: &str, kind: &str) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for specification in params.list(list) {
        if specification.text("ResourceType") == Some(kind) {
            read(specification, &mut tags)?;
        }
    }
    check(&tags)?;
    Ok(tags)
}

fn read(node: &Node, tags: &mut Tags) -> Result<(), AwsError> {
    for tag in node.list("Tag") {
        let key = tag.text("Key").ok_or_else(|| AwsError::missing("Tag.Key"))?;
        tags.insert(key.to_owned(), tag.text("Value").unwrap_or_default().to_owned());
    }
    Ok(())
}

fn check(tags: &Tags) -> Result<(), AwsError> {
    if tags.len() > TAGS_PER_OBJECT_MAX {
        return Err(AwsError::bad("TagLimitExceeded", "More than 50 tags specified"));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 || key.to_lowercase().starts_with("aws:") {
            return Err(AwsError::invalid_value(format!(
                "Tag key '{key}' is invalid: keys have 1 to 128 characters and do not start with 'aws:'"
            )));
        }
        if value.chars().count() > 256 {
            return Err(AwsError::invalid_value("Tag value exceeds the maximum length of 256 characters"));
        }
    }
    Ok(())
}

/// Writes an object's `tagSet`.
pub fn write(xml: &mut Xml, tags: Option<&Tags>) {
    xml.items("tagSet", tags.into_iter().flatten(), |xml, (key, value)| {
        xml.text("key", key).text("value", value);
    });
}

fn resources(region: &Region, params: &Node) -> Result<Vec<String>, AwsError> {
    let ids = params.texts("ResourceId");
    if ids.is_empty() {
        return Err(AwsError::missing("resourceIdSet"));
    }
    for id in &ids {
        if kind_of(id).is_empty() {
            return Err(AwsError::bad("InvalidID", format!("The ID '{id}' is not valid")));
        }
        if let Some((code, noun)) = region.absent(id) {
            return Err(super::describe::not_found(code, noun, &[id]));
        }
    }
    Ok(ids)
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region = region(world, call.region);
    let ids = resources(region, call.params)?;
    let mut tags = Tags::new();
    read(call.params, &mut tags)?;
    if tags.is_empty() {
        return Err(AwsError::missing("tagSet"));
    }
    check(&tags)?;
    for id in &ids {
        let mut merged = region.tags.get(id).cloned().unwrap_or_default();
        merged.extend(tags.clone());
        if merged.len() > TAGS_PER_OBJECT_MAX {
            return Err(AwsError::bad("TagLimitExceeded", "The maximum number of Tags for the resource has been reached."));
        }
    }
    call.may_proceed()?;
    for id in ids {
        region.tags.entry(id).or_default().extend(tags.clone());
    }
    Reply::done()
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region = region(world, call.region);
    let ids = resources(region, call.params)?;
    call.may_proceed()?;
    let wanted: Vec<(Option<&str>, Option<&str>)> =
        call.params.list("Tag").into_iter().map(|tag| (tag.text("Key"), tag.text("Value"))).collect();
    for id in ids {
        let Some(tags) = region.tags.get_mut(&id) else { continue };
        if wanted.is_empty() {
            tags.clear();
        }
        for (key, value) in &wanted {
            // Without a value the tag goes whatever it holds; with one, only on a match.
            if let Some(key) = key
                && value.is_none_or(|value| tags.get(*key).is_some_and(|have| have == value))
            {
                tags.remove(*key);
            }
        }
    }
    Reply::done()
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region = region(world, call.region);
    let filters = Filters::parse(call.params)?;
    let limit = super::describe::limit(call.params)?;
    let after = super::describe::token(call.params)?;
    let mut found: Vec<(&String, &String, &String)> = Vec::new();
    let mut next = None;
    // A token stands for an object whose tags were all answered, so that pages end between objects.
    let start = after.as_deref().map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
    let mut previous: Option<&String> = None;
    for (id, tags) in region.tags.range::<str, _>((start, std::ops::Bound::Unbounded)) {
        if found.len() >= limit {
            next = previous;
            break;
        }
        previous = Some(id);
        for (key, value) in tags {
            let value_of = |name: &str| match name {
                "key" => one(key),
                "value" => one(value),
                "resource-id" => one(id),
                "resource-type" => one(kind_of(id)),
                _ => None,
            };
            if filters.pass(Some(tags), value_of)? {
                found.push((id, key, value));
            }
        }
    }
    use base64::Engine as _;
    let next = next.map(|id| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id));
    Reply::write(|xml| {
        xml.items("tagSet", found, |xml, (id, key, value)| {
            xml.text("resourceId", id).text("resourceType", kind_of(id)).text("key", key).text("value", value);
        });
        xml.optional("nextToken", next);
    })
}
