//! Data sources: one file each, and their one table.

mod aws_caller_identity;
mod aws_iam_policy_document;
pub(crate) mod aws_partition;

use crate::client::Region;
use crate::resource::Draft;
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
static SOURCES: &[&dyn DataSource] =
    &[&aws_caller_identity::CallerIdentity, &aws_iam_policy_document::PolicyDocument, &aws_partition::Partition];

/// An implemented data source by name.
pub(crate) fn source(name: &str) -> Option<&'static dyn DataSource> {
    SOURCES.iter().find(|source| source.name() == name).copied()
}
