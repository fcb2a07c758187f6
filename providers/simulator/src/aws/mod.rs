//! AWS: the services by the names of their credential scopes.
//!
//! A Query service is a table from action name to [`query::Action`]; S3 answers requests itself. Each service keeps its objects in one field of [`World`].

pub mod autoscaling;
pub mod ec2;
pub mod error;
pub mod iam;
pub mod monitoring;
pub mod query;
pub mod s3;
pub mod sigv4;
pub mod sts;
pub mod xml;

use crate::message::{Request, Response, Service};
use crate::world::World;

/// The account that the sandbox's own key belongs to.
pub const ACCOUNT: &str = "123456789012";

/// Answers a request. The caller has checked its signature and let time catch up.
pub fn dispatch(world: &mut World, request: &Request) -> Response {
    if let Some(error) = elsewhere(world, request) {
        return error.respond(request);
    }
    match request.service {
        Service::Ec2 => query::handle(world, request, ec2::action),
        Service::AutoScaling => query::handle(world, request, autoscaling::action),
        Service::Monitoring => monitoring::handle(world, request),
        Service::Iam => query::handle(world, request, iam::action),
        Service::Sts => query::handle(world, request, sts::action),
        Service::S3 => s3::handle(world, request),
        Service::Control | Service::Unknown => {
            let message = "This service is not simulated. Simulated are: ec2, autoscaling, monitoring, iam, sts, s3.";
            error::AwsError::new(501, "NotImplemented", message).respond(request)
        }
    }
}

/// Objects are simulated in one account only: the refusal of calls by credentials of another.
fn elsewhere(world: &World, request: &Request) -> Option<error::AwsError> {
    let credential = world.credentials.get(&request.access_key)?;
    let is_allowed = credential.account() == ACCOUNT || request.service == Service::Sts;
    let message = || {
        let caller = &credential.principal_arn;
        format!("User: {caller} is not authorized to perform this operation: the sandbox simulates no objects of other accounts.")
    };
    (!is_allowed).then(|| error::AwsError::new(403, "AccessDenied", message()))
}

/// The action's name, for faults and the audit.
pub fn action_name(request: &Request) -> String {
    match request.service {
        Service::S3 => s3::operation_name(request),
        Service::Monitoring => monitoring::operation_name(request),
        _ => query::parameters(request).text("Action").unwrap_or_default().to_owned(),
    }
}

/// Whether a request can change nothing, and so needs no place in the journal.
pub fn only_reads(request: &Request, action: &str) -> bool {
    match request.service {
        Service::S3 => matches!(request.method.as_str(), "GET" | "HEAD"),
        Service::Control => request.method == "GET",
        _ => query::only_reads(action),
    }
}
