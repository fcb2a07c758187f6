//! The key providers `aws_kms` and `gcp_kms`: keys that only a service can open again.

use super::settings::{AwsKms, GcpKms};
use super::wire::{
    aws_decrypt, aws_generate, aws_key, aws_metadata, ciphertext_metadata, gcp_ciphertext, gcp_decrypt, gcp_encrypt, gcp_plaintext,
    read_aws_metadata, read_ciphertext_metadata,
};
use super::{EncryptionError, Key};
use crate::bucket::{Arguments, OtherService, Surroundings};
use std::collections::BTreeMap;
use windlass_api::Value;
use windlass_api::value::Fields;

const GCP_SCOPE: &str = "https://www.googleapis.com/auth/cloudkms";
const GCP_ENDPOINT: &str = "https://cloudkms.googleapis.com";
/// The variable of Google's own tool that names another address.
const GCP_ENDPOINT_VARIABLE: &str = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS";

fn failed(error: impl std::fmt::Display) -> EncryptionError {
    EncryptionError(error.to_string())
}

fn unreadable() -> EncryptionError {
    EncryptionError("the answer of the key service can't be read".to_owned())
}

fn unusable(reason: String) -> EncryptionError {
    EncryptionError(format!("what is kept beside the encrypted data can't be used: {reason}"))
}

impl AwsKms {
    fn service(&self, surroundings: &Surroundings) -> Result<OtherService, EncryptionError> {
        let surroundings = surroundings.clone().with_variables(&self.changed);
        OtherService::aws("kms", self.region.as_deref(), &self.access, &surroundings).map_err(failed)
    }

    pub(super) async fn new_key(&self, surroundings: &Surroundings) -> Result<(Key, Vec<u8>), EncryptionError> {
        let ask = aws_generate(&self.key_id, &self.key_spec, &self.context);
        let answer = self.service(surroundings)?.post("/", Some("TrentService.GenerateDataKey"), ask).await.map_err(failed)?;
        let (key, blob) = aws_key(&answer).filter(|(_, blob)| !blob.is_empty()).ok_or_else(unreadable)?;
        Ok((Key::new(key.0.to_vec()), aws_metadata(&blob)))
    }

    pub(super) async fn key_of(&self, metadata: &[u8], surroundings: &Surroundings) -> Result<Key, EncryptionError> {
        let blob = read_aws_metadata(metadata).map_err(unusable)?;
        let ask = aws_decrypt(&self.key_id, &blob, &self.context);
        let answer = self.service(surroundings)?.post("/", Some("TrentService.Decrypt"), ask).await.map_err(failed)?;
        aws_key(&answer).map(|(key, _)| Key::new(key.0.to_vec())).ok_or_else(unreadable)
    }
}

impl GcpKms {
    async fn ask(&self, operation: &str, body: Vec<u8>, surroundings: &Surroundings) -> Result<Vec<u8>, EncryptionError> {
        let endpoint = surroundings.variables.get(GCP_ENDPOINT_VARIABLE).filter(|text| !text.is_empty());
        let mut access = self.access.clone();
        let nothing = Value::object(Fields::new());
        let of_environment = Arguments { config: &nothing, variables: &surroundings.variables }.google_access("BACKEND");
        access.credentials = access.credentials.or(of_environment.credentials);
        access.impersonate = access.impersonate.or(of_environment.impersonate);
        let endpoint = endpoint.map_or(GCP_ENDPOINT, String::as_str);
        let service = OtherService::google("kms", endpoint, GCP_SCOPE, &access, surroundings).map_err(failed)?;
        service.post(&format!("/v1/{}:{operation}", self.key_name), None, body).await.map_err(failed)
    }

    pub(super) async fn new_key(&self, surroundings: &Surroundings) -> Result<(Key, Vec<u8>), EncryptionError> {
        let key = Key::new(super::method::random(self.key_length)?);
        let answer = self.ask("encrypt", gcp_encrypt(key.bytes(), &self.associated_data), surroundings).await?;
        let ciphertext = gcp_ciphertext(&answer).filter(|bytes| !bytes.is_empty()).ok_or_else(unreadable)?;
        Ok((key, ciphertext_metadata(&ciphertext)))
    }

    pub(super) async fn key_of(&self, metadata: &[u8], surroundings: &Surroundings) -> Result<Key, EncryptionError> {
        let ciphertext = read_ciphertext_metadata(metadata).map_err(unusable)?;
        let answer = self.ask("decrypt", gcp_decrypt(&ciphertext, &self.associated_data), surroundings).await?;
        gcp_plaintext(&answer).map(|key| Key::new(key.0.to_vec())).ok_or_else(unreadable)
    }
}

/// What the environment says, for providers that look there.
pub(super) fn variable<'v>(variables: &'v BTreeMap<String, String>, names: &[&str]) -> Option<&'v str> {
    names.iter().find_map(|name| variables.get(*name).map(String::as_str).filter(|value| !value.is_empty()))
}
