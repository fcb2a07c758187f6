//! From a provider block to a client.

use super::Aws;
use super::credentials::Sources;
use super::log::Logged;
use super::region::Regions;
use super::settings::Settings;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use std::time::Duration;
use windlass_api::{Account, Environment, Error, ErrorKind, Value};

/// One try of a call. The slowest call of the types here, a Describe of many objects, takes a few seconds.
const TRY_SECONDS: u64 = 60;

/// A call with all its tries.
const CALL_SECONDS: u64 = 300;

/// Makes a client from a provider block.
///
/// # Errors
/// When the block holds what is not implemented, when no region is set, and when credentials are missing or expired.
pub(crate) async fn configure(config: &Value, environment: &Environment) -> Result<Aws, Error> {
    let mut settings = Settings::read(config, environment)?;
    let sources = Sources { config, environment, skip_metadata: settings.skip_metadata_api_check };
    if settings.region.is_empty() {
        settings.region = sources.profile_region().await.ok_or_else(no_region)?;
    }
    let shared = shared_config(&settings);
    let with_sts_endpoint = match settings.endpoint("sts") {
        Some(url) => shared.clone().into_builder().endpoint_url(url).build(),
        None => shared.clone(),
    };
    let credentials = sources.resolve(&with_sts_endpoint).await?;
    let shared = shared.into_builder().credentials_provider(credentials).build();
    let regions = Regions::new(shared, settings.clone());
    Ok(Aws { settings, regions, works: std::sync::Mutex::default() })
}

fn no_region() -> Error {
    Error::new(ErrorKind::Invalid, "Missing region: the aws provider has no region.")
        .with_hint("Set region in the aws provider block, or the environment variable AWS_REGION.")
}

/// What all services share: one HTTP client, standard retries, time-outs.
fn shared_config(settings: &Settings) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(TRY_SECONDS))
        .operation_timeout(Duration::from_secs(CALL_SECONDS))
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .http_client(SharedHttpClient::new(Logged(http)))
        .retry_config(RetryConfig::standard().with_max_attempts(settings.tries.max(1)))
        .timeout_config(timeouts)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SharedTimeSource::new(SystemTimeSource::new()))
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dual_stack)
        .build()
}

impl Aws {
    /// Whose account it is, checked against the accounts that the provider block allows.
    pub(super) async fn identify(&self) -> Result<Account, Error> {
        let region = self.regions.get(None);
        let id = region.account_id().await?;
        let (allowed, forbidden) = (&self.settings.allowed_accounts, &self.settings.forbidden_accounts);
        if !id.is_empty() && (forbidden.contains(&id) || (!allowed.is_empty() && !allowed.contains(&id))) {
            let error = Error::new(ErrorKind::Denied, format!("AWS account ID not allowed: {id}"));
            return Err(error.with_hint("The aws provider block names the accounts in allowed_account_ids and forbidden_account_ids."));
        }
        Ok(Account { id, region: Some(self.settings.region.clone()) })
    }
}
