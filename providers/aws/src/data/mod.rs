//! Data sources: one file each, and their one table.

mod aws_ami;
mod aws_availability_zones;
mod aws_caller_identity;
mod aws_ec2_instance_type_offerings;
mod aws_iam_policy_document;
pub(crate) mod aws_partition;
mod aws_region;

use crate::client::Region;
use crate::resource::{Draft, Fetch};
use windlass_api::{Error, Value};

/// An implemented data source.
#[async_trait::async_trait]
pub(crate) trait DataSource: Send + Sync {
    /// Its name, such as `aws_ami`.
    fn name(&self) -> &'static str;

    /// Attributes that are refused by name when they are set; at most five.
    fn refused(&self) -> &'static [&'static str] {
        &[]
    }

    /// Reads it by its configuration; what the draft leaves out stays as configured.
    async fn read(&self, region: &Region, config: &Value) -> Result<Draft, Error>;
}

/// Every implemented data source.
static SOURCES: &[&dyn DataSource] = &[
    &aws_ami::Ami,
    &aws_availability_zones::AvailabilityZones,
    &aws_caller_identity::CallerIdentity,
    &aws_ec2_instance_type_offerings::InstanceTypeOfferings,
    &aws_iam_policy_document::PolicyDocument,
    &aws_partition::Partition,
    &aws_region::RegionData,
];

/// An implemented data source by name.
pub(crate) fn source(name: &str) -> Option<&'static dyn DataSource> {
    SOURCES.iter().find(|source| source.name() == name).copied()
}

/// The `filter` blocks of a configuration, as EC2 takes them.
fn filters(config: &Value) -> Option<Vec<aws_sdk_ec2::types::Filter>> {
    let one = |block: &Value| aws_sdk_ec2::types::Filter::builder().set_name(block.text("name")).set_values(block.texts("values")).build();
    Some(config.blocks("filter").iter().map(one).collect()).filter(|filters: &Vec<_>| !filters.is_empty())
}
