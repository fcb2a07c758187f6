//! AWS errors: a code, a message and a status, written by each protocol in its own form.

use crate::message::{Request, Response, Service};

/// An error as AWS's services answer it.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl AwsError {
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    /// The common case: the caller's mistake, HTTP 400.
    pub fn bad(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub fn missing(parameter: &str) -> Self {
        Self::bad("MissingParameter", format!("The request must contain the parameter {parameter}"))
    }

    pub fn invalid_value(message: impl Into<String>) -> Self {
        Self::bad("InvalidParameterValue", message)
    }

    /// The error in the form of the request's service.
    pub fn respond(&self, request: &Request) -> Response {
        let code = escape(&self.code);
        let message = escape(&self.message);
        let id = &request.request_id;
        let body = match request.service {
            Service::Ec2 => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{id}</RequestID></Response>"
            ),
            Service::S3 => format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message><Resource>{}</Resource><RequestId>{id}</RequestId></Error>",
                escape(&request.decoded_path())
            ),
            _ => {
                let side = if self.status >= 500 { "Receiver" } else { "Sender" };
                format!(
                    "<ErrorResponse><Error><Type>{side}</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
                )
            }
        };
        let body = if request.method == "HEAD" { String::new() } else { body };
        let mut response = Response::new(self.status, "text/xml;charset=UTF-8", body);
        response.error_code = Some(self.code.clone());
        response.effect = false;
        response
    }
}

/// Escapes text for XML content.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out
}
