//! S3 over REST.

use serde::{Deserialize, Serialize};

use super::error::AwsError;
use crate::message::{Request, Response};
use crate::world::World;

/// All buckets and objects.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct S3 {}

/// Answers an S3 request.
pub fn handle(_world: &mut World, request: &Request) -> Response {
    AwsError::new(501, "NotImplemented", "A header you provided implies functionality that is not implemented").respond(request)
}

/// The operation's name in AWS's API reference, such as `PutObject`, for faults and the audit.
pub fn operation_name(request: &Request) -> String {
    format!("{}Object", request.method)
}

/// Objects by kind, for the status.
pub fn counts(_s3: &S3) -> Vec<(&'static str, usize)> {
    Vec::new()
}
