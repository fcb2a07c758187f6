//! What a request points to: bucket, key and sub-resource.

use crate::message::Request;

/// Sub-resources of a bucket, with the names of their operations behind `Get`, `Put` and `Delete`.
const BUCKET: &[(&str, &str)] = &[
    ("tagging", "BucketTagging"),
    ("versioning", "BucketVersioning"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("encryption", "BucketEncryption"),
    ("location", "BucketLocation"),
    ("policy", "BucketPolicy"),
    ("policyStatus", "BucketPolicyStatus"),
    ("acl", "BucketAcl"),
    ("cors", "BucketCors"),
    ("website", "BucketWebsite"),
    ("logging", "BucketLogging"),
    ("lifecycle", "BucketLifecycleConfiguration"),
    ("replication", "BucketReplication"),
    ("requestPayment", "BucketRequestPayment"),
    ("accelerate", "BucketAccelerateConfiguration"),
    ("object-lock", "ObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls"),
    ("notification", "BucketNotificationConfiguration"),
    ("intelligent-tiering", "BucketIntelligentTieringConfiguration"),
    ("analytics", "BucketAnalyticsConfiguration"),
    ("metrics", "BucketMetricsConfiguration"),
    ("inventory", "BucketInventoryConfiguration"),
];

/// Sub-resources that are operations of their own.
const OTHERS: &[&str] = &[
    "versions",
    "delete",
    "uploads",
    "uploadId",
    "tagging",
    "acl",
    "retention",
    "legal-hold",
    "attributes",
    "torrent",
    "restore",
    "select",
];

/// What a request points to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// Empty for the service itself.
    pub(super) bucket: String,
    /// Empty for the bucket itself.
    pub(super) key: String,
    /// Such as `tagging`; empty for none.
    pub(super) resource: String,
}

impl Target {
    pub(super) fn of(request: &Request) -> Target {
        let path = request.decoded_path();
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = match bucket_of_host(request.header("host").unwrap_or_default()) {
            Some(bucket) => (bucket, path),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (bucket.to_owned(), key)
            }
        };
        let known = |name: &String| BUCKET.iter().any(|(resource, _)| resource == name) || OTHERS.contains(&name.as_str());
        let resource = request.query_pairs().into_iter().map(|(name, _)| name).find(known).unwrap_or_default();
        Target { bucket, key: key.to_owned(), resource }
    }

    pub(super) fn operation(&self, method: &str, is_copy: bool) -> String {
        let verb = match method {
            "GET" => "Get",
            "HEAD" => "Head",
            "DELETE" => "Delete",
            _ => "Put",
        };
        if self.bucket.is_empty() {
            return "ListBuckets".to_owned();
        }
        if self.key.is_empty() {
            if let Some((_, name)) = BUCKET.iter().find(|(resource, _)| *resource == self.resource) {
                return format!("{verb}{name}");
            }
            return match (method, self.resource.as_str()) {
                ("POST", "delete") => "DeleteObjects",
                ("GET", "versions") => "ListObjectVersions",
                ("GET", "uploads") => "ListMultipartUploads",
                ("GET", _) => "ListObjectsV2",
                ("PUT", _) => "CreateBucket",
                ("HEAD", _) => "HeadBucket",
                ("DELETE", _) => "DeleteBucket",
                _ => "Unknown",
            }
            .to_owned();
        }
        match self.resource.as_str() {
            "uploads" => "CreateMultipartUpload".to_owned(),
            "" if is_copy => "CopyObject".to_owned(),
            "" => format!("{verb}Object"),
            other => format!("{verb}Object{}", other.replace('-', "")),
        }
    }
}

/// `bucket.s3.us-east-1.amazonaws.com` and `bucket.localhost:4566`.
fn bucket_of_host(host: &str) -> Option<String> {
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let bucket = match host.strip_suffix(".localhost") {
        Some(bucket) => bucket.strip_suffix(".s3").unwrap_or(bucket),
        None => [".s3.", ".s3-"].iter().find_map(|mark| host.split_once(mark))?.0,
    };
    Some(bucket.to_owned()).filter(|bucket| !bucket.is_empty() && bucket != "s3")
}

#[cfg(test)]
mod tests {
    use super::{Target, bucket_of_host};

    #[test]
    fn both_styles_name_the_bucket() {
        assert_eq!(bucket_of_host("my.bucket.s3.eu-west-1.amazonaws.com").as_deref(), Some("my.bucket"));
        assert_eq!(bucket_of_host("b.localhost:4566").as_deref(), Some("b"));
        for host in ["s3.us-east-1.amazonaws.com", "127.0.0.1:4566", "s3.localhost:1"] {
            assert_eq!(bucket_of_host(host), None, "{host}");
        }
    }

    #[test]
    fn operations_have_the_names_of_the_reference() {
        let target = |bucket: &str, key: &str, resource: &str| Target { bucket: bucket.into(), key: key.into(), resource: resource.into() };
        assert_eq!(target("b", "", "publicAccessBlock").operation("PUT", false), "PutPublicAccessBlock");
        assert_eq!(target("b", "", "").operation("HEAD", false), "HeadBucket");
        assert_eq!(target("b", "", "delete").operation("POST", false), "DeleteObjects");
        assert_eq!(target("b", "a/k", "").operation("PUT", true), "CopyObject");
    }
}
