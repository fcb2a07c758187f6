//! JSON of others: Terraform's manifest of modules and tokens, answers of registries and of credentials helpers.

use super::manifest::{Entry, Manifest};
use super::{PackageError, Token};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct ManifestFile {
    #[serde(rename = "Modules")]
    modules: Vec<Record>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Source")]
    source: String,
    #[serde(rename = "Version", default, skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(rename = "Dir")]
    folder: String,
}

/// Reads `modules.json`.
///
/// # Errors
/// It is not JSON of that form.
pub(super) fn read_manifest(text: &str) -> Result<Manifest, PackageError> {
    let file: ManifestFile = serde_json::from_str(text).map_err(|error| PackageError::new(error.to_string()))?;
    let entry = |record: Record| {
        let version = (!record.version.is_empty()).then_some(record.version);
        (record.key, Entry { source: record.source, version, folder: record.folder.replace('\\', "/") })
    };
    Ok(Manifest(file.modules.into_iter().map(entry).collect()))
}

/// Writes `modules.json`, byte for byte as Terraform does.
pub(super) fn write_manifest(manifest: &Manifest) -> String {
    let record = |(key, entry): (&String, &Entry)| Record {
        key: key.clone(),
        source: entry.source.clone(),
        version: entry.version.clone().unwrap_or_default(),
        folder: entry.folder.clone(),
    };
    let file = ManifestFile { modules: manifest.0.iter().map(record).collect() };
    serde_json::to_string(&file).unwrap_or_default()
}

/// What a registry says of a module.
#[derive(Deserialize)]
struct ModuleList {
    modules: Vec<ListedModule>,
}

#[derive(Deserialize)]
struct ListedModule {
    #[serde(default)]
    versions: Vec<ListedVersion>,
}

#[derive(Deserialize)]
struct ListedVersion {
    version: String,
}

/// Reads the versions of a module as a registry lists them.
///
/// # Errors
/// It is not JSON of that form.
pub(super) fn read_versions(bytes: &[u8]) -> Result<Vec<String>, PackageError> {
    let list: ModuleList = serde_json::from_slice(bytes).map_err(|error| PackageError::new(error.to_string()))?;
    let first = list.modules.into_iter().next().ok_or_else(|| PackageError::new("it lists no module"))?;
    Ok(first.versions.into_iter().map(|listed| listed.version).collect())
}

/// Reads where a package is, from the content of a registry's answer.
pub(super) fn read_location(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Download {
        location: String,
    }
    let download: Download = serde_json::from_slice(bytes).ok()?;
    Some(download.location).filter(|location| !location.is_empty())
}

/// Reads the URL of a service from what a host says that it offers.
///
/// # Errors
/// It is no JSON object, or the service's URL no text.
pub(super) fn read_service(bytes: &[u8], name: &str) -> Result<Option<String>, PackageError> {
    let services: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(bytes).map_err(|error| PackageError::new(error.to_string()))?;
    match services.get(name) {
        None => Ok(None),
        Some(serde_json::Value::String(url)) => Ok(Some(url.clone())),
        Some(_) => Err(PackageError::new(format!("{name} is not a string"))),
    }
}

/// Reads what a credentials helper printed; an object without a token is none.
///
/// # Errors
/// It is no JSON object.
pub(super) fn read_token(bytes: &[u8]) -> Result<Option<Token>, PackageError> {
    #[derive(Deserialize)]
    struct Credentials {
        token: Option<String>,
    }
    // What it printed is a secret: the message must not quote it.
    let credentials: Credentials = serde_json::from_slice(bytes).map_err(|_| PackageError::new("it printed no JSON object"))?;
    Ok(credentials.token.map(Token))
}

/// Reads the tokens of a `credentials.tfrc.json` by host.
///
/// # Errors
/// It is not JSON of that form.
pub fn read_credentials(text: &str) -> Result<BTreeMap<String, Token>, PackageError> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        credentials: BTreeMap<String, Credentials>,
    }
    #[derive(Deserialize)]
    struct Credentials {
        token: Option<String>,
    }
    let invalid = |error: serde_json::Error| PackageError::new(format!("no JSON of the form of credentials (line {})", error.line()));
    let file: File = serde_json::from_str(text).map_err(invalid)?;
    Ok(file.credentials.into_iter().filter_map(|(host, credentials)| Some((host.to_lowercase(), Token(credentials.token?)))).collect())
}
