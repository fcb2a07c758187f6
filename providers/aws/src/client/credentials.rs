//! Where credentials come from: the provider block, the environment variables passed in, profile files, the container's or
//! the machine's role. Nothing is read from the process's own environment but by a profile that says
//! `credential_source = Environment`.

use super::error::{chain, failure_of};
use crate::resource::Fetch;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;
use aws_types::os_shim_internal::{Env, Fs};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use windlass_api::{Environment, Error, ErrorKind, Value};

#[expect(deprecated, reason = "the SDK has no other way to name profile files")]
use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};

const NO_SOURCE: &str = "No valid credential sources found.";

/// What the provider block's credentials and the files behind them are read from.
pub(super) struct Sources<'a> {
    pub(super) config: &'a Value,
    pub(super) environment: &'a Environment,
    pub(super) skip_metadata: bool,
}

impl Sources<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.environment.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn profile(&self) -> Option<String> {
        self.config.text("profile").or_else(|| self.variable("AWS_PROFILE")).or_else(|| self.variable("AWS_DEFAULT_PROFILE"))
    }

    fn files(&self, attribute: &str, variable: &str, usual: &str) -> Vec<PathBuf> {
        let home = self.environment.home.as_deref();
        let expand = |path: &str| match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        };
        let configured = self.config.texts(attribute).unwrap_or_default();
        let paths: Vec<PathBuf> = match (configured.is_empty(), self.variable(variable)) {
            (false, _) => configured.iter().map(|path| expand(path)).collect(),
            (true, Some(path)) => vec![expand(&path)],
            (true, None) => home.map(|home| home.join(usual)).into_iter().collect(),
        };
        paths.into_iter().filter(|path| Path::is_file(path)).collect()
    }

    /// The profile files that exist.
    #[expect(deprecated, reason = "the SDK has no other way to name profile files")]
    fn profile_files(&self) -> Option<ProfileFiles> {
        let configs = self.files("shared_config_files", "AWS_CONFIG_FILE", ".aws/config");
        let credentials = self.files("shared_credentials_files", "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
        if configs.is_empty() && credentials.is_empty() {
            return None;
        }
        let files = configs.into_iter().fold(ProfileFiles::builder(), |files, path| files.with_file(ProfileFileKind::Config, path));
        Some(credentials.into_iter().fold(files, |files, path| files.with_file(ProfileFileKind::Credentials, path)).build())
    }

    /// The region of the profile.
    pub(super) async fn profile_region(&self) -> Option<String> {
        let files = self.profile_files()?;
        let profile = self.profile().map(std::borrow::Cow::Owned);
        let profiles = aws_config::profile::load(&Fs::real(), &Env::from_slice(&[]), &files, profile).await.ok()?;
        profiles.get("region").map(str::to_owned)
    }

    /// The provider of credentials, and what it gave the first time.
    pub(super) async fn resolve(&self, shared: &SdkConfig) -> Result<SharedCredentialsProvider, Error> {
        if let Some(sandbox) = &self.environment.sandbox {
            return Ok(fixed(&sandbox.access_key, &sandbox.secret_key, None));
        }
        let provider = match self.base(shared)? {
            Some(provider) => provider,
            None => return Err(absent(NO_SOURCE)),
        };
        check(&provider).await?;
        match self.config.block("assume_role").filter(|block| block.text("role_arn").is_some()) {
            Some(block) => assume(block, provider, shared).await,
            None => Ok(provider),
        }
    }

    fn base(&self, shared: &SdkConfig) -> Result<Option<SharedCredentialsProvider>, Error> {
        if let (Some(access), Some(secret)) = (self.config.text("access_key"), self.config.text("secret_key")) {
            return Ok(Some(fixed(&access, &secret, self.config.text("token"))));
        }
        // A profile named in the provider block goes before keys in the environment; one named in the environment does not.
        if let Some(profile) = self.config.text("profile") {
            return self.profile_provider(&profile, shared).map(Some);
        }
        if let (Some(access), Some(secret)) = (self.variable("AWS_ACCESS_KEY_ID"), self.variable("AWS_SECRET_ACCESS_KEY")) {
            return Ok(Some(fixed(&access, &secret, self.variable("AWS_SESSION_TOKEN"))));
        }
        if let Some(profile) = self.profile() {
            return self.profile_provider(&profile, shared).map(Some);
        }
        if let (Some(file), Some(role)) = (self.variable("AWS_WEB_IDENTITY_TOKEN_FILE"), self.variable("AWS_ROLE_ARN")) {
            let session = self.variable("AWS_ROLE_SESSION_NAME").unwrap_or_else(|| "windlass".to_owned());
            let token = StaticConfiguration { web_identity_token_file: file.into(), role_arn: role, session_name: session };
            let provider = WebIdentityTokenCredentialsProvider::builder().static_configuration(token).configure(&provider_config(shared));
            return Ok(Some(SharedCredentialsProvider::new(provider.build())));
        }
        if self.profile_files().is_some() {
            return self.profile_provider("default", shared).map(Some);
        }
        Ok(self.machine_provider(shared))
    }

    fn profile_provider(&self, profile: &str, shared: &SdkConfig) -> Result<SharedCredentialsProvider, Error> {
        let files = self
            .profile_files()
            .ok_or_else(|| absent(&format!("failed to get shared config profile, {profile}: there is no profile file")))?;
        let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).profile_files(files);
        Ok(SharedCredentialsProvider::new(provider.configure(&provider_config(shared)).build()))
    }

    fn machine_provider(&self, shared: &SdkConfig) -> Option<SharedCredentialsProvider> {
        let names = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        if names.iter().any(|name| self.variable(name).is_some()) {
            let provider = aws_config::ecs::EcsCredentialsProvider::builder().configure(&provider_config(shared)).build();
            return Some(SharedCredentialsProvider::new(provider));
        }
        let is_disabled = self.variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if self.skip_metadata || is_disabled {
            return None;
        }
        let provider = ImdsCredentialsProvider::builder().configure(&provider_config(shared)).build();
        Some(SharedCredentialsProvider::new(provider))
    }
}

