//! Scheduled actions on the simulated clock.

use serde::{Deserialize, Serialize};

use super::group::{absent, invalid, wake};
use super::{cron, region};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::clock::timestamp;
use crate::world::{Event, World};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scheduled {
    pub arn: String,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub desired: Option<i64>,
    pub recurrence: Option<String>,
    pub zone: Option<String>,
    pub start_ms: Option<i64>,
    pub end_ms: Option<i64>,
    /// Counts changes, so that events of an older form are known.
    pub revision: u64,
}

fn time(params: &Node, name: &str) -> Result<Option<i64>, AwsError> {
    let parse = |text: &str| {
        text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).map_err(|_| invalid(format!("{name} is not a time: {text}")))
    };
    params.text(name).filter(|text| !text.is_empty()).map(parse).transpose()
}

/// When the action is next due after a moment.
fn due(action: &Scheduled, after_ms: i64) -> Result<Option<i64>, AwsError> {
    let next = match &action.recurrence {
        Some(text) => cron::next(text, action.zone.as_deref(), after_ms.max(action.start_ms.map_or(after_ms, |start| start - 1)))?,
        None => action.start_ms.filter(|start| *start > after_ms),
    };
    Ok(next.filter(|next| action.end_ms.is_none_or(|end| *next <= end)))
}

fn plan(world: &mut World, name: &str, group: &str, action_name: &str, action: &Scheduled) -> Result<(), AwsError> {
    if let Some(due_ms) = due(action, world.now_ms)? {
        let event = super::Event::Scheduled { group: group.to_owned(), name: action_name.to_owned(), revision: action.revision };
        world.schedule(due_ms, Event::AutoScaling { region: name.to_owned(), event });
    }
    Ok(())
}

pub fn put(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let group = call.params.require("AutoScalingGroupName")?;
    let name = call.params.require("ScheduledActionName")?;
    let found = region(world, call.region);
    let of_group = found.groups.get(group).ok_or_else(|| absent(group))?.arn.clone();
    let previous = found.schedules.get(group).and_then(|actions| actions.get(name)).map_or(0, |action| action.revision);
    let arn = of_group.replacen(":autoScalingGroup:", ":scheduledUpdateGroupAction:", 1) + &format!(":scheduledActionName/{name}");
    debug_assert!(arn.contains(ACCOUNT));
    let action = Scheduled {
        arn,
        min: call.params.number("MinSize")?,
        max: call.params.number("MaxSize")?,
        desired: call.params.number("DesiredCapacity")?,
        recurrence: call.params.owned("Recurrence").filter(|text| !text.is_empty()),
        zone: call.params.owned("TimeZone").filter(|text| !text.is_empty()),
        start_ms: time(call.params, "StartTime")?,
        end_ms: time(call.params, "EndTime")?,
        revision: previous + 1,
    };
    if action.min.is_none() && action.max.is_none() && action.desired.is_none() {
        return Err(invalid("At least one of MinSize, MaxSize and DesiredCapacity must be given"));
    }
    if let (Some(min), Some(max)) = (action.min, action.max)
        && min > max
    {
        return Err(invalid("Max bound, must be greater than or equal to min bound"));
    }
    if action.recurrence.is_none() && action.start_ms.is_none_or(|start| start <= world.now_ms) {
        return Err(invalid("Given start time is in the past, and there is no recurrence"));
    }
    plan(world, call.region, group, name, &action)?;
    region(world, call.region).schedules.entry(group.to_owned()).or_default().insert(name.to_owned(), action);
    Reply::bare()
}

/// An action takes effect; the group's bounds are its own from now on.
pub fn fire(world: &mut World, name: &str, group_name: &str, action_name: &str, revision: u64) {
    let found = region(world, name);
    let action =
        found.schedules.get(group_name).and_then(|actions| actions.get(action_name)).filter(|action| action.revision == revision).cloned();
    let (Some(action), Some(group)) = (action, found.groups.get_mut(group_name)) else { return };
    if !group.suspended.contains_key("ScheduledActions") && !group.deleting {
        let min = action.min.unwrap_or(group.min);
        let max = action.max.unwrap_or(group.max);
        if min <= max {
            (group.min, group.max) = (min, max);
            group.desired = action.desired.unwrap_or(group.desired).clamp(min, max);
        }
    }
    wake(world, name, group_name, 1_000);
    // The recurrence was read when it was put: it can't be wrong now.
    let _ = plan(world, name, group_name, action_name, &action);
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let now_ms = world.now_ms;
    let group = call.params.text("AutoScalingGroupName");
    let names = call.params.texts("ScheduledActionNames");
    let all = region(world, call.region).schedules.iter().filter(|(name, _)| group.is_none_or(|group| group == *name));
    let found: Vec<_> = all
        .flat_map(|(group, actions)| actions.iter().map(move |(name, action)| (group, name, action)))
        .filter(|(_, name, _)| names.is_empty() || names.contains(name))
        .collect();
    Reply::write(|xml| {
        xml.members("ScheduledUpdateGroupActions", found, |xml, (group, name, action)| {
            xml.text("AutoScalingGroupName", group).text("ScheduledActionName", name).text("ScheduledActionARN", &action.arn);
            xml.optional("MinSize", action.min).optional("MaxSize", action.max).optional("DesiredCapacity", action.desired);
            xml.optional("Recurrence", action.recurrence.as_ref()).optional("TimeZone", action.zone.as_ref());
            let start = action.start_ms.or_else(|| due(action, now_ms).ok().flatten());
            xml.optional("StartTime", start.map(timestamp))
                .optional("Time", start.map(timestamp))
                .optional("EndTime", action.end_ms.map(timestamp));
        });
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let group = call.params.require("AutoScalingGroupName")?;
    let name = call.params.require("ScheduledActionName")?;
    let actions = region(world, call.region).schedules.get_mut(group);
    actions
        .and_then(|actions| actions.remove(name))
        .ok_or_else(|| invalid("Scheduled action name not found - Scheduled Action not found"))?;
    Reply::bare()
}
