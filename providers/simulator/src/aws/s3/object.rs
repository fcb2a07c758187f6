//! Objects: put, get, head, copy, delete; conditional puts and reads.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

use super::tree::Element;
use super::{Answer, Bucket, Call, Version, bucket_mut, bucket_of, document, empty, error, http_date, not_implemented};
use crate::aws::error::AwsError;
use crate::message::{Request, Response};
use crate::world::World;

/// Headers that are kept with an object and given back.
const KEPT_HEADERS: &[&str] = &["content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

pub(super) fn handle(world: &mut World, call: &Call) -> Answer {
    if !call.target.resource.is_empty() || call.request.query_value("partNumber").is_some() {
        return Err(not_implemented());
    }
    match call.request.method.as_str() {
        "GET" | "HEAD" => get(bucket_of(world, call)?, call),
        "PUT" => put(world, call),
        "DELETE" => {
            let fresh = world.random.base32(32);
            let now_ms = world.now_ms;
            let wanted = call.request.query_value("versionId");
            let deleted = delete(bucket_mut(world, call)?, &call.target.key, wanted.as_deref(), fresh, now_ms);
            Ok(deleted.headers(empty(204)))
        }
        _ => Err(not_implemented()),
    }
}

fn no_such_key() -> AwsError {
    error(404, "NoSuchKey", "The specified key does not exist.")
}

fn version_of<'a>(bucket: &'a Bucket, call: &Call) -> Result<&'a Version, AwsError> {
    let versions = bucket.objects.get(&call.target.key);
    match call.request.query_value("versionId") {
        None => bucket.current(&call.target.key).ok_or_else(no_such_key),
        Some(id) => {
            let found = versions.and_then(|versions| versions.iter().find(|version| version.id == id));
            let found = found.ok_or_else(|| error(404, "NoSuchVersion", "The specified version does not exist."))?;
            match found.is_delete_marker {
                true => Err(error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")),
                false => Ok(found),
            }
        }
    }
}

fn get(bucket: &Bucket, call: &Call) -> Answer {
    let version = version_of(bucket, call)?;
    let is_named = |header: &str| call.request.header(header).is_some_and(|tags| names_tag(tags, &version.etag));
    if call.request.header("if-match").is_some() && !is_named("if-match") {
        return Err(precondition("If-Match"));
    }
    if is_named("if-none-match") {
        return Ok(empty(304).with("etag", version.etag.clone()));
    }
    let total = version.content.len();
    let range = match call.request.header("range") {
        Some(text) => Some(range(text, total).ok_or_else(|| error(416, "InvalidRange", "The requested range is not satisfiable"))?),
        None => None,
    };
    let (start, end) = range.unwrap_or((0, total));
    let mut response = empty(if range.is_some() { 206 } else { 200 });
    for (name, value) in &version.headers {
        response = response.with(name, value.clone());
    }
    response =
        response.with("etag", version.etag.clone()).with("last-modified", http_date(version.created_ms)).with("accept-ranges", "bytes");
    response = response.with("x-amz-server-side-encryption", "AES256");
    if bucket.versioning.is_some() {
        response = response.with("x-amz-version-id", version.id.clone());
    }
    if range.is_some() {
        response = response.with("content-range", format!("bytes {start}-{}/{total}", end.saturating_sub(1)));
    }
    if call.request.method == "HEAD" {
        return Ok(response.with("content-length", (end - start).to_string()));
    }
    response.body = version.content[start..end].to_vec();
    Ok(response)
}

/// `bytes=2-5`, `bytes=2-` and `bytes=-3` as a half-open range.
fn range(text: &str, total: usize) -> Option<(usize, usize)> {
    let (start, end) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (start, end) {
        ("", last) => (total.saturating_sub(last.parse().ok()?), total),
        (start, "") => (start.parse().ok()?, total),
        (start, end) => (start.parse().ok()?, end.parse::<usize>().ok()?.saturating_add(1).min(total)),
    };
    (start < end && start < total).then_some((start, end))
}

