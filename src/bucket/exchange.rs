//! One request: signed, sent, repeated where that is safe, its failure told.

use super::signer::Signer;
use super::wire::Said;
use super::{Error, Kind};
use bytes::Bytes;
use http::{Method, StatusCode};
use reqwest::{Client, Response};
use std::time::Duration;

/// How often a request is made in all.
const ATTEMPTS_MAX: u32 = 4;
/// Before the second attempt; each further pause is three times as long.
const PAUSE: Duration = Duration::from_millis(200);
/// How much of an answer is read for what it says of a failure.
const SAID_BYTES_MAX: usize = 64 << 10;

/// A request.
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// `s3://bucket/key`, for messages.
    pub(super) subject: String,
    /// Whether doing it twice is doing it once.
    pub(super) is_repeatable: bool,
}

/// What requests need.
pub(super) struct Exchange {
    /// How what the service says of a failure is read.
    pub(super) said: fn(&str) -> Said,
    pub(super) client: Client,
    pub(super) signer: Signer,
}

impl Exchange {
    /// Makes a request and waits for the head of a good answer.
    ///
    /// # Errors
    /// There are no credentials, the service says no or fails.
    pub(super) async fn send(&self, ask: &Ask) -> Result<Response, Error> {
        let mut attempt = 1;
        loop {
            let (error, again) = match self.attempt(ask).await? {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            // What was refused for its credentials was not done; their source is asked again, once.
            let is_refused = error.kind == Kind::Credentials;
            if is_refused {
                self.signer.forget().await;
            }
            if attempt == ATTEMPTS_MAX || !(again || is_refused && attempt == 1) {
                return Err(error);
            }
            tokio::time::sleep(PAUSE * 3_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    /// Makes a request once: the answer, or why there is none and whether it is to be made again.
    async fn attempt(&self, ask: &Ask) -> Result<Result<Response, (Error, bool)>, Error> {
        let (request, is_signed) = self.request(ask).await?;
        let url = request.url().clone();
        let response = match crate::web::execute(&self.client, request).await {
            Ok(response) => response,
            Err(error) => {
                // What was never sent was never done.
                let again = ask.is_repeatable || error.is_connect();
                return Ok(Err((Error::new(Kind::Unavailable, &ask.subject, crate::web::failure(&url, &error)), again)));
            }
        };
        if response.status().is_success() {
            return Ok(Ok(response));
        }
        let mut error = self.failure(ask, response).await;
        error.unsigned = !is_signed;
        let again = match error.kind {
            Kind::Throttled => true,
            Kind::Unavailable => ask.is_repeatable,
            _ => false,
        };
        Ok(Err((error, again)))
    }

    async fn request(&self, ask: &Ask) -> Result<(reqwest::Request, bool), Error> {
        let wrong = |error: String| Error::new(Kind::Invalid, &ask.subject, error);
        let mut request = http::Request::builder().method(ask.method.clone()).uri(&ask.url);
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let (mut parts, ()) = request.body(()).map_err(|error| wrong(error.to_string()))?.into_parts();
        let is_signed = self.signer.sign(&mut parts).await.map_err(|error| Error { subject: ask.subject.clone(), ..error })?;
        let request = http::Request::from_parts(parts, ask.body.clone());
        Ok((reqwest::Request::try_from(request).map_err(|error| wrong(error.to_string()))?, is_signed))
    }

    async fn failure(&self, ask: &Ask, mut response: Response) -> Error {
        let status = response.status();
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let region = header("x-amz-bucket-region");
        let request_id =
            ["x-amz-request-id", "x-amzn-requestid", "x-oss-request-id", "x-guploader-uploadid"].iter().find_map(|name| header(name));
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > SAID_BYTES_MAX {
                break;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let said = (self.said)(&text);
        let kind = kind(status, &said, region.or_else(|| said.region.clone()));
        let mut error = Error::new(kind, &ask.subject, said.message.unwrap_or_else(|| status.to_string()));
        error.code = said.code;
        error.request_id = said.request_id.or(request_id);
        error
    }
}

/// What kind of failure an answer tells of: by its code, then by its status.
fn kind(status: StatusCode, said: &Said, region: Option<String>) -> Kind {
    let code = said.code.as_deref().unwrap_or_default();
    let message = said.message.as_deref().unwrap_or_default();
    match (code, status.as_u16()) {
        ("NoSuchBucket", _) => Kind::NoBucket,
        ("NoSuchKey" | "NoSuchVersion", _) => Kind::NotFound,
        ("PreconditionFailed" | "FileAlreadyExists" | "conditionNotMet", _) => Kind::PreconditionFailed,
        // Somebody else is writing at the same moment; S3 wants to be asked again.
        ("ConditionalRequestConflict", _) => Kind::Throttled,
        ("InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken" | "InvalidToken" | "RequestTimeTooSkewed" | "authError", _) => {
            Kind::Credentials
        }
        ("PermanentRedirect" | "AuthorizationHeaderMalformed" | "TemporaryRedirect" | "IllegalLocationConstraintException", _) => {
            Kind::WrongRegion(region)
        }
        (
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "rateLimitExceeded"
            | "userRateLimitExceeded"
            | "DownloadTrafficRateLimitExceeded",
            _,
        ) => Kind::Throttled,
        ("NotImplemented", _) => Kind::Unsupported,
        (_, 301 | 307) => Kind::WrongRegion(region),
        (_, 404) if message.contains("bucket does not exist") => Kind::NoBucket,
        (_, 404) => Kind::NotFound,
        (_, 412) => Kind::PreconditionFailed,
        (_, 401 | 403) => Kind::Denied,
        (_, 408 | 429) => Kind::Throttled,
        (_, 500..) => Kind::Unavailable,
        _ => Kind::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Said, kind};
    use http::StatusCode;

    #[test]
    fn failures_have_kinds() {
        for (status, code, expected) in [
            (404, "NoSuchKey", Kind::NotFound),
            (404, "NoSuchBucket", Kind::NoBucket),
            (404, "", Kind::NotFound),
            (412, "", Kind::PreconditionFailed),
            (409, "FileAlreadyExists", Kind::PreconditionFailed),
            (409, "ConditionalRequestConflict", Kind::Throttled),
            (403, "AccessDenied", Kind::Denied),
            (403, "SignatureDoesNotMatch", Kind::Credentials),
            (301, "PermanentRedirect", Kind::WrongRegion(Some("eu-west-1".to_owned()))),
            (503, "SlowDown", Kind::Throttled),
            (500, "InternalError", Kind::Unavailable),
            (400, "EntityTooLarge", Kind::Invalid),
        ] {
            let said = Said { code: Some(code.to_owned()), ..Said::default() };
            let region = Some("eu-west-1".to_owned());
            assert_eq!(kind(StatusCode::from_u16(status).unwrap(), &said, region), expected, "{status} {code}");
        }
        let said = Said { message: Some("The specified bucket does not exist.".to_owned()), ..Said::default() };
        assert_eq!(kind(StatusCode::NOT_FOUND, &said, None), Kind::NoBucket);
    }
}
