//! EC2's table of actions.

use super::vpc;
use crate::aws::query::Action;

/// The action of a name.
pub fn action(name: &str) -> Option<Action> {
    let action: Action = match name {
        "CreateVpc" => vpc::create,
        "DescribeVpcs" => vpc::describe,
        "DeleteVpc" => vpc::delete,
        "ModifyVpcAttribute" => vpc::modify_attribute,
        "DescribeVpcAttribute" => vpc::describe_attribute,
        "CreateTags" => super::tags::create,
        "DeleteTags" => super::tags::delete,
        "DescribeTags" => super::tags::describe,
        _ => return None,
    };
    Some(action)
}
