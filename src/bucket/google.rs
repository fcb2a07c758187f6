//! Access tokens of Google: from a key of a service account, the user's login, a workload's identity, the virtual machine.

use super::url::encoded;
use super::wire::{self, GoogleFile, GoogleSource};
use super::{Access, Error, Impersonation, Kind, Secret, Surroundings};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::request::Parts;
use reqwest::Client;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;

/// What tokens are for: objects, to be read and written.
pub(super) const STORAGE_SCOPE: &str = "https://www.googleapis.com/auth/devstorage.read_write";
/// What a token must be for that asks for another one.
const PLATFORM_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const TOKEN_ADDRESS: &str = "https://oauth2.googleapis.com/token";
const MACHINE: &str = "metadata.google.internal";
/// How long before its end a token is no longer used.
const HEADROOM: Duration = Duration::from_secs(120);
/// How long a token lives that is asked for.
const LIFETIME_SECONDS: u64 = 3600;

/// Makes and keeps access tokens.
pub(super) struct Tokens {
    client: Client,
    quick: Client,
    origin: Origin,
    impersonate: Option<Impersonation>,
    quota_project: Option<String>,
    /// What tokens are for.
    scope: &'static str,
    kept: Mutex<Kept>,
}

/// Where tokens come from.
enum Origin {
    /// Nobody asks: an emulator.
    None,
    /// It is given.
    Token(Secret),
    /// The content of a file, or its path.
    Said(Secret),
    /// This file, if it is there, else the machine.
    Found { file: Option<PathBuf>, machine: Option<String> },
}

enum Kept {
    NotAsked,
    Nothing,
    Token(Secret, Instant),
}

type Token = (Secret, Duration);

impl Tokens {
    /// Tokens for what a scope names. An emulator wants none, unless one is named.
    pub(super) fn new(
        access: &Access,
        scope: &'static str,
        is_emulated: bool,
        surroundings: &Surroundings,
        client: &Client,
        quick: &Client,
    ) -> Tokens {
        let said = access.credentials.clone().or_else(|| surroundings.variable("GOOGLE_APPLICATION_CREDENTIALS").map(secret));
        let token = access.token.clone().or_else(|| surroundings.variable("GOOGLE_OAUTH_ACCESS_TOKEN").map(secret));
        let origin = match (access.token.clone().or_else(|| token.filter(|_| access.credentials.is_none())), said) {
            (Some(token), _) => Origin::Token(token),
            (None, Some(said)) => Origin::Said(said),
            (None, None) if is_emulated => Origin::None,
            (None, None) => Origin::Found { file: login_file(surroundings), machine: machine(surroundings) },
        };
        Tokens {
            client: client.clone(),
            quick: quick.clone(),
            origin,
            impersonate: access.impersonate.clone(),
            quota_project: surroundings.variable("GOOGLE_CLOUD_QUOTA_PROJECT").map(str::to_owned),
            scope,
            kept: Mutex::new(Kept::NotAsked),
        }
    }

