//! `aws_autoscaling_policy`: when a group grows and shrinks by itself.

mod shape;

use crate::client::{Region, failure, missing};
use crate::resource::{
    Draft, Fetch, Found, Known, Mapped, Next, ReadSlot, ResourceType, Role, Work, Write, computed, in_place, nested, on_create, two_parts,
};
use aws_sdk_autoscaling::types::{PredictiveScalingConfiguration, ScalingPolicy, StepAdjustment, TargetTrackingConfiguration};
use std::collections::{BTreeMap, HashMap};
use windlass_api::{Availability, Error, ErrorKind, Problem, Value};

/// The type.
pub(crate) struct AutoscalingPolicy;

#[async_trait::async_trait]
impl ResourceType for AutoscalingPolicy {
    fn name(&self) -> &'static str {
        "aws_autoscaling_policy"
    }

    fn mapping(&self) -> Vec<Mapped> {
        let put = "PutScalingPolicy";
        computed("arn id")
            .chain(on_create("autoscaling_group_name name region"))
            .chain(in_place(
                put,
                "adjustment_type cooldown enabled estimated_instance_warmup metric_aggregation_type min_adjustment_magnitude policy_type \
                 scaling_adjustment",
            ))
            .chain(nested::<PredictiveScalingConfiguration>("predictive_scaling_configuration", Role::InPlace(put)))
            .chain(nested::<StepAdjustment>("step_adjustment", Role::InPlace(put)))
            .chain(nested::<TargetTrackingConfiguration>("target_tracking_configuration", Role::InPlace(put)))
            .collect()
    }

    fn validate(&self, config: &Value, problems: &mut Vec<Problem>) {
        let needed = match config.get_str("policy_type") {
            Some("TargetTrackingScaling") => "target_tracking_configuration",
            Some("StepScaling") => "step_adjustment",
            Some("PredictiveScaling") => "predictive_scaling_configuration",
            _ => return,
        };
        if config.get(needed).is_some_and(|blocks| blocks.is_known() && blocks.elements().is_none_or(<[Value]>::is_empty)) {
            let detail = format!("A policy of this type needs a \"{needed}\" block.");
            problems.push(Problem {
                path: windlass_api::Path::of("policy_type"),
                summary: "Missing block".to_owned(),
                detail,
                is_warning: false,
            });
        }
    }

    async fn import(&self, _region: &Region, id: &str) -> Result<Vec<(&'static str, String)>, Error> {
        let (group, name) = two_parts(id, '/', "ASGNAME/POLICYNAME")?;
        Ok(vec![("id", name.to_owned()), ("name", name.to_owned()), ("autoscaling_group_name", group.to_owned())])
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let mut by_group: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for known in objects {
            by_group.entry(group_of(known.object)).or_default().push(known.id.to_owned());
        }
        let mut found: HashMap<(String, String), Result<ScalingPolicy, Error>> = HashMap::new();
        for (group, names) in by_group {
            match policies(region, &group, &names).await {
                Ok(all) => found.extend(all.into_iter().map(|it| ((group.clone(), it.policy_name.clone().unwrap_or_default()), Ok(it)))),
                Err(error) => found.extend(names.into_iter().map(|name| ((group.clone(), name), Err(error.clone())))),
            }
        }
        let one = |known: &Known<'_>| match found.get(&(group_of(known.object), known.id.to_owned())) {
            Some(Ok(policy)) => Ok(Some(draft(policy))),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        };
        objects.iter().map(one).collect()
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let (group, name) = (group_of(&work.planned), work.planned.text("name").unwrap_or_default());
        Ok(match policies(region, &group, std::slice::from_ref(&name)).await?.is_empty() {
            true => Availability::Free,
            false => Availability::Taken { detail: format!("Auto Scaling group \"{group}\" has a policy \"{name}\" already") },
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        put(region, &work.planned).await?;
        work.planned.text("name").ok_or_else(|| missing("autoscaling:PutScalingPolicy", "name"))
    }

    async fn update(&self, region: &Region, work: &Work, _id: &str, _step: u32) -> Result<Next, Error> {
        put(region, &work.planned).await?;
        Ok(Next::Done)
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, _step: u32) -> Result<Next, Error> {
        let call = region.autoscaling.delete_policy().auto_scaling_group_name(group_of(&work.prior)).policy_name(id);
        call.send().await.map_err(|error| failure("autoscaling:DeletePolicy", error))?;
        Ok(Next::Done)
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let name = work.planned.text("name").unwrap_or_default();
        let all = policies(region, &group_of(&work.planned), &[name]).await?;
        Ok(Found::Named(all.into_iter().next().and_then(|policy| policy.policy_name)))
    }
}

