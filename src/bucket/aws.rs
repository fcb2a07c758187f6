//! Credentials of AWS: where they are looked for, in the order of its own tools.

use super::profile::Profiles;
use super::signer::Source;
use super::{Access, Role, Surroundings};
use reqsign_aws_v4::{
    AssumeRoleCredentialProvider, AssumeRoleWithWebIdentityCredentialProvider, Credential, ECSCredentialProvider, EnvCredentialProvider,
    IMDSv2CredentialProvider, ProcessCredentialProvider, RequestSigner, SSOCredentialProvider, StaticCredentialProvider,
};
use reqsign_core::{Context, Error, ProvideCredential, Result, Signer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many profiles may lead from one to the next.
const PROFILES_MAX: usize = 10;
/// What a session of an assumed role is called, if nobody says.
const SESSION_NAME: &str = "windlass";

type Found = Result<Option<Credential>>;

/// Where credentials come from: what is said; else the environment, the profile, a web identity, the container, the machine.
/// Then the roles that are said.
pub(super) fn source(access: &Access, surroundings: &Surroundings, context: &Context, region: &str) -> Source<Credential> {
    let first: Source<Credential> = match &access.keys {
        Some(keys) => by_keys(&keys.id, &keys.secret.0, keys.token.as_ref().map(|token| token.0.as_str())),
        None => Arc::new(Chain {
            profiles: Profiles::new(access, surroundings),
            profile: access.profile.clone(),
            in_container: surroundings.first(&["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"]).is_some(),
            region: region.to_owned(),
        }),
    };
    access.roles.iter().fold(first, |source, role| as_role(role, Shared(source), context.clone(), region))
}

/// The region that is said, or that the environment or the profile names.
pub(super) fn region(said: Option<&str>, access: &Access, surroundings: &Surroundings) -> Option<String> {
    let said = said.or_else(|| surroundings.first(&["AWS_REGION", "AWS_DEFAULT_REGION"])).map(str::to_owned);
    said.or_else(|| region_of_profile(access, surroundings))
}

/// The region that the user's files name for the profile.
fn region_of_profile(access: &Access, surroundings: &Surroundings) -> Option<String> {
    let profiles = Profiles::new(access, surroundings).read_now();
    profiles.get(&profile_name(access.profile.as_deref(), surroundings.variable("AWS_PROFILE")))?.get("region").cloned()
}

fn profile_name(said: Option<&str>, variable: Option<&str>) -> String {
    said.or(variable).unwrap_or("default").to_owned()
}

fn by_keys(id: &str, secret: &str, token: Option<&str>) -> Source<Credential> {
    match token {
        Some(token) => Arc::new(StaticCredentialProvider::new(id, secret).with_session_token(token)),
        None => Arc::new(StaticCredentialProvider::new(id, secret)),
    }
}

/// The credentials of a role that those of `source` may assume.
fn as_role(role: &Role, source: Shared, context: Context, region: &str) -> Source<Credential> {
    let signer = Signer::new(context, source, RequestSigner::new("sts", region));
    let mut provider = AssumeRoleCredentialProvider::new(role.arn.clone(), signer)
        .with_region(region.to_owned())
        .with_regional_sts_endpoint()
        .with_role_session_name(role.session_name.clone().unwrap_or_else(|| SESSION_NAME.to_owned()))
        .with_policy_arns(role.policy_arns.clone())
        .with_tags(role.tags.clone());
    if let Some(id) = &role.external_id {
        provider = provider.with_external_id(id.clone());
    }
    if let Some(seconds) = role.duration_seconds {
        provider = provider.with_duration_seconds(seconds);
    }
    if let Some(policy) = &role.policy {
        provider = provider.with_policy(policy.clone());
    }
    Arc::new(provider)
}

/// A source that several have.
#[derive(Debug)]
struct Shared(Source<Credential>);

impl ProvideCredential for Shared {
    type Credential = Credential;

    async fn provide_credential(&self, context: &Context) -> Found {
        self.0.provide_credential_dyn(context).await
    }
}

/// The places where AWS's tools look, one after the other. What is named but broken is an error; what is not there is not.
#[derive(Debug)]
struct Chain {
    profiles: Profiles,
    profile: Option<String>,
    in_container: bool,
    region: String,
}

impl ProvideCredential for Chain {
    type Credential = Credential;

    async fn provide_credential(&self, context: &Context) -> Found {
        // A profile that is said goes before the environment.
        if self.profile.is_none()
            && let Some(credential) = EnvCredentialProvider::new().provide_credential(context).await?
        {
            return Ok(Some(credential));
        }
        let named = self.profile.clone().or_else(|| context.env_var("AWS_PROFILE"));
        let name = profile_name(named.as_deref(), None);
        let profiles = self.profiles.read().await;
        match profiles.contains_key(&name) {
            true => {
                if let Some(credential) = self.of_profile(context, &profiles, &name).await? {
                    return Ok(Some(credential));
                }
            }
            false if named.is_some() => {
                return Err(Error::config_invalid(format!("no profile {name:?} in {}", self.profiles.names())));
            }
            false => {}
        }
        if let Some(credential) = AssumeRoleWithWebIdentityCredentialProvider::new().provide_credential(context).await? {
            return Ok(Some(credential));
        }
        if self.in_container {
            return ECSCredentialProvider::new().provide_credential(context).await;
        }
        // Most machines are no virtual machines of AWS, or have no role.
        Ok(IMDSv2CredentialProvider::new().provide_credential(context).await.unwrap_or(None))
    }
}

type Settings = BTreeMap<String, BTreeMap<String, String>>;

impl Chain {
    /// The credentials of a profile, of the one that it names as its source, and so on.
    async fn of_profile(&self, context: &Context, profiles: &Settings, name: &str) -> Found {
        let mut roles: Vec<Role> = Vec::new();
        let mut name = name.to_owned();
        let mut before: Option<String> = None;
        for _ in 0..PROFILES_MAX {
            let Some(profile) = profiles.get(&name) else {
                return Err(Error::config_invalid(format!(
                    "no profile {name:?} in {}, which another one names as its source",
                    self.profiles.names()
                )));
            };
            let value = |key: &str| profile.get(key).map(String::as_str).filter(|value| !value.is_empty());
            // A profile may be its own source: then its keys are meant.
            let is_again = before.as_ref() == Some(&name);
            let Some(arn) = value("role_arn").filter(|_| !is_again) else {
                let Some(first) = own_credentials(context, profiles, profile).await? else { return Ok(None) };
                return self.through(first, &roles, context).await;
            };
            if value("mfa_serial").is_some() {
                return Err(Error::config_invalid(format!(
                    "the profile {name:?} wants a code of a device (mfa_serial); get a session by other means and name its keys"
                )));
            }
            if let Some(file) = value("web_identity_token_file") {
                let mut provider = AssumeRoleWithWebIdentityCredentialProvider::with_config(arn.to_owned(), file.into())
                    .with_region(self.region.clone())
                    .with_regional_sts_endpoint();
                if let Some(session) = value("role_session_name") {
                    provider = provider.with_role_session_name(session.to_owned());
                }
                let Some(first) = provider.provide_credential(context).await? else { return Ok(None) };
                return self.through(first, &roles, context).await;
            }
            roles.push(role_of(arn, profile)?);
            match (value("source_profile"), value("credential_source")) {
                (Some(source), _) => before = Some(std::mem::replace(&mut name, source.to_owned())),
                (None, Some(place)) => {
                    let first = of_place(context, place, &name).await?;
                    return self.through(first, &roles, context).await;
                }
                (None, None) => {
                    return Err(Error::config_invalid(format!(
                        "the profile {name:?} has a role_arn, but neither source_profile nor credential_source"
                    )));
                }
            }
        }
        Err(Error::config_invalid(format!("the profiles lead from one to the next, more than {PROFILES_MAX} times")))
    }

    /// Assumes the roles, the last one first.
    async fn through(&self, first: Credential, roles: &[Role], context: &Context) -> Found {
        let start = by_keys(&first.access_key_id, &first.secret_access_key, first.session_token.as_deref());
        if roles.is_empty() {
            return Ok(Some(first));
        }
        let source = roles.iter().rev().fold(start, |source, role| as_role(role, Shared(source), context.clone(), &self.region));
        source.provide_credential_dyn(context).await
    }
}

fn role_of(arn: &str, profile: &BTreeMap<String, String>) -> Result<Role> {
    let duration = profile.get("duration_seconds").map(|text| text.parse::<u32>()).transpose();
    Ok(Role {
        arn: arn.to_owned(),
        session_name: profile.get("role_session_name").cloned(),
        external_id: profile.get("external_id").cloned(),
        duration_seconds: duration.map_err(|_| Error::config_invalid("duration_seconds of a profile is no number"))?,
        ..Role::default()
    })
}

/// The credentials that a profile has of itself: a key, a session of the single sign-on, a program's.
async fn own_credentials(context: &Context, profiles: &Settings, profile: &BTreeMap<String, String>) -> Found {
    let value = |key: &str| profile.get(key).map(String::as_str).filter(|value| !value.is_empty());
    if let (Some(id), Some(secret)) = (value("aws_access_key_id"), value("aws_secret_access_key")) {
        return by_keys(id, secret, value("aws_session_token")).provide_credential_dyn(context).await;
    }
    if let Some(command) = value("credential_process") {
        return ProcessCredentialProvider::new().with_command(command).provide_credential(context).await;
    }
    let Some(account) = value("sso_account_id") else { return Ok(None) };
    let missing = |what: &str| Error::config_invalid(format!("the profile has an sso_account_id but no {what}"));
    let role = value("sso_role_name").ok_or_else(|| missing("sso_role_name"))?;
    let session = value("sso_session");
    let settings = session.and_then(|session| profiles.get(&format!("sso-session {session}")));
    let shared = |key: &str| value(key).or_else(|| settings?.get(key).map(String::as_str));
    let region = shared("sso_region").ok_or_else(|| missing("sso_region"))?;
    let start_url = shared("sso_start_url").ok_or_else(|| missing("sso_start_url"))?;
    let provider = SSOCredentialProvider::new()
        .with_account_id(account)
        .with_region(region)
        .with_role_name(role)
        // Tokens lie in files that are named after the session, if there is one, else after this address.
        .with_start_url(session.unwrap_or(start_url));
    let found = provider.provide_credential(context).await?;
    found.map(Some).ok_or_else(|| Error::credential_invalid("the session of the single sign-on has ended: run `aws sso login`"))
}

/// The credentials that `credential_source` names.
async fn of_place(context: &Context, place: &str, profile: &str) -> Result<Credential> {
    let found = match place {
        "Environment" => EnvCredentialProvider::new().provide_credential(context).await?,
        "Ec2InstanceMetadata" => IMDSv2CredentialProvider::new().provide_credential(context).await?,
        "EcsContainer" => ECSCredentialProvider::new().provide_credential(context).await?,
        other => {
            return Err(Error::config_invalid(format!(
                "credential_source of the profile {profile:?} is {other:?}; it can be Environment, Ec2InstanceMetadata or EcsContainer"
            )));
        }
    };
    found.ok_or_else(|| Error::credential_invalid(format!("the profile {profile:?} takes credentials from {place}, where there are none")))
}