    /// Forgets a token that was not taken.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = Kept::NotAsked;
    }

    /// Adds a token to a request, if one can be had; whether it can.
    pub(super) async fn sign(&self, parts: &mut Parts) -> Result<bool, Error> {
        let mut kept = self.kept.lock().await;
        let is_fresh = match &*kept {
            Kept::NotAsked => false,
            Kept::Nothing => true,
            Kept::Token(_, end) => Instant::now() + HEADROOM < *end,
        };
        if !is_fresh {
            *kept = match self.token().await? {
                Some((token, lifetime)) => Kept::Token(token, Instant::now() + lifetime),
                None => Kept::Nothing,
            };
        }
        let Kept::Token(token, _) = &*kept else { return Ok(false) };
        let mut value = HeaderValue::from_str(&format!("Bearer {}", token.0)).map_err(|_| failed("the access token is none"))?;
        value.set_sensitive(true);
        parts.headers.insert(http::header::AUTHORIZATION, value);
        if let Some(project) = self.quota_project.as_deref().and_then(|project| HeaderValue::from_str(project).ok()) {
            parts.headers.insert("x-goog-user-project", project);
        }
        Ok(true)
    }

    async fn token(&self) -> Result<Option<Token>, Error> {
        let scope = if self.impersonate.is_some() { PLATFORM_SCOPE } else { self.scope };
        let first = match &self.origin {
            Origin::None => None,
            Origin::Token(token) => Some((token.clone(), Duration::from_secs(LIFETIME_SECONDS))),
            Origin::Said(said) => Some(self.of_file(&read(said).await?, scope).await?),
            Origin::Found { file, machine } => match file.as_ref().map(std::fs::read_to_string) {
                Some(Ok(text)) => Some(self.of_file(&text, scope).await?),
                _ => self.of_machine(machine.as_deref()).await?,
            },
        };
        match (first, &self.impersonate) {
            (Some((token, _)), Some(impersonation)) => {
                let url = format!(
                    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:generateAccessToken",
                    encoded(&impersonation.account, false)
                );
                self.impersonated(&token, &url, &impersonation.delegates).await.map(Some)
            }
            (first, _) => Ok(first),
        }
    }

    /// The token that a file of credentials gives.
    async fn of_file(&self, text: &str, scope: &str) -> Result<Token, Error> {
        let file = wire::google_file(text).map_err(|reason| failed(&format!("Google's file of credentials can't be read: {reason}")))?;
        match file {
            GoogleFile::ServiceAccount { email, key, key_id, token_address } => {
                let address = token_address.unwrap_or_else(|| TOKEN_ADDRESS.to_owned());
                let assertion = assertion(&email, &key, key_id.as_deref(), &address, scope)?;
                let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.as_str())];
                self.exchanged(&address, &form).await
            }
            GoogleFile::User { client_id, client_secret, refresh_token } => {
                let form = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client_id.as_str()),
                    ("client_secret", client_secret.0.as_str()),
                    ("refresh_token", refresh_token.0.as_str()),
                ];
                self.exchanged(TOKEN_ADDRESS, &form).await
            }
            GoogleFile::Impersonated { source, address, delegates } => {
                let (token, _) = Box::pin(self.of_file(&source, PLATFORM_SCOPE)).await?;
                self.impersonated(&token, &address, &delegates).await
            }
            GoogleFile::External { audience, kind, token_address, impersonation_address, source } => {
                let subject = self.subject(&source).await?;
                let scope = if impersonation_address.is_some() { PLATFORM_SCOPE } else { scope };
                let form = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                    ("audience", audience.as_str()),
                    ("scope", scope),
                    ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                    ("subject_token_type", kind.as_str()),
                    ("subject_token", subject.as_str()),
                ];
                let token = self.exchanged(&token_address, &form).await?;
                match impersonation_address {
                    Some(address) => self.impersonated(&token.0, &address, &[]).await,
                    None => Ok(token),
                }
            }
        }
    }

    /// What a workload shows of itself.
    async fn subject(&self, source: &GoogleSource) -> Result<String, Error> {
        let (text, field) = match source {
            GoogleSource::File { path, field } => {
                let text = tokio::fs::read_to_string(path).await.map_err(|error| failed(&format!("{path}: {error}")))?;
                (text, field)
            }
            GoogleSource::Web { url, headers, field } => {
                let mut request = self.client.get(url);
                for (name, value) in headers {
                    request = request.header(name, value);
                }
                (self.answer(request, url).await?, field)
            }
        };
        match field {
            None => Ok(text.trim().to_owned()),
            Some(field) => wire::text_field(&text, field).ok_or_else(|| failed(&format!("the workload's token has no field {field:?}"))),
        }
    }

    /// The token of the virtual machine's service account; none where there is no such machine.
    async fn of_machine(&self, host: Option<&str>) -> Result<Option<Token>, Error> {
        let Some(host) = host else { return Ok(None) };
        let url = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
        let request = self.quick.get(&url).header("Metadata-Flavor", "Google");
        let Ok(response) = crate::web::send(request).await else { return Ok(None) };
        if response.status() == http::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let text = response.text().await.map_err(|_| failed(&format!("{host} broke off")))?;
        wire::google_token(&text).map(Some).ok_or_else(|| failed(&format!("{host} gave no token")))
    }

    async fn exchanged(&self, address: &str, form: &[(&str, &str)]) -> Result<Token, Error> {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encoded(value, false))).collect();
        let request = self.client.post(address).header("Content-Type", "application/x-www-form-urlencoded").body(body.join("&"));
        let text = self.answer(request, address).await?;
        wire::google_token(&text).ok_or_else(|| failed(&format!("{address} gave no token")))
    }

    async fn impersonated(&self, token: &Secret, address: &str, delegates: &[String]) -> Result<Token, Error> {
        let body = wire::impersonation(self.scope, delegates, LIFETIME_SECONDS);
        let request = self.client.post(address).bearer_auth(&token.0).header("Content-Type", "application/json").body(body);
        let text = self.answer(request, address).await?;
        let token = wire::impersonated_token(&text).ok_or_else(|| failed(&format!("{address} gave no token")))?;
        Ok((token, Duration::from_secs(LIFETIME_SECONDS)))
    }

    async fn answer(&self, request: reqwest::RequestBuilder, address: &str) -> Result<String, Error> {
        let url = address.parse().map_err(|_| failed(&format!("{address:?} is no address")))?;
        let broken = |error: reqwest::Error| failed(&crate::web::failure(&url, &error));
        let response = crate::web::send(request).await.map_err(broken)?;
        let status = response.status();
        let text = response.text().await.map_err(broken)?;
        match status.is_success() {
            true => Ok(text),
            false => {
                let host = url.host_str().unwrap_or_default();
                let said = wire::google_token_error(&text).unwrap_or_else(|| status.to_string());
                Err(failed(&format!("{host} gave no token: {said}")))
            }
        }
    }
}