fn names_tag(header: &str, etag: &str) -> bool {
    header.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_matches('"') == etag.trim_matches('"'))
}

fn precondition(condition: &str) -> AwsError {
    error(412, "PreconditionFailed", &format!("At least one of the pre-conditions you specified did not hold ({condition})"))
}

/// Conditional puts: `If-None-Match: *` wants no object, `If-Match` wants this very one.
fn check_put(bucket: &Bucket, request: &Request, key: &str) -> Result<(), AwsError> {
    let current = bucket.current(key);
    match request.header("if-none-match") {
        Some("*") if current.is_some() => return Err(precondition("If-None-Match")),
        Some("*") | None => {}
        Some(_) => return Err(not_implemented()),
    }
    match (request.header("if-match"), current) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(no_such_key()),
        (Some(tag), Some(version)) if names_tag(tag, &version.etag) => Ok(()),
        (Some(_), Some(_)) => Err(precondition("If-Match")),
    }
}

fn put(world: &mut World, call: &Call) -> Answer {
    let key = &call.target.key;
    if key.len() > 1024 {
        return Err(error(400, "KeyTooLongError", "Your key is too long"));
    }
    check_put(bucket_of(world, call)?, call.request, key)?;
    let copied = call.request.header("x-amz-copy-source").map(|source| source_of(world, source)).transpose()?;
    let is_copy = copied.is_some();
    let (content, headers) = copied.unwrap_or_else(|| (call.request.body.clone(), headers_of(call.request)));
    let digest: String = Md5::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let etag = format!("\"{digest}\"");
    let (fresh, now_ms) = (world.random.base32(32), world.now_ms);
    let bucket = bucket_mut(world, call)?;
    let is_versioned = bucket.versioning.as_deref() == Some("Enabled");
    let id = if is_versioned { fresh } else { "null".to_owned() };
    let versions = bucket.objects.entry(key.clone()).or_default();
    versions.retain(|version| version.id != id);
    versions.push(Version { id: id.clone(), created_ms: now_ms, is_delete_marker: false, content, etag: etag.clone(), headers });
    let mut response = if is_copy {
        document("CopyObjectResult", |xml| {
            xml.text("LastModified", super::date(now_ms)).text("ETag", &etag);
        })
    } else {
        empty(200).with("etag", etag)
    };
    response = response.with("x-amz-server-side-encryption", "AES256");
    Ok(if bucket.versioning.is_some() { response.with("x-amz-version-id", id) } else { response })
}

fn headers_of(request: &Request) -> BTreeMap<String, String> {
    let is_kept = |name: &str| KEPT_HEADERS.contains(&name) || name.starts_with("x-amz-meta-");
    let mut headers: BTreeMap<String, String> = request.headers.iter().filter(|(name, _)| is_kept(name)).cloned().collect();
    if let Some(encoding) = headers.get_mut("content-encoding") {
        // The transfer's own coding is no part of the object.
        *encoding = encoding.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked").collect::<Vec<_>>().join(",");
    }
    headers.retain(|_, value| !value.is_empty());
    headers.entry("content-type".to_owned()).or_insert_with(|| "binary/octet-stream".to_owned());
    headers
}

/// Content and headers of a copy's source, `bucket/key` with an optional version.
fn source_of(world: &World, source: &str) -> Result<(Vec<u8>, BTreeMap<String, String>), AwsError> {
    let (path, version) = source.split_once("?versionId=").map_or((source, None), |(path, version)| (path, Some(version)));
    let decoded = crate::message::form_pairs(&format!("path={}", path.replace('+', "%2B")));
    let path = decoded.first().map(|(_, value)| value.trim_start_matches('/').to_owned()).unwrap_or_default();
    let (bucket, key) = path.split_once('/').ok_or_else(|| error(400, "InvalidArgument", "Invalid copy source object key"))?;
    let bucket = world.s3.buckets.get(bucket).ok_or_else(super::no_such_bucket)?;
    let found = match version {
        None => bucket.current(key),
        Some(id) => {
            bucket.objects.get(key).and_then(|versions| versions.iter().find(|version| version.id == id && !version.is_delete_marker))
        }
    };
    found.map(|version| (version.content.clone(), version.headers.clone())).ok_or_else(no_such_key)
}

