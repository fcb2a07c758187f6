//! JSON of others: Terraform's manifest of modules.

use super::PackageError;
use super::manifest::{Entry, Manifest};
use serde::{Deserialize, Serialize};

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
