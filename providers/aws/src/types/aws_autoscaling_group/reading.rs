//! A group as the schema has it.

use crate::client::Region;
use crate::resource::{Draft, Fetch, Known, ReadSlot, is_hidden};
use aws_sdk_autoscaling::types::{AutoScalingGroup, LaunchTemplateSpecification};

pub(super) fn draft(group: &AutoScalingGroup, known: &Known<'_>, region: &Region) -> Draft {
    let mut draft = Draft::new();
    draft
        .text("arn", group.auto_scaling_group_arn.as_deref())
        .text("name", group.auto_scaling_group_name.as_deref())
        .text("region", Some(&region.name))
        .texts("availability_zones", group.availability_zones())
        .flag("capacity_rebalance", group.capacity_rebalance)
        .text("context", group.context.as_deref())
        .int("default_cooldown", group.default_cooldown)
        .int("default_instance_warmup", group.default_instance_warmup)
        .int("desired_capacity", group.desired_capacity)
        .text("desired_capacity_type", group.desired_capacity_type.as_deref())
        .texts("enabled_metrics", group.enabled_metrics().iter().filter_map(|metric| metric.metric()))
        .int("health_check_grace_period", group.health_check_grace_period)
        .text("health_check_type", group.health_check_type.as_deref())
        .text("launch_configuration", group.launch_configuration_name.as_deref())
        .texts("load_balancers", group.load_balancer_names())
        .int("max_instance_lifetime", group.max_instance_lifetime)
        .int("max_size", group.max_size)
        .int("min_size", group.min_size)
        .text("placement_group", group.placement_group.as_deref())
        .int("predicted_capacity", group.predicted_capacity.or(Some(0)))
        .flag("protect_from_scale_in", group.new_instances_protected_from_scale_in)
        .text("service_linked_role_arn", group.service_linked_role_arn.as_deref())
        .texts("suspended_processes", group.suspended_processes().iter().filter_map(|process| process.process_name()))
        .texts("target_group_arns", group.target_group_arns())
        .int("warm_pool_size", group.warm_pool_size.or(Some(0)));
    let subnets = group.vpc_zone_identifier.as_deref().unwrap_or_default();
    draft.texts("vpc_zone_identifier", subnets.split(',').filter(|subnet| !subnet.is_empty()));
    blocks(group, known, &mut draft);
    // AWS answers with "Default" where nothing is configured.
    let policies = group.termination_policies();
    let is_default =
        policies.len() == 1 && policies[0] == "Default" && known.object.texts("termination_policies").unwrap_or_default().is_empty();
    draft.texts("termination_policies", policies.iter().filter(|_| !is_default));
    draft
}

fn blocks(group: &AutoScalingGroup, known: &Known<'_>, draft: &mut Draft) {
    let tags = group.tags().iter().filter(|tag| !is_hidden(tag.key().unwrap_or_default())).map(|tag| {
        let mut draft = Draft::new();
        draft
            .text("key", tag.key())
            .text("value", Some(tag.value().unwrap_or_default()))
            .flag("propagate_at_launch", tag.propagate_at_launch);
        draft
    });
    draft
        .blocks("tag", tags)
        .set("availability_zone_distribution", group.availability_zone_distribution.load())
        .set("capacity_reservation_specification", group.capacity_reservation_specification.load())
        .set("instance_lifecycle_policy", group.instance_lifecycle_policy.load())
        .set("mixed_instances_policy", group.mixed_instances_policy.load())
        .set("warm_pool", group.warm_pool_configuration.load())
        .blocks("launch_template", group.launch_template.iter().map(launch_template));
    let has_policy = group.instance_maintenance_policy.as_ref().is_some_and(|policy| policy.min_healthy_percentage.unwrap_or(-1) >= 0);
    if has_policy || known.object.block("instance_maintenance_policy").is_none() {
        draft.set("instance_maintenance_policy", group.instance_maintenance_policy.clone().filter(|_| has_policy).load());
    }
    // Load balancers and target groups are traffic sources too; they are shown where they were configured.
    let elsewhere = |identifier: &str| {
        let is_listed = |names: &[String]| names.iter().any(|name| name == identifier);
        is_listed(group.load_balancer_names()) || is_listed(group.target_group_arns())
    };
    let configured = !known.object.blocks("traffic_source").is_empty();
    let sources = group.traffic_sources().iter().filter(|source| configured || !elsewhere(source.identifier().unwrap_or_default()));
    draft.set("traffic_source", Some(sources.cloned().collect::<Vec<_>>()).load());
}

fn launch_template(template: &LaunchTemplateSpecification) -> Draft {
    let mut draft = Draft::new();
    draft
        .text("id", template.launch_template_id.as_deref())
        .text("name", template.launch_template_name.as_deref())
        .text("version", Some(template.version.as_deref().unwrap_or_default()));
    draft
}
