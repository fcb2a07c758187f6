//! The `provider` block, in Terraform's names, and the environment variables behind it.

use crate::resource::{Fetch, Tags, is_set};
use std::collections::BTreeMap;
use windlass_api::{Environment, Error, ErrorKind, Value};

/// Used under `-sandbox` when nothing names a region.
const SANDBOX_REGION: &str = "us-east-1";

/// How often a call is tried at most, if the provider block does not say. Terraform's provider tries 25 times, which is minutes of
/// silence; here the engine tries whole operations again and says so.
const DEFAULT_TRIES: u32 = 6;

/// What is understood of the provider block beyond credentials.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) region: String,
    pub(crate) sts_region: Option<String>,
    pub(crate) default_tags: Tags,
    pub(crate) ignored_keys: Vec<String>,
    pub(crate) ignored_prefixes: Vec<String>,
    pub(crate) allowed_accounts: Vec<String>,
    pub(crate) forbidden_accounts: Vec<String>,
    pub(crate) skip_requesting_account_id: bool,
    pub(crate) skip_metadata_api_check: bool,
    pub(crate) s3_path_style: bool,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
    pub(crate) tries: u32,
    /// URLs by service, and under the empty name the one of all services.
    endpoints: BTreeMap<String, String>,
}

/// Attributes and blocks of the provider block that are understood.
const UNDERSTOOD: &[&str] = &[
    "access_key",
    "allowed_account_ids",
    "assume_role",
    "default_tags",
    "endpoints",
    "forbidden_account_ids",
    "ignore_tags",
    "max_retries",
    "profile",
    "region",
    "retry_mode",
    "s3_us_east_1_regional_endpoint",
    "s3_use_path_style",
    "secret_key",
    "shared_config_files",
    "shared_credentials_files",
    "skip_credentials_validation",
    "skip_metadata_api_check",
    "skip_region_validation",
    "skip_requesting_account_id",
    "sts_region",
    "token",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
];

/// Terraform's names of a service's endpoint, and the SDK's suffix of `AWS_ENDPOINT_URL_…`.
const SERVICES: &[(&str, &[&str], &str)] = &[
    ("ec2", &["ec2"], "EC2"),
    ("autoscaling", &["autoscaling"], "AUTO_SCALING"),
    ("s3", &["s3", "s3api"], "S3"),
    ("iam", &["iam"], "IAM"),
    ("sts", &["sts"], "STS"),
];

impl Settings {
    /// Reads a provider block.
    ///
    /// # Errors
    /// When a region is missing, when something is set that is not implemented, or when an endpoint names another service.
    pub(super) fn read(config: &Value, environment: &Environment) -> Result<Settings, Error> {
        refuse_the_rest(config)?;
        let variable = |name: &str| environment.variables.get(name).filter(|value| !value.is_empty()).cloned();
        let flag = |name: &str| config.flag(name).unwrap_or(false);
        let ignore = config.block("ignore_tags");
        let ignored = |name: &str| ignore.and_then(|block| block.texts(name)).unwrap_or_default();
        let is_sandbox = environment.sandbox.is_some();
        let region = config.text("region").or_else(|| variable("AWS_REGION")).or_else(|| variable("AWS_DEFAULT_REGION"));
        Ok(Settings {
            region: region.or_else(|| is_sandbox.then(|| SANDBOX_REGION.to_owned())).unwrap_or_default(),
            sts_region: config.text("sts_region"),
            default_tags: config.block("default_tags").map(|block| block.pairs("tags")).unwrap_or_default(),
            ignored_keys: ignored("keys"),
            ignored_prefixes: ignored("key_prefixes"),
            allowed_accounts: config.texts("allowed_account_ids").unwrap_or_default(),
            forbidden_accounts: config.texts("forbidden_account_ids").unwrap_or_default(),
            skip_requesting_account_id: flag("skip_requesting_account_id"),
            skip_metadata_api_check: config.text("skip_metadata_api_check").as_deref() == Some("true"),
            s3_path_style: flag("s3_use_path_style") || is_sandbox,
            use_fips: flag("use_fips_endpoint"),
            use_dual_stack: flag("use_dualstack_endpoint"),
            tries: config.int("max_retries").and_then(|tries| u32::try_from(tries).ok()).map_or(DEFAULT_TRIES, |tries| tries + 1),
            endpoints: endpoints(config, environment)?,
        })
    }

    /// The URL that a service is called at, if not its usual one.
    pub(crate) fn endpoint(&self, service: &str) -> Option<String> {
        self.endpoints.get(service).or_else(|| self.endpoints.get("")).cloned()
    }

