//! Blocks and SDK structures of a group, field by field, and the creating call.

use crate::client::Region;
use crate::resource::{Fetch, HIDDEN_TAG, Work, Write, enumeration, structure};
use aws_sdk_autoscaling::operation::create_auto_scaling_group::builders::CreateAutoScalingGroupFluentBuilder as Create;
use aws_sdk_autoscaling::types::*;
use windlass_api::Value;

enumeration!(
    AcceleratorManufacturer,
    AcceleratorName,
    AcceleratorType,
    BareMetal,
    BurstablePerformance,
    CapacityDistributionStrategy,
    CapacityReservationPreference,
    CpuManufacturer,
    InstanceGeneration,
    LocalStorage,
    LocalStorageType,
    RetentionAction,
    ScaleInProtectedInstances,
    StandbyInstances,
    WarmPoolState,
);

structure!(AvailabilityZoneDistribution; capacity_distribution_strategy);
structure!(CapacityReservationSpecification; capacity_reservation_preference, capacity_reservation_target);
structure!(CapacityReservationTarget; capacity_reservation_ids, capacity_reservation_resource_group_arns);
structure!(InstanceLifecyclePolicy; retention_triggers);
structure!(RetentionTriggers; terminate_hook_abandon);
structure!(InstanceMaintenancePolicy; max_healthy_percentage, min_healthy_percentage);
structure!(MixedInstancesPolicy; instances_distribution, launch_template);
structure!(
    InstancesDistribution;
    on_demand_allocation_strategy, on_demand_base_capacity, on_demand_percentage_above_base_capacity, spot_allocation_strategy,
    spot_instance_pools, spot_max_price,
);
structure!(LaunchTemplate; launch_template_specification, override = overrides);
structure!(LaunchTemplateSpecification; launch_template_id, launch_template_name, version);
structure!(LaunchTemplateOverrides; instance_requirements, instance_type, launch_template_specification, weighted_capacity);
structure!(
    InstanceRequirements;
    accelerator_count, accelerator_manufacturers, accelerator_names, accelerator_total_memory_mib, accelerator_types, allowed_instance_types,
    bare_metal, baseline_ebs_bandwidth_mbps, burstable_performance, cpu_manufacturers, excluded_instance_types, instance_generations,
    local_storage, local_storage_types, max_spot_price_as_percentage_of_optimal_on_demand_price, memory_gib_per_vcpu = memory_gib_per_v_cpu,
    memory_mib, network_bandwidth_gbps, network_interface_count, on_demand_max_price_percentage_over_lowest_price, require_hibernate_support,
    spot_max_price_percentage_over_lowest_price, total_local_storage_gb, vcpu_count = v_cpu_count,
);
structure!(AcceleratorCountRequest; max, min);
structure!(AcceleratorTotalMemoryMiBRequest; max, min);
structure!(BaselineEbsBandwidthMbpsRequest; max, min);
structure!(MemoryGiBPerVCpuRequest; max, min);
structure!(MemoryMiBRequest; max, min);
structure!(NetworkBandwidthGbpsRequest; max, min);
structure!(NetworkInterfaceCountRequest; max, min);
structure!(TotalLocalStorageGbRequest; max, min);
structure!(VCpuCountRequest; max, min);
structure!(
    LifecycleHookSpecification;
    default_result, heartbeat_timeout, lifecycle_transition, name = lifecycle_hook_name, notification_metadata, notification_target_arn, role_arn,
);
structure!(WarmPoolConfiguration; instance_reuse_policy, max_group_prepared_capacity, min_size, pool_state);
structure!(InstanceReusePolicy; reuse_on_scale_in);
structure!(
    RefreshPreferences;
    alarm_specification, auto_rollback, checkpoint_delay, checkpoint_percentages, instance_warmup, max_healthy_percentage,
    min_healthy_percentage, scale_in_protected_instances, skip_matching, standby_instances,
);
structure!(AlarmSpecification; alarms);

