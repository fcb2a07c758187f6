//! Groups: creation, changes, deletion, description.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::region;
use crate::aws::ACCOUNT;
use crate::aws::ec2;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::clock::timestamp;
use crate::faults::wildcard;
use crate::world::{Event, World};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub arn: String,
    pub created_ms: i64,
    pub min: i64,
    pub max: i64,
    pub desired: i64,
    /// The call's parameters, later updates laid over them: what the reply echoes and launches are made from.
    pub settings: Node,
    pub zones: Vec<String>,
    pub subnets: Vec<String>,
    /// Key → value, and whether instances get it.
    pub tags: BTreeMap<String, (String, bool)>,
    pub suspended: BTreeMap<String, String>,
    pub metrics: Vec<String>,
    pub members: Vec<Member>,
    pub activities: Vec<Activity>,
    pub deleting: bool,
    /// When it is next looked at; other waiting events of it are stale.
    pub wakes_ms: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    pub id: String,
    pub instance_type: String,
    pub zone: String,
    pub lifecycle: String,
    pub healthy: bool,
    pub protected: bool,
    pub spot: bool,
    pub template: (String, String, u64),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Activity {
    pub id: String,
    pub description: String,
    pub cause: String,
    pub status: String,
    pub message: Option<String>,
    pub details: String,
    pub start_ms: i64,
    pub end_ms: i64,
}

pub fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::bad("ValidationError", message)
}

pub fn absent(_name: &str) -> AwsError {
    invalid("AutoScalingGroup name not found - null")
}

impl Group {
    /// The launch template reference in force: the group's own, or that of the mixed instances policy.
    pub fn template(&self) -> Option<&Node> {
        self.settings
            .child("LaunchTemplate")
            .or_else(|| self.settings.child("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification"))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.settings.text(name).filter(|text| !text.is_empty())
    }
}

fn check(world: &mut World, call: &Call, group: &mut Group) -> Result<(), AwsError> {
    if group.min < 0 || group.max < group.min {
        return Err(invalid("Max bound, must be greater than or equal to min bound"));
    }
    if group.desired < group.min || group.desired > group.max {
        return Err(invalid(format!(
            "Desired capacity:{} must be between the specified min size:{} and max size:{}",
            group.desired, group.min, group.max
        )));
    }
    let found = ec2::region(world, call.region);
    let identifier = group.settings.text("VPCZoneIdentifier").unwrap_or_default().to_owned();
    group.subnets = identifier.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let mut zones = group.settings.texts("AvailabilityZones");
    for id in &group.subnets {
        let subnet = found.subnets.get(id).ok_or_else(|| invalid(format!("The subnet ID '{id}' does not exist")))?;
        if !zones.contains(&subnet.zone) {
            zones.push(subnet.zone.clone());
        }
    }
    if zones.is_empty() {
        return Err(invalid("At least one Availability Zone or VPC Subnet is required."));
    }
    if let Some(zone) = zones.iter().find(|zone| ec2::catalog::zone_name(call.region, zone).is_none()) {
        return Err(invalid(format!("Invalid availability zone: {zone}")));
    }
    group.zones = zones;
    let Some(template) = group.template() else {
        return Err(invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
        ));
    };
    let found = ec2::launch_template::find(found, template)
        .and_then(|found| Ok((found.id.clone(), found.version(template.text("Version"))?.1.data.clone())));
    let (_, data) = found.map_err(|error| invalid(format!("You must use a valid fully-formed launch template. {}", error.message)))?;
    if data.text("ImageId").is_none() {
        return Err(invalid("You must use a valid fully-formed launch template. The request must contain the parameter ImageId"));
    }
    let profile = data.text("IamInstanceProfile.Arn").or_else(|| data.text("IamInstanceProfile.Name")).unwrap_or_default();
    if !profile.is_empty() && !crate::aws::iam::instance_profile_exists(world, profile) {
        let message = format!(
            "You must use a valid fully-formed launch template. Value ({profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        );
        return Err(invalid(message));
    }
    Ok(())
}

fn read_sizes(call: &Call, group: &mut Group) -> Result<(), AwsError> {
    group.min = call.params.number("MinSize")?.unwrap_or(group.min);
    group.max = call.params.number("MaxSize")?.unwrap_or(group.max);
    match call.params.number("DesiredCapacity")? {
        Some(desired) => group.desired = desired,
        // New bounds pull the capacity along.
        None => group.desired = group.desired.max(group.min).min(group.max.max(group.min)),
    }
    Ok(())
}

