//! Subnets and their addresses.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::describe::{Filters, not_found, one, select};
use super::region::{Region, region};
use super::tags::{self, Tags};
use super::{catalog, vpc};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

/// AWS keeps the first four addresses of a subnet and the last.
const ADDRESSES_RESERVED: u32 = 5;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Subnet {
    pub id: String,
    pub vpc: String,
    pub cidr: String,
    pub zone: String,
    pub public_ip_on_launch: bool,
    pub default_for_zone: bool,
    pub dns64: bool,
    pub name_record_a: bool,
    pub hostname_type: String,
    pub created_ms: i64,
    /// Hosts in use, as offsets into the block.
    taken: BTreeSet<u32>,
    /// Where the search for a free one begins.
    next: u32,
}

impl Subnet {
    pub fn new(id: &str, vpc: &str, cidr: &str, zone: &str, created_ms: i64) -> Self {
        let hostname_type = "ip-name".to_owned();
        Self {
            id: id.to_owned(),
            vpc: vpc.to_owned(),
            cidr: cidr.to_owned(),
            zone: zone.to_owned(),
            hostname_type,
            created_ms,
            next: 4,
            ..Self::default()
        }
    }

    fn block(&self) -> Option<ipnet::Ipv4Net> {
        self.cidr.parse().ok()
    }

    fn size(&self) -> u32 {
        self.block().map_or(0, |block| 1u32.checked_shl(32 - u32::from(block.prefix_len())).unwrap_or(0))
    }

    pub fn available(&self) -> u32 {
        self.size().saturating_sub(ADDRESSES_RESERVED + self.taken.len() as u32)
    }

    /// Takes the next free address.
    pub fn take(&mut self) -> Option<String> {
        if self.available() == 0 {
            return None;
        }
        let last = self.size() - 1;
        let mut host = self.next.max(4);
        while self.taken.contains(&host) || host >= last {
            host = if host + 1 >= last { 4 } else { host + 1 };
        }
        self.taken.insert(host);
        self.next = host + 1;
        let address = u32::from(self.block()?.network()) + host;
        Some(std::net::Ipv4Addr::from(address).to_string())
    }

    /// Gives an address back.
    pub fn give_back(&mut self, address: &str) {
        if let (Some(block), Ok(address)) = (self.block(), address.parse::<std::net::Ipv4Addr>()) {
            self.taken.remove(&u32::from(address).wrapping_sub(u32::from(block.network())));
        }
    }
}

fn write(xml: &mut Xml, region: &str, subnet: &Subnet, tags: Option<&Tags>) {
    xml.text("subnetId", &subnet.id).text("subnetArn", format!("arn:aws:ec2:{region}:{ACCOUNT}:subnet/{}", subnet.id));
    xml.text("state", "available").text("ownerId", ACCOUNT).text("vpcId", &subnet.vpc).text("cidrBlock", &subnet.cidr);
    xml.items("ipv6CidrBlockAssociationSet", [(); 0], |_, ()| ());
    xml.text("assignIpv6AddressOnCreation", false).text("availableIpAddressCount", subnet.available());
    xml.text("availabilityZone", &subnet.zone).text("availabilityZoneId", catalog::zone_id(region, &subnet.zone));
    xml.text("defaultForAz", subnet.default_for_zone).text("mapPublicIpOnLaunch", subnet.public_ip_on_launch);
    xml.text("mapCustomerOwnedIpOnLaunch", false).text("ipv6Native", false).text("enableDns64", subnet.dns64);
    xml.node("privateDnsNameOptionsOnLaunch", |xml| {
        xml.text("hostnameType", &subnet.hostname_type).text("enableResourceNameDnsARecord", subnet.name_record_a);
        xml.text("enableResourceNameDnsAAAARecord", false);
    });
    tags::write(xml, tags);
}

fn absent(id: &str) -> AwsError {
    not_found("InvalidSubnetID.NotFound", "subnet", &[id])
}

