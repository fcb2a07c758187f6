//! Where objects lie.

use super::Access;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Whose service a bucket is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3, and what speaks its language.
    S3,
    /// Google Cloud Storage, by its JSON interface.
    Gcs,
    /// Alibaba Cloud OSS.
    Oss,
}

/// Where objects lie, and as whom they are asked for.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whose bucket.
    pub service: Service,
    /// Its name.
    pub bucket: String,
    /// The region of the bucket; else that of the environment, else for S3 that of the profile or `us-east-1`.
    pub region: Option<String>,
    /// The address of the service, with or without `https://`; else that of the environment, else the service's own.
    pub endpoint: Option<String>,
    /// Whether the bucket stands in the path instead of the host's name; else as the service's own tools choose.
    pub path_style: Option<bool>,
    /// As whom.
    pub access: Access,
}

/// What may be known of the machine and its user; the command line collects it.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Variables of the environment.
    pub variables: BTreeMap<String, String>,
    /// The user's folder.
    pub home: Option<PathBuf>,
}

impl Place {
    /// A bucket of which nothing else is said.
    pub fn new(service: Service, bucket: impl Into<String>) -> Place {
        Place { service, bucket: bucket.into(), region: None, endpoint: None, path_style: None, access: Access::default() }
    }
}

impl Surroundings {
    /// A variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The first of several variables that is set and not empty.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.variable(name))
    }

    /// Whether a variable says yes.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Service::S3 => "s3",
            Service::Gcs => "gs",
            Service::Oss => "oss",
        })
    }
}
