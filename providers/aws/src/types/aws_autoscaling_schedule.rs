//! `aws_autoscaling_schedule`: sizes of a group by the clock.

use crate::client::{Region, failure, missing};
use crate::resource::{
    Draft, Fetch, Found, Known, Mapped, Next, Read, ResourceType, Work, Write, computed, in_place, on_create, two_parts,
};
use aws_sdk_autoscaling::types::ScheduledUpdateGroupAction as Action;
use aws_smithy_types::DateTime;
use std::collections::{BTreeMap, HashMap};
use windlass_api::{Availability, Error, ErrorKind, Type, Value};

/// The type.
pub(crate) struct AutoscalingSchedule;

/// What stands for "leave it as it is" in Terraform, where 0 is a size.
const UNCHANGED: i32 = -1;

#[async_trait::async_trait]
impl ResourceType for AutoscalingSchedule {
    fn name(&self) -> &'static str {
        "aws_autoscaling_schedule"
    }

    fn mapping(&self) -> Vec<Mapped> {
        computed("arn id")
            .chain(on_create("autoscaling_group_name region scheduled_action_name"))
            .chain(in_place("PutScheduledUpdateGroupAction", "desired_capacity end_time max_size min_size recurrence start_time time_zone"))
            .collect()
    }

    async fn import(&self, _region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let (group, name) = two_parts(id, '/', "ASGNAME/ACTIONNAME")?;
        Ok(vec![("id", name.to_owned()), ("scheduled_action_name", name.to_owned()), ("autoscaling_group_name", group.to_owned())])
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let mut by_group: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for known in objects {
            by_group.entry(group_of(known.object)).or_default().push(known.id.to_owned());
        }
        let mut found: HashMap<(String, String), Result<Action, Error>> = HashMap::new();
        for (group, names) in by_group {
            match actions(region, &group, &names).await {
                Ok(all) => {
                    found.extend(all.into_iter().map(|it| ((group.clone(), it.scheduled_action_name.clone().unwrap_or_default()), Ok(it))))
                }
                Err(error) => found.extend(names.into_iter().map(|name| ((group.clone(), name), Err(error.clone())))),
            }
        }
        let one = |known: &Known<'_>| match found.get(&(group_of(known.object), known.id.to_owned())) {
            Some(Ok(action)) => Ok(Some(draft(action, known.object))),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        };
        objects.iter().map(one).collect()
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let (group, name) = (group_of(&work.planned), work.planned.text("scheduled_action_name").unwrap_or_default());
        Ok(match actions(region, &group, std::slice::from_ref(&name)).await?.is_empty() {
            true => Availability::Free,
            false => Availability::Taken { detail: format!("Auto Scaling group \"{group}\" has a scheduled action \"{name}\" already") },
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        put(region, &work.planned).await?;
        work.planned.text("scheduled_action_name").ok_or_else(|| missing("autoscaling:PutScheduledUpdateGroupAction", "name"))
    }

    async fn update(&self, region: &Region, work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        put(region, &work.planned).await?;
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let call = region.autoscaling.delete_scheduled_action().auto_scaling_group_name(group_of(&work.prior)).scheduled_action_name(id);
        call.send().await.map_err(|error| failure("autoscaling:DeleteScheduledAction", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let name = work.planned.text("scheduled_action_name").unwrap_or_default();
        let all = actions(region, &group_of(&work.planned), &[name]).await?;
        Ok(Found::Named(all.into_iter().next().and_then(|action| action.scheduled_action_name)))
    }
}

fn group_of(value: &Value) -> String {
    value.text("autoscaling_group_name").unwrap_or_default()
}

async fn actions(region: &Region, group: &str, names: &[String]) -> Result<Vec<Action>, Error> {
    const NAMES_PER_CALL: usize = 50;
    let mut found = Vec::new();
    for names in names.chunks(NAMES_PER_CALL) {
        let call =
            region.autoscaling.describe_scheduled_actions().auto_scaling_group_name(group).set_scheduled_action_names(Some(names.to_vec()));
        let all: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        match all.map_err(|error| failure("autoscaling:DescribeScheduledActions", error)) {
            Ok(all) => {
                found.extend(all.into_iter().filter(|it| it.scheduled_action_name.as_ref().is_some_and(|name| names.contains(name))))
            }
            // The group is gone, and its actions with it.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn put(region: &Region, planned: &Value) -> Result<(), Error> {
    let size = |name: &str| planned.int(name).filter(|size| *size != UNCHANGED);
    let time = |name: &str| planned.get(name).and_then(<DateTime as Write>::field);
    let call = region
        .autoscaling
        .put_scheduled_update_group_action()
        .auto_scaling_group_name(group_of(planned))
        .set_scheduled_action_name(planned.text("scheduled_action_name"))
        .set_recurrence(planned.text("recurrence"))
        .set_time_zone(planned.text("time_zone"))
        .set_start_time(time("start_time"))
        .set_end_time(time("end_time"))
        .set_min_size(size("min_size"))
        .set_max_size(size("max_size"))
        .set_desired_capacity(size("desired_capacity"));
    call.send().await.map(drop).map_err(|error| failure("autoscaling:PutScheduledUpdateGroupAction", error))
}

fn draft(action: &Action, known: &Value) -> Draft {
    let time = |time: Option<&DateTime>| time.map_or(Value::null(Type::String), Read::field);
    let size = |size: Option<i32>| Some(size.unwrap_or(UNCHANGED));
    let mut draft = Draft::new();
    draft
        .text("arn", action.scheduled_action_arn.as_deref())
        .text("autoscaling_group_name", action.auto_scaling_group_name.as_deref())
        .int("desired_capacity", size(action.desired_capacity))
        .set("end_time", time(action.end_time.as_ref()))
        .int("max_size", size(action.max_size))
        .int("min_size", size(action.min_size))
        .text("recurrence", Some(action.recurrence.as_deref().unwrap_or_default()))
        .text("scheduled_action_name", action.scheduled_action_name.as_deref())
        .text("time_zone", action.time_zone.as_deref());
    // The start time of a recurring action is its next run: it moves by itself, which is no drift.
    let is_recurring = action.recurrence.as_deref().is_some_and(|recurrence| !recurrence.is_empty());
    if !is_recurring || known.get_str("start_time").is_none() {
        draft.set("start_time", time(action.start_time.as_ref()));
    }
    draft
}