fn provider_config(shared: &SdkConfig) -> ProviderConfig {
    let mut config = ProviderConfig::empty().with_region(shared.region().cloned()).with_behavior_version(shared.behavior_version());
    if let Some(client) = shared.http_client() {
        config = config.with_http_client(client);
    }
    if let Some(sleep) = shared.sleep_impl() {
        config = config.with_sleep_impl(sleep);
    }
    config
}

fn fixed(access: &str, secret: &str, token: Option<String>) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new(access, secret, token, None, "windlass"))
}

async fn assume(block: &Value, base: SharedCredentialsProvider, shared: &SdkConfig) -> Result<SharedCredentialsProvider, Error> {
    let role = block.text("role_arn").unwrap_or_default();
    for name in ["source_identity", "transitive_tag_keys"] {
        if crate::resource::is_set(block, name) {
            return Err(Error::new(ErrorKind::Unsupported, format!("assume_role sets {name}, which Windlass does not implement yet.")));
        }
    }
    let mut builder = aws_config::sts::AssumeRoleProvider::builder(role).configure(shared);
    builder = builder.session_name(block.text("session_name").unwrap_or_else(|| "windlass".to_owned()));
    if let Some(id) = block.text("external_id") {
        builder = builder.external_id(id);
    }
    if let Some(policy) = block.text("policy") {
        builder = builder.policy(policy);
    }
    if let Some(arns) = block.texts("policy_arns").filter(|arns| !arns.is_empty()) {
        builder = builder.policy_arns(arns);
    }
    let tags = block.pairs("tags");
    if !tags.is_empty() {
        builder = builder.tags(tags);
    }
    if let Some(duration) = block.text("duration") {
        let span: jiff::SignedDuration = duration
            .parse()
            .map_err(|error| Error::new(ErrorKind::Invalid, format!("assume_role.duration: \"{duration}\" is no duration: {error}.")))?;
        builder = builder.session_length(span.unsigned_abs());
    }
    let provider = SharedCredentialsProvider::new(builder.build_from_provider(base).await);
    check(&provider).await?;
    Ok(provider)
}

/// Asks once, so that what is missing or expired is said before anything else happens.
async fn check(provider: &SharedCredentialsProvider) -> Result<(), Error> {
    match provider.provide_credentials().await {
        Ok(credentials) => match credentials.expiry() {
            Some(expiry) if expiry < SystemTime::now() => Err(Error::new(ErrorKind::Credentials, "The AWS credentials have expired.")
                .with_hint("Get new credentials, for example with \"aws sso login\", and run the command again.")),
            _ => Ok(()),
        },
        Err(CredentialsError::CredentialsNotLoaded(_)) => Err(absent(NO_SOURCE)),
        Err(error) => {
            Err(refused_role(&error).unwrap_or_else(|| absent(&format!("{NO_SOURCE} The last one tried says: {}.", chain(&error)))))
        }
    }
}

/// The answer of STS to who wanted to act as a role, if that is what failed.
fn refused_role(error: &CredentialsError) -> Option<Error> {
    let error = match cause_of::<SdkError<AssumeRoleError, HttpResponse>>(error) {
        Some(cause) => failure_of("sts:AssumeRole", cause),
        None => failure_of("sts:AssumeRoleWithWebIdentity", cause_of::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>(error)?),
    };
    Some(match error.kind {
        ErrorKind::Denied => error.with_hint(
            "The role can't be used. Check that it exists, that its trust policy lets these credentials in, and that they may do \
             sts:AssumeRole on it.",
        ),
        _ => error,
    })
}

/// The first cause of a type.
fn cause_of<E: std::error::Error + 'static>(error: &dyn std::error::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(cause) = next {
        match cause.downcast_ref::<E>() {
            Some(found) => return Some(found),
            None => next = cause.source(),
        }
    }
    None
}

fn absent(message: &str) -> Error {
    Error::new(ErrorKind::Credentials, message).with_hint(
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in the aws provider block or in AWS_PROFILE. \
         To try without an account, use -sandbox.",
    )
}
