//! `aws_ec2_instance_type_offerings`: which instance types there are, and where.

use super::{DataSource, filters};
use crate::client::{Region, failure};
use crate::resource::{Draft, Fetch};
use aws_sdk_ec2::types::LocationType;
use windlass_api::{Error, Value};

/// The data source.
pub(crate) struct InstanceTypeOfferings;

#[async_trait::async_trait]
impl DataSource for InstanceTypeOfferings {
    fn name(&self) -> &'static str {
        "aws_ec2_instance_type_offerings"
    }

    async fn read(&self, region: &Region, config: &Value) -> Result<Draft, Error> {
        let location = config.text("location_type").map(|text| LocationType::from(text.as_str()));
        let call = region.ec2.describe_instance_type_offerings().set_location_type(location).set_filters(filters(config));
        let offerings: Result<Vec<_>, _> = call.into_paginator().items().send().collect().await;
        let mut offerings = offerings.map_err(|error| failure("ec2:DescribeInstanceTypeOfferings", error))?;
        // The API has no order of its own; without one, two plans would differ.
        offerings.sort_by(|one, other| {
            let key = |it: &aws_sdk_ec2::types::InstanceTypeOffering| {
                (it.location.clone(), it.instance_type.as_ref().map(|kind| kind.as_str().to_owned()))
            };
            key(one).cmp(&key(other))
        });
        let mut draft = Draft::new();
        draft
            .text("id", Some(&region.name))
            .texts("instance_types", offerings.iter().filter_map(|it| it.instance_type.as_ref().map(|kind| kind.as_str())))
            .texts("location_types", offerings.iter().filter_map(|it| it.location_type.as_ref().map(LocationType::as_str)))
            .texts("locations", offerings.iter().filter_map(|it| it.location()));
        Ok(draft)
    }
}
