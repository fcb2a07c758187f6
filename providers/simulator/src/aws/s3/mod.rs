//! S3 over REST: buckets with their settings, objects with their versions. Path style and virtual-host style.

mod bucket;
mod list;
mod object;
mod setting;
mod target;
mod tree;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::AwsError;
use super::xml::Xml;
use crate::clock::timestamp;
use crate::message::{Request, Response};
use crate::world::World;
use target::Target;

/// All buckets and objects.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct S3 {
    /// By name.
    #[serde(default)]
    pub buckets: BTreeMap<String, Bucket>,
}

/// A bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bucket {
    pub region: String,
    pub created_ms: i64,
    /// `Enabled` or `Suspended`; not set until it is first configured.
    pub versioning: Option<String>,
    /// Tags in the order set; empty when there are none.
    pub tags: Vec<(String, String)>,
    /// Settings that are kept as they were sent, by sub-resource.
    pub settings: BTreeMap<String, String>,
    /// Versions by key, the newest last.
    pub objects: BTreeMap<String, Vec<Version>>,
}

/// One version of an object, or a delete marker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    /// `null` where the bucket was not versioned.
    pub id: String,
    pub created_ms: i64,
    pub is_delete_marker: bool,
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub content: Vec<u8>,
    pub etag: String,
    /// `content-type`, `x-amz-meta-…` and the like, as they are given back.
    pub headers: BTreeMap<String, String>,
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

impl Bucket {
    /// The newest version of a key, unless it is a delete marker.
    pub(self) fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last().filter(|version| !version.is_delete_marker)
    }
}

/// A request with what its path and query point to.
struct Call<'a> {
    pub(self) request: &'a Request,
    pub(self) target: Target,
}

type Answer = Result<Response, AwsError>;

/// Answers an S3 request.
pub fn handle(world: &mut World, request: &Request) -> Response {
    let call = Call { request, target: Target::of(request) };
    let answer = match (call.target.bucket.is_empty(), call.target.key.is_empty()) {
        (true, _) => bucket::list_all(world, &call),
        (false, true) => bucket::handle(world, &call),
        (false, false) => object::handle(world, &call),
    };
    let response = answer.unwrap_or_else(|error| {
        let region = world.s3.buckets.get(&call.target.bucket).map(|bucket| bucket.region.clone());
        let response = error.respond(request);
        match region {
            Some(region) => response.with("x-amz-bucket-region", region),
            None => response,
        }
    });
    // S3 says "100 Continue" even where no body follows; hyper does not, and botocore then mistakes the next answer on the
    // same connection.
    if request.header("expect").is_some() && request.body.is_empty() { response.with("connection", "close") } else { response }
}

/// The operation's name in AWS's API reference, such as `PutObject`, for faults and the audit.
pub fn operation_name(request: &Request) -> String {
    Target::of(request).operation(&request.method, request.header("x-amz-copy-source").is_some())
}

/// Objects by kind, for the status.
pub fn counts(s3: &S3) -> Vec<(&'static str, usize)> {
    vec![("buckets", s3.buckets.len()), ("objects", s3.buckets.values().map(|bucket| bucket.objects.len()).sum())]
}

fn error(status: u16, code: &str, message: &str) -> AwsError {
    AwsError::new(status, code, message)
}

fn not_implemented() -> AwsError {
    error(501, "NotImplemented", "A header or query you provided implies functionality that the sandbox does not implement")
}

fn no_such_bucket() -> AwsError {
    error(404, "NoSuchBucket", "The specified bucket does not exist")
}

/// The bucket that a call is about; a call signed for another region is refused as S3 refuses it.
fn bucket_of<'a>(world: &'a World, call: &Call) -> Result<&'a Bucket, AwsError> {
    let bucket = world.s3.buckets.get(&call.target.bucket).ok_or_else(no_such_bucket)?;
    let region = &call.request.region;
    if region.is_empty() || bucket.region == *region {
        return Ok(bucket);
    }
    if call.request.method == "HEAD" {
        return Err(error(301, "PermanentRedirect", "The bucket is in another region"));
    }
    let message = format!("The authorization header is malformed; the region '{region}' is wrong; expecting '{}'", bucket.region);
    Err(error(400, "AuthorizationHeaderMalformed", &message))
}

/// As [`bucket_of`], to be changed.
fn bucket_mut<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Bucket, AwsError> {
    bucket_of(world, call)?;
    world.s3.buckets.get_mut(&call.target.bucket).ok_or_else(no_such_bucket)
}

/// A reply with S3's namespace on its root.
fn document(root: &str, fill: impl FnOnce(&mut Xml)) -> Response {
    let mut xml = Xml::new();
    xml.node(&format!("{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""), fill);
    Response::new(200, "application/xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", xml.as_str()))
}

fn empty(status: u16) -> Response {
    Response { status, effect: true, ..Response::default() }
}

/// `Mon, 23 Nov 2026 20:00:00 GMT`.
fn http_date(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|time| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).unwrap_or_default()
}

/// `2026-11-23T20:00:00.000Z`.
fn date(ms: i64) -> String {
    timestamp(ms)
}
