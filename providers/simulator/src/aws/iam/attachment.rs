//! Which managed policies a role has.

use super::page::page;
use super::{limit, no_such, policy, required, role};
use crate::aws::error::AwsError;
use crate::aws::query::{Action, Call, Reply};
use crate::world::World;

/// Quota `PoliciesPerRole`.
const PER_ROLE: usize = 10;

pub(super) fn action(name: &str) -> Option<Action> {
    Some(match name {
        "AttachRolePolicy" => attach,
        "DetachRolePolicy" => detach,
        "ListAttachedRolePolicies" => list_of_role,
        "ListEntitiesForPolicy" => list_of_policy,
        _ => return None,
    })
}

fn attach(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let arn = required(call.params, "PolicyArn")?.to_owned();
    let exists = policy::exists(world, &arn);
    let role = role::named(world, call)?;
    if !exists {
        return Err(no_such(format!("Policy {arn} does not exist or is not attachable.")));
    }
    if !role.attached.contains(&arn) {
        if role.attached.len() >= PER_ROLE {
            return Err(limit(format!("Cannot exceed quota for PoliciesPerRole: {PER_ROLE}")));
        }
        role.attached.push(arn);
    }
    Reply::bare()
}

fn detach(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let arn = required(call.params, "PolicyArn")?.to_owned();
    let role = role::named(world, call)?;
    let Some(position) = role.attached.iter().position(|other| *other == arn) else {
        return Err(no_such(format!("Policy {arn} was not found.")));
    };
    role.attached.remove(position);
    Reply::bare()
}

fn list_of_role(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let page = page(call.params, role::seen(world, call)?.attached.iter().collect())?;
    Reply::write(|xml| {
        xml.members("AttachedPolicies", &page.items, |xml, arn| {
            xml.text("PolicyName", arn.rsplit('/').next().unwrap_or(arn)).text("PolicyArn", arn);
        });
        page.write_end(xml);
    })
}

fn list_of_policy(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let arn = required(call.params, "PolicyArn")?;
    if !policy::exists(world, arn) {
        return Err(no_such(format!("Policy {arn} was not found.")));
    }
    let roles = world.iam.roles.values().filter(|role| role.attached.iter().any(|other| other == arn)).collect();
    let page = page(call.params, roles)?;
    Reply::write(|xml| {
        xml.node("PolicyGroups", |_| {}).node("PolicyUsers", |_| {});
        xml.members("PolicyRoles", &page.items, |xml, role| {
            xml.text("RoleName", &role.name).text("RoleId", &role.id);
        });
        page.write_end(xml);
    })
}