fn group_of(value: &Value) -> String {
    value.text("autoscaling_group_name").unwrap_or_default()
}

async fn policies(region: &Region, group: &str, names: &[String]) -> Result<Vec<ScalingPolicy>, Error> {
    const NAMES_PER_CALL: usize = 50;
    let mut found = Vec::new();
    for names in names.chunks(NAMES_PER_CALL) {
        let call = region.autoscaling.describe_policies().auto_scaling_group_name(group).set_policy_names(Some(names.to_vec()));
        let all: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        match all.map_err(|error| failure("autoscaling:DescribePolicies", error)) {
            Ok(all) => found.extend(all.into_iter().filter(|it| it.policy_name.as_ref().is_some_and(|name| names.contains(name)))),
            // The group is gone, and its policies with it.
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn put(region: &Region, planned: &Value) -> Result<(), Error> {
    let kind = planned.text("policy_type").unwrap_or_else(|| "SimpleScaling".to_owned());
    let is_simple = kind == "SimpleScaling";
    let has_step_adjustments = kind == "StepScaling";
    let field = |name: &str| planned.get(name);
    let call = region
        .autoscaling
        .put_scaling_policy()
        .auto_scaling_group_name(group_of(planned))
        .set_policy_name(planned.text("name"))
        .policy_type(&kind)
        .set_enabled(planned.flag("enabled"))
        .set_adjustment_type(planned.text("adjustment_type"))
        .set_min_adjustment_magnitude(planned.int("min_adjustment_magnitude").filter(|magnitude| *magnitude > 0))
        .set_cooldown(planned.int("cooldown").filter(|_| is_simple))
        .set_scaling_adjustment(planned.int("scaling_adjustment").filter(|_| is_simple))
        .set_estimated_instance_warmup(planned.int("estimated_instance_warmup").filter(|seconds| !is_simple && *seconds > 0))
        .set_metric_aggregation_type(planned.text("metric_aggregation_type").filter(|_| has_step_adjustments))
        .set_step_adjustments(field("step_adjustment").and_then(Vec::<StepAdjustment>::field))
        .set_target_tracking_configuration(field("target_tracking_configuration").and_then(TargetTrackingConfiguration::field))
        .set_predictive_scaling_configuration(field("predictive_scaling_configuration").and_then(PredictiveScalingConfiguration::field));
    call.send().await.map(drop).map_err(|error| failure("autoscaling:PutScalingPolicy", error))
}

fn draft(policy: &ScalingPolicy) -> Draft {
    // Some servers answer with an empty structure for none.
    let predictive = policy.predictive_scaling_configuration.clone().filter(|it| !it.metric_specifications().is_empty());
    let mut draft = Draft::new();
    draft
        .text("arn", policy.policy_arn.as_deref())
        .text("adjustment_type", Some(policy.adjustment_type.as_deref().unwrap_or_default()))
        .text("autoscaling_group_name", policy.auto_scaling_group_name.as_deref())
        .int("cooldown", policy.cooldown)
        .flag("enabled", policy.enabled.or(Some(true)))
        .int("estimated_instance_warmup", policy.estimated_instance_warmup)
        .text("metric_aggregation_type", Some(policy.metric_aggregation_type.as_deref().unwrap_or_default()))
        .int("min_adjustment_magnitude", policy.min_adjustment_magnitude)
        .text("name", policy.policy_name.as_deref())
        .text("policy_type", policy.policy_type.as_deref())
        .set("predictive_scaling_configuration", predictive.load())
        .int("scaling_adjustment", policy.scaling_adjustment)
        .set("step_adjustment", policy.step_adjustments.load())
        .set("target_tracking_configuration", policy.target_tracking_configuration.load());
    draft
}
