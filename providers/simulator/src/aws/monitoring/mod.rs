//! CloudWatch, as far as scaling needs it: metrics are put and read back. Query protocol only.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::autoscaling;
use super::error::AwsError;
use super::query::{self, Action, Call, Node, Reply};
use crate::clock::timestamp;
use crate::message::{Request, Response};
use crate::world::World;

/// Older points of a metric are dropped beyond this.
const POINTS_MAX: usize = 2_000;

/// Metrics of a region: namespace, name and dimensions → time and value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Region {
    pub metrics: BTreeMap<String, VecDeque<(i64, f64)>>,
}

/// Nothing of CloudWatch happens by itself yet: policies look at metrics as they come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {}

pub fn handle_event(_world: &mut World, _region: &str, event: Event) {
    match event {}
}

pub fn handle(world: &mut World, request: &Request) -> Response {
    if request.header("smithy-protocol").is_some() || request.header("x-amz-target").is_some() {
        let message = "The sandbox's CloudWatch speaks the Query protocol only, not CBOR or JSON.";
        return AwsError::new(501, "NotImplemented", message).respond(request);
    }
    query::handle(world, request, |name| {
        let action: Action = match name {
            "PutMetricData" => put,
            "GetMetricStatistics" => statistics,
            _ => return None,
        };
        Some(action)
    })
}

/// The operation's name, for faults and the audit.
pub fn operation_name(request: &Request) -> String {
    query::parameters(request).text("Action").unwrap_or_default().to_owned()
}

fn identity(namespace: &str, node: &Node) -> Result<(String, String, Vec<String>), AwsError> {
    let mut dimensions: Vec<String> = node
        .list("Dimensions")
        .iter()
        .map(|pair| format!("{}={}", pair.text("Name").unwrap_or_default(), pair.text("Value").unwrap_or_default()))
        .collect();
    dimensions.sort();
    Ok((namespace.to_owned(), node.require("MetricName")?.to_owned(), dimensions))
}

fn key(metric: &(String, String, Vec<String>)) -> String {
    format!("{}/{}/{}", metric.0, metric.1, metric.2.join(","))
}

fn time(text: &str) -> Result<i64, AwsError> {
    let parsed = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    parsed.map_err(|_| AwsError::invalid_value(format!("{text} is not a time")))
}

fn put(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let namespace = call.params.require("Namespace")?;
    let mut points = Vec::new();
    for datum in call.params.list("MetricData") {
        let value = datum.text("Value").or_else(|| datum.text("StatisticValues.Sum")).and_then(|text| text.parse::<f64>().ok());
        let value = value.ok_or_else(|| AwsError::missing("MetricData.Value"))?;
        let at_ms = datum.text("Timestamp").map(time).transpose()?.unwrap_or(world.now_ms);
        points.push((identity(namespace, datum)?, at_ms, value));
    }
    for (metric, at_ms, value) in points {
        let series = world.monitoring.entry(call.region.to_owned()).or_default().metrics.entry(key(&metric)).or_default();
        if series.len() == POINTS_MAX {
            series.pop_front();
        }
        series.push_back((at_ms, value));
        autoscaling::observe(world, call.region, &metric, at_ms, value);
    }
    Reply::bare()
}

fn statistics(world: &mut World, call: &Call) -> Result<Reply, AwsError> {
    let metric = identity(call.params.require("Namespace")?, call.params)?;
    let (start, end) = (time(call.params.require("StartTime")?)?, time(call.params.require("EndTime")?)?);
    let period_ms = call.params.number("Period")?.unwrap_or(60).max(1) * 1000;
    let mut periods: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    let series = world.monitoring.get(call.region).and_then(|region| region.metrics.get(&key(&metric)));
    for (at_ms, value) in series.into_iter().flatten().filter(|(at_ms, _)| (start..end).contains(at_ms)) {
        periods.entry(at_ms / period_ms * period_ms).or_default().push(*value);
    }
    Reply::write(|xml| {
        xml.text("Label", &metric.1);
        xml.members("Datapoints", periods, |xml, (at_ms, values)| {
            let sum: f64 = values.iter().sum();
            xml.text("Timestamp", timestamp(at_ms))
                .text("SampleCount", values.len())
                .text("Sum", sum)
                .text("Average", sum / values.len() as f64);
            xml.text("Maximum", values.iter().copied().fold(f64::MIN, f64::max))
                .text("Minimum", values.iter().copied().fold(f64::MAX, f64::min));
            xml.text("Unit", "None");
        });
    })
}
