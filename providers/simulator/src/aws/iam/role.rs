//! Roles and their inline policies.

use std::collections::BTreeMap;

use super::document::{Kind, check};
use super::page::page;
use super::{Role, already_exists, checked_name, checked_path, date, delete_conflict, limit, no_such, required, tags, validation};
use crate::aws::error::AwsError;
use crate::aws::query::{Action, Call, Reply};
use crate::aws::xml::Xml;
use crate::message::percent_encode;
use crate::world::World;

/// Quota `ACLSizePerRole`.
const TRUST_CHARACTERS: usize = 2048;
/// All inline policies of one role together.
const INLINE_CHARACTERS: usize = 10_240;

pub(super) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "CreateRole" => create,
        "GetRole" => get,
        "ListRoles" => list,
        "UpdateRole" => update,
        "UpdateRoleDescription" => update_description,
        "UpdateAssumeRolePolicy" => update_trust,
        "PutRolePermissionsBoundary" | "DeleteRolePermissionsBoundary" => boundary,
        "DeleteRole" => delete,
        "PutRolePolicy" => put_inline,
        "GetRolePolicy" => get_inline,
        "DeleteRolePolicy" => delete_inline,
        "ListRolePolicies" => list_inline,
        _ => return None,
    })
}

/// The role that a request names, as reads see it.
pub(super) fn seen<'a>(world: &'a World, call: &Call) -> Result<&'a Role, AwsError> {
    let name = required(call.params, "RoleName")?;
    let role = world.iam.roles.get(name).filter(|role| !world.too_fresh(role.created_ms));
    role.ok_or_else(|| no_such(format!("The role with name {name} cannot be found.")))
}

/// The role that a request names, to be changed.
pub(super) fn named<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Role, AwsError> {
    let name = required(call.params, "RoleName")?;
    world.iam.roles.get_mut(name).ok_or_else(|| no_such(format!("The role with name {name} cannot be found.")))
}

fn check_trust(document: &str) -> Result<(), AwsError> {
    check(document, Kind::Trust)?;
    if document.chars().filter(|character| !character.is_whitespace()).count() > TRUST_CHARACTERS {
        return Err(limit(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_CHARACTERS}")));
    }
    Ok(())
}

fn session_seconds(call: &Call) -> Result<Option<i64>, AwsError> {
    match call.params.number("MaxSessionDuration")? {
        Some(seconds) if !(3600..=43200).contains(&seconds) => Err(validation(format!(
            "1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must be between 3600 and 43200"
        ))),
        seconds => Ok(seconds),
    }
}

fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = checked_name(call.params, "RoleName", 64)?;
    let path = checked_path(call.params)?;
    let trust = required(call.params, "AssumeRolePolicyDocument")?.to_owned();
    check_trust(&trust)?;
    let max_session_seconds = session_seconds(call)?.unwrap_or(3600);
    // Names differ in more than case.
    if world.iam.roles.keys().any(|other| other.eq_ignore_ascii_case(&name)) {
        return Err(already_exists(format!("Role with name {name} already exists.")));
    }
    let role = Role {
        path,
        id: format!("AROA{}", world.random.base32(17)),
        created_ms: world.now_ms,
        trust,
        description: call.params.owned("Description"),
        max_session_seconds,
        boundary: call.params.owned("PermissionsBoundary"),
        tags: tags::parse(call.params)?,
        inline: BTreeMap::new(),
        attached: Vec::new(),
        name: name.clone(),
    };
    let reply = Reply::write(|xml| {
        xml.node("Role", |xml| write(xml, &role, true));
    });
    world.iam.roles.insert(name, role);
    reply
}

/// Writes a role's elements; lists leave out what only `GetRole` tells.
pub(super) fn write(xml: &mut Xml, role: &Role, whole: bool) {
    xml.text("Path", &role.path).text("RoleName", &role.name).text("RoleId", &role.id).text("Arn", role.arn());
    xml.text("CreateDate", date(role.created_ms));
    xml.text("AssumeRolePolicyDocument", percent_encode(&role.trust, false));
    xml.optional("Description", role.description.as_deref());
    xml.text("MaxSessionDuration", role.max_session_seconds);
    if whole {
        if let Some(arn) = &role.boundary {
            xml.node("PermissionsBoundary", |xml| {
                xml.text("PermissionsBoundaryType", "Policy").text("PermissionsBoundaryArn", arn);
            });
        }
        tags::write(xml, &role.tags);
        xml.node("RoleLastUsed", |_| {});
    }
}

