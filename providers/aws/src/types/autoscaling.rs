//! What all Auto Scaling types share: look-ups of groups, and the metric structures of policies.

use crate::client::{Region, failure};
use aws_sdk_autoscaling::types::AutoScalingGroup;
use std::collections::HashMap;
use windlass_api::Error;

/// How many names `DescribeAutoScalingGroups` takes; it answers with at most as many a page.
const NAMES_PER_CALL: usize = 50;

/// Groups by name; names without a group are left out.
///
/// # Errors
/// Those of `autoscaling:DescribeAutoScalingGroups`.
pub(super) async fn groups(region: &Region, names: &[String]) -> Result<HashMap<String, AutoScalingGroup>, Error> {
    let mut found = HashMap::new();
    for names in names.chunks(NAMES_PER_CALL) {
        let call = region.autoscaling.describe_auto_scaling_groups().set_auto_scaling_group_names(Some(names.to_vec())).max_records(100);
        let groups: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let groups = groups.map_err(|error| failure("autoscaling:DescribeAutoScalingGroups", error))?;
        found.extend(groups.into_iter().filter_map(|group| Some((group.auto_scaling_group_name.clone()?, group))));
    }
    Ok(found)
}

/// One group by name.
///
/// # Errors
/// Those of `autoscaling:DescribeAutoScalingGroups`.
pub(super) async fn group(region: &Region, name: &str) -> Result<Option<AutoScalingGroup>, Error> {
    Ok(groups(region, &[name.to_owned()]).await?.remove(name))
}

/// Whether a group is on its way out.
pub(super) fn is_gone(group: &AutoScalingGroup) -> bool {
    group.status.as_deref() == Some("Delete in progress")
}
