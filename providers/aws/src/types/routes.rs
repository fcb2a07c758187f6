//! Routes, as `aws_route` and the inline routes of `aws_route_table` have them.

use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch};
use aws_sdk_ec2::types::Route;
use windlass_api::{Error, Value};

/// Attributes that name a target; exactly one is set.
pub(super) const TARGETS: [&str; 11] = [
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "odb_network_arn",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

/// Where a route leads to. IPv6 ranges compare in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Destination {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
}

impl Destination {
    /// The destination of an inline route, or of an `aws_route` when `prefix` is `destination_`.
    pub(super) fn of(value: &Value, prefix: &str) -> Option<Destination> {
        let text = |name: &str| value.text(&format!("{prefix}{name}"));
        text("cidr_block")
            .map(Destination::Ipv4)
            .or_else(|| text("ipv6_cidr_block").map(|range| Destination::Ipv6(range.to_lowercase())))
            .or_else(|| value.text("destination_prefix_list_id").map(Destination::PrefixList))
    }

    pub(super) fn of_route(route: &Route) -> Option<Destination> {
        let ipv6 = || route.destination_ipv6_cidr_block.as_ref().map(|range| Destination::Ipv6(range.to_lowercase()));
        let list = || route.destination_prefix_list_id.clone().map(Destination::PrefixList);
        route.destination_cidr_block.clone().map(Destination::Ipv4).or_else(ipv6).or_else(list)
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Destination::Ipv4(text) | Destination::Ipv6(text) | Destination::PrefixList(text) => text,
        }
    }
}

/// Creating and replacing a route take the same targets, but the SDK has no trait for that.
macro_rules! with_target {
    ($call:expr, $name:expr, $id:expr) => {
        match $name {
            "carrier_gateway_id" => $call.carrier_gateway_id($id),
            "core_network_arn" => $call.core_network_arn($id),
            "egress_only_gateway_id" => $call.egress_only_internet_gateway_id($id),
            "local_gateway_id" => $call.local_gateway_id($id),
            "nat_gateway_id" => $call.nat_gateway_id($id),
            "network_interface_id" => $call.network_interface_id($id),
            "odb_network_arn" => $call.odb_network_arn($id),
            "transit_gateway_id" => $call.transit_gateway_id($id),
            "vpc_endpoint_id" => $call.vpc_endpoint_id($id),
            "vpc_peering_connection_id" => $call.vpc_peering_connection_id($id),
            _ => $call.gateway_id($id),
        }
    };
}

fn target(value: &Value) -> Option<(&'static str, String)> {
    TARGETS.into_iter().find_map(|name| Some((name, value.text(name)?)))
}

/// The route to the network of the VPC itself; it comes with the table and can't be made or deleted.
pub(super) fn is_local(value: &Value) -> bool {
    value.get_str("gateway_id") == Some("local")
}

pub(super) async fn create(region: &Region, table: &str, destination: &Destination, value: &Value) -> Result<(), Error> {
    let call = region.ec2.create_route().route_table_id(table);
    let call = match destination.clone() {
        Destination::Ipv4(range) => call.destination_cidr_block(range),
        Destination::Ipv6(range) => call.destination_ipv6_cidr_block(range),
        Destination::PrefixList(id) => call.destination_prefix_list_id(id),
    };
    let call = match target(value) {
        Some((name, id)) => with_target!(call, name, id),
        None => call,
    };
    call.send().await.map(drop).map_err(|error| failure("ec2:CreateRoute", error))
}

pub(super) async fn replace(region: &Region, table: &str, destination: &Destination, value: &Value) -> Result<(), Error> {
    let call = region.ec2.replace_route().route_table_id(table);
    let call = match destination.clone() {
        Destination::Ipv4(range) => call.destination_cidr_block(range),
        Destination::Ipv6(range) => call.destination_ipv6_cidr_block(range),
        Destination::PrefixList(id) => call.destination_prefix_list_id(id),
    };
    let call = match target(value) {
        Some((_, id)) if id == "local" => call.local_target(true),
        Some((name, id)) => with_target!(call, name, id),
        None => call,
    };
    call.send().await.map(drop).map_err(|error| failure("ec2:ReplaceRoute", error))
}

pub(super) async fn delete(region: &Region, table: &str, destination: &Destination) -> Result<(), Error> {
    let call = region.ec2.delete_route().route_table_id(table);
    let call = match destination.clone() {
        Destination::Ipv4(range) => call.destination_cidr_block(range),
        Destination::Ipv6(range) => call.destination_ipv6_cidr_block(range),
        Destination::PrefixList(id) => call.destination_prefix_list_id(id),
    };
    match call.send().await.map_err(|error| failure("ec2:DeleteRoute", error)) {
        Err(error) if error.kind != windlass_api::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The attributes that name the target; `absent` stands for the others. A VPC endpoint appears as a gateway.
pub(super) fn draft_targets(route: &Route, draft: &mut Draft, absent: Option<&str>) {
    let gateway = route.gateway_id.as_deref();
    let endpoint = gateway.filter(|id| id.starts_with("vpce-"));
    draft
        .text("carrier_gateway_id", route.carrier_gateway_id.as_deref().or(absent))
        .text("core_network_arn", route.core_network_arn.as_deref().or(absent))
        .text("egress_only_gateway_id", route.egress_only_internet_gateway_id.as_deref().or(absent))
        .text("gateway_id", gateway.filter(|_| endpoint.is_none()).or(absent))
        .text("local_gateway_id", route.local_gateway_id.as_deref().or(absent))
        .text("nat_gateway_id", route.nat_gateway_id.as_deref().or(absent))
        .text("network_interface_id", route.network_interface_id.as_deref().or(absent))
        .text("odb_network_arn", route.odb_network_arn.as_deref().or(absent))
        .text("transit_gateway_id", route.transit_gateway_id.as_deref().or(absent))
        .text("vpc_endpoint_id", endpoint.or(absent))
        .text("vpc_peering_connection_id", route.vpc_peering_connection_id.as_deref().or(absent));
}

/// Whether two inline routes say the same: an attribute left out and an empty one do.
pub(super) fn same_route(one: &Value, other: &Value) -> bool {
    let names = ["cidr_block", "ipv6_cidr_block", "destination_prefix_list_id"];
    TARGETS.iter().chain(names.iter()).all(|name| one.text(name) == other.text(name))
}

/// Route tables by id.
pub(super) async fn tables(region: &Region, ids: &[&str]) -> Vec<Result<Option<aws_sdk_ec2::types::RouteTable>, Error>> {
    crate::resource::describe(ids, |ids| async move {
        let answer = region.ec2.describe_route_tables().set_route_table_ids(Some(ids)).send().await;
        let tables = answer.map_err(|error| failure("ec2:DescribeRouteTables", error))?.route_tables.unwrap_or_default();
        Ok(tables.into_iter().filter_map(|table| Some((table.route_table_id.clone()?, table))).collect())
    })
    .await
}
