//! `aws_region`: the region of the provider, or another by name or endpoint.

use super::DataSource;
use crate::client::Region;
use crate::resource::{Draft, Fetch};
use windlass_api::{Error, ErrorKind, Value};

/// The data source.
pub(crate) struct RegionData;

/// Regions and how AWS calls them.
const REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-6", "Asia Pacific (New Zealand)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

fn endpoint_of(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("ec2.{region}.{suffix}")
}

#[async_trait::async_trait]
impl DataSource for RegionData {
    fn name(&self) -> &'static str {
        "aws_region"
    }

    async fn read(&self, region: &Region, config: &Value) -> Result<Draft, Error> {
        let by_endpoint = config.text("endpoint");
        let named = config.text("name").or_else(|| config.text("region"));
        let name = match (&named, &by_endpoint) {
            (Some(name), _) => name.as_str(),
            (None, Some(endpoint)) => {
                let found = REGIONS.iter().find(|(name, _)| endpoint_of(name) == *endpoint).map(|(name, _)| *name);
                found.ok_or_else(|| Error::new(ErrorKind::Invalid, format!("finding Region using endpoint ({endpoint}): not found")))?
            }
            (None, None) => region.name.as_str(),
        };
        let description = REGIONS.iter().find(|(other, _)| *other == name).map(|(_, description)| *description);
        if named.is_some() && description.is_none() {
            return Err(Error::new(ErrorKind::Invalid, format!("finding Region using name ({name}): not found")));
        }
        let mut draft = Draft::new();
        draft
            .text("description", Some(description.unwrap_or_default()))
            .text("endpoint", Some(endpoint_of(name)))
            .text("id", Some(name))
            .text("name", Some(name))
            .text("region", Some(name));
        Ok(draft)
    }
}
