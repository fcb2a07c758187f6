//! VPCs.

use serde::{Deserialize, Serialize};

use super::describe::{Filters, not_found, one, select};
use super::region::{Region, region};
use super::route_table::{Association, Route, RouteTable};
use super::security_group;
use super::tags::{self, Tags};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
use crate::random::Random;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vpc {
    pub id: String,
    pub cidr: String,
    pub tenancy: String,
    pub is_default: bool,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    pub network_metrics: bool,
    pub network_acl: String,
    pub created_ms: i64,
}

fn write(xml: &mut Xml, vpc: &Vpc, tags: Option<&Tags>) {
    xml.text("vpcId", &vpc.id).text("ownerId", ACCOUNT).text("state", "available").text("cidrBlock", &vpc.cidr);
    xml.text("dhcpOptionsId", "dopt-0a1b2c3d4e5f60718").text("instanceTenancy", &vpc.tenancy).text("isDefault", vpc.is_default);
    xml.items("cidrBlockAssociationSet", [()], |xml, ()| {
        xml.text("associationId", vpc.id.replacen("vpc-", "vpc-cidr-assoc-", 1)).text("cidrBlock", &vpc.cidr);
        xml.node("cidrBlockState", |xml| {
            xml.text("state", "associated");
        });
    });
    tags::write(xml, tags);
}

