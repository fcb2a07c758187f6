//! The calls that change a living group.

use super::shape;
use crate::client::{Region, failure};
use crate::resource::{Fetch, Work};
use aws_sdk_autoscaling::types::{RefreshPreferences, RefreshStrategy, Tag, TrafficSourceIdentifier, WarmPoolConfiguration};
use windlass_api::{Error, ErrorKind, Value};

const UPDATED: [&str; 25] = [
    "availability_zone_distribution",
    "availability_zones",
    "capacity_rebalance",
    "capacity_reservation_specification",
    "context",
    "default_cooldown",
    "default_instance_warmup",
    "desired_capacity",
    "desired_capacity_type",
    "health_check_grace_period",
    "health_check_type",
    "instance_lifecycle_policy",
    "instance_maintenance_policy",
    "launch_configuration",
    "launch_template",
    "max_instance_lifetime",
    "max_size",
    "min_size",
    "mixed_instances_policy",
    "placement_group",
    "protect_from_scale_in",
    "service_linked_role_arn",
    "termination_policies",
    "vpc_zone_identifier",
    "region",
];

/// `UpdateAutoScalingGroup`, with what the plan changes: sizes that are left out stay as scaling has set them.
pub(super) async fn group(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    if !work.changes(&UPDATED) {
        return Ok(());
    }
    let planned = &work.planned;
    let text = |name: &str| planned.text(name).filter(|_| work.changes(&[name]));
    let int = |name: &str| planned.int(name).filter(|_| work.changes(&[name]));
    let flag = |name: &str| planned.flag(name).filter(|_| work.changes(&[name]));
    // Zero says "none any more".
    let int_or_none = |name: &str, none: i32| work.changes(&[name]).then(|| planned.int(name).unwrap_or(none));
    let is_mixed = planned.block("mixed_instances_policy").is_some();
    let launches = work.changes(&["launch_template", "mixed_instances_policy", "launch_configuration"]);
    let has_subnets = shape::subnets(planned).is_some();
    let maintenance = shape::one(planned, "instance_maintenance_policy").or_else(|| {
        // -1 takes a policy away.
        let none = aws_sdk_autoscaling::types::InstanceMaintenancePolicy::builder().min_healthy_percentage(-1).max_healthy_percentage(-1);
        Some(none.build())
    });
    let call = region
        .autoscaling
        .update_auto_scaling_group()
        .auto_scaling_group_name(id)
        .set_launch_configuration_name(text("launch_configuration"))
        .set_launch_template(shape::launch_template(planned).filter(|_| launches && !is_mixed))
        .set_mixed_instances_policy(shape::mixed_instances_policy(planned).filter(|_| launches && is_mixed))
        .set_min_size(int("min_size"))
        .set_max_size(int("max_size"))
        .set_desired_capacity(int("desired_capacity"))
        .set_default_cooldown(int("default_cooldown"))
        .set_availability_zones(planned.texts("availability_zones").filter(|_| work.changes(&["availability_zones"]) && !has_subnets))
        .set_vpc_zone_identifier(shape::subnets(planned).filter(|_| work.changes(&["vpc_zone_identifier"])))
        .set_health_check_type(text("health_check_type"))
        .set_health_check_grace_period(int("health_check_grace_period"))
        .set_placement_group(work.changes(&["placement_group"]).then(|| planned.text("placement_group").unwrap_or_default()))
        .set_termination_policies(termination_policies(work))
        .set_new_instances_protected_from_scale_in(flag("protect_from_scale_in"))
        .set_capacity_rebalance(work.changes(&["capacity_rebalance"]).then(|| planned.flag("capacity_rebalance").unwrap_or(false)))
        .set_service_linked_role_arn(text("service_linked_role_arn"))
        .set_max_instance_lifetime(int_or_none("max_instance_lifetime", 0))
        .set_context(text("context"))
        .set_desired_capacity_type(text("desired_capacity_type"))
        .set_default_instance_warmup(int_or_none("default_instance_warmup", -1))
        .set_instance_maintenance_policy(maintenance.filter(|_| work.changes(&["instance_maintenance_policy"])))
        .set_availability_zone_distribution(changed(work, "availability_zone_distribution"))
        .set_capacity_reservation_specification(changed(work, "capacity_reservation_specification"))
        .set_instance_lifecycle_policy(changed(work, "instance_lifecycle_policy"));
    call.send().await.map(drop).map_err(|error| failure("autoscaling:UpdateAutoScalingGroup", error))
}

