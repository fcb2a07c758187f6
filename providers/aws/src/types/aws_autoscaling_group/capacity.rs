//! Waiting until a group has its instances, and what its activities say in the meantime.

use super::super::autoscaling;
use crate::client::{Region, failure};
use crate::resource::{Fetch, Next, Work};
use aws_sdk_autoscaling::types::{Activity, AutoScalingGroup, LifecycleState, ScalingActivityStatusCode as Status};
use windlass_api::{Error, ErrorKind, Value};

/// Between two looks at a group that still launches.
const LOOK_MILLISECONDS: u64 = 3_000;

/// As many activities as one look takes in.
const ACTIVITIES: i32 = 50;

/// Seconds of a duration in Go's form, such as `10m` or `1h30m`; `0` is none.
pub(super) fn seconds(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|sign: char| !(sign.is_ascii_digit() || sign == '.')).filter(|digits| *digits > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|sign: char| sign.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let scale = match &rest[digits..unit_end] {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += number * scale;
        rest = &rest[unit_end..];
    }
    Some(total as u64)
}

/// Remembers the newest activity, so that failures before a change are not taken for its own.
pub(super) async fn remember_newest_activity(region: &Region, work: &Work, group: &str) -> Result<(), Error> {
    if work.progress.note().is_none() {
        let newest = activities(region, group).await?.into_iter().next();
        work.progress.set_note(newest.and_then(|activity| activity.activity_id).unwrap_or_default());
    }
    Ok(())
}

async fn activities(region: &Region, group: &str) -> Result<Vec<Activity>, Error> {
    let call = region.autoscaling.describe_scaling_activities().auto_scaling_group_name(group).max_records(ACTIVITIES);
    let answer = call.send().await.map_err(|error| failure("autoscaling:DescribeScalingActivities", error))?;
    Ok(answer.activities.unwrap_or_default())
}

/// How much of the group is in service, by the weights of its instances.
fn in_service(group: &AutoScalingGroup) -> i64 {
    let serves = |it: &&aws_sdk_autoscaling::types::Instance| {
        it.lifecycle_state == Some(LifecycleState::InService)
            && it.health_status().is_none_or(|health| health.eq_ignore_ascii_case("healthy"))
    };
    let weight =
        |it: &aws_sdk_autoscaling::types::Instance| it.weighted_capacity().and_then(|weight| weight.parse::<i64>().ok()).unwrap_or(1);
    group.instances().iter().filter(serves).map(weight).sum()
}

/// How much the plan asks for: the desired capacity, or else the least.
fn wanted(planned: &Value) -> i64 {
    let desired = planned.int("desired_capacity").filter(|desired| *desired > 0);
    i64::from(desired.or_else(|| planned.int("min_size")).unwrap_or(0))
}

/// Looks once whether the group has its instances.
pub(super) async fn wait(region: &Region, work: &Work, id: &str) -> Result<Next, Error> {
    let limit = work.planned.text("wait_for_capacity_timeout").and_then(|text| seconds(&text)).unwrap_or(600);
    let wanted = wanted(&work.planned);
    if limit == 0 || wanted == 0 {
        return Ok(Next::Done);
    }
    let group =
        autoscaling::group(region, id).await?.ok_or_else(|| super::super::ec2::gone("autoscaling:DescribeAutoScalingGroups", id))?;
    let present = in_service(&group);
    if present >= wanted {
        return Ok(Next::Done);
    }
    if work.planned.flag("ignore_failed_scaling_activities") != Some(true) {
        let newest = activities(region, id).await?;
        if let Some(error) = verdict(&newest, work.progress.note()) {
            return Err(error);
        }
    }
    if work.progress.waited_seconds() >= limit {
        let message = format!("timeout while waiting for capacity: {present} of {wanted} instances are in service after {limit} seconds");
        return Err(Error::new(ErrorKind::Transient, message)
            .with_hint("See the group's scaling activities; raise wait_for_capacity_timeout if it only needs longer."));
    }
    Ok(Next::Wait { status: format!("{present} of {wanted} instances in service"), milliseconds: LOOK_MILLISECONDS })
}

