//! The settings of a bucket, and the answers of S3 where one was never set.

use super::tree::Element;
use super::{Answer, Bucket, Call, bucket_mut, bucket_of, document, empty, error, not_implemented};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::message::Response;
use crate::world::World;

/// All four blocked: new buckets have it since April 2023.
pub(super) const PUBLIC_ACCESS_BLOCK: &str = "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";

pub(super) const OBJECT_LOCK: &str = "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

/// New buckets are encrypted with SSE-S3 since January 2023.
const ENCRYPTION: &str = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";

/// Settings that are kept as sent: sub-resource, root element (empty: JSON), and the error when it was never set (empty: a default).
const KEPT: &[(&str, &str, &str, &str)] = &[
    (
        "publicAccessBlock",
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    ("encryption", "ServerSideEncryptionConfiguration", "", ""),
    ("policy", "", "NoSuchBucketPolicy", "The bucket policy does not exist"),
    ("cors", "CORSConfiguration", "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    ("website", "WebsiteConfiguration", "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    ("lifecycle", "LifecycleConfiguration", "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    ("replication", "ReplicationConfiguration", "ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    (
        "object-lock",
        "ObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
    ("ownershipControls", "OwnershipControls", "OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    ("logging", "BucketLoggingStatus", "", ""),
    ("requestPayment", "RequestPaymentConfiguration", "", ""),
    ("accelerate", "AccelerateConfiguration", "", ""),
    ("notification", "NotificationConfiguration", "", ""),
];

/// The ownership controls of a bucket.
pub(super) fn ownership(rule: &str) -> String {
    format!(
        "<OwnershipControls xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ObjectOwnership>{rule}</ObjectOwnership></Rule></OwnershipControls>"
    )
}

pub(super) fn handle(world: &mut World, call: &Call) -> Answer {
    match call.request.method.as_str() {
        "GET" => get(bucket_of(world, call)?, call),
        "PUT" => put(bucket_mut(world, call)?, call),
        _ => delete(bucket_mut(world, call)?, call),
    }
}

fn kept(resource: &str) -> Option<&'static (&'static str, &'static str, &'static str, &'static str)> {
    KEPT.iter().find(|(name, ..)| *name == resource)
}

fn get(bucket: &Bucket, call: &Call) -> Answer {
    let resource = call.target.resource.as_str();
    if let Some(text) = bucket.settings.get(resource) {
        let is_json = kept(resource).is_some_and(|(_, root, ..)| root.is_empty());
        return Ok(Response::new(200, if is_json { "application/json" } else { "application/xml" }, text.clone()));
    }
    if let Some((_, _, code, message)) = kept(resource).filter(|(_, _, code, _)| !code.is_empty()) {
        return Err(error(404, code, message));
    }
    match resource {
        "encryption" => Ok(Response::new(200, "application/xml", ENCRYPTION)),
        "location" => Ok(location(bucket)),
        "tagging" => match bucket.tags.is_empty() {
            true => Err(error(404, "NoSuchTagSet", "The TagSet does not exist")),
            false => Ok(document("Tagging", |xml| {
                xml.list("TagSet", "Tag", &bucket.tags, |xml, (key, value)| {
                    xml.text("Key", key).text("Value", value);
                });
            })),
        },
        "versioning" => Ok(document("VersioningConfiguration", |xml| {
            xml.optional("Status", bucket.versioning.as_deref());
        })),
        "requestPayment" => Ok(document("RequestPaymentConfiguration", |xml| {
            xml.text("Payer", "BucketOwner");
        })),
        "accelerate" => Ok(document("AccelerateConfiguration", |_| {})),
        "logging" => Ok(document("BucketLoggingStatus", |_| {})),
        "notification" => Ok(document("NotificationConfiguration", |_| {})),
        "acl" => Ok(acl()),
        "policyStatus" => match bucket.settings.contains_key("policy") {
            false => Err(error(404, "NoSuchBucketPolicy", "The bucket policy does not exist")),
            true => Ok(document("PolicyStatus", |xml| {
                xml.text("IsPublic", false);
            })),
        },
        "intelligent-tiering" | "analytics" | "metrics" | "inventory" if call.request.query_value("id").is_none() => {
            Ok(empty_list(resource))
        }
        "intelligent-tiering" | "analytics" | "metrics" | "inventory" => {
            Err(error(404, "NoSuchConfiguration", "The specified configuration does not exist."))
        }
        _ => Err(not_implemented()),
    }
}

fn location(bucket: &Bucket) -> Response {
    let region = if bucket.region == "us-east-1" { "" } else { &bucket.region };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{region}</LocationConstraint>"
    );
    Response::new(200, "application/xml", body)
}

fn empty_list(resource: &str) -> Response {
    let root = match resource {
        "intelligent-tiering" => "ListBucketIntelligentTieringConfigurationsOutput",
        "analytics" => "ListBucketAnalyticsConfigurationResult",
        "metrics" => "ListMetricsConfigurationsResult",
        _ => "ListInventoryConfigurationsResult",
    };
    document(root, |xml| {
        xml.text("IsTruncated", false);
    })
}

fn acl() -> Response {
    document("AccessControlPolicy", |xml| {
        xml.node("Owner", |xml| {
            xml.text("ID", ACCOUNT);
        });
        xml.list("AccessControlList", "Grant", [()], |xml, ()| {
            xml.node("Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"", |xml| {
                xml.text("ID", ACCOUNT);
            });
            xml.text("Permission", "FULL_CONTROL");
        });
    })
}

fn put(bucket: &mut Bucket, call: &Call) -> Answer {
    let body = &call.request.body;
    match call.target.resource.as_str() {
        "tagging" => {
            bucket.tags = tags(Element::parse(body, "Tagging")?.child("TagSet"))?;
            return Ok(empty(204));
        }
        "versioning" => put_versioning(bucket, body)?,
        "acl" => {
            let is_private = call.request.header("x-amz-acl").is_none_or(|acl| acl == "private");
            if !is_private {
                return Err(error(400, "AccessControlListNotSupported", "The bucket does not allow ACLs"));
            }
        }
        resource => {
            let (_, root, ..) = kept(resource).ok_or_else(not_implemented)?;
            let text = String::from_utf8(body.clone()).map_err(|_| error(400, "MalformedXML", "The body is not UTF-8"))?;
            if root.is_empty() {
                let is_policy = serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|policy| policy.get("Statement").is_some());
                if !is_policy {
                    return Err(error(400, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'"));
                }
            } else {
                Element::parse(body, root)?;
            }
            bucket.settings.insert(resource.to_owned(), text);
            // A policy is answered with 204, everything else with 200.
            return Ok(empty(if root.is_empty() { 204 } else { 200 }));
        }
    }
    Ok(empty(200))
}

fn put_versioning(bucket: &mut Bucket, body: &[u8]) -> Result<(), AwsError> {
    let configuration = Element::parse(body, "VersioningConfiguration")?;
    if configuration.text("MfaDelete").is_some_and(|state| state == "Enabled") {
        return Err(error(403, "AccessDenied", "Mfa Authentication must be used for this request"));
    }
    match configuration.text("Status") {
        Some("Suspended") if bucket.settings.contains_key("object-lock") => Err(error(
            409,
            "InvalidBucketState",
            "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
        )),
        Some(status @ ("Enabled" | "Suspended")) => {
            bucket.versioning = Some(status.to_owned());
            Ok(())
        }
        _ => Err(error(400, "IllegalVersioningConfigurationException", "The Versioning element must be specified")),
    }
}

fn delete(bucket: &mut Bucket, call: &Call) -> Answer {
    match call.target.resource.as_str() {
        "tagging" => bucket.tags.clear(),
        resource if kept(resource).is_some() => {
            bucket.settings.remove(resource);
        }
        _ => return Err(not_implemented()),
    }
    Ok(empty(204))
}

/// The tags of a set, checked.
pub(super) fn tags(set: Option<&Element>) -> Result<Vec<(String, String)>, AwsError> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for tag in set.into_iter().flat_map(|set| set.all("Tag")) {
        let (key, value) = (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default());
        if key.is_empty() || key.len() > 128 || value.len() > 256 {
            return Err(error(400, "InvalidTag", "The TagKey or TagValue you have provided is invalid"));
        }
        if key.starts_with("aws:") {
            return Err(error(400, "InvalidTag", "System tags cannot be added/updated by requester"));
        }
        if tags.iter().any(|(other, _)| other == key) {
            return Err(error(400, "InvalidTag", "Cannot provide multiple Tags with the same key"));
        }
        tags.push((key.to_owned(), value.to_owned()));
    }
    if tags.len() > 50 {
        return Err(error(400, "BadRequest", "Bucket tag count cannot be greater than 50"));
    }
    Ok(tags)
}
