//! Other services of the same clouds, such as those that keep keys: asked by JSON, as whoever asks for buckets.

use super::exchange::{Ask, Exchange};
use super::google::Tokens;
use super::signer::Signer;
use super::{Access, Error, Kind, Meta, Object, Surroundings, aws, wire};
use bytes::Bytes;
use http::Method;
use sha2::Digest;

/// How large an answer may be.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// A service that answers JSON with JSON.
pub struct OtherService {
    exchange: Exchange,
    endpoint: String,
    subject: String,
    is_aws: bool,
}

impl OtherService {
    /// A service of AWS, such as `kms`, in the region that is said, or that the environment or the profile names. Its address is that of
    /// `AWS_ENDPOINT_URL_KMS` or `AWS_ENDPOINT_URL`, else its own.
    ///
    /// # Errors
    /// No region is known, or no web client can be made.
    pub fn aws(name: &'static str, region: Option<&str>, access: &Access, surroundings: &Surroundings) -> Result<OtherService, Error> {
        let subject = format!("aws {name}");
        let failed = |reason: String| Error::new(Kind::Invalid, &subject, reason);
        let client = crate::web::client(&surroundings.variables).map_err(failed)?;
        let quick = crate::web::quick_client().map_err(failed)?;
        let Some(region) = aws::region(region, access, surroundings) else {
            let reason = "no region is known: set the \"region\" argument or the variable AWS_REGION";
            return Err(Error::new(Kind::Invalid, subject, reason));
        };
        let own = format!("AWS_ENDPOINT_URL_{}", name.to_ascii_uppercase());
        let endpoint = match surroundings.first(&[&own, "AWS_ENDPOINT_URL"]) {
            Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
            None => {
                let fips = if surroundings.is_true("AWS_USE_FIPS_ENDPOINT") { "-fips" } else { "" };
                let domain = match (region.starts_with("cn-"), surroundings.is_true("AWS_USE_DUALSTACK_ENDPOINT")) {
                    (true, false) => "amazonaws.com.cn",
                    (true, true) => "api.amazonwebservices.com.cn",
                    (false, false) => "amazonaws.com",
                    (false, true) => "api.aws",
                };
                format!("https://{name}{fips}.{region}.{domain}")
            }
        };
        let signer = Signer::aws(name, access, surroundings, &region, &client, &quick);
        Ok(OtherService { exchange: Exchange { said: wire::aws_json_error, client, signer }, endpoint, subject, is_aws: true })
    }

    /// A service of Google at an address, for what a scope names.
    ///
    /// # Errors
    /// No web client can be made.
    pub fn google(
        name: &str,
        endpoint: &str,
        scope: &'static str,
        access: &Access,
        surroundings: &Surroundings,
    ) -> Result<OtherService, Error> {
        let subject = format!("google {name}");
        let failed = |reason: String| Error::new(Kind::Invalid, &subject, reason);
        let client = crate::web::client(&surroundings.variables).map_err(failed)?;
        let quick = crate::web::quick_client().map_err(failed)?;
        let signer = Signer::Google(Box::new(Tokens::new(access, scope, false, surroundings, &client, &quick)));
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Ok(OtherService { exchange: Exchange { said: wire::json_error, client, signer }, endpoint, subject, is_aws: false })
    }

    /// Asks: `path` begins with a slash; AWS wants to be told the operation, such as `TrentService.Decrypt`.
    ///
    /// # Errors
    /// There are no credentials, the service says no or fails. What was asked is in none of them.
    pub async fn post(&self, path: &str, operation: Option<&str>, body: Vec<u8>) -> Result<Vec<u8>, Error> {
        let content_type = if self.is_aws { "application/x-amz-json-1.1" } else { "application/json" };
        let mut headers = vec![("content-type".to_owned(), content_type.to_owned())];
        headers.extend(operation.map(|operation| ("x-amz-target".to_owned(), operation.to_owned())));
        if self.is_aws {
            let digest: String = sha2::Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
            headers.push(("x-amz-content-sha256".to_owned(), digest));
        }
        headers.push(("content-length".to_owned(), body.len().to_string()));
        let url = format!("{}{path}", self.endpoint);
        let subject = self.subject.clone();
        let ask = Ask { method: Method::POST, url, headers, body: Bytes::from(body), subject: subject.clone(), is_repeatable: true };
        let response = self.exchange.send(&ask).await?;
        Object { meta: Meta::default(), subject, response }.bytes(ANSWER_BYTES_MAX).await
    }
}
