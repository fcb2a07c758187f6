//! Requests to web servers: redirects, logins, proxies, time and size limits, errors that say what is wrong.

use super::netrc::Netrc;
use super::{PackageError, Settings, Token};
use crate::web;
use futures::StreamExt;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, Response, StatusCode, Url};
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// How many redirects are followed.
const REDIRECTS_MAX: usize = 10;
/// How large a document may be that is read into memory.
pub(super) const DOCUMENT_BYTES_MAX: u64 = 4 << 20;
/// How large an archive may be.
pub(super) const DOWNLOAD_BYTES_MAX: u64 = 2 << 30;
/// Between two attempts.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// How often a request that failed is made again, unless `TF_REGISTRY_DISCOVERY_RETRY` says otherwise.
const RETRIES: u64 = 1;

/// Makes requests.
pub(super) struct Web {
    client: Client,
    netrc: Netrc,
    retries: u64,
}

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Where it came from, after redirects.
    pub(super) url: Url,
    response: Response,
}

/// More than the address of a request.
#[derive(Clone, Copy, Default)]
pub(super) struct Extras<'a> {
    /// Sent to the first host only.
    pub(super) token: Option<&'a Token>,
    /// Headers, sent to the first host only.
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// For the whole request.
    pub(super) timeout: Option<Duration>,
}

impl Web {
    /// With the proxies and logins of the user.
    ///
    /// # Errors
    /// A proxy's address is wrong, or the system's certificates can't be read.
    pub(super) fn new(settings: &Settings) -> Result<Web, PackageError> {
        let client = web::client(&settings.variables).map_err(PackageError::new)?;
        let retries = settings.number("TF_REGISTRY_DISCOVERY_RETRY").unwrap_or(RETRIES).min(100);
        Ok(Web { client, netrc: Netrc::read(settings), retries })
    }

    /// Asks for a URL and follows redirects. Whether the status is a good one is for the caller to judge.
    ///
    /// # Errors
    /// The server can't be reached, or sends one around.
    pub(super) async fn get(&self, url: Url, extras: Extras<'_>) -> Result<Answer, PackageError> {
        let mut current = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let own = current.origin() == url.origin();
            let response =
                self.attempts(&current, if own { extras } else { Extras { timeout: extras.timeout, ..Extras::default() } }).await?;
            let location = response.headers().get(LOCATION).filter(|_| is_redirect(response.status()));
            let Some(location) = location else {
                return Ok(Answer { status: response.status(), headers: response.headers().clone(), url: current, response });
            };
            let text = location.to_str().unwrap_or_default();
            current = current.join(text).map_err(|error| PackageError::new(format!("{current} redirects to {text:?}: {error}")))?;
            if !matches!(current.scheme(), "http" | "https") {
                return Err(PackageError::new(format!("{url} redirects to {current}, which is no web address")));
            }
        }
        Err(PackageError::new(format!("stopped after {REDIRECTS_MAX} redirects from {url}")))
    }

    /// Tries again what may go better the next time.
    async fn attempts(&self, url: &Url, extras: Extras<'_>) -> Result<Response, PackageError> {
        let mut retried = 0;
        loop {
            let result = self.request(url, extras).await;
            let again = match &result {
                Ok(response) => matches!(response.status().as_u16(), 429 | 500 | 502 | 503 | 504),
                Err(error) => error.is_connect() || error.is_timeout() || error.is_request(),
            };
            if !again || retried == self.retries {
                return result.map_err(|error| failed(url, &error));
            }
            retried += 1;
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    async fn request(&self, url: &Url, extras: Extras<'_>) -> reqwest::Result<Response> {
        let mut request = self.client.get(url.clone());
        for (name, value) in extras.headers {
            request = request.header(*name, *value);
        }
        if let Some(timeout) = extras.timeout {
            request = request.timeout(timeout);
        }
        if let Some(token) = extras.token {
            request = request.bearer_auth(&token.0);
        } else if url.username().is_empty()
            && extras.headers.is_empty()
            && let Some(login) = url.host_str().and_then(|host| self.netrc.login(host))
        {
            request = request.basic_auth(&login.user, Some(&login.password));
        }
        web::send(request).await
    }
}

impl Answer {
    /// Whether the server says that the content is of this type.
    pub(super) fn is_of_type(&self, wanted: &str) -> bool {
        let given = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }

    /// The content in memory.
    ///
    /// # Errors
    /// It breaks off or is too large.
    pub(super) async fn bytes(self) -> Result<Vec<u8>, PackageError> {
        let mut all = Vec::new();
        let url = self.url;
        let mut stream = self.response.bytes_stream();
        while let Some(part) = stream.next().await {
            all.extend_from_slice(&part.map_err(|error| failed(&url, &error))?);
            if all.len() as u64 > DOCUMENT_BYTES_MAX {
                return Err(PackageError::new(format!("{url} is larger than {} MiB", DOCUMENT_BYTES_MAX >> 20)));
            }
        }
        Ok(all)
    }

    /// The content into a file.
    ///
    /// # Errors
    /// It breaks off or is too large, or the file can't be written.
    pub(super) async fn save(self, path: &Path) -> Result<(), PackageError> {
        let fail = |error: std::io::Error| PackageError::file(path, error);
        let too_large = || PackageError::new(format!("it is larger than {} GiB", DOWNLOAD_BYTES_MAX >> 30));
        if self.response.content_length().is_some_and(|length| length > DOWNLOAD_BYTES_MAX) {
            return Err(too_large());
        }
        let mut file = tokio::fs::File::create(path).await.map_err(fail)?;
        let mut written = 0;
        let url = self.url;
        let mut stream = self.response.bytes_stream();
        while let Some(part) = stream.next().await {
            let part =
                part.map_err(|error| PackageError::new(format!("the download broke off after {written} bytes: {}", failed(&url, &error))))?;
            written += part.len() as u64;
            if written > DOWNLOAD_BYTES_MAX {
                return Err(too_large());
            }
            file.write_all(&part).await.map_err(fail)?;
        }
        file.flush().await.map_err(fail)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// What went wrong, without the address's secrets and without the library's words.
fn failed(url: &Url, error: &reqwest::Error) -> PackageError {
    PackageError::new(web::failure(url, error))
}
