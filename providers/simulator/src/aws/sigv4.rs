//! Signature version 4: finds the service of a request, and verifies its signature by computing it again.
//!
//! Header and query (presigned) signatures, `UNSIGNED-PAYLOAD`, and the signed chunks of `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` are all checked.
//! Errors come in the words of each protocol: EC2 says `AuthFailure` where IAM says `InvalidClientTokenId` and S3 `InvalidAccessKeyId`.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::error::AwsError;
use crate::message::{Request, Service, percent_encode};
use crate::world::World;

/// Clients' clocks may be wrong by this much, as at AWS.
const SKEW_MILLISECONDS_MAX: i64 = 15 * 60 * 1000;

/// What an `Authorization` header or a presigned query says.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    pub access_key: String,
    /// `20261123`.
    pub date: String,
    pub region: String,
    pub service: String,
    pub signed_headers: Vec<String>,
    pub signature: String,
    /// `20261123T200000Z`.
    pub time: String,
    pub token: Option<String>,
    /// Presigned: valid for so many seconds.
    pub expires_seconds: Option<i64>,
}

impl Authorization {
    fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// Reads the authorization of a request. `None`: it is not signed.
pub fn authorization(request: &Request) -> Option<Authorization> {
    if let Some(header) = request.header("authorization") {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| fields.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).map(str::to_owned);
        return assemble(
            &field("Credential")?,
            &field("SignedHeaders")?,
            field("Signature")?,
            request.header("x-amz-date").unwrap_or_default().to_owned(),
            request.header("x-amz-security-token").map(str::to_owned),
            None,
        );
    }
    let value = |name: &str| request.query_value(name);
    if value("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
        return None;
    }
    assemble(
        &value("X-Amz-Credential")?,
        &value("X-Amz-SignedHeaders")?,
        value("X-Amz-Signature")?,
        value("X-Amz-Date")?,
        value("X-Amz-Security-Token"),
        value("X-Amz-Expires").and_then(|text| text.parse().ok()),
    )
}

fn assemble(
    credential: &str,
    headers: &str,
    signature: String,
    time: String,
    token: Option<String>,
    expires_seconds: Option<i64>,
) -> Option<Authorization> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [access_key, date, region, service, "aws4_request"] = parts[..] else { return None };
    Some(Authorization {
        access_key: access_key.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_headers: headers.split(';').map(str::to_owned).collect(),
        signature,
        time,
        token,
        expires_seconds,
    })
}

/// Checks a request's signature, key, token and time against the world. `raw_body` is the body as it came (chunks not decoded).
pub fn verify(world: &World, request: &Request, raw_body: &[u8]) -> Result<(), AwsError> {
    let service = request.service;
    let Some(found) = authorization(request) else { return Err(unsigned(service)) };
    let Some(credential) = world.credentials.get(&found.access_key) else { return Err(unknown_key(service)) };
    let stored = credential.session_token.as_deref();
    if stored != found.token.as_deref() {
        return Err(unknown_key(service));
    }
    let now_ms = world.clock.simulated(request.received_ms);
    if credential.expires_ms.is_some_and(|expires_ms| now_ms >= expires_ms) {
        return Err(expired(service));
    }
    check_time(request, &found)?;
    let payload = payload_hash(request, &found, raw_body)?;
    let text = string_to_sign(&found, &canonical_request(request, &found, &payload));
    let key = signing_key(&credential.secret_key, &found);
    if !same(&hex(&mac(&key, text.as_bytes())), &found.signature) {
        return Err(mismatch(service, &canonical_request(request, &found, &payload), &text));
    }
    if payload.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
        verify_chunks(&found, &key, raw_body).map_err(|()| mismatch(service, "", ""))?;
    }
    Ok(())
}