/// What gcloud keeps of the user's login.
fn login_file(surroundings: &Surroundings) -> Option<PathBuf> {
    const NAME: &str = "application_default_credentials.json";
    match surroundings.variable("CLOUDSDK_CONFIG") {
        Some(folder) => Some(PathBuf::from(folder).join(NAME)),
        None => Some(surroundings.home.as_ref()?.join(".config").join("gcloud").join(NAME)),
    }
}

/// The host that knows the virtual machine, if it may be asked.
fn machine(surroundings: &Surroundings) -> Option<String> {
    if surroundings.is_true("NO_GCE_CHECK") {
        return None;
    }
    Some(surroundings.variable("GCE_METADATA_HOST").unwrap_or(MACHINE).to_owned())
}

/// The content of a file of credentials, of which the path or the content is said.
async fn read(said: &Secret) -> Result<String, Error> {
    if said.0.trim_start().starts_with('{') {
        return Ok(said.0.clone());
    }
    tokio::fs::read_to_string(&said.0).await.map_err(|error| failed(&format!("the file of credentials {:?}: {error}", said.0)))
}

/// What a service account says of itself, signed by its key (RFC 7523).
fn assertion(email: &str, key: &Secret, key_id: Option<&str>, audience: &str, scope: &str) -> Result<String, Error> {
    let wrong = || failed("the private key of the service account can't be read");
    let lines: String = key.0.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(lines).map_err(|_| wrong())?;
    let pair = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).map_err(|_| wrong())?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|_| failed("this machine's clock is wrong"))?.as_secs();
    let (head, claims) = wire::assertion(email, key_id, audience, scope, now, now + LIFETIME_SECONDS);
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &ring::rand::SystemRandom::new(), text.as_bytes(), &mut signature).map_err(|_| wrong())?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn failed(message: &str) -> Error {
    Error::new(Kind::Credentials, "", message)
}
