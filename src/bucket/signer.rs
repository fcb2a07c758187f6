//! Who signs a request, and by which credentials.

use super::context::context;
use super::google::{STORAGE_SCOPE, Tokens};
use super::{Access, Error, Kind, Place, Service, Surroundings, alibaba, aws};
use http::request::Parts;
use reqsign_core::{Context, ProvideCredentialDyn, SignRequestDyn, SigningCredential};
use reqwest::Client;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Where credentials come from.
pub(super) type Source<K> = Arc<dyn ProvideCredentialDyn<Credential = K>>;

/// Who signs requests.
pub(super) enum Signer {
    /// Nobody.
    None,
    /// By a key of AWS.
    Aws(Signing<reqsign_aws_v4::Credential>),
    /// By a key of Alibaba Cloud.
    Alibaba(Signing<reqsign_aliyun_oss::Credential>),
    /// By a token of Google.
    Google(Box<Tokens>),
}

/// Credentials of a kind, kept while they are valid.
pub(super) struct Signing<K: SigningCredential> {
    context: Context,
    source: Source<K>,
    rule: Arc<dyn SignRequestDyn<Credential = K>>,
    found: Mutex<Found<K>>,
}

enum Found<K> {
    NotAsked,
    Nothing,
    Credential(K),
}

impl Signer {
    /// Who signs requests for a place.
    ///
    /// # Errors
    /// What is said of the credentials can't be.
    pub(super) fn new(
        place: &Place,
        surroundings: &Surroundings,
        region: Option<&str>,
        client: &Client,
        quick: &Client,
    ) -> Result<Signer, Error> {
        if place.access.anonymous {
            return Ok(Signer::None);
        }
        Ok(match place.service {
            Service::S3 => Signer::aws("s3", &place.access, surroundings, region.unwrap_or("us-east-1"), client, quick),
            Service::Oss => {
                let context = context(surroundings, client, quick, None);
                let source = alibaba::source(&place.access, surroundings);
                let rule = alibaba::rule(&place.bucket, region);
                Signer::Alibaba(Signing::new(context, source, Arc::new(rule)))
            }
            Service::Gcs => {
                let is_emulated = place.endpoint.is_none() && surroundings.variable("STORAGE_EMULATOR_HOST").is_some();
                let tokens = Tokens::new(&place.access, STORAGE_SCOPE, is_emulated, surroundings, client, quick);
                Signer::Google(Box::new(tokens))
            }
        })
    }

    /// Who signs requests for a service of AWS, such as `s3`.
    pub(super) fn aws(
        service: &'static str,
        access: &Access,
        surroundings: &Surroundings,
        region: &str,
        client: &Client,
        quick: &Client,
    ) -> Signer {
        let endpoint = access.sts_endpoint.as_deref().or_else(|| surroundings.variable("AWS_ENDPOINT_URL_STS"));
        let context = context(surroundings, client, quick, endpoint);
        let source = aws::source(access, surroundings, &context, region);
        let rule = reqsign_aws_v4::RequestSigner::new(service, region).with_standard_session_token();
        Signer::Aws(Signing::new(context, source, Arc::new(rule)))
    }

    /// Signs a request, if there are credentials; whether there are.
    ///
    /// # Errors
    /// Credentials are named but can't be had.
    pub(super) async fn sign(&self, parts: &mut Parts) -> Result<bool, Error> {
        match self {
            Signer::None => Ok(false),
            Signer::Aws(signing) => signing.sign(parts).await,
            Signer::Alibaba(signing) => signing.sign(parts).await,
            Signer::Google(tokens) => tokens.sign(parts).await,
        }
    }

    /// Forgets credentials that a service did not take: their source may have new ones.
    pub(super) async fn forget(&self) {
        match self {
            Signer::None => {}
            Signer::Aws(signing) => signing.forget().await,
            Signer::Alibaba(signing) => signing.forget().await,
            Signer::Google(tokens) => tokens.forget().await,
        }
    }
}

impl<K: SigningCredential> Signing<K> {
    fn new(context: Context, source: Source<K>, rule: Arc<dyn SignRequestDyn<Credential = K>>) -> Signing<K> {
        Signing { context, source, rule, found: Mutex::new(Found::NotAsked) }
    }

    async fn forget(&self) {
        *self.found.lock().await = Found::NotAsked;
    }

    async fn sign(&self, parts: &mut Parts) -> Result<bool, Error> {
        let failed = |error: reqsign_core::Error| Error::new(Kind::Credentials, "", error.to_string());
        let mut found = self.found.lock().await;
        let is_valid = match &*found {
            Found::NotAsked => false,
            Found::Nothing => true,
            Found::Credential(credential) => credential.is_valid(),
        };
        if !is_valid {
            let credential = self.source.provide_credential_dyn(&self.context).await.map_err(failed)?;
            *found = credential.map_or(Found::Nothing, Found::Credential);
        }
        let Found::Credential(credential) = &*found else { return Ok(false) };
        self.rule.sign_request_dyn(&self.context, parts, Some(credential), None).await.map_err(failed)?;
        Ok(true)
    }
}
