//! The smaller calls on groups: activities, instances, tags, suspended processes, metrics.

use super::group::{Group, absent, invalid, wake, write_member, write_tag};
use super::region;
use crate::aws::ec2;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Reply};
use crate::clock::timestamp;
use crate::world::World;

/// Describes what groups here never have.
pub fn nothing(_world: &mut World, _call: &Call) -> Result<Reply, AwsError> {
    Ok(Reply::default())
}

fn group<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Group, AwsError> {
    let name = call.params.require("AutoScalingGroupName")?;
    region(world, call.region).groups.get_mut(name).ok_or_else(|| absent(name))
}

pub fn describe_activities(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.text("AutoScalingGroupName");
    let limit = call.params.number("MaxRecords")?.unwrap_or(100).clamp(1, 100) as usize;
    let start: usize = call.params.text("NextToken").and_then(|text| text.parse().ok()).unwrap_or(0);
    let groups = &region(world, call.region).groups;
    let all: Vec<_> = groups
        .values()
        .filter(|group| name.is_none_or(|name| group.name == name))
        .flat_map(|group| group.activities.iter().map(move |activity| (group, activity)))
        .collect();
    let next = (start + limit < all.len()).then(|| start + limit);
    Reply::write(|xml| {
        xml.members("Activities", all.into_iter().skip(start).take(limit), |xml, (group, activity)| {
            xml.text("ActivityId", &activity.id).text("AutoScalingGroupName", &group.name).text("AutoScalingGroupARN", &group.arn);
            xml.text("Description", &activity.description).text("Cause", &activity.cause).text("StatusCode", &activity.status);
            xml.optional("StatusMessage", activity.message.as_ref()).text("Details", &activity.details).text("Progress", 100);
            xml.text("StartTime", timestamp(activity.start_ms)).text("EndTime", timestamp(activity.end_ms));
        });
        xml.optional("NextToken", next);
    })
}

pub fn describe_instances(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let wanted = call.params.texts("InstanceIds");
    let groups = &region(world, call.region).groups;
    let all = groups.values().flat_map(|group| group.members.iter().map(move |member| (group, member)));
    let found: Vec<_> = all.filter(|(_, member)| wanted.is_empty() || wanted.contains(&member.id)).collect();
    Reply::write(|xml| {
        xml.members("AutoScalingInstances", found, |xml, (group, member)| {
            xml.text("AutoScalingGroupName", &group.name);
            write_member(xml, member);
        });
    })
}

fn of_instance<'a>(world: &'a mut World, call: &Call, id: &str) -> Result<&'a mut Group, AwsError> {
    let mut groups = region(world, call.region).groups.values_mut();
    groups
        .find(|group| group.members.iter().any(|member| member.id == id))
        .ok_or_else(|| invalid(format!("Instance Id not found - No managed instance found for instance ID: {id}")))
}

pub fn set_health(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("InstanceId")?;
    let healthy = call.params.require("HealthStatus")? == "Healthy";
    let group = of_instance(world, call, id)?;
    let name = group.name.clone();
    group.members.iter_mut().filter(|member| member.id == id).for_each(|member| member.healthy = healthy);
    wake(world, call.region, &name, 1_000);
    Reply::bare()
}

pub fn set_protection(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let ids = call.params.texts("InstanceIds");
    let protected = call.params.flag("ProtectedFromScaleIn").unwrap_or(false);
    group(world, call)?.members.iter_mut().filter(|member| ids.contains(&member.id)).for_each(|member| member.protected = protected);
    Ok(Reply::default())
}

pub fn terminate_instance(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let id = call.params.require("InstanceId")?;
    let fewer = call.params.flag("ShouldDecrementDesiredCapacity").ok_or_else(|| AwsError::missing("ShouldDecrementDesiredCapacity"))?;
    let group = of_instance(world, call, id)?;
    if fewer && group.desired <= group.min {
        return Err(invalid(format!(
            "Currently, desiredSize equals minSize ({}). Terminating instance without replacement will violate group's min size constraint.",
            group.min
        )));
    }
    group.desired -= i64::from(fewer);
    group.members.retain(|member| member.id != id);
    let name = group.name.clone();
    ec2::instance::shut_down(world, call.region, vec![id.to_owned()]);
    wake(world, call.region, &name, 1_000);
    let activity = world.random.uuid();
    let now = timestamp(world.now_ms);
    Reply::write(|xml| {
        xml.node("Activity", |xml| {
            xml.text("ActivityId", activity)
                .text("AutoScalingGroupName", name)
                .text("Description", format!("Terminating EC2 instance: {id}"));
            xml.text("Cause", format!("At {now} instance {id} was taken out of service in response to a user request."))
                .text("StatusCode", "InProgress")
                .text("StartTime", &now);
        });
    })
}

