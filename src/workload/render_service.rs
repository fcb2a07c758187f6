//! The text of one service: role, launch template, group, policies, schedules.

use super::choice::{Choice, ChosenMachine, ServiceChoice};
use super::render::quote;
use super::shape::{Purchase, Schedule, Service, Shape};
use super::user_data::{namespace, script};
use std::sync::Arc;

/// How many choices a group has at most, the first included.
const CHOICES: usize = 8;

pub(super) fn service(shape: &Shape, service: &Service, choice: &Choice) -> String {
    let chosen = &choice.services[&service.name];
    let mut text = variables(service);
    text.push_str(&role(shape, service));
    text.push_str(&launch_template(shape, service, chosen, choice));
    text.push_str(&group(shape, service, chosen));
    if let Some(target) = service.gpu_utilization_target {
        text.push_str(&scaling(shape, service, target));
    }
    for schedule in &service.schedules {
        text.push_str(&schedule_pair(service, schedule));
    }
    let name = &service.name;
    text.push_str(&format!(
        "output \"{name}\" {{\n  value = {{\n    # No load balancer stands before the machines yet.\n    endpoint   = null\n    group_name = \
         aws_autoscaling_group.{name}.name\n  }}\n}}\n\n"
    ));
    text
}

/// The name of a service in the names of variables.
pub(super) fn variable_prefix(service: &str) -> String {
    service.to_owned()
}

fn variables(service: &Service) -> String {
    let prefix = variable_prefix(&service.name);
    let mut text = String::new();
    for name in ["run", "model"].into_iter().filter(|name| service.flow.contains_key(name)) {
        text.push_str(&format!("variable \"{prefix}_{name}\" {{\n  type = string\n}}\n\n"));
    }
    text.push_str(&format!("variable \"{prefix}_port\" {{\n  type    = number\n  default = 8000\n}}\n\n"));
    text.push_str(&format!("variable \"{prefix}_env\" {{\n  type    = map(string)\n  default = {{}}\n}}\n\n"));
    text
}

/// Names of roles have at most 64 characters.
fn aws_name(shape: &Shape, service: &Service) -> String {
    let name = format!("windlass-{}-{}", shape.name, service.name);
    let short: String = name.chars().take(64).collect();
    short
}

fn statement(sid: &str, actions: &[&str], resources: &str, condition: &str) -> String {
    let actions: Vec<String> = actions.iter().map(|action| quote(action)).collect();
    format!(
        "      {{\n        Sid      = {}\n        Effect   = \"Allow\"\n        Action   = [{}]\n        Resource = {resources}\n{condition}      }},\n",
        quote(sid),
        actions.join(", ")
    )
}

/// What the machines may do, and nothing else.
fn statements(shape: &Shape, service: &Service) -> String {
    let mut text = String::new();
    let list = |storages: &[Arc<str>], suffix: &str| {
        let arns: Vec<String> = storages.iter().map(|name| format!("\"${{aws_s3_bucket.{name}.arn}}{suffix}\"")).collect();
        format!("[{}]", arns.join(", "))
    };
    let mut both = service.reads.clone();
    both.extend(service.writes.iter().filter(|name| !service.reads.contains(name)).cloned());
    if !both.is_empty() {
        text.push_str(&statement("List", &["s3:ListBucket", "s3:GetBucketLocation"], &list(&both, ""), ""));
    }
    if !service.reads.is_empty() {
        text.push_str(&statement("Read", &["s3:GetObject"], &list(&service.reads, "/*"), ""));
    }
    if !service.writes.is_empty() {
        text.push_str(&statement("Write", &["s3:PutObject", "s3:AbortMultipartUpload"], &list(&service.writes, "/*"), ""));
    }
    if service.gpu_utilization_target.is_some() {
        let only = format!(
            "        Condition = {{\n          StringEquals = {{ \"cloudwatch:namespace\" = {} }}\n        }}\n",
            quote(&namespace(&shape.name))
        );
        text.push_str(&statement("Publish", &["cloudwatch:PutMetricData"], "\"*\"", &only));
        // The agent finds out the group of its machine by this tag lookup, which can't be narrowed.
        text.push_str(&statement("FindGroup", &["ec2:DescribeTags"], "\"*\"", ""));
    }
    text
}

fn role(shape: &Shape, service: &Service) -> String {
    let (label, name) = (&service.name, quote(&aws_name(shape, service)));
    let statements = statements(shape, service);
    let policy = match statements.is_empty() {
        true => String::new(),
        false => format!(
            "resource \"aws_iam_role_policy\" \"{label}\" {{\n  name = \"workload\"\n  role = aws_iam_role.{label}.name\n  policy = \
             jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [\n{statements}    ]\n  }})\n}}\n\n"
        ),
    };
    format!(
        r#"resource "aws_iam_role" "{label}" {{
  name = {name}
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = {{ Service = "ec2.amazonaws.com" }}
    }}]
  }})
  tags       = merge(var.tags, {{ Name = {name} }})
  depends_on = [windlass_placement.workload]
}}