pub fn create(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.require("AutoScalingGroupName")?.to_owned();
    if region(world, call.region).groups.contains_key(&name) {
        let message = "AutoScalingGroup by this name already exists - A group with the name already exists";
        return Err(AwsError::bad("AlreadyExists", message));
    }
    call.params.require("MinSize")?;
    call.params.require("MaxSize")?;
    let mut group = Group {
        arn: String::new(),
        name: name.clone(),
        created_ms: world.now_ms,
        min: 0,
        max: 0,
        desired: 0,
        settings: call.params.clone(),
        zones: Vec::new(),
        subnets: Vec::new(),
        tags: BTreeMap::new(),
        suspended: BTreeMap::new(),
        metrics: Vec::new(),
        members: Vec::new(),
        activities: Vec::new(),
        deleting: false,
        wakes_ms: None,
    };
    read_sizes(call, &mut group)?;
    check(world, call, &mut group)?;
    for tag in call.params.list("Tags") {
        let value = tag.text("Value").unwrap_or_default().to_owned();
        group.tags.insert(tag.require("Key")?.to_owned(), (value, tag.flag("PropagateAtLaunch").unwrap_or(true)));
    }
    group.arn =
        format!("arn:aws:autoscaling:{}:{ACCOUNT}:autoScalingGroup:{}:autoScalingGroupName/{name}", call.region, world.random.uuid());
    region(world, call.region).groups.insert(name.clone(), group);
    wake(world, call.region, &name, 1_000);
    Reply::bare()
}

/// Plans a reconcile, unless one is due by then.
pub fn wake(world: &mut World, name: &str, group: &str, after_ms: i64) {
    let due_ms = world.now_ms + after_ms;
    let Some(found) = region(world, name).groups.get_mut(group) else { return };
    if found.wakes_ms.is_none_or(|wakes_ms| wakes_ms > due_ms) {
        found.wakes_ms = Some(due_ms);
        let event = super::Event::Reconcile { group: group.to_owned() };
        world.schedule(due_ms, Event::AutoScaling { region: name.to_owned(), event });
    }
}

pub fn update(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.require("AutoScalingGroupName")?;
    let mut group = region(world, call.region).groups.get(name).cloned().ok_or_else(|| absent(name))?;
    if group.deleting {
        return Err(AwsError::bad("ScalingActivityInProgress", "The group is being deleted"));
    }
    read_sizes(call, &mut group)?;
    let mut settings = Node::default();
    let one_source = ["LaunchTemplate", "MixedInstancesPolicy"];
    let replaces = one_source.iter().any(|source| call.params.child(source).is_some());
    for (key, node) in group.settings.children() {
        if !(replaces && one_source.contains(&key)) {
            settings.graft(key, node.clone());
        }
    }
    for (key, node) in call.params.children() {
        settings.graft(key, node.clone());
    }
    group.settings = settings;
    check(world, call, &mut group)?;
    region(world, call.region).groups.insert(name.to_owned(), group);
    wake(world, call.region, name, 1_000);
    Reply::bare()
}

pub fn set_desired(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.require("AutoScalingGroupName")?;
    let desired = call.params.number("DesiredCapacity")?.ok_or_else(|| AwsError::missing("DesiredCapacity"))?;
    let group = region(world, call.region).groups.get_mut(name).ok_or_else(|| absent(name))?;
    if desired < group.min || desired > group.max {
        let bound = if desired < group.min { format!("below min value {}", group.min) } else { format!("above max value {}", group.max) };
        return Err(invalid(format!("New SetDesiredCapacity value {desired} is {bound} for the AutoScalingGroup.")));
    }
    group.desired = desired;
    wake(world, call.region, name, 1_000);
    Reply::bare()
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.require("AutoScalingGroupName")?.to_owned();
    let found = region(world, call.region);
    let group = found.groups.get_mut(&name).ok_or_else(|| absent(&name))?;
    if group.deleting {
        return Reply::bare().map(|reply| reply.repeated(true));
    }
    if call.params.flag("ForceDelete") != Some(true) && !group.members.is_empty() {
        let message =
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.";
        return Err(AwsError::bad("ResourceInUse", message));
    }
    (group.min, group.max, group.desired, group.deleting) = (0, 0, 0, true);
    found.policies.remove(&name);
    found.schedules.remove(&name);
    if group.members.is_empty() {
        found.groups.remove(&name);
    } else {
        wake(world, call.region, &name, 1_000);
    }
    Reply::bare()
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let names = call.params.texts("AutoScalingGroupNames");
    let limit = call.params.number("MaxRecords")?.unwrap_or(50).clamp(1, 100) as usize;
    let after = call.params.text("NextToken").unwrap_or_default().to_owned();
    region(world, call.region);
    let world = &*world;
    let filters = call.params.list("Filters");
    let pass = |group: &Group| {
        filters.iter().all(|filter| {
            let name = filter.text("Name").unwrap_or_default();
            let values = filter.texts("Values");
            let have: Vec<&str> = match name {
                "tag-key" => group.tags.keys().map(String::as_str).collect(),
                "tag-value" => group.tags.values().map(|(value, _)| value.as_str()).collect(),
                _ => name.strip_prefix("tag:").and_then(|key| group.tags.get(key)).map(|(value, _)| value.as_str()).into_iter().collect(),
            };
            values.iter().any(|wanted| have.iter().any(|value| wildcard(wanted, value)))
        })
    };
    let all = world.autoscaling[call.region].groups.values().filter(|group| group.name > after && !world.too_fresh(group.created_ms));
    let mut found: Vec<&Group> =
        all.filter(|group| (names.is_empty() || names.contains(&group.name)) && pass(group)).take(limit + 1).collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|group| group.name.clone());
    Reply::write(|xml| {
        xml.members("AutoScalingGroups", found, write);
        xml.optional("NextToken", next);
    })
}