/// What a deletion did.
struct Deleted {
    version: Option<String>,
    is_marker: bool,
}

impl Deleted {
    fn headers(self, mut response: Response) -> Response {
        if let Some(version) = self.version {
            response = response.with("x-amz-version-id", version);
        }
        if self.is_marker { response.with("x-amz-delete-marker", "true") } else { response }
    }
}

/// Removes a version, or puts a delete marker on top where versions are kept.
fn delete(bucket: &mut Bucket, key: &str, wanted: Option<&str>, fresh: String, now_ms: i64) -> Deleted {
    let versioning = bucket.versioning.clone();
    let versions = bucket.objects.entry(key.to_owned()).or_default();
    let deleted = match (wanted, versioning.as_deref()) {
        (Some(id), _) => {
            let is_marker = versions.iter().any(|version| version.id == id && version.is_delete_marker);
            versions.retain(|version| version.id != id);
            Deleted { version: Some(id.to_owned()), is_marker }
        }
        (None, None) => {
            versions.clear();
            Deleted { version: None, is_marker: false }
        }
        (None, Some(state)) => {
            let id = if state == "Enabled" { fresh } else { "null".to_owned() };
            versions.retain(|version| version.id != id);
            let marker = Version {
                id: id.clone(),
                created_ms: now_ms,
                is_delete_marker: true,
                content: Vec::new(),
                etag: String::new(),
                headers: BTreeMap::new(),
            };
            versions.push(marker);
            Deleted { version: Some(id), is_marker: true }
        }
    };
    if versions.is_empty() {
        bucket.objects.remove(key);
    }
    deleted
}

/// `DeleteObjects`: up to a thousand keys or versions.
pub(super) fn delete_many(world: &mut World, call: &Call) -> Answer {
    let order = Element::parse(&call.request.body, "Delete")?;
    let is_quiet = order.text("Quiet") == Some("true");
    let objects: Vec<(String, Option<String>)> = order
        .all("Object")
        .map(|object| (object.text("Key").unwrap_or_default().to_owned(), object.text("VersionId").map(str::to_owned)))
        .collect();
    if objects.is_empty() || objects.len() > 1000 || objects.iter().any(|(key, _)| key.is_empty()) {
        return Err(error(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ));
    }
    let now_ms = world.now_ms;
    let fresh: Vec<String> = objects.iter().map(|_| world.random.base32(32)).collect();
    let bucket = bucket_mut(world, call)?;
    let mut done = Vec::new();
    for ((key, wanted), fresh) in objects.into_iter().zip(fresh) {
        let deleted = delete(bucket, &key, wanted.as_deref(), fresh, now_ms);
        done.push((key, wanted, deleted));
    }
    Ok(document("DeleteResult", |xml| {
        for (key, wanted, deleted) in done.iter().filter(|_| !is_quiet) {
            xml.node("Deleted", |xml| {
                xml.text("Key", key).optional("VersionId", wanted.as_deref());
                if deleted.is_marker {
                    xml.text("DeleteMarker", true).optional("DeleteMarkerVersionId", deleted.version.as_deref());
                }
            });
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::{names_tag, range};

    #[test]
    fn ranges_are_half_open() {
        assert_eq!(range("bytes=2-5", 10), Some((2, 6)));
        assert_eq!(range("bytes=-3", 10), Some((7, 10)));
        assert_eq!(range("bytes=8-99", 10), Some((8, 10)));
        assert_eq!(range("bytes=10-", 10), None);
    }

    #[test]
    fn tags_match_with_and_without_quotes() {
        assert!(names_tag("\"abc\", \"def\"", "\"def\"") && names_tag("def", "\"def\"") && !names_tag("\"x\"", "\"def\""));
    }
}
