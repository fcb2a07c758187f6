//! `aws_autoscaling_group`: instances in a number that the cloud keeps.
//!
//! After creation and after a change of size, Windlass waits until so many instances are in service, as long as
//! `wait_for_capacity_timeout` says. Launches that fail for lack of capacity end the wait at once with an error of kind capacity,
//! so that the next variant can be tried.

mod capacity;
mod changes;
mod reading;
mod shape;

use super::autoscaling::{self, is_gone};
use crate::client::{Region, failure};
use crate::resource::{
    Change, Draft, Fetch, Found, Known, Mapped, Naming, Next, ResourceType, Role, Work, computed, in_place, local, nested, on_create,
    refused, unique_name,
};
use aws_sdk_autoscaling::types::{
    AvailabilityZoneDistribution, CapacityReservationSpecification, InstanceLifecyclePolicy, InstanceMaintenancePolicy,
    LifecycleHookSpecification, MixedInstancesPolicy, RefreshPreferences, TrafficSourceIdentifier, WarmPoolConfiguration,
};
use windlass_api::{Availability, Error, Operation, Problem, Value};

/// The type.
pub(crate) struct AutoscalingGroup;

/// Set by `UpdateAutoScalingGroup`, besides the blocks.
const UPDATED: &str = "availability_zones capacity_rebalance context default_cooldown default_instance_warmup desired_capacity \
     desired_capacity_type health_check_grace_period health_check_type launch_configuration launch_template.id launch_template.name \
     launch_template.version max_instance_lifetime max_size min_size placement_group protect_from_scale_in service_linked_role_arn \
     termination_policies vpc_zone_identifier";

