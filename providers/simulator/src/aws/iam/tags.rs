//! Tags of roles, policies and instance profiles.

use super::page::page;
use super::{Tags, limit, no_such, policy, profile, required, role};
use crate::aws::error::AwsError;
use crate::aws::query::{Action, Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

/// Tags that an object may have.
const PER_OBJECT: usize = 50;

pub(super) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "TagRole" | "TagPolicy" | "TagInstanceProfile" => tag,
        "UntagRole" | "UntagPolicy" | "UntagInstanceProfile" => untag,
        "ListRoleTags" | "ListPolicyTags" | "ListInstanceProfileTags" => list,
        _ => return None,
    })
}

/// The tags of a request.
pub(super) fn parse(params: &Node) -> Result<Tags, AwsError> {
    let mut tags = Tags::new();
    for node in params.list("Tags") {
        let key = required(node, "Key")?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(AwsError::bad("InvalidInput", "System tags cannot be modified by requester"));
        }
        if tags.insert(key.to_owned(), node.owned("Value").unwrap_or_default()).is_some() {
            return Err(AwsError::bad("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
    }
    if tags.len() > PER_OBJECT {
        return Err(limit("The number of tags has reached the maximum limit."));
    }
    Ok(tags)
}

pub(super) fn write(xml: &mut Xml, tags: &Tags) {
    xml.members("Tags", tags, |xml, (key, value)| {
        xml.text("Key", key).text("Value", value);
    });
}

fn tags_of<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Tags, AwsError> {
    if call.action.contains("Role") {
        return Ok(&mut role::named(world, call)?.tags);
    }
    if call.action.contains("InstanceProfile") {
        return Ok(&mut profile::named(world, call)?.tags);
    }
    let arn = required(call.params, "PolicyArn")?;
    if !policy::exists(world, arn) {
        return Err(no_such(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let policy = world.iam.policies.get_mut(arn);
    policy.map(|policy| &mut policy.tags).ok_or_else(|| AwsError::new(403, "AccessDenied", "AWS managed policies can't be tagged."))
}

fn tag(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let new = parse(call.params)?;
    let tags = tags_of(world, call)?;
    if tags.keys().chain(new.keys().filter(|key| !tags.contains_key(*key))).count() > PER_OBJECT {
        return Err(limit("The number of tags has reached the maximum limit."));
    }
    tags.extend(new);
    Reply::bare()
}

fn untag(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let keys = call.params.texts("TagKeys");
    tags_of(world, call)?.retain(|key, _| !keys.contains(key));
    Reply::bare()
}

fn list(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let page = page(call.params, tags_of(world, call)?.iter().collect())?;
    Reply::write(|xml| {
        xml.members("Tags", &page.items, |xml, (key, value)| {
            xml.text("Key", key).text("Value", value);
        });
        page.write_end(xml);
    })
}