fn check_time(request: &Request, found: &Authorization) -> Result<(), AwsError> {
    let signed_ms = parse_time(&found.time).ok_or_else(|| unsigned(request.service))?;
    let late_ms = request.received_ms - signed_ms;
    let allowed_ms = found.expires_seconds.map_or(SKEW_MILLISECONDS_MAX, |seconds| seconds * 1000);
    if late_ms <= allowed_ms && late_ms >= -SKEW_MILLISECONDS_MAX && found.time.starts_with(&found.date) {
        return Ok(());
    }
    let message = format!("Signature expired: {} is now earlier than the time allowed.", found.time);
    Err(match request.service {
        Service::Ec2 => AwsError::new(400, "RequestExpired", "Request has expired."),
        Service::S3 if found.expires_seconds.is_some() => AwsError::new(403, "AccessDenied", "Request has expired"),
        Service::S3 => {
            AwsError::new(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        }
        _ => AwsError::new(403, "SignatureDoesNotMatch", message),
    })
}

/// The payload's line of the canonical request; a stated hash must be the body's.
fn payload_hash(request: &Request, found: &Authorization, raw_body: &[u8]) -> Result<String, AwsError> {
    let actual = || hex(&Sha256::digest(raw_body));
    match request.header("x-amz-content-sha256") {
        Some(stated) if stated == "UNSIGNED-PAYLOAD" || stated.starts_with("STREAMING-") => Ok(stated.to_owned()),
        Some(stated) if stated == actual() => Ok(stated.to_owned()),
        Some(_) if request.service == Service::S3 => {
            Err(AwsError::bad("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."))
        }
        Some(_) => Err(mismatch(request.service, "", "")),
        None if found.expires_seconds.is_some() && request.service == Service::S3 => Ok("UNSIGNED-PAYLOAD".to_owned()),
        None => Ok(actual()),
    }
}

fn canonical_request(request: &Request, found: &Authorization, payload: &str) -> String {
    // S3 signs the path as sent; every other service encodes it once more.
    let path =
        if request.service == Service::S3 { percent_encode(&request.decoded_path(), true) } else { percent_encode(&request.path, true) };
    let path = if path.is_empty() { "/".to_owned() } else { path };
    let mut pairs: Vec<(String, String)> = request
        .query_pairs()
        .into_iter()
        .filter(|(key, _)| key != "X-Amz-Signature")
        .map(|(key, value)| (percent_encode(&key, false), percent_encode(&value, false)))
        .collect();
    pairs.sort();
    let query: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
    let headers: String = found
        .signed_headers
        .iter()
        .map(|name| {
            let values: Vec<String> = request.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| squeeze(value)).collect();
            format!("{name}:{}\n", values.join(","))
        })
        .collect();
    format!("{}\n{path}\n{}\n{headers}\n{}\n{payload}", request.method, query.join("&"), found.signed_headers.join(";"))
}

/// A header's value without outer and repeated spaces.
fn squeeze(value: &str) -> String {
    value.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn string_to_sign(found: &Authorization, canonical: &str) -> String {
    format!("AWS4-HMAC-SHA256\n{}\n{}\n{}", found.time, found.scope(), hex(&Sha256::digest(canonical.as_bytes())))
}

fn signing_key(secret: &str, found: &Authorization) -> Vec<u8> {
    [found.date.as_str(), &found.region, &found.service, "aws4_request"]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part.as_bytes()))
}

fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length: the error can't arise.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares without stopping at the first difference.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

fn parse_time(text: &str) -> Option<i64> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// One chunk of an `aws-chunked` body.
struct Chunk<'a> {
    data: &'a [u8],
    signature: Option<&'a str>,
}

fn chunks(body: &[u8]) -> Option<(Vec<Chunk<'_>>, &[u8])> {
    let mut rest = body;
    let mut found = Vec::new();
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        rest = rest.get(end + 2..)?;
        let signature = extension.strip_prefix("chunk-signature=");
        found.push(Chunk { data: rest.get(..size)?, signature });
        rest = rest.get(size..)?;
        if size == 0 {
            return Some((found, rest));
        }
        rest = rest.strip_prefix(b"\r\n")?;
    }
}

