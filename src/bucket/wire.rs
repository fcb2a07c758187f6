//! Documents of the services: XML of S3 and OSS, JSON of Google.

use super::{Meta, Page, Secret, Version};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a service says of a failure.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) region: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDocument {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    region: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListDocument {
    #[serde(default)]
    contents: Vec<ListEntry>,
    next_continuation_token: Option<String>,
    is_truncated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListEntry {
    key: String,
    size: Option<u64>,
    #[serde(rename = "ETag")]
    etag: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersioningDocument {
    status: Option<String>,
}

/// Reads what S3 or OSS says of a failure.
pub(super) fn xml_error(text: &str) -> Said {
    let Ok(document) = quick_xml::de::from_str::<ErrorDocument>(text) else { return Said::default() };
    let ErrorDocument { code, message, request_id, region } = document;
    Said { code, message, request_id, region }
}

/// Reads a list of objects of S3 or OSS.
pub(super) fn xml_page(text: &str) -> Result<Page, String> {
    let document: ListDocument = quick_xml::de::from_str(text).map_err(|error| error.to_string())?;
    let objects = document.contents.into_iter().map(|entry| Meta {
        key: entry.key,
        size: entry.size,
        version: Version { etag: entry.etag, ..Version::default() },
    });
    let next = document.next_continuation_token.filter(|_| document.is_truncated.unwrap_or_default());
    Ok(Page { objects: objects.collect(), next })
}

/// Whether a bucket of S3 or OSS keeps, or once kept, old versions.
pub(super) fn xml_is_versioned(text: &str) -> Result<bool, String> {
    let document: VersioningDocument = quick_xml::de::from_str(text).map_err(|error| error.to_string())?;
    Ok(document.status.is_some_and(|status| !status.is_empty()))
}

#[derive(Deserialize)]
struct GoogleError {
    error: GoogleErrorBody,
}

#[derive(Deserialize)]
struct GoogleErrorBody {
    message: Option<String>,
    #[serde(default)]
    errors: Vec<GoogleReason>,
}

#[derive(Deserialize)]
struct GoogleReason {
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GoogleList {
    #[serde(default)]
    items: Vec<GoogleObject>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct GoogleObject {
    name: String,
    /// A number in quotes.
    size: Option<String>,
    etag: Option<String>,
    generation: Option<String>,
}

#[derive(Deserialize)]
struct GoogleBucket {
    versioning: Option<GoogleVersioning>,
}

#[derive(Deserialize)]
struct GoogleVersioning {
    enabled: Option<bool>,
}

impl GoogleObject {
    fn meta(self) -> Meta {
        let version = Version { etag: self.etag, generation: self.generation, id: None };
        Meta { key: self.name, size: self.size.and_then(|size| size.parse().ok()), version }
    }
}

/// Reads what Google says of a failure: JSON, or a text.
pub(super) fn json_error(text: &str) -> Said {
    match serde_json::from_str::<GoogleError>(text) {
        Ok(GoogleError { error }) => {
            let code = error.errors.into_iter().find_map(|reason| reason.reason);
            Said { code, message: error.message, ..Said::default() }
        }
        Err(_) => {
            let text = text.trim();
            let is_sentence = !text.is_empty() && text.len() < 300 && !text.starts_with(['<', '{']);
            Said { message: is_sentence.then(|| text.to_owned()), ..Said::default() }
        }
    }
}

#[derive(Deserialize)]
struct AwsError {
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(alias = "Message")]
    message: Option<String>,
}

/// What AWS says of a failure where it speaks JSON.
pub(super) fn aws_json_error(text: &str) -> Said {
    match serde_json::from_str::<AwsError>(text) {
        Ok(AwsError { kind, message }) => {
            // The name may come with its namespace before it.
            let code = kind.map(|kind| kind.rsplit('#').next().unwrap_or_default().to_owned());
            Said { code, message, ..Said::default() }
        }
        Err(_) => Said::default(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GoogleUpload<'a> {
    name: &'a str,
    content_type: &'a str,
    md5_hash: &'a str,
}

/// What Google is told of an object that is uploaded.
pub(super) fn upload(name: &str, content_type: &str, digest: &str) -> String {
    json(&GoogleUpload { name, content_type, md5_hash: digest })
}

/// Reads a list of objects of Google.
pub(super) fn json_page(text: &str) -> Result<Page, String> {
    let list: GoogleList = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(Page {
        objects: list.items.into_iter().map(GoogleObject::meta).collect(),
        next: list.next_page_token.filter(|token| !token.is_empty()),
    })
}

/// Reads what Google says of an object.
pub(super) fn json_object(text: &str) -> Result<Meta, String> {
    serde_json::from_str::<GoogleObject>(text).map(GoogleObject::meta).map_err(|error| error.to_string())
}

/// Whether a bucket of Google keeps old versions.
pub(super) fn json_is_versioned(text: &str) -> Result<bool, String> {
    let bucket: GoogleBucket = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(bucket.versioning.and_then(|versioning| versioning.enabled).unwrap_or_default())
}

/// A file of credentials of Google.
pub(super) enum GoogleFile {
    ServiceAccount { email: String, key: Secret, key_id: Option<String>, token_address: Option<String> },
    User { client_id: String, client_secret: Secret, refresh_token: Secret },
    Impersonated { source: String, address: String, delegates: Vec<String> },
    External { audience: String, kind: String, token_address: String, impersonation_address: Option<String>, source: GoogleSource },
}

/// Where a workload's own token is.
pub(super) enum GoogleSource {
    File { path: String, field: Option<String> },
    Web { url: String, headers: BTreeMap<String, String>, field: Option<String> },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FileDocument {
    ServiceAccount {
        client_email: String,
        private_key: String,
        private_key_id: Option<String>,
        token_uri: Option<String>,
    },
    AuthorizedUser {
        client_id: String,
        client_secret: String,
        refresh_token: String,
    },
    ImpersonatedServiceAccount {
        source_credentials: serde_json::Value,
        service_account_impersonation_url: String,
        #[serde(default)]
        delegates: Vec<String>,
    },
    ExternalAccount {
        audience: String,
        subject_token_type: String,
        token_url: String,
        service_account_impersonation_url: Option<String>,
        credential_source: SourceDocument,
    },
}

#[derive(Deserialize)]
struct SourceDocument {
    file: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    format: Option<FormatDocument>,
}

#[derive(Deserialize)]
struct FormatDocument {
    r#type: Option<String>,
    subject_token_field_name: Option<String>,
}

/// Reads a file of credentials of Google.
pub(super) fn google_file(text: &str) -> Result<GoogleFile, String> {
    // The library's words may hold parts of the file.
    let document = serde_json::from_str::<FileDocument>(text).map_err(|error| {
        format!("line {}, column {}: no credentials of a kind that is known, or incomplete ones", error.line(), error.column())
    })?;
    Ok(match document {
        FileDocument::ServiceAccount { client_email, private_key, private_key_id, token_uri } => {
            GoogleFile::ServiceAccount { email: client_email, key: Secret(private_key), key_id: private_key_id, token_address: token_uri }
        }
        FileDocument::AuthorizedUser { client_id, client_secret, refresh_token } => {
            GoogleFile::User { client_id, client_secret: Secret(client_secret), refresh_token: Secret(refresh_token) }
        }
        FileDocument::ImpersonatedServiceAccount { source_credentials, service_account_impersonation_url, delegates } => {
            GoogleFile::Impersonated { source: source_credentials.to_string(), address: service_account_impersonation_url, delegates }
        }
        FileDocument::ExternalAccount { audience, subject_token_type, token_url, service_account_impersonation_url, credential_source } => {
            GoogleFile::External {
                audience,
                kind: subject_token_type,
                token_address: token_url,
                impersonation_address: service_account_impersonation_url,
                source: google_source(credential_source)?,
            }
        }
    })
}

fn google_source(document: SourceDocument) -> Result<GoogleSource, String> {
    let SourceDocument { file, url, headers, format } = document;
    let field = format.filter(|format| format.r#type.as_deref() == Some("json")).and_then(|format| format.subject_token_field_name);
    match (file, url) {
        (Some(path), _) => Ok(GoogleSource::File { path, field }),
        (None, Some(url)) => Ok(GoogleSource::Web { url, headers, field }),
        (None, None) => Err("of the workload's identities only those in files and at addresses can be used".to_owned()),
    }
}

/// A text in a JSON object.
pub(super) fn text_field(text: &str, name: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get(name)?.as_str().map(str::to_owned)
}

#[derive(Deserialize)]
struct TokenDocument {
    access_token: String,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
    error_description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImpersonatedDocument {
    access_token: String,
}

#[derive(Serialize)]
struct ImpersonationDocument<'a> {
    scope: [&'a str; 1],
    delegates: &'a [String],
    lifetime: String,
}

#[derive(Serialize)]
struct AssertionHead<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

/// Reads an access token and how long it lives.
pub(super) fn google_token(text: &str) -> Option<(Secret, Duration)> {
    let document: TokenDocument = serde_json::from_str(text).ok()?;
    Some((Secret(document.access_token), Duration::from_secs(document.expires_in.unwrap_or(300))))
}

/// Why there is no token.
pub(super) fn google_token_error(text: &str) -> Option<String> {
    if let Ok(TokenError { error, error_description }) = serde_json::from_str(text) {
        return Some(error_description.map_or(error.clone(), |text| format!("{error}: {text}")));
    }
    json_error(text).message
}

/// Asks for a token of another account.
pub(super) fn impersonation(scope: &str, delegates: &[String], seconds: u64) -> String {
    json(&ImpersonationDocument { scope: [scope], delegates, lifetime: format!("{seconds}s") })
}

/// Reads the token of another account.
pub(super) fn impersonated_token(text: &str) -> Option<Secret> {
    serde_json::from_str::<ImpersonatedDocument>(text).ok().map(|document| Secret(document.access_token))
}

/// The two parts of what a service account says of itself.
pub(super) fn assertion(email: &str, key_id: Option<&str>, audience: &str, scope: &str, now: u64, end: u64) -> (String, String) {
    let head = AssertionHead { alg: "RS256", typ: "JWT", kid: key_id };
    (json(&head), json(&AssertionClaims { iss: email, scope, aud: audience, iat: now, exp: end }))
}

fn json(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("texts and numbers can be written")
}

#[cfg(test)]
mod tests {
    use super::{Said, json_error, json_page, xml_error, xml_is_versioned, xml_page};

    #[test]
    fn failures_are_read() {
        let said = xml_error(
            "<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>It &amp; that.</Message><Key>k</Key><RequestId>R1</RequestId></Error>",
        );
        assert_eq!(said.code.as_deref(), Some("NoSuchKey"));
        assert_eq!(said.message.as_deref(), Some("It & that."));
        assert_eq!(said.request_id.as_deref(), Some("R1"));
        for text in ["", "<html><body>502</body></html>", "not xml"] {
            assert_eq!(xml_error(text), Said::default(), "{text}");
        }
        let said = json_error(r#"{"error":{"code":404,"message":"No such object: b/k","errors":[{"reason":"notFound"}]}}"#);
        assert_eq!((said.code.as_deref(), said.message.as_deref()), (Some("notFound"), Some("No such object: b/k")));
        assert_eq!(json_error("Not Found").message.as_deref(), Some("Not Found"));
        assert_eq!(json_error("<html>").message, None);
    }

    #[test]
    fn lists_are_read() {
        let page = xml_page(
            "<ListBucketResult xmlns=\"x\"><Name>b</Name><IsTruncated>true</IsTruncated><Contents><Key>a b/c</Key><Size>3</Size>\
             <ETag>&quot;e&quot;</ETag></Contents><Contents><Key>d</Key></Contents><NextContinuationToken>t</NextContinuationToken>\
             </ListBucketResult>",
        )
        .unwrap();
        let keys: Vec<&str> = page.objects.iter().map(|meta| meta.key.as_str()).collect();
        assert_eq!(keys, ["a b/c", "d"]);
        assert_eq!((page.objects[0].size, page.objects[0].version.etag.as_deref()), (Some(3), Some("\"e\"")));
        assert_eq!(page.next.as_deref(), Some("t"));
        assert_eq!(xml_page("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>").unwrap().objects, []);
        assert!(xml_page("<html>").is_err());
        let page = json_page(r#"{"items":[{"name":"k","size":"7","generation":"12"}],"nextPageToken":"n"}"#).unwrap();
        assert_eq!((page.objects[0].size, page.objects[0].version.generation.as_deref()), (Some(7), Some("12")));
        assert_eq!(json_page("{}").unwrap().objects, []);
    }

    #[test]
    fn versioning_is_read() {
        assert_eq!(xml_is_versioned("<VersioningConfiguration/>"), Ok(false));
        assert_eq!(xml_is_versioned("<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"), Ok(true));
    }
}
