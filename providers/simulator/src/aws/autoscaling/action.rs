//! Auto Scaling's table of actions.

use super::{group, policy, schedule, settings};
use crate::aws::query::Action;

/// The action of a name.
pub fn action(name: &str) -> Option<Action> {
    let action: Action = match name {
        "CreateAutoScalingGroup" => group::create,
        "UpdateAutoScalingGroup" => group::update,
        "DeleteAutoScalingGroup" => group::delete,
        "DescribeAutoScalingGroups" => group::describe,
        "DescribeAutoScalingInstances" => settings::describe_instances,
        "SetDesiredCapacity" => group::set_desired,
        "SetInstanceHealth" => settings::set_health,
        "SetInstanceProtection" => settings::set_protection,
        "TerminateInstanceInAutoScalingGroup" => settings::terminate_instance,
        "DescribeScalingActivities" => settings::describe_activities,
        "SuspendProcesses" => settings::suspend,
        "ResumeProcesses" => settings::resume,
        "CreateOrUpdateTags" => settings::create_tags,
        "DeleteTags" => settings::delete_tags,
        "DescribeTags" => settings::describe_tags,
        "EnableMetricsCollection" => settings::enable_metrics,
        "DisableMetricsCollection" => settings::disable_metrics,
        "PutScalingPolicy" => policy::put,
        "DescribePolicies" => policy::describe,
        "DeletePolicy" => policy::delete,
        "ExecutePolicy" => policy::execute,
        "PutScheduledUpdateGroupAction" => schedule::put,
        "DescribeScheduledActions" => schedule::describe,
        "DeleteScheduledAction" => schedule::delete,
        "DescribeLifecycleHooks"
        | "DescribeLoadBalancers"
        | "DescribeLoadBalancerTargetGroups"
        | "DescribeTrafficSources"
        | "DescribeNotificationConfigurations"
        | "DescribeInstanceRefreshes"
        | "DescribeWarmPool" => settings::nothing,
        _ => return None,
    };
    Some(action)
}