/// The content of an `aws-chunked` body. `None`: it is malformed.
pub fn decode_chunked(body: &[u8]) -> Option<Vec<u8>> {
    let (chunks, _) = chunks(body)?;
    Some(chunks.iter().flat_map(|chunk| chunk.data.iter().copied()).collect())
}

fn verify_chunks(found: &Authorization, key: &[u8], raw_body: &[u8]) -> Result<(), ()> {
    let (chunks, _) = chunks(raw_body).ok_or(())?;
    let empty = hex(&Sha256::digest(b""));
    let mut previous = found.signature.clone();
    for chunk in chunks {
        let data = hex(&Sha256::digest(chunk.data));
        let text = format!("AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{previous}\n{empty}\n{data}", found.time, found.scope());
        let signature = hex(&mac(key, text.as_bytes()));
        if !chunk.signature.is_some_and(|stated| same(stated, &signature)) {
            return Err(());
        }
        previous = signature;
    }
    Ok(())
}

fn unsigned(service: Service) -> AwsError {
    match service {
        Service::Ec2 => AwsError::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        Service::S3 => AwsError::new(403, "AccessDenied", "Access Denied"),
        _ => AwsError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
    }
}

fn unknown_key(service: Service) -> AwsError {
    match service {
        Service::Ec2 => AwsError::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        Service::S3 => AwsError::new(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        _ => AwsError::new(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    }
}

/// The answer to credentials that are no longer valid.
pub fn expired(service: Service) -> AwsError {
    match service {
        Service::Ec2 => AwsError::new(400, "RequestExpired", "Request has expired."),
        Service::S3 => AwsError::new(400, "ExpiredToken", "The provided token has expired."),
        _ => AwsError::new(403, "ExpiredToken", "The security token included in the request is expired"),
    }
}

fn mismatch(service: Service, canonical: &str, text: &str) -> AwsError {
    let message = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.";
    match service {
        Service::Ec2 => AwsError::new(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        Service::S3 => AwsError::new(403, "SignatureDoesNotMatch", message),
        _ => AwsError::new(
            403,
            "SignatureDoesNotMatch",
            format!(
                "{message} The Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{text}'"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str, query: &str, headers: &[(&str, &str)], service: Service) -> Request {
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            body: Vec::new(),
            service,
            region: "us-east-1".to_owned(),
            access_key: String::new(),
            received_ms: parse_time("20130524T000000Z").unwrap(),
            request_id: String::new(),
        }
    }

    fn signature(request: &Request, payload: &str, secret: &str) -> (String, String) {
        let found = authorization(request).unwrap();
        let text = string_to_sign(&found, &canonical_request(request, &found, payload));
        (hex(&mac(&signing_key(secret, &found), text.as_bytes())), found.signature)
    }

    /// "GET Object" of "Signature Calculations for the Authorization Header" in Amazon S3's API reference.
    #[test]
    fn s3_get_object_of_the_reference() {
        let empty = hex(&Sha256::digest(b""));
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com"),
            ("range", "bytes=0-9"),
            ("x-amz-content-sha256", empty.as_str()),
            ("x-amz-date", "20130524T000000Z"),
            ("authorization", authorization),
        ];
        let request = request("GET", "/test.txt", "", &headers, Service::S3);
        let (computed, stated) = signature(&request, &empty, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assert_eq!(computed, stated);
    }

    /// "get-vanilla-query-order-key-case" of AWS's SigV4 test suite.
    #[test]
    fn query_is_sorted_as_in_the_test_suite() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
        let headers = [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z"), ("authorization", authorization)];
        let request = request("GET", "/", "Param2=value2&Param1=value1", &headers, Service::Ec2);
        let (computed, stated) = signature(&request, &hex(&Sha256::digest(b"")), "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assert_eq!(computed, stated);
    }

    #[test]
    fn chunked_bodies_are_decoded_and_torn_ones_refused() {
        let body = b"5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        assert_eq!(decode_chunked(body).unwrap(), b"hello");
        assert!(decode_chunked(&body[..12]).is_none());
    }
}