fn changed<T: crate::resource::Write>(work: &Work, name: &str) -> Option<T> {
    shape::one(&work.planned, name).filter(|_| work.changes(&[name]))
}

fn termination_policies(work: &Work) -> Option<Vec<String>> {
    let planned = || work.planned.texts("termination_policies").filter(|policies| !policies.is_empty());
    work.changes(&["termination_policies"]).then(|| planned().unwrap_or_else(|| vec!["Default".to_owned()]))
}

/// Brings tags to those planned.
pub(super) async fn tags(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    if !work.changes(&["tag"]) {
        return Ok(());
    }
    let (before, wanted) = (shape::tags(&work.prior, id), shape::tags(&work.planned, id));
    let is_wanted = |tag: &Tag| wanted.iter().any(|other| other.key == tag.key);
    let surplus: Vec<Tag> = before.iter().filter(|tag| !is_wanted(tag)).cloned().collect();
    let lacking: Vec<Tag> = wanted.iter().filter(|tag| !before.contains(tag)).cloned().collect();
    if !surplus.is_empty() {
        let call = region.autoscaling.delete_tags().set_tags(Some(surplus));
        call.send().await.map_err(|error| failure("autoscaling:DeleteTags", error))?;
    }
    if !lacking.is_empty() {
        let call = region.autoscaling.create_or_update_tags().set_tags(Some(lacking));
        call.send().await.map_err(|error| failure("autoscaling:CreateOrUpdateTags", error))?;
    }
    Ok(())
}

fn difference<T: PartialEq + Clone>(before: &[T], wanted: &[T]) -> (Vec<T>, Vec<T>) {
    let surplus = before.iter().filter(|it| !wanted.contains(it)).cloned().collect();
    (surplus, wanted.iter().filter(|it| !before.contains(it)).cloned().collect())
}

/// What sends traffic to the instances. The API takes ten at a time.
pub(super) async fn sources(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    const AT_A_TIME: usize = 10;
    let texts = |value: &Value, name: &str| value.texts(name).unwrap_or_default();
    if work.changes(&["load_balancers"]) {
        let (surplus, lacking) = difference(&texts(&work.prior, "load_balancers"), &texts(&work.planned, "load_balancers"));
        for names in surplus.chunks(AT_A_TIME) {
            let call = region.autoscaling.detach_load_balancers().auto_scaling_group_name(id).set_load_balancer_names(Some(names.to_vec()));
            call.send().await.map_err(|error| failure("autoscaling:DetachLoadBalancers", error))?;
        }
        for names in lacking.chunks(AT_A_TIME) {
            let call = region.autoscaling.attach_load_balancers().auto_scaling_group_name(id).set_load_balancer_names(Some(names.to_vec()));
            call.send().await.map_err(|error| failure("autoscaling:AttachLoadBalancers", error))?;
        }
    }
    if work.changes(&["target_group_arns"]) {
        let (surplus, lacking) = difference(&texts(&work.prior, "target_group_arns"), &texts(&work.planned, "target_group_arns"));
        for arns in surplus.chunks(AT_A_TIME) {
            let call = region
                .autoscaling
                .detach_load_balancer_target_groups()
                .auto_scaling_group_name(id)
                .set_target_group_arns(Some(arns.to_vec()));
            call.send().await.map_err(|error| failure("autoscaling:DetachLoadBalancerTargetGroups", error))?;
        }
        for arns in lacking.chunks(AT_A_TIME) {
            let call = region
                .autoscaling
                .attach_load_balancer_target_groups()
                .auto_scaling_group_name(id)
                .set_target_group_arns(Some(arns.to_vec()));
            call.send().await.map_err(|error| failure("autoscaling:AttachLoadBalancerTargetGroups", error))?;
        }
    }
    if work.changes(&["traffic_source"]) {
        let all = |value: &Value| shape::many::<TrafficSourceIdentifier>(value, "traffic_source").unwrap_or_default();
        let (surplus, lacking) = difference(&all(&work.prior), &all(&work.planned));
        for sources in surplus.chunks(AT_A_TIME) {
            let call = region.autoscaling.detach_traffic_sources().auto_scaling_group_name(id).set_traffic_sources(Some(sources.to_vec()));
            call.send().await.map_err(|error| failure("autoscaling:DetachTrafficSources", error))?;
        }
        for sources in lacking.chunks(AT_A_TIME) {
            let call = region.autoscaling.attach_traffic_sources().auto_scaling_group_name(id).set_traffic_sources(Some(sources.to_vec()));
            call.send().await.map_err(|error| failure("autoscaling:AttachTrafficSources", error))?;
        }
    }
    Ok(())
}

