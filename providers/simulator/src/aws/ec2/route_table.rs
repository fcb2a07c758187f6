//! Route tables, routes and associations.

use serde::{Deserialize, Serialize};

use super::describe::{Filters, not_found, one, select};
use super::region::{Region, region};
use super::tags::{self, Tags};
use super::vpc::parse_block;
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RouteTable {
    pub vpc: String,
    pub routes: Vec<Route>,
    pub associations: Vec<Association>,
    pub created_ms: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    pub destination: String,
    /// `local`, or the id of what packets go to.
    pub target: String,
    pub origin: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Association {
    pub id: String,
    /// Without one it is the VPC's main association.
    pub subnet: Option<String>,
}

impl Association {
    pub fn is_main(&self) -> bool {
        self.subnet.is_none()
    }
}

/// The element that a target stands in, by its id's prefix.
fn target_element(target: &str) -> &'static str {
    let prefixes = [
        ("igw-", "gatewayId"),
        ("vpce-", "gatewayId"),
        ("local", "gatewayId"),
        ("nat-", "natGatewayId"),
        ("eni-", "networkInterfaceId"),
        ("i-", "instanceId"),
    ];
    prefixes.iter().find(|(prefix, _)| target.starts_with(prefix)).map_or("gatewayId", |(_, element)| element)
}

fn write(xml: &mut Xml, id: &str, table: &RouteTable, tags: Option<&Tags>) {
    xml.text("routeTableId", id).text("vpcId", &table.vpc).text("ownerId", ACCOUNT);
    xml.items("routeSet", &table.routes, |xml, route| {
        let element = if route.destination.starts_with("pl-") { "destinationPrefixListId" } else { "destinationCidrBlock" };
        xml.text(element, &route.destination)
            .text(target_element(&route.target), &route.target)
            .text("state", "active")
            .text("origin", &route.origin);
    });
    xml.items("associationSet", &table.associations, |xml, association| {
        xml.text("routeTableAssociationId", &association.id).text("routeTableId", id).optional("subnetId", association.subnet.as_ref());
        xml.text("main", association.is_main());
        xml.node("associationState", |xml| {
            xml.text("state", "associated");
        });
    });
    xml.items("propagatingVgwSet", [(); 0], |_, ()| ());
    tags::write(xml, tags);
}