/// Writes a structure of the request as it is: Auto Scaling's replies have the same names.
fn echo(xml: &mut Xml, node: &Node) {
    for (name, child) in node.children() {
        match child.value() {
            Some(value) => xml.text(name, value),
            None => xml.node(name, |xml| echo_value(xml, child)),
        };
    }
}

/// The content of a structure or a list of the request.
pub fn echo_value(xml: &mut Xml, node: &Node) {
    if node.child("member").is_none() {
        return echo(xml, node);
    }
    for element in node.elements() {
        match element.value() {
            Some(value) => xml.text("member", value),
            None => xml.node("member", |xml| echo_value(xml, element)),
        };
    }
}

fn write_template(xml: &mut Xml, (id, name, version): &(String, String, u64)) {
    xml.node("LaunchTemplate", |xml| {
        xml.text("LaunchTemplateId", id).text("LaunchTemplateName", name).text("Version", version);
    });
}

pub fn write_member(xml: &mut Xml, member: &Member) {
    xml.text("InstanceId", &member.id).text("InstanceType", &member.instance_type).text("AvailabilityZone", &member.zone);
    xml.text("LifecycleState", &member.lifecycle).text("HealthStatus", if member.healthy { "Healthy" } else { "Unhealthy" });
    xml.text("ProtectedFromScaleIn", member.protected);
    write_template(xml, &member.template);
}

fn write(xml: &mut Xml, group: &Group) {
    xml.text("AutoScalingGroupName", &group.name).text("AutoScalingGroupARN", &group.arn).text("CreatedTime", timestamp(group.created_ms));
    xml.text("MinSize", group.min).text("MaxSize", group.max).text("DesiredCapacity", group.desired);
    for name in ["LaunchTemplate", "MixedInstancesPolicy", "InstanceMaintenancePolicy", "AvailabilityZoneDistribution"] {
        if let Some(node) = group.settings.child(name) {
            xml.node(name, |xml| echo_value(xml, node));
        }
    }
    let number = |name: &str, default: &str| group.text(name).unwrap_or(default).to_owned();
    xml.text("DefaultCooldown", number("DefaultCooldown", "300")).text("HealthCheckType", number("HealthCheckType", "EC2"));
    xml.text("HealthCheckGracePeriod", number("HealthCheckGracePeriod", "0"));
    for name in ["PlacementGroup", "MaxInstanceLifetime", "Context", "DesiredCapacityType"] {
        xml.optional(name, group.text(name));
    }
    xml.optional("DefaultInstanceWarmup", group.text("DefaultInstanceWarmup").filter(|text| *text != "-1"));
    xml.optional("CapacityRebalance", group.text("CapacityRebalance"));
    xml.text("VPCZoneIdentifier", group.subnets.join(",")).texts("AvailabilityZones", "member", &group.zones);
    xml.text("NewInstancesProtectedFromScaleIn", number("NewInstancesProtectedFromScaleIn", "false"));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling");
    xml.text("ServiceLinkedRoleARN", group.text("ServiceLinkedRoleARN").unwrap_or(&role));
    let mut policies = group.settings.texts("TerminationPolicies");
    if policies.is_empty() {
        policies.push("Default".to_owned());
    }
    xml.texts("TerminationPolicies", "member", policies);
    for name in ["LoadBalancerNames", "TargetGroupARNs"] {
        xml.texts(name, "member", group.settings.texts(name));
    }
    xml.members("EnabledMetrics", &group.metrics, |xml, metric| {
        xml.text("Metric", metric).text("Granularity", "1Minute");
    });
    xml.members("SuspendedProcesses", &group.suspended, |xml, (process, reason)| {
        xml.text("ProcessName", process).text("SuspensionReason", reason);
    });
    xml.members("Tags", &group.tags, |xml, (key, (value, propagate))| write_tag(xml, &group.name, key, value, *propagate));
    if group.deleting {
        xml.text("Status", "Delete in progress");
    }
    xml.members("Instances", &group.members, write_member);
}

pub fn write_tag(xml: &mut Xml, group: &str, key: &str, value: &str, propagate: bool) {
    xml.text("ResourceId", group).text("ResourceType", "auto-scaling-group").text("Key", key).text("Value", value);
    xml.text("PropagateAtLaunch", propagate);
}
