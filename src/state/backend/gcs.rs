//! The back end `gcs`.

use super::contract::BackendError;
use super::make::Surroundings;
use super::objects::{Manner, Naming, ObjectBackend, around, bucket_name};
use crate::bucket::{Arguments, Place, Service};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use windlass_api::Value;

/// The back end with what its block says.
///
/// # Errors
/// An argument is missing or wrong.
pub(super) fn make(config: &Value, surroundings: &Surroundings) -> Result<ObjectBackend, BackendError> {
    let arguments = Arguments { config, variables: &surroundings.variables };
    let prefix = arguments.text("prefix").unwrap_or_default().trim_start_matches('/').to_owned();
    let mut place = Place::new(Service::Gcs, bucket_name(&arguments)?);
    let endpoint =
        arguments.text_or("storage_custom_endpoint", &["GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT", "GOOGLE_STORAGE_CUSTOM_ENDPOINT"]);
    // Terraform's form ends in the path of the interface, which the client adds.
    place.endpoint = endpoint.map(|text| {
        let text = text.trim_end_matches('/').trim_end_matches("/b");
        text.trim_end_matches("/storage/v1").trim_end_matches('/').to_owned()
    });
    place.access = arguments.google_access("BACKEND");
    let manner = manner(&arguments)?;
    ObjectBackend::new("gcs", &place, &around(surroundings, &[]), Naming::Gcs { prefix }, manner, surroundings.effects.clone())
}

fn manner(arguments: &Arguments<'_>) -> Result<Manner, BackendError> {
    const KEY: &str = "encryption_key";
    let mut manner = Manner { is_locked: true, ..Manner::default() };
    let kms = arguments.text_or("kms_encryption_key", &["GOOGLE_KMS_ENCRYPTION_KEY"]);
    let own = arguments.text_or(KEY, &["GOOGLE_ENCRYPTION_KEY"]);
    if kms.is_some() && own.is_some() {
        return Err(BackendError::argument(KEY, "only one of it and \"kms_encryption_key\" can be set."));
    }
    manner.query.extend(kms.map(|key| ("kmsKeyName".to_owned(), key)));
    if let Some(own) = own {
        // The key, or the file that it is in; it is never shown.
        let text = std::fs::read_to_string(&own).map_or(own, |text| text.trim().to_owned());
        let bytes = STANDARD.decode(&text).ok().filter(|bytes| bytes.len() == 32);
        let bytes = bytes.ok_or_else(|| BackendError::argument(KEY, "it must be 32 bytes in base64, or the path of a file of such."))?;
        let headers = [
            ("x-goog-encryption-algorithm", "AES256".to_owned()),
            ("x-goog-encryption-key", text),
            ("x-goog-encryption-key-sha256", STANDARD.encode(Sha256::digest(bytes))),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        manner.read_headers.extend(headers.clone());
        manner.write_headers.extend(headers);
    }
    Ok(manner)
}