    /// Whether `ignore_tags` names a tag key.
    pub(crate) fn ignores(&self, key: &str) -> bool {
        self.ignored_keys.iter().any(|ignored| ignored == key)
            || self.ignored_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
    }
}

fn refuse_the_rest(config: &Value) -> Result<(), Error> {
    let Some(fields) = config.fields() else { return Ok(()) };
    let is_off = |value: &Value| value.as_bool() == Some(false);
    let refused: Vec<&str> = fields
        .iter()
        .filter(|(name, value)| !UNDERSTOOD.contains(&&***name) && is_set(config, name) && !is_off(value))
        .map(|(name, _)| &**name)
        .collect();
    if !refused.is_empty() {
        let names = refused.join(", ");
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("The aws provider block sets {names}, which Windlass does not implement yet."),
        )
        .with_hint("Remove it, or use the environment variables and profile files that the block understands."));
    }
    if config.text("retry_mode").is_some_and(|mode| mode != "standard") {
        let error = Error::new(ErrorKind::Unsupported, "Only retry_mode = \"standard\" is implemented.");
        return Err(error.with_hint("Remove retry_mode from the aws provider block."));
    }
    Ok(())
}

fn endpoints(config: &Value, environment: &Environment) -> Result<BTreeMap<String, String>, Error> {
    if let Some(sandbox) = &environment.sandbox {
        return Ok(BTreeMap::from([(String::new(), sandbox.url.clone())]));
    }
    let variable = |name: &str| environment.variables.get(name).filter(|value| !value.is_empty());
    let mut urls = BTreeMap::new();
    if let Some(url) = variable("AWS_ENDPOINT_URL") {
        urls.insert(String::new(), url.clone());
    }
    for (service, _, suffix) in SERVICES {
        if let Some(url) = variable(&format!("AWS_ENDPOINT_URL_{suffix}")) {
            urls.insert((*service).to_owned(), url.clone());
        }
    }
    for block in config.blocks("endpoints") {
        for (name, value) in block.fields().into_iter().flatten() {
            let Some(url) = value.as_str().filter(|url| !url.is_empty()) else { continue };
            if let Some((service, _, _)) = SERVICES.iter().find(|(_, names, _)| names.contains(&&**name)) {
                urls.insert((*service).to_owned(), url.to_owned());
            }
        }
    }
    Ok(urls)
}

/// The region that a provider block names; `None` when the environment decides.
pub(crate) fn region_of(provider_config: &Value) -> Option<Value> {
    provider_config
        .get("region")
        .filter(|region| !region.is_null() && (!region.is_known() || region.as_str().is_some_and(|name| !name.is_empty())))
        .cloned()
}

/// The default tags of a provider block; `None` when they are not wholly known.
pub(crate) fn default_tags_of(provider_config: &Value) -> Option<Tags> {
    match provider_config.get("default_tags") {
        Some(blocks) if !blocks.is_wholly_known() => None,
        _ => Some(provider_config.block("default_tags").map(|block| block.pairs("tags")).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use windlass_api::{SandboxEndpoint, Type};

    fn config() -> Value {
        Value::object_of([
            ("region", "eu-west-1".into()),
            ("endpoints", Value::tuple(vec![Value::object_of([("ec2", "http://ec2.test".into()), ("lambda", "http://l.test".into())])])),
            ("http_proxy", Value::null(Type::String)),
        ])
    }

    #[test]
    fn the_block_wins_over_the_environment_and_the_sandbox_over_both() {
        let mut environment = Environment::default();
        environment.variables.insert("AWS_REGION".into(), "us-west-2".into());
        environment.variables.insert("AWS_ENDPOINT_URL".into(), "http://all.test".into());
        let settings = Settings::read(&config(), &environment).expect("a valid block");
        assert_eq!(settings.region, "eu-west-1");
        assert_eq!(settings.endpoint("ec2").as_deref(), Some("http://ec2.test"));
        assert_eq!(settings.endpoint("iam").as_deref(), Some("http://all.test"));
        environment.sandbox = Some(SandboxEndpoint { url: "http://127.0.0.1:1".into(), access_key: "a".into(), secret_key: "s".into() });
        let settings = Settings::read(&config(), &environment).expect("a valid block");
        assert_eq!(settings.endpoint("ec2").as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn what_is_not_implemented_is_refused_by_name() {
        let config = config().with_field("http_proxy", "http://proxy".into());
        let error = Settings::read(&config, &Environment::default()).expect_err("a refusal");
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert!(error.message.contains("http_proxy"), "{error}");
    }
}
