//! Scaling policies: target tracking on metrics that are put, step and simple scaling on request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::group::{Group, absent, echo_value, invalid, wake};
use super::region;
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::query::{Call, Node, Reply};
use crate::aws::xml::Xml;
use crate::world::World;

/// Target tracking scales out after so many minutes above the target and in after so many below, as its alarms at AWS do.
const MINUTES_HIGH: usize = 3;
const MINUTES_LOW: usize = 15;
/// The low alarm of target tracking stands this far below the target.
const LOW_FRACTION: f64 = 0.9;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Policy {
    pub arn: String,
    pub kind: String,
    /// The call's parameters, which the description echoes.
    pub settings: Node,
    /// Minute → value of the tracked metric, the latest only.
    pub observed: BTreeMap<i64, f64>,
}

pub fn put(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let group = call.params.require("AutoScalingGroupName")?;
    let name = call.params.require("PolicyName")?;
    let kind = call.params.text("PolicyType").unwrap_or("SimpleScaling").to_owned();
    let needed = match kind.as_str() {
        "TargetTrackingScaling" => "TargetTrackingConfiguration",
        "StepScaling" => "StepAdjustments",
        "SimpleScaling" => "ScalingAdjustment",
        "PredictiveScaling" => "PredictiveScalingConfiguration",
        other => return Err(invalid(format!("Invalid policy type: {other}"))),
    };
    if call.params.child(needed).is_none() {
        return Err(invalid(format!("{needed} must be specified for policy type {kind}")));
    }
    let id = world.random.uuid();
    let found = region(world, call.region);
    found.groups.get(group).ok_or_else(|| absent(group))?;
    let policies = found.policies.entry(group.to_owned()).or_default();
    let fresh =
        || format!("arn:aws:autoscaling:{}:{ACCOUNT}:scalingPolicy:{id}:autoScalingGroupName/{group}:policyName/{name}", call.region);
    let arn = policies.get(name).map_or_else(fresh, |policy| policy.arn.clone());
    let policy = Policy { arn, kind, settings: call.params.clone(), observed: BTreeMap::new() };
    let reply = Reply::write(|xml| {
        xml.text("PolicyARN", &policy.arn);
        write_alarms(xml, group, &policy);
    });
    policies.insert(name.to_owned(), policy);
    reply
}

fn write_alarms(xml: &mut Xml, group: &str, policy: &Policy) {
    let tracks = policy.kind == "TargetTrackingScaling";
    let id: String = policy.arn.split(':').nth(6).unwrap_or_default().to_owned();
    xml.members("Alarms", ["AlarmHigh", "AlarmLow"].into_iter().filter(|_| tracks), |xml, side| {
        let name = format!("TargetTracking-{group}-{side}-{id}");
        let region = policy.arn.split(':').nth(3).unwrap_or_default();
        xml.text("AlarmName", &name).text("AlarmARN", format!("arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}"));
    });
}

pub fn describe(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let group = call.params.text("AutoScalingGroupName");
    let names = call.params.texts("PolicyNames");
    let kinds = call.params.texts("PolicyTypes");
    let all = region(world, call.region).policies.iter().filter(|(name, _)| group.is_none_or(|group| group == *name));
    let pass = |(_, name, policy): &(&String, &String, &Policy)| {
        (names.is_empty() || names.contains(name) || names.contains(&policy.arn)) && (kinds.is_empty() || kinds.contains(&policy.kind))
    };
    let found: Vec<_> =
        all.flat_map(|(group, policies)| policies.iter().map(move |(name, policy)| (group, name, policy))).filter(pass).collect();
    Reply::write(|xml| {
        xml.members("ScalingPolicies", found, |xml, (group, name, policy)| {
            xml.text("AutoScalingGroupName", group)
                .text("PolicyName", name)
                .text("PolicyARN", &policy.arn)
                .text("PolicyType", &policy.kind);
            xml.text("Enabled", policy.settings.text("Enabled").unwrap_or("true"));
            for (key, node) in policy.settings.children() {
                let own = ["AutoScalingGroupName", "PolicyName", "PolicyType", "Enabled", "Action", "Version"];
                if own.contains(&key) {
                    continue;
                }
                match node.value() {
                    Some(value) => xml.text(key, value),
                    None => xml.node(key, |xml| echo_value(xml, node)),
                };
            }
            write_alarms(xml, group, policy);
        });
    })
}

pub fn delete(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let name = call.params.require("PolicyName")?;
    let group = call.params.text("AutoScalingGroupName");
    for (of_group, policies) in &mut region(world, call.region).policies {
        if group.is_none_or(|group| group == of_group) {
            let before = policies.len();
            policies.retain(|key, policy| key != name && policy.arn != name);
            if policies.len() < before {
                return Reply::bare();
            }
        }
    }
    Err(invalid("ScalingPolicy not found"))
}

/// The capacity after an adjustment, within the group's bounds.
fn adjusted(group: &Group, settings: &Node, adjustment: i64) -> i64 {
    let wanted = match settings.text("AdjustmentType").unwrap_or("ChangeInCapacity") {
        "ExactCapacity" => adjustment,
        "PercentChangeInCapacity" => {
            let change = group.desired as f64 * adjustment as f64 / 100.0;
            let whole = if change > 0.0 { change.ceil().max(1.0) } else { change.floor().min(-1.0) } as i64;
            let least = settings.number("MinAdjustmentMagnitude").ok().flatten().unwrap_or(1);
            group.desired + if whole >= 0 { whole.max(least) } else { whole.min(-least) }
        }
        _ => group.desired + adjustment,
    };
    wanted.clamp(group.min, group.max)
}

