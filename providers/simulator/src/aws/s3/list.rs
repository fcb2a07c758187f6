//! Lists of objects and of versions, with prefix, delimiter and pages.

use std::collections::BTreeSet;

use super::{Answer, Bucket, Call, Version, date, document, error};
use crate::aws::ACCOUNT;
use crate::aws::error::AwsError;
use crate::aws::xml::Xml;
use crate::message::percent_encode;

const MOST_KEYS: usize = 1000;

/// What a list asks for.
struct Query {
    prefix: String,
    delimiter: String,
    most: usize,
    is_encoded: bool,
}

impl Query {
    fn of(call: &Call) -> Result<Query, AwsError> {
        let value = |name: &str| call.request.query_value(name).unwrap_or_default();
        let most = match value("max-keys").as_str() {
            "" => MOST_KEYS,
            text => text
                .parse::<usize>()
                .map_err(|_| error(400, "InvalidArgument", "Provided max-keys not an integer or within integer range"))?
                .min(MOST_KEYS),
        };
        Ok(Query { prefix: value("prefix"), delimiter: value("delimiter"), most, is_encoded: value("encoding-type") == "url" })
    }

    /// The common prefix that a key is folded into.
    fn folded(&self, key: &str) -> Option<String> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = key.strip_prefix(&self.prefix)?;
        rest.find(&self.delimiter).map(|end| format!("{}{}", self.prefix, &rest[..end + self.delimiter.len()]))
    }

    fn encode(&self, key: &str) -> String {
        if self.is_encoded { percent_encode(key, true) } else { key.to_owned() }
    }
}

fn write_prefixes(xml: &mut Xml, query: &Query, prefixes: &BTreeSet<String>) {
    for prefix in prefixes {
        xml.node("CommonPrefixes", |xml| {
            xml.text("Prefix", query.encode(prefix));
        });
    }
}

fn write_content(xml: &mut Xml, version: &Version) {
    xml.text("LastModified", date(version.created_ms)).text("ETag", &version.etag).text("Size", version.content.len());
    xml.text("StorageClass", "STANDARD");
}

/// `ListObjectsV2`, and the older list without `list-type`.
pub(super) fn objects(bucket: &Bucket, call: &Call) -> Answer {
    let query = Query::of(call)?;
    let value = |name: &str| call.request.query_value(name).filter(|text| !text.is_empty());
    let is_second = value("list-type").as_deref() == Some("2");
    let after = if is_second { value("continuation-token").or_else(|| value("start-after")) } else { value("marker") };
    let mut contents: Vec<(&str, &Version)> = Vec::new();
    let mut prefixes = BTreeSet::new();
    let mut next = None;
    let mut last = String::new();
    for key in bucket.objects.keys().filter(|key| key.starts_with(&query.prefix)) {
        let Some(version) = bucket.current(key) else { continue };
        let folded = query.folded(key);
        // A page that ended with a common prefix goes on behind all its keys.
        let place = folded.as_deref().unwrap_or(key);
        if after.as_deref().is_some_and(|after| place <= after) || folded.as_ref().is_some_and(|folded| prefixes.contains(folded)) {
            continue;
        }
        if contents.len() + prefixes.len() >= query.most {
            next = Some(last.clone());
            break;
        }
        place.clone_into(&mut last);
        match folded {
            Some(prefix) => {
                prefixes.insert(prefix);
            }
            None => contents.push((key, version)),
        }
    }
    Ok(document("ListBucketResult", |xml| {
        xml.text("Name", &call.target.bucket).text("Prefix", query.encode(&query.prefix)).text("MaxKeys", query.most);
        xml.text("IsTruncated", next.is_some());
        if !query.delimiter.is_empty() {
            xml.text("Delimiter", query.encode(&query.delimiter));
        }
        if query.is_encoded {
            xml.text("EncodingType", "url");
        }
        if is_second {
            xml.text("KeyCount", contents.len() + prefixes.len()).optional("NextContinuationToken", next.as_deref());
        } else {
            xml.optional("NextMarker", next.as_deref().map(|key| query.encode(key)));
        }
        for (key, version) in &contents {
            xml.node("Contents", |xml| {
                xml.text("Key", query.encode(key));
                write_content(xml, version);
            });
        }
        write_prefixes(xml, &query, &prefixes);
    }))
}

/// `ListObjectVersions`: the newest first within a key.
pub(super) fn versions(bucket: &Bucket, call: &Call) -> Answer {
    let query = Query::of(call)?;
    let value = |name: &str| call.request.query_value(name).filter(|text| !text.is_empty());
    let (key_marker, version_marker) = (value("key-marker").unwrap_or_default(), value("version-id-marker"));
    let mut all: Vec<(&str, &Version, bool)> = Vec::new();
    let mut prefixes = BTreeSet::new();
    for (key, versions) in bucket.objects.iter().filter(|(key, _)| key.starts_with(&query.prefix) && **key >= key_marker) {
        if let Some(prefix) = query.folded(key) {
            prefixes.insert(prefix);
            continue;
        }
        let newest_first = versions.iter().rev().enumerate();
        let one = newest_first.map(|(position, version)| (key.as_str(), version, position == 0));
        if *key == key_marker {
            let after = version_marker.as_ref().map(|id| one.skip_while(|(_, version, _)| version.id != *id).skip(1).collect::<Vec<_>>());
            all.extend(after.unwrap_or_default());
        } else {
            all.extend(one);
        }
    }
    let is_truncated = all.len() > query.most;
    all.truncate(query.most);
    Ok(document("ListVersionsResult", |xml| {
        xml.text("Name", &call.target.bucket).text("Prefix", query.encode(&query.prefix)).text("KeyMarker", query.encode(&key_marker));
        xml.text("MaxKeys", query.most).text("IsTruncated", is_truncated);
        if query.is_encoded {
            xml.text("EncodingType", "url");
        }
        if let Some((key, version, _)) = all.last().filter(|_| is_truncated) {
            xml.text("NextKeyMarker", query.encode(key)).text("NextVersionIdMarker", &version.id);
        }
        for (key, version, is_latest) in &all {
            let element = if version.is_delete_marker { "DeleteMarker" } else { "Version" };
            xml.node(element, |xml| {
                xml.text("Key", query.encode(key)).text("VersionId", &version.id).text("IsLatest", is_latest);
                if version.is_delete_marker {
                    xml.text("LastModified", date(version.created_ms));
                } else {
                    write_content(xml, version);
                }
                xml.node("Owner", |xml| {
                    xml.text("ID", ACCOUNT);
                });
            });
        }
        write_prefixes(xml, &query, &prefixes);
    }))
}