/// Puts the warm pool as planned, or takes it away.
pub(super) async fn warm_pool(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    if !work.changes(&["warm_pool"]) {
        return Ok(());
    }
    match shape::one::<WarmPoolConfiguration>(&work.planned, "warm_pool") {
        Some(pool) => {
            let call = region
                .autoscaling
                .put_warm_pool()
                .auto_scaling_group_name(id)
                .set_instance_reuse_policy(pool.instance_reuse_policy)
                .set_max_group_prepared_capacity(pool.max_group_prepared_capacity)
                .set_min_size(pool.min_size)
                .set_pool_state(pool.pool_state);
            call.send().await.map(drop).map_err(|error| failure("autoscaling:PutWarmPool", error))
        }
        None if work.prior.block("warm_pool").is_some() => {
            let forced = work.planned.flag("force_delete_warm_pool").unwrap_or(false);
            let call = region.autoscaling.delete_warm_pool().auto_scaling_group_name(id).force_delete(forced);
            call.send().await.map(drop).map_err(|error| failure("autoscaling:DeleteWarmPool", error))
        }
        None => Ok(()),
    }
}

/// Group metrics on and off.
pub(super) async fn metrics(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    let texts = |value: &Value| value.texts("enabled_metrics").unwrap_or_default();
    let (surplus, lacking) = difference(&texts(&work.prior), &texts(&work.planned));
    if !surplus.is_empty() {
        let call = region.autoscaling.disable_metrics_collection().auto_scaling_group_name(id).set_metrics(Some(surplus));
        call.send().await.map_err(|error| failure("autoscaling:DisableMetricsCollection", error))?;
    }
    if !lacking.is_empty() {
        let granularity = work.planned.text("metrics_granularity").unwrap_or_else(|| "1Minute".to_owned());
        let call =
            region.autoscaling.enable_metrics_collection().auto_scaling_group_name(id).set_metrics(Some(lacking)).granularity(granularity);
        call.send().await.map_err(|error| failure("autoscaling:EnableMetricsCollection", error))?;
    }
    Ok(())
}

/// Processes suspended and resumed.
pub(super) async fn processes(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    let texts = |value: &Value| value.texts("suspended_processes").unwrap_or_default();
    let (resumed, suspended) = difference(&texts(&work.prior), &texts(&work.planned));
    if !resumed.is_empty() {
        let call = region.autoscaling.resume_processes().auto_scaling_group_name(id).set_scaling_processes(Some(resumed));
        call.send().await.map_err(|error| failure("autoscaling:ResumeProcesses", error))?;
    }
    if !suspended.is_empty() {
        let call = region.autoscaling.suspend_processes().auto_scaling_group_name(id).set_scaling_processes(Some(suspended));
        call.send().await.map_err(|error| failure("autoscaling:SuspendProcesses", error))?;
    }
    Ok(())
}

/// Starts an instance refresh when what instances start from changes, or what `triggers` names.
pub(super) async fn refresh(region: &Region, work: &Work, id: &str) -> Result<(), Error> {
    let Some(block) = work.planned.block("instance_refresh") else { return Ok(()) };
    let triggers = block.texts("triggers").unwrap_or_default();
    let names =
        ["launch_configuration", "launch_template", "mixed_instances_policy"].into_iter().chain(triggers.iter().map(String::as_str));
    if !names.into_iter().any(|name| work.changes(&[name])) {
        return Ok(());
    }
    let call = region
        .autoscaling
        .start_instance_refresh()
        .auto_scaling_group_name(id)
        .set_strategy(block.text("strategy").map(|text| RefreshStrategy::from(text.as_str())))
        .set_preferences(shape::one::<RefreshPreferences>(block, "preferences"));
    match call.send().await.map_err(|error| failure("autoscaling:StartInstanceRefresh", error)) {
        // One that runs already takes the group as it is now.
        Err(error) if error.kind != ErrorKind::Conflict && error.code.as_deref() != Some("InstanceRefreshInProgress") => Err(error),
        _ => Ok(()),
    }
}
