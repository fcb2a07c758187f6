//! As whom requests are made.

use std::fmt;

/// A secret: never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(pub String);

/// As whom requests are made. What is left open is found as the service's own tools find it.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Nobody: requests are not signed, whatever could be found.
    pub anonymous: bool,
    /// S3, OSS: an access key.
    pub keys: Option<Keys>,
    /// S3: the profile; else `AWS_PROFILE`.
    pub profile: Option<String>,
    /// S3: files with settings of profiles; else `AWS_CONFIG_FILE`, else `~/.aws/config`.
    pub config_files: Vec<String>,
    /// S3: files with keys of profiles; else `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
    pub credentials_files: Vec<String>,
    /// S3: roles to assume, one from the other.
    pub roles: Vec<Role>,
    /// S3: the address of the service that gives roles, for [`Access::roles`]; else the region's own.
    pub sts_endpoint: Option<String>,
    /// Google: the content of a file of credentials, or its path; else `GOOGLE_APPLICATION_CREDENTIALS`, else gcloud's own.
    pub credentials: Option<Secret>,
    /// Google: an access token; else `GOOGLE_OAUTH_ACCESS_TOKEN`.
    pub token: Option<Secret>,
    /// Google: a service account to act as, and those between.
    pub impersonate: Option<Impersonation>,
}

/// An access key of S3 or OSS.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Its name.
    pub id: String,
    /// What requests are signed with.
    pub secret: Secret,
    /// What goes with a temporary key.
    pub token: Option<Secret>,
}

/// A role of AWS.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub arn: String,
    /// What the session is called in the account's records.
    pub session_name: Option<String>,
    /// What the role's owner agreed on.
    pub external_id: Option<String>,
    /// How long the credentials live.
    pub duration_seconds: Option<u32>,
    /// A policy as JSON that takes permissions away.
    pub policy: Option<String>,
    /// Policies that take permissions away.
    pub policy_arns: Vec<String>,
    /// Tags of the session.
    pub tags: Vec<(String, String)>,
}

/// A service account of Google to act as.
#[derive(Clone, Debug)]
pub struct Impersonation {
    /// Its address.
    pub account: String,
    /// Those through which the permission goes.
    pub delegates: Vec<String>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
