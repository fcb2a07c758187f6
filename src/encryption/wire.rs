//! What stands on disk and what programs and services are told: OpenTofu's forms and theirs.

use super::settings::Hash;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The only form of encrypted documents that there is.
pub(super) const VERSION: &str = "v0";
const KEY_PROGRAM: &str = "OpenTofu-External-Key-Provider";
const METHOD_PROGRAM: &str = "OpenTofu-External-Encryption-Method";

/// Bytes in base64, wiped when dropped: some of them are keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Zeroizing<Vec<u8>>);

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Bytes {
        Bytes(Zeroizing::new(bytes.to_vec()))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(&*self.0)))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = Zeroizing::new(Option::<String>::deserialize(deserializer)?.unwrap_or_default());
        // The text itself is in no message.
        STANDARD.decode(&*text).map(|bytes| Bytes(Zeroizing::new(bytes))).map_err(|_| serde::de::Error::custom("a text is not base64"))
    }
}

/// What each key provider needs to find its key again: JSON under the provider's name.
pub(super) type Metadata = BTreeMap<String, Vec<u8>>;

/// An encrypted document: a state, which shows its serial and lineage, or a saved plan.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lineage: Option<String>,
    #[serde(default)]
    meta: Option<BTreeMap<String, Bytes>>,
    #[serde(default)]
    encrypted_data: Bytes,
    encryption_version: String,
}

impl Envelope {
    pub(super) fn new(metadata: &Metadata, data: &[u8]) -> Envelope {
        let meta = metadata.iter().map(|(name, bytes)| (name.clone(), Bytes::from(bytes.as_slice()))).collect();
        Envelope {
            serial: None,
            lineage: None,
            meta: Some(meta),
            encrypted_data: Bytes::from(data),
            encryption_version: VERSION.to_owned(),
        }
    }

    pub(super) fn metadata(&self) -> Metadata {
        self.meta.iter().flatten().map(|(name, bytes)| (name.clone(), bytes.0.to_vec())).collect()
    }

    pub(super) fn data(&self) -> &[u8] {
        &self.encrypted_data.0
    }

    pub(super) fn version(&self) -> &str {
        &self.encryption_version
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers are JSON")
    }

    /// The envelope that these bytes are, or what is wrong with it; `None` where they are something else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Result<Envelope, String>> {
        const SIGN: &[u8] = b"\"encryption_version\"";
        // States may be large: what can't be an envelope is not parsed.
        let starts = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        if !starts || !bytes.windows(SIGN.len()).rev().any(|window| window == SIGN) {
            return None;
        }
        let sign: Sign = serde_json::from_slice(bytes).ok()?;
        (!sign.encryption_version.is_empty()).then(|| serde_json::from_slice(bytes).map_err(|error| place(&error)))
    }
}

/// By which an encrypted document is known.
#[derive(Deserialize)]
struct Sign {
    encryption_version: String,
}

/// What a state shows of itself although it is encrypted.
#[derive(Deserialize)]
pub(super) struct Passed {
    pub(super) serial: Option<u64>,
    pub(super) lineage: Option<String>,
}

pub(super) fn passed(state: &[u8]) -> Option<Passed> {
    serde_json::from_slice(state).ok()
}

#[derive(Serialize, Deserialize)]
struct Pbkdf2Metadata {
    salt: Bytes,
    iterations: i64,
    hash_function: String,
    key_length: i64,
}

pub(super) fn pbkdf2_metadata(salt: &[u8], iterations: u32, hash: Hash, key_length: usize) -> Vec<u8> {
    let hash_function = if hash == Hash::Sha512 { "sha512" } else { "sha256" }.to_owned();
    let key_length = i64::try_from(key_length).unwrap_or(i64::MAX);
    json(&Pbkdf2Metadata { salt: salt.into(), iterations: iterations.into(), hash_function, key_length })
}

/// Salt, iterations, hash function, key length.
pub(super) fn read_pbkdf2_metadata(metadata: &[u8]) -> Result<(Vec<u8>, i64, Hash, i64), String> {
    let read: Pbkdf2Metadata = serde_json::from_slice(metadata).map_err(|error| error.to_string())?;
    let hash = match read.hash_function.as_str() {
        "sha512" => Hash::Sha512,
        "sha256" => Hash::Sha256,
        _ => return Err("invalid hash function name".to_owned()),
    };
    Ok((read.salt.0.to_vec(), read.iterations, hash, read.key_length))
}