fn absent(id: &str) -> AwsError {
    not_found("InvalidRouteTableID.NotFound", "routeTable", &[id])
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let vpc_id = call.params.require("VpcId")?;
    let tags = tags::specified(call.params, "TagSpecification", "route-table")?;
    let cidr = region(world, call.region)
        .vpcs
        .get(vpc_id)
        .map(|vpc| vpc.cidr.clone())
        .ok_or_else(|| not_found("InvalidVpcID.NotFound", "vpc", &[vpc_id]))?;
    let asked = call.params.fingerprint(&["ClientToken"]);
    let repeat = super::token::made_before(region(world, call.region), call, &asked)?;
    if repeat.is_none() {
        call.may_proceed()?;
    }
    let repeated = repeat.is_some();
    let id = repeat.and_then(|ids| ids.into_iter().next()).unwrap_or_else(|| world.random.id("rtb"));
    let created_ms = world.now_ms;
    let region = region(world, call.region);
    super::token::remember(region, call, asked, vec![id.clone()]);
    let local = Route { destination: cidr, target: "local".to_owned(), origin: "CreateRouteTable".to_owned() };
    let table = region.route_tables.entry(id.clone()).or_insert_with(|| RouteTable {
        vpc: vpc_id.to_owned(),
        routes: vec![local],
        associations: Vec::new(),
        created_ms,
    });
    let tags = region.tags.entry(id.clone()).or_insert(tags);
    Reply::write(|xml| {
        xml.node("routeTable", |xml| write(xml, &id, table, Some(tags)));
    })
    .map(|reply| reply.repeated(repeated))
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters = Filters::parse(call.params)?;
    region(world, call.region);
    let world = &*world;
    let region = &world.ec2[call.region];
    let pass = |id: &str, table: &RouteTable| {
        filters.pass(region.tags.get(id), |name| match name {
            "route-table-id" => one(id),
            "vpc-id" => one(&table.vpc),
            "owner-id" => one(ACCOUNT),
            "association.main" => Some(table.associations.iter().map(|association| association.is_main().to_string()).collect()),
            "association.subnet-id" => Some(table.associations.iter().filter_map(|association| association.subnet.clone()).collect()),
            "association.route-table-association-id" => Some(table.associations.iter().map(|association| association.id.clone()).collect()),
            "association.route-table-id" => one(id),
            "route.destination-cidr-block" => Some(table.routes.iter().map(|route| route.destination.clone()).collect()),
            "route.gateway-id" => Some(table.routes.iter().map(|route| route.target.clone()).collect()),
            "route.state" => one("active"),
            _ => None,
        })
    };
    let noun = ("RouteTableId", "InvalidRouteTableID.NotFound", "routeTable");
    let page = select(call.params, &region.route_tables, noun, pass, |table| world.too_fresh(table.created_ms))?;
    Reply::write(|xml| {
        xml.items("routeTableSet", &page.ids, |xml, id| write(xml, id, &region.route_tables[id], region.tags.get(id)));
        xml.optional("nextToken", page.next);
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("RouteTableId")?;
    let region = region(world, call.region);
    let table = region.route_tables.get(id).ok_or_else(|| absent(id))?;
    let used =
        !table.associations.is_empty() || region.endpoints.values().any(|endpoint| endpoint.route_tables.iter().any(|table| table == id));
    if used {
        return Err(AwsError::bad("DependencyViolation", format!("The routeTable '{id}' has dependencies and cannot be deleted.")));
    }
    call.may_proceed()?;
    region.route_tables.remove(id);
    region.tags.remove(id);
    Reply::done()
}

/// Destination and target of a route call; what they name must exist.
fn route_of(region: &Region, params: &Node, table: &RouteTable) -> Result<(String, String), AwsError> {
    let destination = destination_of(params)?;
    let names = ["GatewayId", "NatGatewayId", "NetworkInterfaceId", "InstanceId", "VpcEndpointId"];
    let target = names.iter().find_map(|name| params.text(name)).ok_or_else(|| AwsError::missing("gatewayId"))?;
    match target {
        _ if target.starts_with("igw-") => {
            let gateway = region
                .internet_gateways
                .get(target)
                .ok_or_else(|| not_found("InvalidInternetGatewayID.NotFound", "internetGateway", &[target]))?;
            if gateway.vpc.as_deref() != Some(&table.vpc) {
                return Err(AwsError::invalid_value(format!("route table and network gateway {target} belong to different networks")));
            }
        }
        _ if target.starts_with("i-") || target.starts_with("eni-") => {
            if let Some((code, noun)) = region.absent(target) {
                return Err(not_found(code, noun, &[target]));
            }
        }
        "local" => {}
        _ if target.starts_with("nat-") => {
            return Err(AwsError::bad("InvalidNatGatewayID.NotFound", format!("The natGateway ID '{target}' does not exist")));
        }
        _ => return Err(AwsError::bad("InvalidGatewayID.NotFound", format!("The gateway ID '{target}' does not exist"))),
    }
    Ok((destination, target.to_owned()))
}

fn destination_of(params: &Node) -> Result<String, AwsError> {
    match (params.text("DestinationCidrBlock"), params.text("DestinationPrefixListId")) {
        (Some(cidr), _) => Ok(parse_block(cidr, "destinationCidrBlock")?.to_string()),
        (None, Some(list)) => Ok(list.to_owned()),
        (None, None) => Err(AwsError::missing("destinationCidrBlock")),
    }
}

pub fn create_route(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("RouteTableId")?;
    let region = region(world, call.region);
    let table = region.route_tables.get(id).ok_or_else(|| absent(id))?;
    let (destination, target) = route_of(region, call.params, table)?;
    if let Some(existing) = table.routes.iter().find(|route| route.destination == destination) {
        if existing.target != target {
            return Err(AwsError::bad("RouteAlreadyExists", format!("The route identified by {destination} already exists.")));
        }
        // The same route again is taken, as at AWS.
        return Reply::done().map(|reply| reply.repeated(true));
    }
    call.may_proceed()?;
    if let Some(table) = region.route_tables.get_mut(id) {
        table.routes.push(Route { destination, target, origin: "CreateRoute".to_owned() });
    }
    Reply::done()
}

pub fn replace_route(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("RouteTableId")?;
    let region = region(world, call.region);
    let table = region.route_tables.get(id).ok_or_else(|| absent(id))?;
    let (destination, target) = route_of(region, call.params, table)?;
    call.may_proceed()?;
    let route = region.route_tables.get_mut(id).and_then(|table| table.routes.iter_mut().find(|route| route.destination == destination));
    route.ok_or_else(|| no_route(id, &destination))?.target = target;
    Reply::done()
}

pub fn delete_route(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("RouteTableId")?;
    let destination = destination_of(call.params)?;
    let table = region(world, call.region).route_tables.get_mut(id).ok_or_else(|| absent(id))?;
    let index = table.routes.iter().position(|route| route.destination == destination).ok_or_else(|| no_route(id, &destination))?;
    if table.routes[index].target == "local" {
        return Err(AwsError::invalid_value(format!("cannot remove local route {destination} in route table {id}")));
    }
    call.may_proceed()?;
    table.routes.remove(index);
    Reply::done()
}

fn no_route(table: &str, destination: &str) -> AwsError {
    AwsError::bad("InvalidRoute.NotFound", format!("no route with destination-cidr-block {destination} in route table {table}"))
}

pub fn associate(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("RouteTableId")?;
    let subnet = call.params.require("SubnetId")?;
    let found = region(world, call.region);
    let table = found.route_tables.get(id).ok_or_else(|| absent(id))?;
    let vpc = &found.subnets.get(subnet).ok_or_else(|| not_found("InvalidSubnetID.NotFound", "subnet", &[subnet]))?.vpc;
    if *vpc != table.vpc {
        return Err(AwsError::invalid_value(format!("Route table {id} and subnet {subnet} belong to different networks")));
    }
    let of_subnet = |association: &&Association| association.subnet.as_deref() == Some(subnet);
    if let Some(existing) = table.associations.iter().find(of_subnet) {
        let existing = existing.id.clone();
        return Reply::write(|xml| associated(xml, "associationId", &existing)).map(|reply| reply.repeated(true));
    }
    if found.route_tables.values().any(|table| table.associations.iter().any(|association| of_subnet(&association))) {
        return Err(AwsError::bad(
            "Resource.AlreadyAssociated",
            format!("the specified association for route table {id} conflicts with an existing association"),
        ));
    }
    call.may_proceed()?;
    let association = world.random.id("rtbassoc");
    if let Some(table) = region(world, call.region).route_tables.get_mut(id) {
        table.associations.push(Association { id: association.clone(), subnet: Some(subnet.to_owned()) });
    }
    Reply::write(|xml| associated(xml, "associationId", &association))
}

fn associated(xml: &mut Xml, element: &str, id: &str) {
    xml.text(element, id);
    xml.node("associationState", |xml| {
        xml.text("state", "associated");
    });
}

fn no_association(id: &str) -> AwsError {
    AwsError::bad("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist"))
}

pub fn disassociate(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("AssociationId")?;
    let region = region(world, call.region);
    let holder = region
        .route_tables
        .values_mut()
        .find(|table| table.associations.iter().any(|association| association.id == id))
        .ok_or_else(|| no_association(id))?;
    if holder.associations.iter().any(|association| association.id == id && association.is_main()) {
        return Err(AwsError::invalid_value(format!("cannot disassociate the main route table association {id}")));
    }
    call.may_proceed()?;
    holder.associations.retain(|association| association.id != id);
    Reply::done()
}

pub fn replace_association(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("AssociationId")?;
    let to = call.params.require("RouteTableId")?;
    let found = region(world, call.region);
    if !found.route_tables.contains_key(to) {
        return Err(absent(to));
    }
    if !found.route_tables.values().any(|table| table.associations.iter().any(|association| association.id == id)) {
        return Err(no_association(id));
    }
    call.may_proceed()?;
    let fresh = world.random.id("rtbassoc");
    let tables = &mut region(world, call.region).route_tables;
    let moved = tables.values_mut().find_map(|table| {
        let index = table.associations.iter().position(|association| association.id == id)?;
        Some(table.associations.remove(index))
    });
    if let (Some(mut association), Some(table)) = (moved, tables.get_mut(to)) {
        association.id.clone_from(&fresh);
        table.associations.push(association);
    }
    Reply::write(|xml| associated(xml, "newAssociationId", &fresh))
}
