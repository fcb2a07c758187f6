//! Why something can't be had of a bucket, or not be put there.

use std::fmt;

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no such object.
    NotFound,
    /// There is no such bucket.
    NoBucket,
    /// The object is not as the condition wants it: somebody else wrote it, or it exists.
    PreconditionFailed,
    /// The service says no to whom it was asked by.
    Denied,
    /// Credentials are named but can't be had, or don't work.
    Credentials,
    /// The bucket is in another region, perhaps in this one.
    WrongRegion(Option<String>),
    /// Too many requests, also after some patience.
    Throttled,
    /// The service can't be reached, or fails: what was asked may have been done.
    Unavailable,
    /// The service has no such thing.
    Unsupported,
    /// More bytes than the caller wants.
    TooLarge,
    /// The request is wrong.
    Invalid,
    /// The answer can't be read.
    Unreadable,
    /// A file of this machine.
    File,
}

/// Why something can't be had of a bucket: a sentence without its full stop, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// What was asked for: `s3://bucket/key`.
    pub subject: String,
    /// The service's own code, such as `NoSuchKey`.
    pub code: Option<String>,
    /// What the service or the system says.
    pub message: Option<String>,
    /// By which the service's support finds the request.
    pub request_id: Option<String>,
    /// Whether the request was not signed because no credentials were found.
    pub unsigned: bool,
}

impl Error {
    /// A failure of which only the kind and a sentence are known.
    pub(super) fn new(kind: Kind, subject: impl Into<String>, message: impl Into<String>) -> Error {
        let message: String = message.into();
        let message = message.trim().trim_end_matches('.').to_owned();
        Error {
            kind,
            subject: subject.into(),
            code: None,
            message: Some(message).filter(|message| !message.is_empty()),
            request_id: None,
            unsigned: false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.subject)?;
        let said = match (&self.code, &self.message) {
            (Some(code), Some(message)) if code != message => Some(format!("{code}: {message}")),
            (Some(text), _) | (None, Some(text)) => Some(text.clone()),
            (None, None) => None,
        };
        match (sentence(&self.kind), said) {
            (Some(sentence), Some(said)) => write!(f, "{sentence} ({said})")?,
            (Some(sentence), None) => f.write_str(&sentence)?,
            (None, Some(said)) => f.write_str(&said)?,
            (None, None) => f.write_str("it failed")?,
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request id {id}")?;
        }
        if self.unsigned && matches!(self.kind, Kind::Denied) {
            f.write_str("; no credentials were found, so the request was not signed")?;
        }
        Ok(())
    }
}

/// What a kind means, where the service's words alone don't say it.
fn sentence(kind: &Kind) -> Option<String> {
    let text = match kind {
        Kind::NotFound => "there is no such object",
        Kind::NoBucket => "there is no such bucket",
        Kind::PreconditionFailed => "it is not as expected; somebody else wrote it",
        Kind::Denied => "access denied",
        Kind::Credentials => "no valid credentials",
        Kind::WrongRegion(Some(region)) => return Some(format!("the bucket is in the region {region}; say so")),
        Kind::WrongRegion(None) => "the bucket is in another region; say in which",
        Kind::Throttled => "the service wants fewer requests",
        Kind::Unavailable | Kind::Unsupported | Kind::TooLarge | Kind::Invalid | Kind::Unreadable | Kind::File => return None,
    };
    Some(text.to_owned())
}