#[async_trait::async_trait]
impl ResourceType for AutoscalingGroup {
    fn name(&self) -> &'static str {
        "aws_autoscaling_group"
    }

    fn mapping(&self) -> Vec<Mapped> {
        let update = Role::InPlace("UpdateAutoScalingGroup");
        computed("arn id predicted_capacity warm_pool_size")
            .chain(on_create("name name_prefix region"))
            .chain(in_place("UpdateAutoScalingGroup", UPDATED))
            .chain(nested::<AvailabilityZoneDistribution>("availability_zone_distribution", update))
            .chain(nested::<CapacityReservationSpecification>("capacity_reservation_specification", update))
            .chain(nested::<InstanceLifecyclePolicy>("instance_lifecycle_policy", update))
            .chain(nested::<InstanceMaintenancePolicy>("instance_maintenance_policy", update))
            .chain(nested::<MixedInstancesPolicy>("mixed_instances_policy", update))
            .chain(nested::<LifecycleHookSpecification>("initial_lifecycle_hook", Role::OnCreate))
            .chain(in_place("EnableMetricsCollection", "enabled_metrics metrics_granularity"))
            .chain(in_place("SuspendProcesses", "suspended_processes"))
            .chain(in_place("AttachLoadBalancers", "load_balancers"))
            .chain(in_place("AttachLoadBalancerTargetGroups", "target_group_arns"))
            .chain(nested::<TrafficSourceIdentifier>("traffic_source", Role::InPlace("AttachTrafficSources")))
            .chain(in_place("CreateOrUpdateTags", "tag.key tag.propagate_at_launch tag.value"))
            .chain(nested::<WarmPoolConfiguration>("warm_pool", Role::InPlace("PutWarmPool")))
            .chain(nested::<RefreshPreferences>("instance_refresh.preferences", Role::InPlace("StartInstanceRefresh")))
            .chain(in_place("StartInstanceRefresh", "instance_refresh.strategy instance_refresh.triggers"))
            .chain(local(
                "force_delete force_delete_warm_pool ignore_failed_scaling_activities timeouts.delete timeouts.update wait_for_capacity_timeout",
            ))
            .chain(refused("min_elb_capacity wait_for_elb_capacity"))
            .collect()
    }

    fn naming(&self) -> Naming {
        Naming::NameOrPrefix
    }

    fn typical_seconds(&self, operation: Operation) -> f64 {
        match operation {
            Operation::Create => 90.0,
            Operation::Update => 20.0,
            Operation::Delete => 120.0,
        }
    }

    fn validate(&self, config: &Value, problems: &mut Vec<Problem>) {
        let text = config.text("wait_for_capacity_timeout").filter(|text| capacity::seconds(text).is_none());
        problems.extend(text.map(|text| Problem {
            path: windlass_api::Path::of("wait_for_capacity_timeout"),
            summary: "Invalid duration".to_owned(),
            detail: format!("\"{text}\" is no duration; write it like \"10m\" or \"1h30m\"."),
            is_warning: false,
        }));
    }

    fn plan(&self, change: &mut Change<'_>) {
        if change.is_creation() {
            return;
        }
        // One of the three ways to launch replaces another; what the other left behind must go.
        for (name, others) in [("launch_template", "mixed_instances_policy"), ("mixed_instances_policy", "launch_template")] {
            if change.is_set(name) && !change.is_set(others) {
                let empty = change.planned.get(others).map(|value| match value.ty().element() {
                    Some(element) => Value::list(element.clone(), Vec::new()),
                    None => value.clone(),
                });
                if let Some(empty) = empty {
                    change.set(others, empty);
                }
            }
        }
    }

    async fn read(&self, region: &Region, objects: &[Known<'_>]) -> Vec<Result<Option<Draft>, Error>> {
        let names: Vec<String> = objects.iter().map(|known| known.id.to_owned()).collect();
        let groups = match autoscaling::groups(region, &names).await {
            Ok(groups) => groups,
            Err(error) => return objects.iter().map(|_| Err(error.clone())).collect(),
        };
        objects
            .iter()
            .map(|known| Ok(groups.get(known.id).filter(|group| !is_gone(group)).map(|group| reading::draft(group, known, region))))
            .collect()
    }

    async fn probe(&self, region: &Region, work: &Work) -> Result<Availability, Error> {
        let name = unique_name(work);
        Ok(match autoscaling::group(region, &name).await? {
            Some(_) => Availability::Taken { detail: format!("Auto Scaling group \"{name}\" exists already") },
            None => Availability::Free,
        })
    }

    async fn create(&self, region: &Region, work: &Work) -> Result<String, Error> {
        let name = unique_name(work);
        shape::creation(region, work, &name).send().await.map_err(|error| failure("autoscaling:CreateAutoScalingGroup", error))?;
        Ok(name)
    }

    async fn created(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        match step {
            0 => {
                changes::warm_pool(region, work, id).await?;
                changes::metrics(region, work, id).await?;
                changes::processes(region, work, id).await?;
                Ok(Next::Step)
            }
            _ => capacity::wait(region, work, id).await,
        }
    }

    async fn update(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        match step {
            0 => {
                capacity::remember_newest_activity(region, work, id).await?;
                changes::group(region, work, id).await?;
                changes::tags(region, work, id).await?;
                changes::sources(region, work, id).await?;
                changes::warm_pool(region, work, id).await?;
                changes::metrics(region, work, id).await?;
                changes::processes(region, work, id).await?;
                Ok(Next::Step)
            }
            1 => {
                changes::refresh(region, work, id).await?;
                Ok(if work.changes(&["desired_capacity", "min_size"]) { Next::Step } else { Next::Done })
            }
            _ => capacity::wait(region, work, id).await,
        }
    }

    async fn delete(&self, region: &Region, work: &Work, id: &str, step: u32) -> Result<Next, Error> {
        let Some(group) = autoscaling::group(region, id).await? else { return Ok(Next::Done) };
        let is_forced = work.prior.flag("force_delete") == Some(true);
        match step {
            0 => {
                if group.warm_pool_configuration.is_some() {
                    let forced = is_forced || work.prior.flag("force_delete_warm_pool") == Some(true);
                    let call = region.autoscaling.delete_warm_pool().auto_scaling_group_name(id).force_delete(forced);
                    call.send().await.map_err(|error| failure("autoscaling:DeleteWarmPool", error))?;
                    return Ok(Next::wait("deleting the warm pool"));
                }
                if !is_forced && !group.status.as_deref().unwrap_or_default().contains("elete") {
                    let call = region.autoscaling.update_auto_scaling_group().auto_scaling_group_name(id);
                    let call = call.min_size(0).max_size(0).desired_capacity(0).send().await;
                    call.map_err(|error| failure("autoscaling:UpdateAutoScalingGroup", error))?;
                }
                Ok(Next::Step)
            }
            1 => {
                let left = group.instances().len();
                if left > 0 && !is_forced {
                    return Ok(Next::Wait { status: format!("{left} instances are stopping"), milliseconds: 3_000 });
                }
                Ok(Next::Step)
            }
            2 => {
                if !is_gone(&group) {
                    let call = region.autoscaling.delete_auto_scaling_group().auto_scaling_group_name(id).force_delete(is_forced);
                    call.send().await.map_err(|error| failure("autoscaling:DeleteAutoScalingGroup", error))?;
                }
                Ok(Next::Step)
            }
            _ => Ok(Next::Wait { status: group.status.unwrap_or_else(|| "deleting".to_owned()), milliseconds: 3_000 }),
        }
    }

    async fn find(&self, region: &Region, work: &Work) -> Result<Found, Error> {
        let name = unique_name(work);
        let Some(group) = autoscaling::group(region, &name).await? else { return Ok(Found::Named(None)) };
        let is_marked = group.tags().iter().any(|tag| tag.key() == Some(crate::resource::HIDDEN_TAG) && tag.value() == Some(&work.tag));
        Ok(if is_marked { Found::Marked(vec![name]) } else { Found::Named(Some(name)) })
    }
}
