//! `aws_partition`: the partition of the provider's region. No call is made.

use super::DataSource;
use crate::client::Region;
use crate::resource::Draft;
use windlass_api::{Error, Value};

/// The data source.
pub(crate) struct Partition;

#[async_trait::async_trait]
impl DataSource for Partition {
    fn name(&self) -> &'static str {
        "aws_partition"
    }

    async fn read(&self, region: &Region, _config: &Value) -> Result<Draft, Error> {
        let suffix = dns_suffix(region.partition);
        let reverse: Vec<&str> = suffix.rsplit('.').collect();
        let mut draft = Draft::new();
        draft.text("id", Some(region.partition)).text("partition", Some(region.partition));
        draft.text("dns_suffix", Some(suffix)).text("reverse_dns_prefix", Some(reverse.join(".")));
        Ok(draft)
    }
}

/// The domain that a partition's services stand in.
pub(crate) fn dns_suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}
