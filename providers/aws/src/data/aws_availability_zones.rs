//! `aws_availability_zones`: the zones of a region.

use super::{DataSource, filters};
use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch};
use std::collections::BTreeSet;
use windlass_api::{Error, Value};

/// The data source.
pub(crate) struct AvailabilityZones;

#[async_trait::async_trait]
impl DataSource for AvailabilityZones {
    fn name(&self) -> &'static str {
        "aws_availability_zones"
    }

    async fn read(&self, region: &Region, config: &Value) -> Result<Draft, Error> {
        let mut filters = filters(config).unwrap_or_default();
        if let Some(state) = config.text("state") {
            filters.push(aws_sdk_ec2::types::Filter::builder().name("state").values(state).build());
        }
        let call = region
            .ec2
            .describe_availability_zones()
            .set_all_availability_zones(config.flag("all_availability_zones"))
            .set_filters(Some(filters).filter(|filters| !filters.is_empty()));
        let answer = call.send().await.map_err(|error| failure("ec2:DescribeAvailabilityZones", error))?;
        let excluded = |attribute: &str, value: Option<&str>| {
            let names = config.texts(attribute).unwrap_or_default();
            value.is_some_and(|value| names.iter().any(|name| name == value))
        };
        let mut zones = answer.availability_zones.unwrap_or_default();
        zones.retain(|zone| !excluded("exclude_names", zone.zone_name()) && !excluded("exclude_zone_ids", zone.zone_id()));
        zones.sort_by(|one, other| one.zone_name.cmp(&other.zone_name));
        let groups: BTreeSet<&str> = zones.iter().filter_map(|zone| zone.group_name()).collect();
        let mut draft = Draft::new();
        draft
            .text("id", Some(&region.name))
            .texts("group_names", groups)
            .texts("names", zones.iter().filter_map(|zone| zone.zone_name()))
            .texts("zone_ids", zones.iter().filter_map(|zone| zone.zone_id()));
        Ok(draft)
    }
}