structure!(TrafficSourceIdentifier; identifier, type = r#type);

/// The structure of a block, if there is one.
pub(super) fn one<T: Write>(planned: &Value, name: &str) -> Option<T> {
    planned.get(name).and_then(T::field)
}

/// The structures of all blocks of a type.
pub(super) fn many<T: Write>(planned: &Value, name: &str) -> Option<Vec<T>> {
    planned.get(name).and_then(Vec::<T>::field)
}

/// The group's own `launch_template`, which names its parts without the prefix.
pub(super) fn launch_template(planned: &Value) -> Option<LaunchTemplateSpecification> {
    let block = planned.block("launch_template")?;
    let (id, name) = (block.text("id"), block.text("name"));
    // EC2 answers with both; it takes one.
    let name = if id.is_some() { None } else { name };
    Some(
        LaunchTemplateSpecification::builder()
            .set_launch_template_id(id)
            .set_launch_template_name(name)
            .set_version(block.text("version"))
            .build(),
    )
}

/// The mixed instances policy, with one name for each launch template.
pub(super) fn mixed_instances_policy(planned: &Value) -> Option<MixedInstancesPolicy> {
    let mut policy: MixedInstancesPolicy = one(planned, "mixed_instances_policy")?;
    let template = policy.launch_template.as_mut()?;
    let overrides = template.overrides.iter_mut().flatten().filter_map(|it| it.launch_template_specification.as_mut());
    for specification in template.launch_template_specification.iter_mut().chain(overrides) {
        if specification.launch_template_id.is_some() {
            specification.launch_template_name = None;
        }
    }
    Some(policy)
}

/// Subnets as the API takes them.
pub(super) fn subnets(planned: &Value) -> Option<String> {
    planned.texts("vpc_zone_identifier").filter(|subnets| !subnets.is_empty()).map(|subnets| subnets.join(","))
}

/// The tags of the configuration.
pub(super) fn tags(planned: &Value, group: &str) -> Vec<Tag> {
    let one = |tag: &Value| tag_of(group, tag.text("key"), tag.get_str("value"), tag.flag("propagate_at_launch"));
    planned.blocks("tag").iter().map(one).collect()
}

fn tag_of(group: &str, key: Option<String>, value: Option<&str>, propagates: Option<bool>) -> Tag {
    Tag::builder()
        .resource_id(group)
        .resource_type("auto-scaling-group")
        .set_key(key)
        .value(value.unwrap_or_default())
        .set_propagate_at_launch(propagates)
        .build()
}

/// The creating call.
pub(super) fn creation(region: &Region, work: &Work, name: &str) -> Create {
    let planned = &work.planned;
    let mut all_tags = tags(planned, name);
    all_tags.push(tag_of(name, Some(HIDDEN_TAG.to_owned()), Some(&work.tag), Some(false)));
    let zones = if subnets(planned).is_some() { None } else { planned.texts("availability_zones").filter(|zones| !zones.is_empty()) };
    let hooks: Vec<LifecycleHookSpecification> = many(planned, "initial_lifecycle_hook").unwrap_or_default();
    let call = region
        .autoscaling
        .create_auto_scaling_group()
        .auto_scaling_group_name(name)
        .set_launch_configuration_name(planned.text("launch_configuration"))
        .set_launch_template(launch_template(planned))
        .set_mixed_instances_policy(mixed_instances_policy(planned))
        .set_min_size(planned.int("min_size"))
        .set_max_size(planned.int("max_size"))
        .set_desired_capacity(planned.int("desired_capacity"))
        .set_default_cooldown(planned.int("default_cooldown"))
        .set_availability_zones(zones)
        .set_vpc_zone_identifier(subnets(planned))
        .set_load_balancer_names(some(planned, "load_balancers"))
        .set_target_group_arns(some(planned, "target_group_arns"))
        .set_traffic_sources(many(planned, "traffic_source"))
        .set_health_check_type(planned.text("health_check_type"))
        .set_health_check_grace_period(planned.int("health_check_grace_period"))
        .set_placement_group(planned.text("placement_group"))
        .set_termination_policies(some(planned, "termination_policies"))
        .set_new_instances_protected_from_scale_in(planned.flag("protect_from_scale_in"))
        .set_capacity_rebalance(planned.flag("capacity_rebalance"))
        .set_service_linked_role_arn(planned.text("service_linked_role_arn"))
        .set_max_instance_lifetime(planned.int("max_instance_lifetime"))
        .set_context(planned.text("context"))
        .set_desired_capacity_type(planned.text("desired_capacity_type"))
        .set_default_instance_warmup(planned.int("default_instance_warmup"))
        .set_instance_maintenance_policy(one(planned, "instance_maintenance_policy"))
        .set_availability_zone_distribution(one(planned, "availability_zone_distribution"))
        .set_capacity_reservation_specification(one(planned, "capacity_reservation_specification"))
        .set_instance_lifecycle_policy(one(planned, "instance_lifecycle_policy"))
        .set_tags(Some(all_tags));
    if hooks.is_empty() { call } else { call.set_lifecycle_hook_specification_list(Some(hooks)) }
}

fn some(planned: &Value, name: &str) -> Option<Vec<String>> {
    planned.texts(name).filter(|texts| !texts.is_empty())
}
