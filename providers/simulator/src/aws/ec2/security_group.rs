//! Security groups and their rules.

use serde::{Deserialize, Serialize};

use super::describe::{Filters, not_found, one, select};
use super::region::{Region, region};
use super::security_rule;
pub use super::security_rule::Rule;
use super::tags::{self, Tags};
use super::vpc::Vpc;
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
use crate::random::Random;
use crate::world::World;

/// The name of the group that comes with a VPC.
pub const DEFAULT: &str = "default";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub description: String,
    pub vpc: String,
    /// Ids of its rules.
    pub rules: Vec<String>,
    pub created_ms: i64,
}

fn group(region: &mut Region, random: &mut Random, group: Group) {
    let id = group.id.clone();
    region.groups.insert(id.clone(), group);
    // Every new group lets everything out.
    security_rule::insert(region, random, Rule::everything_out(&id));
}

/// The default group of a new VPC.
pub fn furnish(region: &mut Region, random: &mut Random, vpc: &Vpc) {
    let id = random.id("sg");
    let description = "default VPC security group".to_owned();
    group(
        region,
        random,
        Group { id: id.clone(), name: DEFAULT.to_owned(), description, vpc: vpc.id.clone(), rules: Vec::new(), created_ms: vpc.created_ms },
    );
    security_rule::insert(region, random, Rule::from_itself(&id));
}

/// Takes a group away with its rules.
pub fn remove(region: &mut Region, id: &str) {
    if let Some(group) = region.groups.remove(id) {
        for rule in group.rules {
            region.rules.remove(&rule);
            region.tags.remove(&rule);
        }
    }
    region.tags.remove(id);
}

fn write(xml: &mut Xml, region: &Region, group: &Group, tags: Option<&Tags>) {
    xml.text("groupId", &group.id).text("groupName", &group.name).text("groupDescription", &group.description);
    xml.text("ownerId", ACCOUNT).text("vpcId", &group.vpc);
    xml.text("securityGroupArn", format!("arn:aws:ec2:{}:{ACCOUNT}:security-group/{}", region.name, group.id));
    for (element, egress) in [("ipPermissions", false), ("ipPermissionsEgress", true)] {
        let rules: Vec<&Rule> = group.rules.iter().filter_map(|id| region.rules.get(id)).filter(|rule| rule.egress == egress).collect();
        security_rule::write_permissions(xml, element, &rules);
    }
    tags::write(xml, tags);
}

pub fn absent(id: &str) -> AwsError {
    AwsError::bad("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.require("GroupName")?;
    let description = call.params.require("GroupDescription")?;
    let tags = tags::specified(call.params, "TagSpecification", "security-group")?;
    if name.starts_with("sg-") || name.len() > 255 {
        return Err(AwsError::invalid_value(format!("Invalid value '{name}' for groupName. Group names may not be in the format sg-*.")));
    }
    let found = region(world, call.region);
    let default = || found.vpcs.values().find(|vpc| vpc.is_default).map(|vpc| vpc.id.clone());
    let vpc =
        call.params.owned("VpcId").or_else(default).ok_or_else(|| AwsError::bad("VPCIdNotSpecified", "No default VPC for this user"))?;
    if !found.vpcs.contains_key(&vpc) {
        return Err(not_found("InvalidVpcID.NotFound", "vpc", &[&vpc]));
    }
    if found.groups.values().any(|group| group.vpc == vpc && group.name == name) {
        return Err(AwsError::bad("InvalidGroup.Duplicate", format!("The security group '{name}' already exists for VPC '{vpc}'")));
    }
    call.may_proceed()?;
    let id = world.random.id("sg");
    let created_ms = world.now_ms;
    let World { ec2, random, .. } = world;
    let Some(region) = ec2.get_mut(call.region) else { return Reply::done() };
    let new = Group { id: id.clone(), name: name.to_owned(), description: description.to_owned(), vpc, rules: Vec::new(), created_ms };
    group(region, random, new);
    let reply = Reply::write(|xml| {
        xml.text("return", true).text("groupId", &id);
        xml.text("securityGroupArn", format!("arn:aws:ec2:{}:{ACCOUNT}:security-group/{id}", call.region));
        tags::write(xml, Some(&tags));
    });
    region.tags.insert(id, tags);
    reply
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let names = call.params.texts("GroupName");
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, group: &Group| {
        let named = names.is_empty() || names.contains(&group.name);
        let passes = filters.pass(region.tags.get(id), |name| match name {
            "group-id" => one(id),
            "group-name" => one(&group.name),
            "vpc-id" => one(&group.vpc),
            "description" => one(&group.description),
            "owner-id" => one(ACCOUNT),
            _ => None,
        })?;
        Ok(named && passes)
    };
    let noun = ("GroupId", "InvalidGroup.NotFound", "security group");
    let page = select(call.params, &region.groups, noun, pass, |group| world.too_fresh(group.created_ms)).map_err(|error| {
        let message = error.message.replace("security group ID ", "security group ");
        AwsError { message: message.replace("do not exist", "does not exist"), ..error }
    })?;
    Reply::write(|xml| {
        xml.items("securityGroupInfo", &page.ids, |xml, id| write(xml, region, &region.groups[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.text("GroupId").or_else(|| call.params.text("GroupName")).ok_or_else(|| AwsError::missing("groupId"))?;
    let region = region(world, call.region);
    let group = region.groups.get(id).ok_or_else(|| absent(id))?;
    if group.name == DEFAULT {
        return Err(AwsError::bad("CannotDelete", format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user")));
    }
    let named_by_rule = region.rules.values().any(|rule| rule.group != id && rule.peer_group() == Some(id));
    let by_endpoint = region.endpoints.values().any(|endpoint| endpoint.groups.iter().any(|group| group == id));
    if named_by_rule || by_endpoint || !region.users(|instance| instance.groups.iter().any(|group| group == id)).is_empty() {
        return Err(AwsError::bad("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    call.may_proceed()?;
    remove(region, id);
    Reply::write(|xml| {
        xml.text("return", true).text("groupId", id);
    })
}