#[derive(Serialize, Deserialize)]
struct AwsMetadata {
    ciphertext_blob: Bytes,
}

pub(super) fn aws_metadata(blob: &[u8]) -> Vec<u8> {
    json(&AwsMetadata { ciphertext_blob: blob.into() })
}

pub(super) fn read_aws_metadata(metadata: &[u8]) -> Result<Vec<u8>, String> {
    serde_json::from_slice(metadata).map(|read: AwsMetadata| read.ciphertext_blob.0.to_vec()).map_err(|error| error.to_string())
}

/// That of `gcp_kms` and `openbao`.
#[derive(Serialize, Deserialize)]
struct CiphertextMetadata {
    ciphertext: Bytes,
}

pub(super) fn ciphertext_metadata(ciphertext: &[u8]) -> Vec<u8> {
    json(&CiphertextMetadata { ciphertext: ciphertext.into() })
}

pub(super) fn read_ciphertext_metadata(metadata: &[u8]) -> Result<Vec<u8>, String> {
    serde_json::from_slice(metadata).map(|read: CiphertextMetadata| read.ciphertext.0.to_vec()).map_err(|error| error.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AwsGenerate<'a> {
    key_id: &'a str,
    key_spec: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    encryption_context: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AwsDecrypt<'a> {
    key_id: &'a str,
    ciphertext_blob: Bytes,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    encryption_context: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AwsKey {
    plaintext: Bytes,
    #[serde(default)]
    ciphertext_blob: Bytes,
}

pub(super) fn aws_generate(key_id: &str, key_spec: &str, encryption_context: &BTreeMap<String, String>) -> Vec<u8> {
    json(&AwsGenerate { key_id, key_spec, encryption_context })
}

pub(super) fn aws_decrypt(key_id: &str, blob: &[u8], encryption_context: &BTreeMap<String, String>) -> Vec<u8> {
    json(&AwsDecrypt { key_id, ciphertext_blob: blob.into(), encryption_context })
}

/// The key, and the key as only the service can read it.
pub(super) fn aws_key(answer: &[u8]) -> Option<(Bytes, Vec<u8>)> {
    let key: AwsKey = serde_json::from_slice(answer).ok()?;
    Some((key.plaintext, key.ciphertext_blob.0.to_vec()))
}

/// What Google and OpenBao are asked and answer.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct GcpMessage {
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintext: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext: Option<Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_authenticated_data: Option<Bytes>,
}

fn some(bytes: &[u8]) -> Option<Bytes> {
    Some(bytes).filter(|bytes| !bytes.is_empty()).map(Bytes::from)
}

pub(super) fn gcp_encrypt(key: &[u8], associated_data: &[u8]) -> Vec<u8> {
    json(&GcpMessage { plaintext: Some(key.into()), additional_authenticated_data: some(associated_data), ..GcpMessage::default() })
}

pub(super) fn gcp_decrypt(ciphertext: &[u8], associated_data: &[u8]) -> Vec<u8> {
    json(&GcpMessage { ciphertext: Some(ciphertext.into()), additional_authenticated_data: some(associated_data), ..GcpMessage::default() })
}

pub(super) fn gcp_ciphertext(answer: &[u8]) -> Option<Vec<u8>> {
    serde_json::from_slice::<GcpMessage>(answer).ok()?.ciphertext.map(|bytes| bytes.0.to_vec())
}

pub(super) fn gcp_plaintext(answer: &[u8]) -> Option<Bytes> {
    serde_json::from_slice::<GcpMessage>(answer).ok()?.plaintext
}

#[derive(Serialize)]
struct BaoAsk<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    associated_data: Option<&'a str>,
}

pub(super) fn bao_ask(bits: Option<usize>, ciphertext: Option<&str>, associated_data: Option<&str>) -> Vec<u8> {
    json(&BaoAsk { bits, ciphertext, associated_data })
}

