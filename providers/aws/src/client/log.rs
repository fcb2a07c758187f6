//! Calls, told to the log: one line for each try.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::time::Instant;
use tracing::{Level, debug, enabled};

/// The headers by which AWS names a request.
const REQUEST_IDS: [&str; 2] = ["x-amzn-requestid", "x-amz-request-id"];

/// What tells the log of every request that passes through it: service and path, the action where the protocol has one, the status,
/// the request's id and the time. Never headers, queries or bodies, which hold what signs them and what users keep secret.
#[derive(Debug)]
pub(super) struct Logged<T>(pub(super) T);

impl HttpClient for Logged<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Logged(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Logged<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !enabled!(Level::DEBUG) {
            return self.0.call(request);
        }
        let asked = Asked::of(&request);
        let begun = Instant::now();
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            asked.tell(begun, &answer);
            answer
        })
    }
}

struct Asked {
    method: String,
    host: String,
    path: String,
    action: Option<String>,
}

impl Asked {
    fn of(request: &HttpRequest) -> Asked {
        let address = request.uri().split('?').next().unwrap_or_default();
        let address = address.split_once("://").map_or(address, |(_, rest)| rest);
        let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
        let form = request.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
        Asked { method: request.method().to_owned(), host: host.to_owned(), path: path.to_owned(), action: form.and_then(action) }
    }

    fn tell(&self, begun: Instant, answer: &Result<HttpResponse, ConnectorError>) {
        let Asked { method, host, path, action } = self;
        let action = action.as_deref();
        let milliseconds = begun.elapsed().as_millis() as u64;
        match answer {
            Ok(response) => {
                let request_id = REQUEST_IDS.iter().find_map(|name| response.headers().get(*name));
                debug!(method, host, path, action, status = response.status().as_u16(), request_id, milliseconds, "AWS request");
            }
            Err(error) => debug!(method, host, path, action, %error, milliseconds, "AWS request failed"),
        }
    }
}

/// The action of a form: `Action=DescribeVpcs&…`.
fn action(form: &str) -> Option<String> {
    let found = form.split('&').find_map(|pair| pair.strip_prefix("Action="))?;
    found.chars().all(|letter| letter.is_ascii_alphanumeric()).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_action_is_taken_from_a_form() {
        assert_eq!(action("Action=RunInstances&Version=2016-11-15&UserData=c2VjcmV0").as_deref(), Some("RunInstances"));
        assert_eq!(action("a=b"), None);
        assert_eq!(action("Action=%3Cx"), None);
    }
}
