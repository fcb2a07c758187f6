//! Buckets: made, looked up, deleted.

use std::collections::BTreeMap;

use super::tree::Element;
use super::{Answer, Bucket, Call, bucket_mut, bucket_of, date, document, empty, error, list, not_implemented, object, setting};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::world::World;

pub(super) fn list_all(world: &World, call: &Call) -> Answer {
    if call.request.method != "GET" {
        return Err(error(405, "MethodNotAllowed", "The specified method is not allowed against this resource."));
    }
    let region = call.request.query_value("bucket-region");
    let prefix = call.request.query_value("prefix").unwrap_or_default();
    let wanted = world
        .s3
        .buckets
        .iter()
        .filter(|(name, bucket)| name.starts_with(&prefix) && region.as_ref().is_none_or(|region| *region == bucket.region));
    Ok(document("ListAllMyBucketsResult", |xml| {
        xml.node("Owner", |xml| {
            xml.text("ID", ACCOUNT);
        });
        xml.list("Buckets", "Bucket", wanted, |xml, (name, bucket)| {
            xml.text("Name", name).text("CreationDate", date(bucket.created_ms)).text("BucketRegion", &bucket.region);
        });
    }))
}

pub(super) fn handle(world: &mut World, call: &Call) -> Answer {
    match (call.request.method.as_str(), call.target.resource.as_str()) {
        ("GET", "versions") => list::versions(bucket_of(world, call)?, call),
        ("GET", "uploads") => Ok(document("ListMultipartUploadsResult", |xml| {
            xml.text("Bucket", &call.target.bucket).text("IsTruncated", false);
        })),
        ("GET", "") => list::objects(bucket_of(world, call)?, call),
        ("POST", "delete") => object::delete_many(world, call),
        ("PUT", "") => create(world, call),
        ("HEAD", "") => Ok(empty(200).with("x-amz-bucket-region", bucket_of(world, call)?.region.clone())),
        ("DELETE", "") => delete(world, call),
        ("GET" | "PUT" | "DELETE", _) => setting::handle(world, call),
        _ => Err(not_implemented()),
    }
}

fn create(world: &mut World, call: &Call) -> Answer {
    let name = &call.target.bucket;
    if !is_valid_name(name) {
        return Err(error(400, "InvalidBucketName", "The specified bucket is not valid."));
    }
    let region = match call.request.region.as_str() {
        "" => "us-east-1",
        region => region,
    };
    let mut tags = Vec::new();
    if call.request.body.is_empty() {
        check_location(None, region)?;
    } else {
        let configuration = Element::parse(&call.request.body, "CreateBucketConfiguration")?;
        check_location(configuration.text("LocationConstraint").filter(|text| !text.is_empty()), region)?;
        tags = setting::tags(configuration.child("Tags"))?;
    }
    let location = empty(200).with("location", format!("/{name}"));
    if let Some(existing) = world.s3.buckets.get(name) {
        // An old promise of us-east-1: making one's own bucket again does nothing.
        if region == "us-east-1" && existing.region == region {
            return Ok(location);
        }
        return Err(error(
            409,
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        ));
    }
    let mut settings = BTreeMap::new();
    let is_locked = call.request.header("x-amz-bucket-object-lock-enabled").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_locked {
        settings.insert("object-lock".to_owned(), setting::OBJECT_LOCK.to_owned());
    }
    let ownership = call.request.header("x-amz-object-ownership").unwrap_or("BucketOwnerEnforced");
    settings.insert("ownershipControls".to_owned(), setting::ownership(ownership));
    settings.insert("publicAccessBlock".to_owned(), setting::PUBLIC_ACCESS_BLOCK.to_owned());
    let versioning = is_locked.then(|| "Enabled".to_owned());
    let bucket = Bucket { region: region.to_owned(), created_ms: world.now_ms, versioning, tags, settings, objects: BTreeMap::new() };
    world.s3.buckets.insert(name.clone(), bucket);
    Ok(location)
}

fn check_location(constraint: Option<&str>, region: &str) -> Result<(), AwsError> {
    let wrong = |which: &str| {
        let message = format!("The {which} location constraint is incompatible for the region specific endpoint this request was sent to.");
        Err(error(400, "IllegalLocationConstraintException", &message))
    };
    match constraint {
        None if region == "us-east-1" => Ok(()),
        None => wrong("unspecified"),
        Some("us-east-1") => Err(error(400, "InvalidLocationConstraint", "The specified location-constraint is not valid")),
        Some("EU") if region == "eu-west-1" => Ok(()),
        Some(constraint) if constraint == region => Ok(()),
        Some(constraint) => wrong(constraint),
    }
}

/// The naming rules of general purpose buckets.
fn is_valid_name(name: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let is_address = name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    (3..=63).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
        && is_edge(name.chars().next())
        && is_edge(name.chars().last())
        && !name.contains("..")
        && !name.starts_with("xn--")
        && !name.ends_with("-s3alias")
        && !is_address
}

fn delete(world: &mut World, call: &Call) -> Answer {
    if !bucket_mut(world, call)?.objects.is_empty() {
        let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
        return Err(error(409, "BucketNotEmpty", message));
    }
    world.s3.buckets.remove(&call.target.bucket);
    Ok(empty(204))
}

#[cfg(test)]
mod tests {
    use super::is_valid_name;

    #[test]
    fn names_follow_the_rules() {
        for name in ["abc", "a.b-c1", "logs-2026"] {
            assert!(is_valid_name(name), "{name}");
        }
        for name in ["ab", "Abc", "a_b", "-abc", "abc-", "a..b", "192.168.1.1"] {
            assert!(!is_valid_name(name), "{name}");
        }
    }
}
