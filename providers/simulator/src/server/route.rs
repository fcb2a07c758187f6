//! From an HTTP request to a service: credential scope first, then path and host.

use crate::aws::query;
use crate::aws::sigv4;
use crate::message::{Request, Service};

/// Fills in service, region and access key.
pub fn route(request: &mut Request) {
    if request.path.starts_with("/_windlass/") {
        request.service = Service::Control;
        return;
    }
    if let Some(found) = sigv4::authorization(request) {
        request.service = Service::of_scope(&found.service);
        request.region = found.region;
        request.access_key = found.access_key;
        return;
    }
    request.service = by_host(request.header("host").unwrap_or_default()).unwrap_or_else(|| by_action(request));
}

/// `ec2.us-east-1.amazonaws.com` → ec2; `bucket.s3.amazonaws.com` → s3.
fn by_host(host: &str) -> Option<Service> {
    host.split(['.', ':']).map(Service::of_scope).find(|service| *service != Service::Unknown)
}

/// Unsigned requests: only STS takes some; the rest can only be S3's.
fn by_action(request: &Request) -> Service {
    let parameters = query::parameters(request);
    match parameters.text("Action") {
        Some(action) if action.starts_with("AssumeRoleWith") => Service::Sts,
        Some(_) => Service::Ec2,
        None => Service::S3,
    }
}

/// Calls that carry their proof in a parameter rather than in a signature.
pub fn needs_no_signature(request: &Request, action: &str) -> bool {
    request.service == Service::Control || (request.service == Service::Sts && action.starts_with("AssumeRoleWith"))
}
