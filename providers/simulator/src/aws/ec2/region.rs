//! What EC2 holds in a region, and what a region has from the start: the default network.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::gateway::{InternetGateway, VpcEndpoint};
use super::instance::{self, Instance};
use super::launch_template::LaunchTemplate;
use super::route_table::{Association, Route, RouteTable};
use super::security_group::{Group, Rule};
use super::subnet::Subnet;
use super::tags::Tags;
use super::vpc::Vpc;
use super::{catalog, security_group, subnet, vpc};
use crate::random::Random;
use crate::world::World;

/// EC2's objects in one region, by id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {
    pub name: String,
    pub vpcs: BTreeMap<String, Vpc>,
    pub subnets: BTreeMap<String, Subnet>,
    pub internet_gateways: BTreeMap<String, InternetGateway>,
    pub route_tables: BTreeMap<String, RouteTable>,
    pub endpoints: BTreeMap<String, VpcEndpoint>,
    pub groups: BTreeMap<String, Group>,
    pub rules: BTreeMap<String, Rule>,
    pub launch_templates: BTreeMap<String, LaunchTemplate>,
    pub instances: BTreeMap<String, Instance>,
    pub tags: BTreeMap<String, Tags>,
    /// What calls with a client token made: action and token → what was asked, and the ids it made.
    pub tokens: BTreeMap<String, TokenUse>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenUse {
    pub asked: String,
    pub made: Vec<String>,
}

/// What happens to EC2's objects later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// Instances come up.
    Running(Vec<String>),
    Stopped(Vec<String>),
    Terminated(Vec<String>),
    /// Terminated instances are forgotten.
    Forgotten(Vec<String>),
}

/// The region, made on first use. It depends on nothing but the world's seed, so that a read may make it.
pub fn region<'a>(world: &'a mut World, name: &str) -> &'a mut Region {
    let seed = world.seed;
    world.ec2.entry(name.to_owned()).or_insert_with(|| Region::new(seed, name))
}

impl Region {
    fn new(seed: u64, name: &str) -> Self {
        let mut random = Random::new(seed ^ (u64::from(crc32fast::hash(name.as_bytes())) << 16));
        let mut region = Self { name: name.to_owned(), ..Self::default() };
        let vpc = Vpc {
            id: random.id("vpc"),
            cidr: "172.31.0.0/16".to_owned(),
            tenancy: "default".to_owned(),
            is_default: true,
            dns_support: true,
            dns_hostnames: true,
            network_metrics: false,
            network_acl: random.id("acl"),
            created_ms: 0,
        };
        let vpc_id = vpc.id.clone();
        let table = vpc::furnish(&mut region, &mut random, vpc);
        let gateway = random.id("igw");
        region.internet_gateways.insert(gateway.clone(), InternetGateway { vpc: Some(vpc_id.clone()), created_ms: 0 });
        if let Some(table) = region.route_tables.get_mut(&table) {
            table.routes.push(Route { destination: "0.0.0.0/0".to_owned(), target: gateway, origin: "CreateRoute".to_owned() });
        }
        for (index, (zone, _)) in catalog::place(name).map(catalog::Place::zones).unwrap_or_default().into_iter().enumerate() {
            let id = random.id("subnet");
            let cidr = format!("172.31.{}.0/20", index * 16);
            let mut subnet = Subnet::new(&id, &vpc_id, &cidr, &zone, 0);
            subnet.public_ip_on_launch = true;
            subnet.default_for_zone = true;
            region.subnets.insert(id, subnet);
        }
        region
    }

    /// For an id that does not exist: the error's code and the noun of its message.
    pub fn absent(&self, id: &str) -> Option<(&'static str, &'static str)> {
        let (exists, code, noun) = match super::tags::kind_of(id) {
            "vpc" => (self.vpcs.contains_key(id), "InvalidVpcID.NotFound", "vpc"),
            "subnet" => (self.subnets.contains_key(id), "InvalidSubnetID.NotFound", "subnet"),
            "internet-gateway" => (self.internet_gateways.contains_key(id), "InvalidInternetGatewayID.NotFound", "internetGateway"),
            "route-table" => (self.route_tables.contains_key(id), "InvalidRouteTableID.NotFound", "routeTable"),
            "vpc-endpoint" => (self.endpoints.contains_key(id), "InvalidVpcEndpointId.NotFound", "vpcEndpoint"),
            "security-group" => (self.groups.contains_key(id), "InvalidGroup.NotFound", "security group"),
            "security-group-rule" => (self.rules.contains_key(id), "InvalidSecurityGroupRuleId.NotFound", "security group rule"),
            "launch-template" => (self.launch_templates.contains_key(id), "InvalidLaunchTemplateId.NotFound", "launch template"),
            "instance" => (self.instances.contains_key(id), "InvalidInstanceID.NotFound", "instance"),
            _ => (true, "", ""),
        };
        (!exists).then_some((code, noun))
    }

    /// Objects by kind; what every region has from the start, and what comes and goes with a VPC or subnet, is not counted.
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let own = |vpc: &str| self.vpcs.get(vpc).is_none_or(|vpc| !vpc.is_default);
        vec![
            ("vpc", self.vpcs.values().filter(|vpc| !vpc.is_default).count()),
            ("subnet", self.subnets.values().filter(|subnet| !subnet.default_for_zone).count()),
            ("internet-gateway", self.internet_gateways.values().filter(|gateway| gateway.vpc.as_deref().is_none_or(own)).count()),
            ("route-table", self.route_tables.values().filter(|table| !table.associations.iter().any(Association::is_main)).count()),
            ("vpc-endpoint", self.endpoints.len()),
            ("security-group", self.groups.values().filter(|group| group.name != security_group::DEFAULT).count()),
            ("launch-template", self.launch_templates.len()),
            ("instance", self.instances.values().filter(|instance| instance.state != instance::State::Terminated).count()),
        ]
    }

    /// Ids of instances that still hold a place in a subnet or group.
    pub fn users(&self, holds: impl Fn(&Instance) -> bool) -> BTreeSet<&str> {
        let alive = self.instances.values().filter(|instance| instance.state != instance::State::Terminated);
        alive.filter(|instance| holds(instance)).map(|instance| instance.id.as_str()).collect()
    }

    /// Takes a free address of a subnet.
    pub fn take_address(&mut self, subnet: &str) -> Option<String> {
        self.subnets.get_mut(subnet).and_then(subnet::Subnet::take)
    }
}

pub fn handle_event(world: &mut World, region: &str, event: Event) {
    instance::handle_event(world, region, event);
}
