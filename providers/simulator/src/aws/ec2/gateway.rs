//! Internet gateways and VPC endpoints.

use serde::{Deserialize, Serialize};

use super::describe::{Filters, maybe, not_found, one, select};
use super::region::{Region, region};
use super::route_table::Route;
use super::tags::{self, Tags};
use super::token;
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::aws::xml::Xml;
use crate::clock::timestamp;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InternetGateway {
    pub vpc: Option<String>,
    pub created_ms: i64,
}

fn write(xml: &mut Xml, id: &str, gateway: &InternetGateway, tags: Option<&Tags>) {
    xml.text("internetGatewayId", id).text("ownerId", ACCOUNT);
    xml.items("attachmentSet", gateway.vpc.iter(), |xml, vpc| {
        xml.text("vpcId", vpc).text("state", "available");
    });
    tags::write(xml, tags);
}

fn absent(id: &str) -> AwsError {
    not_found("InvalidInternetGatewayID.NotFound", "internetGateway", &[id])
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let tags = tags::specified(call.params, "TagSpecification", "internet-gateway")?;
    call.may_proceed()?;
    let id = world.random.id("igw");
    let gateway = InternetGateway { vpc: None, created_ms: world.now_ms };
    let region = region(world, call.region);
    let reply = Reply::write(|xml| {
        xml.node("internetGateway", |xml| write(xml, &id, &gateway, Some(&tags)));
    });
    region.tags.insert(id.clone(), tags);
    region.internet_gateways.insert(id, gateway);
    reply
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, gateway: &InternetGateway| {
        filters.pass(region.tags.get(id), |name| match name {
            "internet-gateway-id" => one(id),
            "attachment.vpc-id" => maybe(gateway.vpc.as_ref()),
            "attachment.state" => maybe(gateway.vpc.as_ref().map(|_| "available")),
            "owner-id" => one(ACCOUNT),
            _ => None,
        })
    };
    let noun = ("InternetGatewayId", "InvalidInternetGatewayID.NotFound", "internetGateway");
    let page = select(call.params, &region.internet_gateways, noun, pass, |gateway| world.too_fresh(gateway.created_ms))?;
    Reply::write(|xml| {
        xml.items("internetGatewaySet", &page.ids, |xml, id| write(xml, id, &region.internet_gateways[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn attach(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("InternetGatewayId")?;
    let vpc = call.params.require("VpcId")?;
    let region = region(world, call.region);
    if !region.vpcs.contains_key(vpc) {
        return Err(not_found("InvalidVpcID.NotFound", "vpc", &[vpc]));
    }
    let attached = &region.internet_gateways.get(id).ok_or_else(|| absent(id))?.vpc;
    if attached.is_some() {
        return Err(AwsError::bad(
            "Resource.AlreadyAssociated",
            format!("resource {id} is already attached to network {}", attached.as_deref().unwrap_or(vpc)),
        ));
    }
    if region.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc)) {
        return Err(AwsError::invalid_value(format!("Network {vpc} already has an internet gateway attached")));
    }
    call.may_proceed()?;
    if let Some(gateway) = region.internet_gateways.get_mut(id) {
        gateway.vpc = Some(vpc.to_owned());
    }
    Reply::done()
}

pub fn detach(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("InternetGatewayId")?;
    let vpc = call.params.require("VpcId")?;
    let region = region(world, call.region);
    let attached = region.internet_gateways.get(id).ok_or_else(|| absent(id))?.vpc.as_deref();
    if attached != Some(vpc) {
        return Err(AwsError::bad("Gateway.NotAttached", format!("resource {id} is not attached to network {vpc}")));
    }
    let public = !region.users(|instance| instance.vpc == vpc && instance.public_address.is_some()).is_empty();
    if public {
        return Err(AwsError::bad(
            "DependencyViolation",
            format!(
                "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
            ),
        ));
    }
    call.may_proceed()?;
    if let Some(gateway) = region.internet_gateways.get_mut(id) {
        gateway.vpc = None;
    }
    Reply::done()
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("InternetGatewayId")?;
    let region = region(world, call.region);
    if region.internet_gateways.get(id).ok_or_else(|| absent(id))?.vpc.is_some() {
        return Err(AwsError::bad("DependencyViolation", format!("The internetGateway '{id}' has dependencies and cannot be deleted.")));
    }
    call.may_proceed()?;
    region.internet_gateways.remove(id);
    region.tags.remove(id);
    Reply::done()
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VpcEndpoint {
    pub id: String,
    pub vpc: String,
    pub service: String,
    pub kind: String,
    pub policy: String,
    pub route_tables: Vec<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    pub private_dns: bool,
    pub created_ms: i64,
}

/// What `PolicyDocument` is without one, as AWS answers it.
const FULL_ACCESS: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The prefix list of a gateway endpoint's service in a region.
pub fn prefix_list(service: &str) -> String {
    format!("pl-{:08x}", crc32fast::hash(service.as_bytes()))
}

fn write_endpoint(xml: &mut Xml, endpoint: &VpcEndpoint, tags: Option<&Tags>) {
    xml.text("vpcEndpointId", &endpoint.id).text("vpcEndpointType", &endpoint.kind).text("vpcId", &endpoint.vpc);
    xml.text("serviceName", &endpoint.service).text("state", "available").text("policyDocument", &endpoint.policy);
    xml.texts("routeTableIdSet", "item", &endpoint.route_tables);
    xml.texts("subnetIdSet", "item", &endpoint.subnets);
    xml.items("groupSet", &endpoint.groups, |xml, group| {
        xml.text("groupId", group);
    });
    xml.text("privateDnsEnabled", endpoint.private_dns).text("requesterManaged", false).text("ipAddressType", "ipv4");
    xml.items("networkInterfaceIdSet", [(); 0], |_, ()| ()).items("dnsEntrySet", [(); 0], |_, ()| ());
    xml.text("creationTimestamp", timestamp(endpoint.created_ms)).text("ownerId", ACCOUNT);
    tags::write(xml, tags);
}

/// Routes of a gateway endpoint stand in its tables as long as it names them.
fn route(region: &mut Region, endpoint: &VpcEndpoint) {
    for (id, table) in &mut region.route_tables {
        table.routes.retain(|route| route.target != endpoint.id);
        if endpoint.kind == "Gateway" && endpoint.route_tables.contains(id) {
            let destination = prefix_list(&endpoint.service);
            table.routes.push(Route { destination, target: endpoint.id.clone(), origin: "CreateRoute".to_owned() });
        }
    }
}

fn check_endpoint(region: &Region, endpoint: &VpcEndpoint) -> Result<(), AwsError> {
    let all = [&endpoint.route_tables, &endpoint.subnets, &endpoint.groups];
    for id in all.into_iter().flatten().chain([&endpoint.vpc]) {
        if let Some((code, noun)) = region.absent(id) {
            // The endpoint calls have an older spelling for tables.
            let code = if code == "InvalidRouteTableID.NotFound" { "InvalidRouteTableId.NotFound" } else { code };
            return Err(not_found(code, noun, &[id]));
        }
    }
    let known = ["s3", "dynamodb"].iter().any(|name| endpoint.service == format!("com.amazonaws.{}.{name}", region.name));
    if !endpoint.service.starts_with("com.amazonaws.") || (endpoint.kind == "Gateway" && !known) {
        return Err(AwsError::bad("InvalidServiceName", format!("The Vpc Endpoint Service '{}' does not exist", endpoint.service)));
    }
    Ok(())
}

pub fn create_endpoint(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let params = call.params;
    let mut endpoint = VpcEndpoint {
        id: String::new(),
        vpc: params.require("VpcId")?.to_owned(),
        service: params.require("ServiceName")?.to_owned(),
        kind: params.text("VpcEndpointType").unwrap_or("Gateway").to_owned(),
        policy: params.text("PolicyDocument").unwrap_or(FULL_ACCESS).to_owned(),
        route_tables: params.texts("RouteTableId"),
        subnets: params.texts("SubnetId"),
        groups: params.texts("SecurityGroupId"),
        private_dns: params.flag("PrivateDnsEnabled").unwrap_or(false),
        created_ms: world.now_ms,
    };
    let tags = tags::specified(params, "TagSpecification", "vpc-endpoint")?;
    let asked = params.fingerprint(&["ClientToken"]);
    if let Some(id) = token::made_before(region(world, call.region), call, &asked)?.and_then(|ids| ids.into_iter().next()) {
        let region = region(world, call.region);
        let endpoint = region.endpoints.get(&id).ok_or_else(|| not_found("InvalidVpcEndpointId.NotFound", "vpcEndpoint", &[&id]))?;
        return Reply::write(|xml| {
            xml.node("vpcEndpoint", |xml| write_endpoint(xml, endpoint, region.tags.get(&id)));
        })
        .map(|reply| reply.repeated(true));
    }
    check_endpoint(region(world, call.region), &endpoint)?;
    call.may_proceed()?;
    endpoint.id = world.random.id("vpce");
    let region = region(world, call.region);
    token::remember(region, call, asked, vec![endpoint.id.clone()]);
    route(region, &endpoint);
    let reply = Reply::write(|xml| {
        xml.node("vpcEndpoint", |xml| write_endpoint(xml, &endpoint, Some(&tags)));
    });
    region.tags.insert(endpoint.id.clone(), tags);
    region.endpoints.insert(endpoint.id.clone(), endpoint);
    reply
}

pub fn describe_endpoints(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, endpoint: &VpcEndpoint| {
        filters.pass(region.tags.get(id), |name| match name {
            "vpc-endpoint-id" => one(id),
            "vpc-id" => one(&endpoint.vpc),
            "service-name" => one(&endpoint.service),
            "vpc-endpoint-type" => one(&endpoint.kind),
            "vpc-endpoint-state" => one("available"),
            _ => None,
        })
    };
    let noun = ("VpcEndpointId", "InvalidVpcEndpointId.NotFound", "vpcEndpoint");
    let page = select(call.params, &region.endpoints, noun, pass, |endpoint| world.too_fresh(endpoint.created_ms))?;
    Reply::write(|xml| {
        xml.items("vpcEndpointSet", &page.ids, |xml, id| write_endpoint(xml, &region.endpoints[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn modify_endpoint(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("VpcEndpointId")?;
    let region = region(world, call.region);
    let mut endpoint = region.endpoints.get(id).cloned().ok_or_else(|| not_found("InvalidVpcEndpointId.NotFound", "vpcEndpoint", &[id]))?;
    let edit = |list: &mut Vec<String>, name: &str| {
        let gone = call.params.texts(&format!("Remove{name}"));
        list.retain(|id| !gone.contains(id));
        for id in call.params.texts(&format!("Add{name}")) {
            if !list.contains(&id) {
                list.push(id);
            }
        }
    };
    edit(&mut endpoint.route_tables, "RouteTableId");
    edit(&mut endpoint.subnets, "SubnetId");
    edit(&mut endpoint.groups, "SecurityGroupId");
    if let Some(policy) = call.params.text("PolicyDocument") {
        policy.clone_into(&mut endpoint.policy);
    }
    if call.params.flag("ResetPolicy") == Some(true) {
        FULL_ACCESS.clone_into(&mut endpoint.policy);
    }
    endpoint.private_dns = call.params.flag("PrivateDnsEnabled").unwrap_or(endpoint.private_dns);
    check_endpoint(region, &endpoint)?;
    call.may_proceed()?;
    route(region, &endpoint);
    region.endpoints.insert(id.to_owned(), endpoint);
    Reply::done()
}

pub fn delete_endpoints(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let region = region(world, call.region);
    call.may_proceed()?;
    let mut unsuccessful = Vec::new();
    for id in call.params.texts("VpcEndpointId") {
        if region.endpoints.remove(&id).is_none() {
            unsuccessful.push(id);
            continue;
        }
        region.tags.remove(&id);
        region.route_tables.values_mut().for_each(|table| table.routes.retain(|route| route.target != id));
    }
    Reply::write(|xml| {
        xml.items("unsuccessful", unsuccessful, |xml, id| {
            xml.text("resourceId", &id);
            xml.node("error", |xml| {
                xml.text("code", "InvalidVpcEndpoint.NotFound").text("message", format!("The Vpc Endpoint Id '{id}' does not exist"));
            });
        });
    })
}

pub fn describe_prefix_lists(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    let wanted = call.params.texts("PrefixListId");
    region(world, call.region);
    let services = ["s3", "dynamodb"].map(|name| format!("com.amazonaws.{}.{name}", call.region));
    let mut found = Vec::new();
    for service in services {
        let id = prefix_list(&service);
        let passes = filters.pass(None, |name| match name {
            "prefix-list-id" => one(&id),
            "prefix-list-name" => one(&service),
            _ => None,
        })?;
        if passes && (wanted.is_empty() || wanted.contains(&id)) {
            found.push((id, service));
        }
    }
    Reply::write(|xml| {
        xml.items("prefixListSet", found, |xml, (id, service)| {
            xml.text("prefixListId", id).text("prefixListName", service).texts("cidrSet", "item", ["54.231.0.0/17"]);
        });
    })
}