fn check_block(region: &Region, vpc_id: &str, block: ipnet::Ipv4Net) -> Result<(), AwsError> {
    let vpc = region.vpcs.get(vpc_id).ok_or_else(|| not_found("InvalidVpcID.NotFound", "vpc", &[vpc_id]))?;
    let around: ipnet::Ipv4Net = vpc.cidr.parse().map_err(|_| AwsError::invalid_value("The VPC has no IPv4 block"))?;
    if !(16..=28).contains(&block.prefix_len()) || !around.contains(&block) {
        return Err(AwsError::bad("InvalidSubnet.Range", format!("The CIDR '{block}' is invalid.")));
    }
    let overlaps =
        |other: &Subnet| other.vpc == vpc_id && other.block().is_some_and(|other| other.contains(&block) || block.contains(&other));
    if region.subnets.values().any(overlaps) {
        return Err(AwsError::bad("InvalidSubnet.Conflict", format!("The CIDR '{block}' conflicts with another subnet")));
    }
    Ok(())
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let vpc_id = call.params.require("VpcId")?;
    let block = vpc::parse_block(call.params.require("CidrBlock")?, "cidrBlock")?;
    let wanted = call.params.text("AvailabilityZone").or_else(|| call.params.text("AvailabilityZoneId"));
    let zones = catalog::place(call.region).map(catalog::Place::zones).unwrap_or_default();
    let zone = match wanted {
        Some(wanted) => catalog::zone_name(call.region, wanted).ok_or_else(|| {
            let names: Vec<&str> = zones.iter().map(|(name, _)| name.as_str()).collect();
            AwsError::invalid_value(format!(
                "Value ({wanted}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {}.",
                names.join(", ")
            ))
        })?,
        None => zones.first().map(|(name, _)| name.clone()).unwrap_or_default(),
    };
    let tags = tags::specified(call.params, "TagSpecification", "subnet")?;
    check_block(region(world, call.region), vpc_id, block)?;
    call.may_proceed()?;
    let id = world.random.id("subnet");
    let subnet = Subnet::new(&id, vpc_id, &block.to_string(), &zone, world.now_ms);
    let region = region(world, call.region);
    let reply = Reply::write(|xml| {
        xml.node("subnet", |xml| write(xml, call.region, &subnet, Some(&tags)));
    });
    region.tags.insert(id.clone(), tags);
    region.subnets.insert(id, subnet);
    reply
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, subnet: &Subnet| {
        filters.pass(region.tags.get(id), |name| match name {
            "subnet-id" => one(id),
            "vpc-id" | "vpcId" => one(&subnet.vpc),
            "cidr" | "cidr-block" | "cidrBlock" => one(&subnet.cidr),
            "availability-zone" | "availabilityZone" => one(&subnet.zone),
            "availability-zone-id" | "availabilityZoneId" => one(catalog::zone_id(call.region, &subnet.zone)),
            "default-for-az" | "defaultForAz" => one(subnet.default_for_zone),
            "map-public-ip-on-launch" => one(subnet.public_ip_on_launch),
            "state" => one("available"),
            "owner-id" => one(ACCOUNT),
            _ => None,
        })
    };
    let page = select(call.params, &region.subnets, ("SubnetId", "InvalidSubnetID.NotFound", "subnet"), pass, |subnet| {
        world.too_fresh(subnet.created_ms)
    })?;
    Reply::write(|xml| {
        xml.items("subnetSet", &page.ids, |xml, id| write(xml, call.region, &region.subnets[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn modify_attribute(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("SubnetId")?;
    let subnet = region(world, call.region).subnets.get_mut(id).ok_or_else(|| absent(id))?;
    let flag = |name: &str| call.params.flag(&format!("{name}.Value"));
    let public = flag("MapPublicIpOnLaunch");
    let dns64 = flag("EnableDns64");
    let record = flag("EnableResourceNameDnsARecordOnLaunch");
    let hostname = call.params.text("PrivateDnsHostnameTypeOnLaunch");
    let ipv6 = flag("AssignIpv6AddressOnCreation").or_else(|| flag("EnableResourceNameDnsAAAARecordOnLaunch"));
    if public.is_none() && dns64.is_none() && record.is_none() && hostname.is_none() && ipv6.is_none() {
        return Err(AwsError::bad("InvalidParameterCombination", "One attribute of the subnet must be given"));
    }
    if ipv6 == Some(true) || dns64 == Some(true) {
        return Err(AwsError::invalid_value(format!("The subnet '{id}' has no IPv6 CIDR block.")));
    }
    call.may_proceed()?;
    subnet.public_ip_on_launch = public.unwrap_or(subnet.public_ip_on_launch);
    subnet.name_record_a = record.unwrap_or(subnet.name_record_a);
    if let Some(hostname) = hostname {
        hostname.clone_into(&mut subnet.hostname_type);
    }
    Reply::done()
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("SubnetId")?;
    let region = region(world, call.region);
    if !region.subnets.contains_key(id) {
        return Err(absent(id));
    }
    let used = !region.users(|instance| instance.subnet == id).is_empty()
        || region.endpoints.values().any(|endpoint| endpoint.subnets.iter().any(|subnet| subnet == id));
    if used {
        return Err(AwsError::bad("DependencyViolation", format!("The subnet '{id}' has dependencies and cannot be deleted.")));
    }
    call.may_proceed()?;
    region.subnets.remove(id);
    region.tags.remove(id);
    for table in region.route_tables.values_mut() {
        table.associations.retain(|association| association.subnet.as_deref() != Some(id));
    }
    Reply::done()
}