/// The error that failed activities amount to: the newest that failed, unless a launch is under way or has worked since.
fn verdict(newest_first: &[Activity], before: Option<&str>) -> Option<Error> {
    let own = newest_first.iter().take_while(|activity| before.is_none_or(|before| activity.activity_id() != Some(before)));
    for activity in own {
        match activity.status_code.as_ref() {
            Some(Status::Failed) => return Some(describe(activity)),
            Some(Status::Cancelled) => {}
            // Under way or successful: the group may still get there by itself.
            _ => return None,
        }
    }
    None
}

fn describe(activity: &Activity) -> Error {
    let message = activity.status_message().unwrap_or("the activity failed");
    let kind = kind_of(message);
    // The description of a failed launch ends with the message.
    let what = activity.description().and_then(|text| text.split("  Status Reason:").next()).unwrap_or("Launching an instance");
    let what = what.trim_end_matches('.');
    let error = Error::new(kind, format!("{what}: {message}"));
    let operation = Some("autoscaling:DescribeScalingActivities".to_owned());
    let code = (kind == ErrorKind::Capacity).then(|| "InsufficientInstanceCapacity".to_owned());
    let hint = match kind {
        ErrorKind::Capacity => "AWS has no such capacity here at the moment: use another zone or instance type.",
        ErrorKind::Quota => "A limit of the account is reached: ask AWS for more in Service Quotas, or use another region.",
        _ => "See the group's scaling activities.",
    };
    Error { operation, code, ..error }.with_hint(hint)
}

/// What Auto Scaling says in prose of an EC2 error that had a code.
fn kind_of(message: &str) -> ErrorKind {
    const CAPACITY: &[&str] = &[
        "InsufficientInstanceCapacity",
        "do not have sufficient",
        "UnfulfillableCapacity",
        "no Spot capacity available",
        "InsufficientFreeAddressesInSubnet",
        "ReservationCapacityExceeded",
        "is not supported in your requested Availability Zone",
        "SpotMaxPriceTooLow",
        "Spot request price",
    ];
    const QUOTA: &[&str] = &[
        "MaxSpotInstanceCountExceeded",
        "VcpuLimitExceeded",
        "vCPU capacity than your current vCPU limit",
        "InstanceLimitExceeded",
        "LimitExceeded",
        "instance limit",
    ];
    let has = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    if has(CAPACITY) {
        ErrorKind::Capacity
    } else if has(QUOTA) {
        ErrorKind::Quota
    } else if has(&["not authorized", "UnauthorizedOperation"]) {
        ErrorKind::Denied
    } else {
        ErrorKind::Invalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(id: &str, status: Status, message: &str) -> Activity {
        Activity::builder().activity_id(id).status_code(status).status_message(message).build()
    }

    #[test]
    fn a_sold_out_zone_ends_the_wait() {
        let message = "We currently do not have sufficient p5.48xlarge capacity in the Availability Zone you requested (us-east-1a).";
        let error = verdict(&[activity("2", Status::Failed, message), activity("1", Status::Successful, "")], None);
        assert_eq!(error.map(|error| error.kind), Some(ErrorKind::Capacity));
    }

    #[test]
    fn a_launch_under_way_or_an_old_failure_does_not() {
        let failed = activity("1", Status::Failed, "InsufficientInstanceCapacity");
        assert_eq!(verdict(&[activity("2", Status::InProgress, ""), failed.clone()], None), None);
        assert_eq!(verdict(&[failed], Some("1")), None);
    }

    #[test]
    fn quota_is_not_capacity() {
        assert_eq!(kind_of("You have requested more vCPU capacity than your current vCPU limit of 32 allows"), ErrorKind::Quota);
    }

    #[test]
    fn durations_are_those_of_go() {
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("1h30m"), Some(5_400));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("soon"), None);
    }
}
