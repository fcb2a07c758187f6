//! Instance profiles: how an instance gets a role.

use super::page::page;
use super::{Profile, already_exists, checked_name, checked_path, date, delete_conflict, limit, no_such, required, role, tags};
use crate::aws::error::AwsError;
use crate::aws::query::{Action, Call, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

pub(super) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "CreateInstanceProfile" => create,
        "GetInstanceProfile" => get,
        "ListInstanceProfiles" => list,
        "ListInstanceProfilesForRole" => list_of_role,
        "DeleteInstanceProfile" => delete,
        "AddRoleToInstanceProfile" => add_role,
        "RemoveRoleFromInstanceProfile" => remove_role,
        _ => return None,
    })
}

fn missing(name: &str) -> AwsError {
    no_such(format!("Instance Profile {name} cannot be found."))
}

pub(super) fn named<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Profile, AwsError> {
    let name = required(call.params, "InstanceProfileName")?;
    world.iam.profiles.get_mut(name).ok_or_else(|| missing(name))
}

pub(super) fn seen<'a>(world: &'a World, call: &Call) -> Result<&'a Profile, AwsError> {
    let name = required(call.params, "InstanceProfileName")?;
    let profile = world.iam.profiles.get(name).filter(|profile| !world.too_fresh(profile.created_ms));
    profile.ok_or_else(|| missing(name))
}

fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = checked_name(call.params, "InstanceProfileName", 128)?;
    let path = checked_path(call.params)?;
    let tags = tags::parse(call.params)?;
    if world.iam.profiles.keys().any(|other| other.eq_ignore_ascii_case(&name)) {
        return Err(already_exists(format!("Instance Profile {name} already exists.")));
    }
    let id = format!("AIPA{}", world.random.base32(17));
    let profile = Profile { name: name.clone(), path, id, created_ms: world.now_ms, role: None, tags };
    world.iam.profiles.insert(name.clone(), profile);
    let world = &*world;
    Reply::write(|xml| {
        xml.node("InstanceProfile", |xml| write(xml, world, &world.iam.profiles[&name]));
    })
}

fn write(xml: &mut Xml, world: &World, profile: &Profile) {
    xml.text("Path", &profile.path).text("InstanceProfileName", &profile.name).text("InstanceProfileId", &profile.id);
    xml.text("Arn", profile.arn()).text("CreateDate", date(profile.created_ms));
    let role = profile.role.as_ref().and_then(|name| world.iam.roles.get(name));
    xml.members("Roles", role, |xml, role| role::write(xml, role, false));
    tags::write(xml, &profile.tags);
}

fn get(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let profile = seen(world, call)?;
    Reply::write(|xml| {
        xml.node("InstanceProfile", |xml| write(xml, world, profile));
    })
}

fn write_list(world: &World, call: &Call, is_wanted: impl Fn(&Profile) -> bool) -> Result<Reply, AwsError> {
    let profiles = world.iam.profiles.values().filter(|profile| is_wanted(profile) && !world.too_fresh(profile.created_ms)).collect();
    let page = page(call.params, profiles)?;
    Reply::write(|xml| {
        xml.members("InstanceProfiles", &page.items, |xml, profile| write(xml, world, profile));
        page.write_end(xml);
    })
}

fn list(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let prefix = call.params.text("PathPrefix").unwrap_or("/");
    write_list(world, call, |profile| profile.path.starts_with(prefix))
}

fn list_of_role(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = &role::seen(world, call)?.name;
    write_list(world, call, |profile| profile.role.as_ref() == Some(name))
}

fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let profile = named(world, call)?;
    if profile.role.is_some() {
        return Err(delete_conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    let name = profile.name.clone();
    world.iam.profiles.remove(&name);
    Reply::bare()
}

fn add_role(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let role = role::named(world, call)?.name.clone();
    let profile = named(world, call)?;
    if profile.role.is_some() {
        return Err(limit("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"));
    }
    profile.role = Some(role);
    Reply::bare()
}

fn remove_role(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let role = required(call.params, "RoleName")?.to_owned();
    let profile = named(world, call)?;
    if profile.role.as_deref() != Some(&role) {
        return Err(no_such(format!("The role with name {role} cannot be found.")));
    }
    profile.role = None;
    Reply::bare()
}