pub fn execute(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let group_name = call.params.require("AutoScalingGroupName")?;
    let name = call.params.require("PolicyName")?;
    let found = region(world, call.region);
    let policy =
        found.policies.get(group_name).and_then(|policies| policies.get(name)).ok_or_else(|| invalid("ScalingPolicy not found"))?;
    let group = found.groups.get_mut(group_name).ok_or_else(|| absent(group_name))?;
    let real = |node: &Node, key: &str| node.text(key).and_then(|text| text.parse::<f64>().ok());
    let adjustment = match policy.kind.as_str() {
        "SimpleScaling" => policy.settings.number("ScalingAdjustment")?.unwrap_or(0),
        "StepScaling" => {
            let (Some(value), Some(threshold)) = (real(call.params, "MetricValue"), real(call.params, "BreachThreshold")) else {
                return Err(invalid("MetricValue and BreachThreshold must be given for a step scaling policy"));
            };
            let over = value - threshold;
            let steps = policy.settings.list("StepAdjustments");
            let holds = |step: &&&Node| {
                real(step, "MetricIntervalLowerBound").is_none_or(|low| over >= low)
                    && real(step, "MetricIntervalUpperBound").is_none_or(|high| over < high)
            };
            steps.iter().find(holds).map_or(Ok(Some(0)), |step| step.number("ScalingAdjustment"))?.unwrap_or(0)
        }
        other => return Err(invalid(format!("A policy of type {other} can't be executed"))),
    };
    group.desired = adjusted(group, &policy.settings, adjustment);
    wake(world, call.region, group_name, 1_000);
    Reply::bare()
}

/// The metric that a target tracking policy follows: namespace, name, and dimensions as sorted texts.
fn tracked(group: &str, settings: &Node) -> Option<(String, String, Vec<String>)> {
    let of_group = || vec![format!("AutoScalingGroupName={group}")];
    if let Some(kind) = settings.text("TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType") {
        let name = match kind {
            "ASGAverageCPUUtilization" => "CPUUtilization",
            "ASGAverageNetworkIn" => "NetworkIn",
            "ASGAverageNetworkOut" => "NetworkOut",
            _ => return None,
        };
        return Some(("AWS/EC2".to_owned(), name.to_owned(), of_group()));
    }
    let custom = settings.child("TargetTrackingConfiguration.CustomizedMetricSpecification")?;
    let stat = custom.list("Metrics").into_iter().find_map(|metric| metric.child("MetricStat.Metric").cloned());
    let metric = stat.as_ref().unwrap_or(custom);
    let mut dimensions: Vec<String> = metric
        .list("Dimensions")
        .iter()
        .map(|pair| format!("{}={}", pair.text("Name").unwrap_or_default(), pair.text("Value").unwrap_or_default()))
        .collect();
    dimensions.sort();
    Some((metric.owned("Namespace")?, metric.owned("MetricName")?, dimensions))
}

/// A metric was put: policies that track it see it, and change their groups once enough minutes agree.
pub fn observe(world: &mut World, name: &str, metric: &(String, String, Vec<String>), at_ms: i64, value: f64) {
    let found = region(world, name);
    let mut woken = Vec::new();
    for (group_name, policies) in &mut found.policies {
        let Some(group) = found.groups.get_mut(group_name) else { continue };
        for policy in policies.values_mut().filter(|policy| policy.kind == "TargetTrackingScaling") {
            let target = policy.settings.text("TargetTrackingConfiguration.TargetValue").and_then(|text| text.parse::<f64>().ok());
            let Some(target) = target.filter(|target| *target > 0.0 && tracked(group_name, &policy.settings).as_ref() == Some(metric))
            else {
                continue;
            };
            policy.observed.insert(at_ms / 60_000, value);
            while policy.observed.len() > MINUTES_LOW {
                policy.observed.pop_first();
            }
            let latest = |minutes: usize| policy.observed.values().rev().take(minutes).copied().collect::<Vec<f64>>();
            let (high, low) = (latest(MINUTES_HIGH), latest(MINUTES_LOW));
            let wanted = (group.desired as f64 * value / target).ceil() as i64;
            let out = high.len() == MINUTES_HIGH && high.iter().all(|value| *value > target);
            let shrinks = policy.settings.flag("TargetTrackingConfiguration.DisableScaleIn") != Some(true);
            let scale_in = shrinks && low.len() == MINUTES_LOW && low.iter().all(|value| *value < target * LOW_FRACTION);
            let next = if out {
                wanted.max(group.desired)
            } else if scale_in {
                wanted.min(group.desired)
            } else {
                group.desired
            }
            .clamp(group.min, group.max);
            if next != group.desired && !group.suspended.contains_key("AlarmNotification") {
                group.desired = next;
                policy.observed.clear();
                woken.push(group_name.clone());
            }
        }
    }
    woken.iter().for_each(|group| wake(world, name, group, 1_000));
}
