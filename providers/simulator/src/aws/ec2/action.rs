//! EC2's table of actions.

use super::{gateway, image, instance, launch_template, places, route_table, security_group, security_rule, subnet, tags, vpc};
use crate::aws::query::Action;

/// The action of a name.
pub fn action(name: &str) -> Option<Action> {
    network(name).or_else(|| compute(name))
}

fn network(name: &str) -> Option<Action> {
    let action: Action = match name {
        "CreateVpc" => vpc::create,
        "DescribeVpcs" => vpc::describe,
        "DeleteVpc" => vpc::delete,
        "ModifyVpcAttribute" => vpc::modify_attribute,
        "DescribeVpcAttribute" => vpc::describe_attribute,
        "DescribeNetworkAcls" => vpc::describe_acls,
        "CreateSubnet" => subnet::create,
        "DescribeSubnets" => subnet::describe,
        "ModifySubnetAttribute" => subnet::modify_attribute,
        "DeleteSubnet" => subnet::delete,
        "CreateInternetGateway" => gateway::create,
        "DescribeInternetGateways" => gateway::describe,
        "AttachInternetGateway" => gateway::attach,
        "DetachInternetGateway" => gateway::detach,
        "DeleteInternetGateway" => gateway::delete,
        "CreateVpcEndpoint" => gateway::create_endpoint,
        "DescribeVpcEndpoints" => gateway::describe_endpoints,
        "ModifyVpcEndpoint" => gateway::modify_endpoint,
        "DeleteVpcEndpoints" => gateway::delete_endpoints,
        "DescribePrefixLists" => gateway::describe_prefix_lists,
        "CreateRouteTable" => route_table::create,
        "DescribeRouteTables" => route_table::describe,
        "DeleteRouteTable" => route_table::delete,
        "CreateRoute" => route_table::create_route,
        "ReplaceRoute" => route_table::replace_route,
        "DeleteRoute" => route_table::delete_route,
        "AssociateRouteTable" => route_table::associate,
        "DisassociateRouteTable" => route_table::disassociate,
        "ReplaceRouteTableAssociation" => route_table::replace_association,
        "CreateSecurityGroup" => security_group::create,
        "DescribeSecurityGroups" => security_group::describe,
        "DeleteSecurityGroup" => security_group::delete,
        "AuthorizeSecurityGroupIngress" => security_rule::authorize_ingress,
        "AuthorizeSecurityGroupEgress" => security_rule::authorize_egress,
        "RevokeSecurityGroupIngress" => security_rule::revoke_ingress,
        "RevokeSecurityGroupEgress" => security_rule::revoke_egress,
        "ModifySecurityGroupRules" => security_rule::modify,
        "DescribeSecurityGroupRules" => security_rule::describe,
        _ => return None,
    };
    Some(action)
}

fn compute(name: &str) -> Option<Action> {
    let action: Action = match name {
        "CreateTags" => tags::create,
        "DeleteTags" => tags::delete,
        "DescribeTags" => tags::describe,
        "DescribeRegions" => places::describe_regions,
        "DescribeAvailabilityZones" => places::describe_zones,
        "DescribeInstanceTypes" => places::describe_types,
        "DescribeInstanceTypeOfferings" => places::describe_offerings,
        "DescribeAccountAttributes" => places::describe_account_attributes,
        "DescribeImages" => image::describe,
        "CreateLaunchTemplate" => launch_template::create,
        "DescribeLaunchTemplates" => launch_template::describe,
        "CreateLaunchTemplateVersion" => launch_template::create_version,
        "DescribeLaunchTemplateVersions" => launch_template::describe_versions,
        "ModifyLaunchTemplate" => launch_template::modify,
        "DeleteLaunchTemplate" => launch_template::delete,
        "DeleteLaunchTemplateVersions" => launch_template::delete_versions,
        "RunInstances" => instance::run,
        "DescribeInstances" => instance::describe,
        "TerminateInstances" => instance::terminate,
        "StopInstances" => instance::stop,
        "StartInstances" => instance::start,
        "DescribeInstanceAttribute" => instance::describe_attribute,
        "DescribeNetworkInterfaces" => instance::describe_interfaces,
        _ => return None,
    };
    Some(action)
}
