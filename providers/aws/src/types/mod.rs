//! Managed types: one file (or folder) each, named after the type, and their one table.

mod aws_internet_gateway;
mod aws_launch_template;
mod aws_route;
mod aws_route_table;
mod aws_route_table_association;
mod aws_security_group;
mod aws_subnet;
mod aws_vpc;
mod ec2;
mod routes;
mod security_group_rules;

use crate::resource::ResourceType;

/// Every implemented type.
pub(crate) static TYPES: &[&dyn ResourceType] = &[
    &aws_internet_gateway::InternetGateway,
    &aws_launch_template::LaunchTemplate,
    &aws_route::Route,
    &aws_route_table::RouteTable,
    &aws_route_table_association::RouteTableAssociation,
    &aws_security_group::SecurityGroup,
    &aws_subnet::Subnet,
    &aws_vpc::Vpc,
    &security_group_rules::Rule { is_ingress: true },
    &security_group_rules::Rule { is_ingress: false },
];

/// An implemented type by name.
pub(crate) fn resource(name: &str) -> Option<&'static dyn ResourceType> {
    TYPES.iter().find(|resource| resource.name() == name).copied()
}
