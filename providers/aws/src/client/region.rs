//! One set of SDK clients a region; all share one HTTP client and one credential cache.

use super::settings::Settings;
use aws_types::SdkConfig;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use windlass_api::Error;

/// The SDK clients of one region.
pub(crate) struct Region {
    /// Its name, such as `us-east-1`.
    pub(crate) name: String,
    /// The partition that it belongs to, such as `aws`.
    pub(crate) partition: &'static str,
    /// EC2.
    pub(crate) ec2: aws_sdk_ec2::Client,
    /// Auto Scaling.
    pub(crate) autoscaling: aws_sdk_autoscaling::Client,
    /// S3.
    pub(crate) s3: aws_sdk_s3::Client,
    /// IAM.
    pub(crate) iam: aws_sdk_iam::Client,
    /// STS.
    pub(crate) sts: aws_sdk_sts::Client,
    /// The provider's own settings.
    pub(crate) settings: Settings,
    account: Arc<OnceCell<String>>,
}

impl Region {
    fn new(name: &str, shared: &SdkConfig, settings: &Settings, account: Arc<OnceCell<String>>) -> Region {
        let shared = shared.clone().into_builder().region(aws_types::region::Region::new(name.to_owned())).build();
        let endpoint = |service: &str| settings.endpoint(service);
        // Not generic over the service: the configuration types of the SDK's crates have no trait in common.
        let ec2 = aws_sdk_ec2::config::Builder::from(&shared).retry_classifier(super::retry::NeverForCapacity);
        let autoscaling = aws_sdk_autoscaling::config::Builder::from(&shared).retry_classifier(super::retry::NeverForCapacity);
        let s3 = aws_sdk_s3::config::Builder::from(&shared).force_path_style(settings.s3_path_style);
        let iam = aws_sdk_iam::config::Builder::from(&shared);
        let sts = aws_sdk_sts::config::Builder::from(&shared);
        let sts = match &settings.sts_region {
            Some(region) => sts.region(aws_types::region::Region::new(region.clone())),
            None => sts,
        };
        Region {
            name: name.to_owned(),
            partition: partition_of(name),
            ec2: aws_sdk_ec2::Client::from_conf(with_endpoint(ec2, endpoint("ec2"), |it, url| it.endpoint_url(url)).build()),
            autoscaling: aws_sdk_autoscaling::Client::from_conf(
                with_endpoint(autoscaling, endpoint("autoscaling"), |it, url| it.endpoint_url(url)).build(),
            ),
            s3: aws_sdk_s3::Client::from_conf(with_endpoint(s3, endpoint("s3"), |it, url| it.endpoint_url(url)).build()),
            iam: aws_sdk_iam::Client::from_conf(with_endpoint(iam, endpoint("iam"), |it, url| it.endpoint_url(url)).build()),
            sts: aws_sdk_sts::Client::from_conf(with_endpoint(sts, endpoint("sts"), |it, url| it.endpoint_url(url)).build()),
            settings: settings.clone(),
            account,
        }
    }

    /// The account's number, asked once for all regions; empty when the provider block skips it.
    ///
    /// # Errors
    /// Those of `sts:GetCallerIdentity`.
    pub(crate) async fn account_id(&self) -> Result<String, Error> {
        if self.settings.skip_requesting_account_id {
            return Ok(String::new());
        }
        let ask = || async {
            let answer = self.sts.get_caller_identity().send().await;
            answer.map(|identity| identity.account.unwrap_or_default()).map_err(|error| super::failure("sts:GetCallerIdentity", error))
        };
        self.account.get_or_try_init(ask).await.cloned()
    }

    /// An ARN in this region, such as `arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1`.
    pub(crate) fn arn(&self, service: &str, account: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{account}:{resource}", self.partition, self.name)
    }
}

fn with_endpoint<B>(builder: B, url: Option<String>, set: impl FnOnce(B, String) -> B) -> B {
    match url {
        Some(url) => set(builder, url),
        None => builder,
    }
}

/// The partition of a region, by its name.
pub(crate) fn partition_of(region: &str) -> &'static str {
    const PREFIXES: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

/// Regional clients, made when first asked for.
pub(crate) struct Regions {
    shared: SdkConfig,
    settings: Settings,
    account: Arc<OnceCell<String>>,
    made: Mutex<HashMap<String, Arc<Region>>>,
}

impl Regions {
    pub(super) fn new(shared: SdkConfig, settings: Settings) -> Regions {
        Regions { shared, settings, account: Arc::new(OnceCell::new()), made: Mutex::default() }
    }

    /// The clients of a region, or of the provider's own region.
    pub(crate) fn get(&self, name: Option<&str>) -> Arc<Region> {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(&self.settings.region);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let region =
            made.entry(name.to_owned()).or_insert_with(|| Arc::new(Region::new(name, &self.shared, &self.settings, self.account.clone())));
        region.clone()
    }
}
