//! VPCs.

use serde::{Deserialize, Serialize};

use super::describe::{Filters, not_found, one, select};
use super::region::region;
use super::tags::{self, Tags};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
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
    let invalid = || AwsError::invalid_value(format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block."));
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
        created_ms: world.now_ms,
    };
    let region = region(world, call.region);
    let reply = Reply::write(|xml| {
        xml.node("vpc", |xml| write(xml, &vpc, Some(&tags)));
    });
    region.tags.insert(id.clone(), tags);
    region.vpcs.insert(id, vpc);
    reply
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
    call.may_proceed()?;
    region.vpcs.remove(id);
    region.tags.remove(id);
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