const PROCESSES: [&str; 9] = [
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
];

fn processes(call: &Call) -> Result<Vec<String>, AwsError> {
    let named = call.params.texts("ScalingProcesses");
    if let Some(unknown) = named.iter().find(|name| !PROCESSES.contains(&name.as_str())) {
        return Err(invalid(format!("Invalid process type: {unknown}")));
    }
    Ok(if named.is_empty() { PROCESSES.map(str::to_owned).to_vec() } else { named })
}

pub fn suspend(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let reason = format!("User suspended at {}", timestamp(world.now_ms));
    let names = processes(call)?;
    let group = group(world, call)?;
    names.into_iter().for_each(|name| drop(group.suspended.insert(name, reason.clone())));
    Reply::bare()
}

pub fn resume(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let names = processes(call)?;
    let group = group(world, call)?;
    group.suspended.retain(|name, _| !names.contains(name));
    let name = group.name.clone();
    wake(world, call.region, &name, 1_000);
    Reply::bare()
}

pub fn create_tags(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let groups = &mut region(world, call.region).groups;
    for tag in call.params.list("Tags") {
        let name = tag.require("ResourceId")?;
        tag.require("Key")?;
        groups.get(name).ok_or_else(|| absent(name))?;
    }
    for tag in call.params.list("Tags") {
        if let Some(group) = groups.get_mut(tag.text("ResourceId").unwrap_or_default()) {
            let value = tag.text("Value").unwrap_or_default().to_owned();
            group.tags.insert(tag.text("Key").unwrap_or_default().to_owned(), (value, tag.flag("PropagateAtLaunch").unwrap_or(true)));
        }
    }
    Reply::bare()
}

pub fn delete_tags(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let groups = &mut region(world, call.region).groups;
    for tag in call.params.list("Tags") {
        if let Some(group) = groups.get_mut(tag.text("ResourceId").unwrap_or_default()) {
            group.tags.remove(tag.text("Key").unwrap_or_default());
        }
    }
    Reply::bare()
}

pub fn describe_tags(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let filters: Vec<(String, Vec<String>)> = call
        .params
        .list("Filters")
        .into_iter()
        .map(|filter| (filter.text("Name").unwrap_or_default().to_owned(), filter.texts("Values")))
        .collect();
    let groups = &region(world, call.region).groups;
    let all =
        groups.values().flat_map(|group| group.tags.iter().map(move |(key, (value, propagate))| (&group.name, key, value, *propagate)));
    let pass = |(group, key, value, propagate): &(&String, &String, &String, bool)| {
        filters.iter().all(|(name, values)| match name.as_str() {
            "auto-scaling-group" => values.contains(group),
            "key" => values.contains(key),
            "value" => values.contains(value),
            "propagate-at-launch" => values.contains(&propagate.to_string()),
            _ => false,
        })
    };
    let found: Vec<_> = all.filter(pass).collect();
    Reply::write(|xml| {
        xml.members("Tags", found, |xml, (group, key, value, propagate)| write_tag(xml, group, key, value, propagate));
    })
}

pub fn enable_metrics(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let mut metrics = call.params.texts("Metrics");
    if metrics.is_empty() {
        let all = [
            "GroupMinSize",
            "GroupMaxSize",
            "GroupDesiredCapacity",
            "GroupInServiceInstances",
            "GroupPendingInstances",
            "GroupStandbyInstances",
            "GroupTerminatingInstances",
            "GroupTotalInstances",
        ];
        metrics = all.map(str::to_owned).to_vec();
    }
    let group = group(world, call)?;
    metrics.retain(|metric| !group.metrics.contains(metric));
    group.metrics.extend(metrics);
    Reply::bare()
}

pub fn disable_metrics(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let metrics = call.params.texts("Metrics");
    group(world, call)?.metrics.retain(|metric| !metrics.is_empty() && !metrics.contains(metric));
    Reply::bare()
}