/// An IPv4 block whose size EC2 takes: `10.0.0.0/16`, host bits cleared.
pub fn parse_block(text: &str, parameter: &str) -> Result<ipnet::Ipv4Net, AwsError> {
    let invalid =
        || AwsError::invalid_value(format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block."));
    let block: ipnet::Ipv4Net = text.parse().map_err(|_| invalid())?;
    Ok(block.trunc())
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let block = parse_block(call.params.require("CidrBlock")?, "cidrBlock")?;
    if !(16..=28).contains(&block.prefix_len()) {
        return Err(AwsError::bad("InvalidVpc.Range", format!("The CIDR '{block}' is invalid.")));
    }
    let tags = tags::specified(call.params, "TagSpecification", "vpc")?;
    call.may_proceed()?;
    let id = world.random.id("vpc");
    let vpc = Vpc {
        id: id.clone(),
        cidr: block.to_string(),
        tenancy: call.params.text("InstanceTenancy").unwrap_or("default").to_owned(),
        is_default: false,
        dns_support: true,
        dns_hostnames: false,
        network_metrics: false,
        network_acl: world.random.id("acl"),
        created_ms: world.now_ms,
    };
    region(world, call.region);
    let World { ec2, random, .. } = world;
    let Some(region) = ec2.get_mut(call.region) else { return Reply::done() };
    let reply = Reply::write(|xml| {
        xml.node("vpc", |xml| write(xml, &vpc, Some(&tags)));
    });
    region.tags.insert(id, tags);
    furnish(region, random, vpc);
    reply
}

/// Puts a VPC into its region with what comes with every VPC: a main route table and a default security group. Answers the table's id.
pub fn furnish(region: &mut Region, random: &mut Random, vpc: Vpc) -> String {
    let table = random.id("rtb");
    let association = Association { id: random.id("rtbassoc"), subnet: None };
    let local = Route { destination: vpc.cidr.clone(), target: "local".to_owned(), origin: "CreateRouteTable".to_owned() };
    let created_ms = vpc.created_ms;
    region
        .route_tables
        .insert(table.clone(), RouteTable { vpc: vpc.id.clone(), routes: vec![local], associations: vec![association], created_ms });
    security_group::furnish(region, random, &vpc);
    region.vpcs.insert(vpc.id.clone(), vpc);
    table
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, vpc: &Vpc| {
        filters.pass(region.tags.get(id), |name| match name {
            "vpc-id" => one(id),
            "cidr" | "cidr-block" | "cidrBlock" | "cidr-block-association.cidr-block" => one(&vpc.cidr),
            "state" => one("available"),
            "is-default" | "isDefault" => one(vpc.is_default),
            "owner-id" => one(ACCOUNT),
            "dhcp-options-id" => one("dopt-0a1b2c3d4e5f60718"),
            _ => None,
        })
    };
    let page = select(call.params, &region.vpcs, ("VpcId", "InvalidVpcID.NotFound", "vpc"), pass, |vpc| world.too_fresh(vpc.created_ms))?;
    Reply::write(|xml| {
        xml.items("vpcSet", &page.ids, |xml, id| write(xml, &region.vpcs[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("VpcId")?;
    let region = region(world, call.region);
    if !region.vpcs.contains_key(id) {
        return Err(not_found("InvalidVpcID.NotFound", "vpc", &[id]));
    }
    let used = region.subnets.values().any(|subnet| subnet.vpc == id)
        || region.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(id))
        || region.endpoints.values().any(|endpoint| endpoint.vpc == id)
        || region.groups.values().any(|group| group.vpc == id && group.name != security_group::DEFAULT)
        || region.route_tables.values().any(|table| table.vpc == id && !table.associations.iter().any(Association::is_main));
    if used {
        return Err(AwsError::bad("DependencyViolation", format!("The vpc '{id}' has dependencies and cannot be deleted.")));
    }
    call.may_proceed()?;
    region.vpcs.remove(id);
    region.tags.remove(id);
    region.route_tables.retain(|_, table| table.vpc != id);
    let gone: Vec<String> = region.groups.values().filter(|group| group.vpc == id).map(|group| group.id.clone()).collect();
    gone.iter().for_each(|group| security_group::remove(region, group));
    Reply::done()
}

pub fn modify_attribute(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("VpcId")?;
    let vpc = region(world, call.region).vpcs.get_mut(id).ok_or_else(|| not_found("InvalidVpcID.NotFound", "vpc", &[id]))?;
    let support = call.params.flag("EnableDnsSupport.Value");
    let hostnames = call.params.flag("EnableDnsHostnames.Value");
    let metrics = call.params.flag("EnableNetworkAddressUsageMetrics.Value");
    if [support, hostnames, metrics].iter().flatten().count() != 1 {
        return Err(AwsError::bad("InvalidParameterCombination", "Exactly one attribute must be given"));
    }
    call.may_proceed()?;
    vpc.dns_support = support.unwrap_or(vpc.dns_support);
    vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
    vpc.network_metrics = metrics.unwrap_or(vpc.network_metrics);
    Reply::done()
}

pub fn describe_attribute(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("VpcId")?;
    let attribute = call.params.require("Attribute")?;
    let fresh = region(world, call.region).vpcs.get(id).cloned();
    let vpc = fresh.filter(|vpc| !world.too_fresh(vpc.created_ms)).ok_or_else(|| not_found("InvalidVpcID.NotFound", "vpc", &[id]))?;
    let value = match attribute {
        "enableDnsSupport" => vpc.dns_support,
        "enableDnsHostnames" => vpc.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => vpc.network_metrics,
        _ => return Err(AwsError::invalid_value(format!("Value ({attribute}) for parameter attribute is invalid. Unknown attribute."))),
    };
    Reply::write(|xml| {
        xml.text("vpcId", id);
        xml.node(attribute, |xml| {
            xml.text("value", value);
        });
    })
}

/// Network ACLs: each VPC has its default one, which can't be changed here.
pub fn describe_acls(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let wanted = call.params.texts("NetworkAclId");
    let region = region(world, call.region);
    let mut found = Vec::new();
    for vpc in region.vpcs.values() {
        let passes = filters.pass(region.tags.get(&vpc.network_acl), |name| match name {
            "vpc-id" => one(&vpc.id),
            "default" => one(true),
            "network-acl-id" => one(&vpc.network_acl),
            "association.subnet-id" => {
                Some(region.subnets.values().filter(|subnet| subnet.vpc == vpc.id).map(|subnet| subnet.id.clone()).collect())
            }
            _ => None,
        })?;
        if passes && (wanted.is_empty() || wanted.contains(&vpc.network_acl)) {
            found.push(vpc);
        }
    }
    Reply::write(|xml| {
        xml.items("networkAclSet", found, |xml, vpc| {
            xml.text("networkAclId", &vpc.network_acl).text("vpcId", &vpc.id).text("default", true).text("ownerId", ACCOUNT);
            let entries = [(100, "allow", false), (32767, "deny", false), (100, "allow", true), (32767, "deny", true)];
            xml.items("entrySet", entries, |xml, (number, action, egress)| {
                xml.text("ruleNumber", number)
                    .text("protocol", -1)
                    .text("ruleAction", action)
                    .text("egress", egress)
                    .text("cidrBlock", "0.0.0.0/0");
            });
            let inside = region.subnets.values().filter(|subnet| subnet.vpc == vpc.id);
            xml.items("associationSet", inside, |xml, subnet| {
                xml.text("networkAclAssociationId", subnet.id.replacen("subnet-", "aclassoc-", 1));
                xml.text("networkAclId", &vpc.network_acl).text("subnetId", &subnet.id);
            });
            tags::write(xml, region.tags.get(&vpc.network_acl));
        });
    })
}