#[derive(Deserialize)]
struct BaoAnswer {
    data: BaoData,
}

#[derive(Deserialize)]
struct BaoData {
    plaintext: Bytes,
    #[serde(default)]
    ciphertext: String,
}

/// The key, and the key as only the service can read it.
pub(super) fn bao_key(answer: &[u8]) -> Option<(Bytes, String)> {
    let BaoAnswer { data } = serde_json::from_slice(answer).ok()?;
    Some((data.plaintext, data.ciphertext))
}

#[derive(Deserialize)]
struct BaoErrors {
    errors: Vec<String>,
}

pub(super) fn bao_errors(answer: &[u8]) -> Option<String> {
    let BaoErrors { errors } = serde_json::from_slice(answer).ok()?;
    Some(errors.join("; ")).filter(|text| !text.is_empty())
}

/// Which protocol a program of the user's speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Keys,
    Method,
}

#[derive(Deserialize)]
struct ProgramHeader {
    #[serde(default)]
    magic: String,
    #[serde(default)]
    version: i64,
}

/// What is wrong with the first line that a program wrote.
pub(super) fn check_header(line: &[u8], protocol: Protocol) -> Result<(), String> {
    let expected = if protocol == Protocol::Keys { KEY_PROGRAM } else { METHOD_PROGRAM };
    let header: ProgramHeader =
        serde_json::from_slice(line).map_err(|_| "its first line is not the header of the protocol, one line of JSON".to_owned())?;
    match header {
        ProgramHeader { magic, .. } if magic != expected => Err(format!("its header has the magic {magic:?} instead of {expected:?}")),
        ProgramHeader { version: 1, .. } => Ok(()),
        ProgramHeader { version, .. } => Err(format!("its header has the version {version}; only version 1 is known")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramKeys {
    keys: ProgramPair,
    #[serde(default)]
    meta: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramPair {
    #[serde(default)]
    encryption_key: Bytes,
    #[serde(default)]
    decryption_key: Bytes,
}

/// Encryption key, decryption key, metadata as the program wrote it.
pub(super) fn program_keys(answer: &[u8]) -> Result<(Bytes, Bytes, Vec<u8>), String> {
    let read: ProgramKeys = serde_json::from_slice(answer).map_err(|error| place(&error))?;
    let metadata = read.meta.map_or_else(|| b"{\"external_data\":null}".to_vec(), |meta| json(&meta));
    Ok((read.keys.encryption_key, read.keys.decryption_key, metadata))
}

/// Where JSON is wrong, without its content, which may be a key.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

#[derive(Serialize)]
struct ProgramAsk<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a Bytes>,
    payload: &'a Bytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramAnswer {
    payload: Bytes,
}

pub(super) fn program_ask(key: Option<&Bytes>, payload: &Bytes) -> Vec<u8> {
    json(&ProgramAsk { key, payload })
}

pub(super) fn program_payload(answer: &[u8]) -> Result<Vec<u8>, String> {
    serde_json::from_slice(answer).map(|read: ProgramAnswer| read.payload.0.to_vec()).map_err(|error| place(&error))
}

/// How a segment of a journal begins.
#[derive(Serialize, Deserialize)]
pub(super) struct SegmentHead {
    meta: BTreeMap<String, Bytes>,
    /// The segment's name.
    pub(super) name: String,
    /// Tells this segment from others of its name.
    pub(super) id: String,
    encryption_version: String,
}

impl SegmentHead {
    pub(super) fn new(metadata: &Metadata, name: &str, id: String) -> SegmentHead {
        let meta = metadata.iter().map(|(name, bytes)| (name.clone(), Bytes::from(bytes.as_slice()))).collect();
        SegmentHead { meta, name: name.to_owned(), id, encryption_version: VERSION.to_owned() }
    }

    pub(super) fn metadata(&self) -> Metadata {
        self.meta.iter().map(|(name, bytes)| (name.clone(), bytes.0.to_vec())).collect()
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        json(self)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<SegmentHead> {
        serde_json::from_slice(bytes).ok().filter(|head: &SegmentHead| head.encryption_version == VERSION)
    }
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers are JSON")
}