fn get(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let role = seen(world, call)?;
    Reply::write(|xml| {
        xml.node("Role", |xml| write(xml, role, true));
    })
}

fn list(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let prefix = call.params.text("PathPrefix").unwrap_or("/");
    let roles = world.iam.roles.values().filter(|role| role.path.starts_with(prefix) && !world.too_fresh(role.created_ms)).collect();
    let page = page(call.params, roles)?;
    Reply::write(|xml| {
        xml.members("Roles", &page.items, |xml, role| write(xml, role, false));
        page.write_end(xml);
    })
}

fn update(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let seconds = session_seconds(call)?;
    let description = call.params.owned("Description");
    let role = named(world, call)?;
    if let Some(seconds) = seconds {
        role.max_session_seconds = seconds;
    }
    if let Some(description) = description {
        role.description = Some(description).filter(|text| !text.is_empty());
    }
    Ok(Reply::default())
}

fn update_description(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let description = call.params.owned("Description").filter(|text| !text.is_empty());
    let role = named(world, call)?;
    role.description = description;
    let role = role.clone();
    Reply::write(|xml| {
        xml.node("Role", |xml| write(xml, &role, true));
    })
}

fn update_trust(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let document = required(call.params, "PolicyDocument")?.to_owned();
    let role = named(world, call)?;
    check_trust(&document)?;
    role.trust = document;
    Reply::bare()
}

fn boundary(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let arn = call.params.owned("PermissionsBoundary");
    let is_put = call.action.starts_with("Put");
    let role = named(world, call)?;
    role.boundary = arn.filter(|_| is_put);
    Reply::bare()
}

fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let role = named(world, call)?;
    let name = role.name.clone();
    if !role.inline.is_empty() || !role.attached.is_empty() {
        let what = if role.attached.is_empty() { "delete policies" } else { "detach all policies" };
        return Err(delete_conflict(format!("Cannot delete entity, must {what} first.")));
    }
    if world.iam.profiles.values().any(|profile| profile.role.as_deref() == Some(&name)) {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    world.iam.roles.remove(&name);
    Reply::bare()
}

fn put_inline(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let policy = checked_name(call.params, "PolicyName", 128)?;
    let document = required(call.params, "PolicyDocument")?.to_owned();
    let role = named(world, call)?;
    check(&document, Kind::Identity)?;
    let others = role.inline.iter().filter(|(name, _)| **name != policy).map(|(_, document)| document);
    let characters: usize = others.chain([&document]).map(|text| text.chars().filter(|c| !c.is_whitespace()).count()).sum();
    if characters > INLINE_CHARACTERS {
        return Err(limit(format!("Maximum policy size of {INLINE_CHARACTERS} bytes exceeded for role {}", role.name)));
    }
    role.inline.insert(policy, document);
    Reply::bare()
}

fn get_inline(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = required(call.params, "PolicyName")?;
    let role = seen(world, call)?;
    let document = role.inline.get(name).ok_or_else(|| no_such(format!("The role policy with name {name} cannot be found.")))?;
    Reply::write(|xml| {
        xml.text("RoleName", &role.name).text("PolicyName", name).text("PolicyDocument", percent_encode(document, false));
    })
}

fn delete_inline(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = required(call.params, "PolicyName")?;
    let removed = named(world, call)?.inline.remove(name);
    removed.ok_or_else(|| no_such(format!("The role policy with name {name} cannot be found.")))?;
    Reply::bare()
}

fn list_inline(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let page = page(call.params, seen(world, call)?.inline.keys().collect())?;
    Reply::write(|xml| {
        xml.texts("PolicyNames", "member", &page.items);
        page.write_end(xml);
    })
}
