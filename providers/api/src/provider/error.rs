//! Errors of a cloud, classified where they arise.

use std::fmt;

/// What kind of failure it is. The engine decides by kind alone whether to try again, take the next variant or stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Too many calls; try again later. The call had no effect.
    Throttled,
    /// The cloud has none left of this type in this place; the next variant may do.
    Capacity,
    /// A limit of the account; only a person or another region can help.
    Quota,
    /// Not allowed, or no valid credentials.
    Denied,
    /// Credentials are missing or expired.
    Credentials,
    /// The request is wrong; trying again can't help.
    Invalid,
    /// No such object.
    NotFound,
    /// The object exists already, is in use, or is being changed.
    Conflict,
    /// The network or the service failed; the effect of the call is not known.
    Transient,
    /// What was asked for is not implemented.
    Unsupported,
    /// A fault of Windlass itself.
    Internal,
}

/// A failed call or operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// Its kind.
    pub kind: ErrorKind,
    /// The cloud's own code, such as `InsufficientInstanceCapacity`.
    pub code: Option<String>,
    /// What the cloud said, or what we say.
    pub message: String,
    /// The call, such as `ec2:RunInstances`.
    pub operation: Option<String>,
    /// The cloud's request id.
    pub request_id: Option<String>,
    /// What the user can do.
    pub hint: Option<String>,
}

impl Error {
    /// An error of a kind with a message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error { kind, code: None, message: message.into(), operation: None, request_id: None, hint: None }
    }

    /// The same error with a hint for the user.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(request_id) = &self.request_id {
            write!(f, " (request {request_id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
