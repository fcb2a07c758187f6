//! Credentials and signatures of Alibaba Cloud.

use super::signer::Source;
use super::{Access, Surroundings};
use reqsign_aliyun_oss::{DefaultCredentialProvider, RequestSigner, SigningVersion, StaticCredentialProvider};
use std::sync::Arc;

/// The variables of its Terraform provider; those of its own tools are read after them.
const PROVIDER_VARIABLES: [&str; 3] = ["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"];

/// Where credentials come from: what is said, the variables of the Terraform provider, then what Alibaba's tools look at, to the
/// role of the machine.
pub(super) fn source(access: &Access, surroundings: &Surroundings) -> Source<reqsign_aliyun_oss::Credential> {
    if let Some(keys) = &access.keys {
        return by_keys(&keys.id, &keys.secret.0, keys.token.as_ref().map(|token| token.0.as_str()));
    }
    let [id, secret, token] = PROVIDER_VARIABLES.map(|name| surroundings.variable(name));
    match (id, secret) {
        (Some(id), Some(secret)) => by_keys(id, secret, token),
        _ => Arc::new(DefaultCredentialProvider::new()),
    }
}

fn by_keys(id: &str, secret: &str, token: Option<&str>) -> Source<reqsign_aliyun_oss::Credential> {
    match token {
        Some(token) => Arc::new(StaticCredentialProvider::new(id, secret).with_security_token(token)),
        None => Arc::new(StaticCredentialProvider::new(id, secret)),
    }
}

/// How requests are signed: by the newest rule, which needs the region, else by the first.
pub(super) fn rule(bucket: &str, region: Option<&str>) -> RequestSigner {
    let signer = RequestSigner::new(bucket);
    match region {
        Some(region) => signer.with_region(region).with_signing_version(SigningVersion::V4),
        None => signer,
    }
}

/// The region that an endpoint's host names: `oss-cn-hangzhou-internal.aliyuncs.com` → `cn-hangzhou`.
pub(super) fn region_of_host(host: &str) -> Option<&str> {
    let name = host.strip_suffix(".aliyuncs.com")?;
    let name = name.rsplit('.').next().unwrap_or(name).strip_prefix("oss-")?;
    let name = name.strip_suffix("-internal").unwrap_or(name);
    (!name.is_empty() && !name.starts_with("accelerate")).then_some(name)
}