{policy}resource "aws_iam_instance_profile" "{label}" {{
  name = {name}
  role = aws_iam_role.{label}.name
  tags = merge(var.tags, {{ Name = {name} }})
}}

"#
    )
}

fn launch_template(shape: &Shape, service: &Service, chosen: &ServiceChoice, choice: &Choice) -> String {
    let (label, name) = (&service.name, quote(&aws_name(shape, service)));
    let disk = service.disk_gib.map_or(String::new(), |gib| format!("      volume_size           = {gib}\n"));
    let script = script(&shape.name, service, chosen, &choice.region, &variable_prefix(label));
    format!(
        r#"resource "aws_launch_template" "{label}" {{
  name                   = {name}
  image_id               = {image}
  instance_type          = {instance_type}
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.closed.id]
  iam_instance_profile {{
    arn = aws_iam_instance_profile.{label}.arn
  }}
  metadata_options {{
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }}
  block_device_mappings {{
    device_name = {root_device}
    ebs {{
      encrypted             = true
      delete_on_termination = true
      volume_type           = "gp3"
{disk}    }}
  }}
  tag_specifications {{
    resource_type = "instance"
    tags          = merge(var.tags, {{ Name = {name} }})
  }}
  tags      = merge(var.tags, {{ Name = {name} }})
  user_data = base64encode(<<WINDLASS_USER_DATA
{script}WINDLASS_USER_DATA
  )
}}

"#,
        image = quote(&chosen.image),
        instance_type = quote(&chosen.machines[0].instance_type),
        root_device = quote(&chosen.root_device),
    )
}

/// A choice of a group: a machine type and some of its zones.
struct GroupChoice<'c> {
    label: String,
    machine: &'c ChosenMachine,
    zones: &'c [Arc<str>],
}

/// All zones; then without the first, and so on; then the next machine type.
fn group_choices(chosen: &ServiceChoice) -> Vec<GroupChoice<'_>> {
    let mut choices = Vec::new();
    for machine in &chosen.machines {
        for first in 0..machine.zones.len() {
            let zones = &machine.zones[first..];
            let names: Vec<&str> = zones.iter().map(|zone| &**zone).collect();
            choices.push(GroupChoice { label: format!("{} in {}", machine.instance_type, names.join(", ")), machine, zones });
        }
    }
    choices.truncate(CHOICES);
    choices
}

fn group(shape: &Shape, service: &Service, chosen: &ServiceChoice) -> String {
    let (label, name) = (&service.name, quote(&aws_name(shape, service)));
    let choices = group_choices(chosen);
    // The launch template's own machine type does for a group that is paid on demand and has no other type to fall back to.
    let mixed = service.purchase != Purchase::OnDemand || chosen.machines.len() > 1;
    let launch = |choice: &GroupChoice<'_>, indent: &str| match mixed {
        true => mixed_instances(service, &choice.machine.instance_type, indent),
        false => format!(
            "{indent}launch_template {{\n{indent}  id      = aws_launch_template.{label}.id\n{indent}  version = aws_launch_template.{label}.latest_version\n{indent}}}\n"
        ),
    };
    let mut text = format!(
        "resource \"aws_autoscaling_group\" \"{label}\" {{\n  name                = {name}\n  min_size            = {min}\n  max_size            = {max}\n  \
         desired_capacity    = {min}\n  vpc_zone_identifier = {zones}\n  health_check_type   = \"EC2\"\n{launch}",
        min = service.replicas.0,
        max = service.replicas.1,
        zones = subnets(choices[0].zones),
        launch = launch(&choices[0], "  "),
    );
    text.push_str(&format!(
        "  tag {{\n    key                 = \"Name\"\n    value               = {name}\n    propagate_at_launch = true\n  }}\n  lifecycle {{\n    \
         # The cloud scales it: by the policy, and by schedules.\n    ignore_changes = [desired_capacity]\n  }}\n"
    ));
    text.push_str(&ready(service));
    text.push_str("  windlass {\n");
    text.push_str(&accepted_live(service));
    for choice in &choices[1..] {
        text.push_str(&format!(
            "    variant {} {{\n      vpc_zone_identifier = {}\n{}    }}\n",
            quote(&choice.label),
            subnets(choice.zones),
            if mixed { launch(choice, "      ") } else { String::new() }
        ));
    }
    text.push_str("  }\n}\n\n");
    text
}

