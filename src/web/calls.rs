//! Requests, told to the log.

use reqwest::{Client, Request, RequestBuilder, Response};
use std::time::Instant;
use tracing::debug;

/// The headers by which services name a request, for those who ask their operators.
const REQUEST_IDS: [&str; 5] = ["x-amz-request-id", "x-amzn-requestid", "x-oss-request-id", "x-guploader-uploadid", "x-request-id"];

/// Sends a request.
///
/// # Errors
/// The library's, as it gave it.
pub async fn send(request: RequestBuilder) -> reqwest::Result<Response> {
    let (client, request) = request.build_split();
    execute(&client, request?).await
}

/// The same for a request that is built already. The log names method, host, path, status and the service's id of the request;
/// never a query, a header or a body, which may hold what signs it.
///
/// # Errors
/// The library's, as it gave it.
pub async fn execute(client: &Client, request: Request) -> reqwest::Result<Response> {
    let method = request.method().clone();
    let url = request.url().clone();
    let (host, path) = (url.host_str().unwrap_or_default(), url.path());
    let begun = Instant::now();
    let result = client.execute(request).await;
    let milliseconds = begun.elapsed().as_millis() as u64;
    match &result {
        Ok(response) => {
            let id = REQUEST_IDS.iter().find_map(|name| response.headers().get(*name)?.to_str().ok());
            debug!(%method, host, path, status = response.status().as_u16(), request_id = id, milliseconds, "HTTP request");
        }
        Err(error) => debug!(%method, host, path, error = super::failure(&url, error), milliseconds, "HTTP request failed"),
    }
    result
}
