//! A request as handlers see it, and the response they make. Both are plain values.

use serde::{Deserialize, Serialize};

/// The service that a request is for, from the SigV4 credential scope, else from path and host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// The simulator's own endpoints under `/_windlass/`.
    Control,
    Ec2,
    AutoScaling,
    Monitoring,
    S3,
    Iam,
    Sts,
    /// A service that is not simulated.
    Unknown,
}

impl Service {
    /// The service of a credential scope's name.
    pub fn of_scope(name: &str) -> Self {
        match name {
            "ec2" => Self::Ec2,
            "autoscaling" => Self::AutoScaling,
            "monitoring" => Self::Monitoring,
            "s3" => Self::S3,
            "iam" => Self::Iam,
            "sts" => Self::Sts,
            _ => Self::Unknown,
        }
    }

    /// The name in credential scopes, fault filters and the audit.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Ec2 => "ec2",
            Self::AutoScaling => "autoscaling",
            Self::Monitoring => "monitoring",
            Self::S3 => "s3",
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::Unknown => "unknown",
        }
    }
}

/// One HTTP request, its chunked body decoded, with what routing and the signature check found out.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// As sent: still percent-encoded, without the query.
    pub path: String,
    /// As sent, without the question mark.
    pub query: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub service: Service,
    pub region: String,
    /// Empty for anonymous requests (control, S3 without a signature).
    pub access_key: String,
    /// Wall clock at arrival, milliseconds since 1970. The simulated time follows from it and the world's clock.
    pub received_ms: i64,
    pub request_id: String,
}

impl Request {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The query's pairs, decoded, in the order sent. A key without `=` has an empty value.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        form_pairs(&self.query)
    }

    /// The first query value of that name.
    pub fn query_value(&self, name: &str) -> Option<String> {
        self.query_pairs().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The path with its percent signs decoded.
    pub fn decoded_path(&self) -> String {
        percent_decode(&self.path, false)
    }
}

/// Decodes `a=b&c=d` (`+` and `%20` are spaces).
pub fn form_pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decode(key, true), percent_decode(value, true))
        })
        .collect()
}

fn percent_decode(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let pair =
            bytes.get(index + 1..index + 3).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[index], pair) {
            (b'%', Some(byte)) => {
                out.push(byte);
                index += 3;
                continue;
            }
            (b'+', _) if plus_is_space => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        index += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Encodes by AWS's rule: everything but letters, digits, `-._~` (and `/` where `keep_slash`).
pub fn percent_encode(text: &str, keep_slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            b'/' if keep_slash => out.push('/'),
            _ => {
                out.push('%');
                out.push_str(&format!("{byte:02X}"));
            }
        }
    }
    out
}

/// What a handler answers.
#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the call changed the world. The server clears it for reads and errors; a handler clears it where a client token made the call a repeat.
    pub effect: bool,
    /// The cloud's error code, for the audit.
    pub error_code: Option<String>,
}

impl Response {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), effect: status < 300, error_code: None }
    }

    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