/// Machines need the way out, the way to storage and their rights from their first second.
fn ready(service: &Service) -> String {
    let mut needs =
        vec!["aws_route.internet", "aws_route_table_association.zone", "aws_vpc_endpoint.s3", "aws_vpc_security_group_egress_rule.all"];
    let policy = format!("aws_iam_role_policy.{}", service.name);
    if !service.reads.is_empty() || !service.writes.is_empty() || service.gpu_utilization_target.is_some() {
        needs.push(&policy);
    }
    format!("  depends_on = [{}]\n", needs.join(", "))
}

/// Limits that a schedule has set are no drift.
fn accepted_live(service: &Service) -> String {
    let values = |base: u32, of: fn(&Schedule) -> Option<u32>| {
        let mut values: Vec<u32> = std::iter::once(base).chain(service.schedules.iter().filter_map(of)).collect();
        values.sort_unstable();
        values.dedup();
        values.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    };
    let (min, max) = (values(service.replicas.0, |schedule| schedule.min), values(service.replicas.1, |schedule| schedule.max));
    format!("    accepted_live {{\n      min_size = [{min}]\n      max_size = [{max}]\n    }}\n")
}

fn subnets(zones: &[Arc<str>]) -> String {
    let list: Vec<String> = zones.iter().map(|zone| format!("aws_subnet.zone[{}].id", quote(zone))).collect();
    format!("[{}]", list.join(", "))
}

fn mixed_instances(service: &Service, instance_type: &str, indent: &str) -> String {
    let label = &service.name;
    let on_demand = if service.purchase == Purchase::OnDemand { 100 } else { 0 };
    let lines = [
        "mixed_instances_policy {".to_owned(),
        "  instances_distribution {".to_owned(),
        format!("    on_demand_base_capacity                  = {}", service.on_demand_base),
        format!("    on_demand_percentage_above_base_capacity = {on_demand}"),
        "    spot_allocation_strategy                 = \"price-capacity-optimized\"".to_owned(),
        "  }".to_owned(),
        "  launch_template {".to_owned(),
        "    launch_template_specification {".to_owned(),
        format!("      launch_template_id = aws_launch_template.{label}.id"),
        format!("      version            = aws_launch_template.{label}.latest_version"),
        "    }".to_owned(),
        "    override {".to_owned(),
        format!("      instance_type = {}", quote(instance_type)),
        "    }".to_owned(),
        "  }".to_owned(),
        "}".to_owned(),
    ];
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

fn scaling(shape: &Shape, service: &Service, target: f64) -> String {
    let label = &service.name;
    format!(
        r#"resource "aws_autoscaling_policy" "{label}" {{
  name                      = "gpu-utilization"
  autoscaling_group_name    = aws_autoscaling_group.{label}.name
  policy_type               = "TargetTrackingScaling"
  estimated_instance_warmup = 300
  target_tracking_configuration {{
    target_value = {target}
    customized_metric_specification {{
      namespace   = {namespace}
      metric_name = "nvidia_smi_utilization_gpu"
      statistic   = "Average"
      metric_dimension {{
        name  = "AutoScalingGroupName"
        value = aws_autoscaling_group.{label}.name
      }}
    }}
  }}
}}

"#,
        namespace = quote(&namespace(&shape.name)),
    )
}

/// One action begins the schedule, one ends it.
fn schedule_pair(service: &Service, schedule: &Schedule) -> String {
    let label = &service.name;
    let action = |suffix: &str, cron: &str, min: Option<u32>, max: Option<u32>| {
        let limit = |name: &str, value: Option<u32>| value.map_or(String::new(), |value| format!("  {name:<22} = {value}\n"));
        // A group may stand outside of limits that rise or fall; AWS brings it inside by itself.
        format!(
            "resource \"aws_autoscaling_schedule\" \"{label}_{}_{suffix}\" {{\n  scheduled_action_name  = {}\n  autoscaling_group_name = \
             aws_autoscaling_group.{label}.name\n  recurrence             = {}\n  time_zone              = {}\n{}{}}}\n\n",
            schedule.name,
            quote(&format!("{}-{suffix}", schedule.name)),
            quote(cron),
            quote(&schedule.timezone),
            limit("min_size", min),
            limit("max_size", max),
        )
    };
    let mut text = action("begin", &schedule.cron, schedule.min, schedule.max);
    if let Some(end) = &schedule.end {
        let (min, max) = service.replicas;
        text.push_str(&action("end", end, schedule.min.map(|_| min), schedule.max.map(|_| max)));
    }
    text
}
