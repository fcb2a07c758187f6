//! Managed types: one file (or folder) each, named after the type, and their one table.

mod autoscaling;
mod aws_autoscaling_group;
mod aws_autoscaling_policy;
mod aws_autoscaling_schedule;
mod aws_iam_instance_profile;
mod aws_iam_policy;
mod aws_iam_role;
mod aws_iam_role_policy;
mod aws_iam_role_policy_attachment;
mod aws_internet_gateway;
mod aws_launch_template;
mod aws_route;
mod aws_route_table;
mod aws_route_table_association;
mod aws_s3_bucket;
mod aws_s3_bucket_public_access_block;
mod aws_s3_bucket_server_side_encryption_configuration;
mod aws_s3_bucket_versioning;
mod aws_security_group;
mod aws_subnet;
mod aws_vpc;
mod aws_vpc_endpoint;
mod ec2;
mod iam;
mod routes;
mod s3;
mod security_group_rules;

use crate::resource::ResourceType;

/// Every implemented type.
pub(crate) static TYPES: &[&dyn ResourceType] = &[
    &aws_iam_instance_profile::InstanceProfile,
    &aws_iam_policy::Policy,
    &aws_iam_role::Role,
    &aws_iam_role_policy::RolePolicy,
    &aws_iam_role_policy_attachment::Attachment,
    &aws_autoscaling_group::AutoscalingGroup,
    &aws_autoscaling_policy::AutoscalingPolicy,
    &aws_autoscaling_schedule::AutoscalingSchedule,
    &aws_internet_gateway::InternetGateway,
    &aws_launch_template::LaunchTemplate,
    &aws_route::Route,
    &aws_route_table::RouteTable,
    &aws_route_table_association::RouteTableAssociation,
    &aws_s3_bucket::Bucket,
    &aws_s3_bucket_public_access_block::PublicAccessBlock,
    &aws_s3_bucket_server_side_encryption_configuration::BucketEncryption,
    &aws_s3_bucket_versioning::BucketVersioning,
    &aws_security_group::SecurityGroup,
    &aws_subnet::Subnet,
    &aws_vpc::Vpc,
    &aws_vpc_endpoint::VpcEndpoint,
    &security_group_rules::Rule { is_ingress: false },
    &security_group_rules::Rule { is_ingress: true },
];

/// An implemented type by name.
pub(crate) fn resource(name: &str) -> Option<&'static dyn ResourceType> {
    TYPES.iter().find(|resource| resource.name() == name).copied()
}
