//! The key provider `openbao`: keys of the transit engine of OpenBao, or of Vault, which speaks the same.

use super::cloud::variable;
use super::settings::OpenBao;
use super::wire::{bao_ask, bao_errors, bao_key, ciphertext_metadata, read_ciphertext_metadata};
use super::{EncryptionError, Key};
use reqwest::Url;
use reqwest::header::HeaderValue;
use std::collections::BTreeMap;

const ADDRESS: &str = "https://127.0.0.1:8200";
/// How large an answer may be.
const ANSWER_BYTES_MAX: usize = 1 << 20;

fn failed(reason: impl Into<String>) -> EncryptionError {
    EncryptionError(reason.into())
}

impl OpenBao {
    async fn ask(&self, path: &str, body: Vec<u8>, variables: &BTreeMap<String, String>) -> Result<Vec<u8>, EncryptionError> {
        let address = self.address.as_deref().or_else(|| variable(variables, &["BAO_ADDR", "VAULT_ADDR"])).unwrap_or(ADDRESS);
        let text = format!("{}/v1/{}/{path}", address.trim_end_matches('/'), self.engine_path.trim_matches('/'));
        let mut url: Url = text.parse().map_err(|_| failed(format!("the address {address:?} is none")))?;
        url.path_segments_mut().map_err(|()| failed(format!("the address {address:?} is none")))?.push(&self.key_name);
        let of_environment = || variable(variables, &["BAO_TOKEN", "VAULT_TOKEN"]).map(str::as_bytes);
        let token = self.token.as_ref().map(Key::bytes).or_else(of_environment);
        let token = token.ok_or_else(|| failed("no token is known: set the \"token\" argument or the variable BAO_TOKEN"))?;
        let mut token = HeaderValue::from_bytes(token).map_err(|_| failed("the token can't be sent: it holds line breaks or the like"))?;
        token.set_sensitive(true);
        let client = crate::web::client(variables).map_err(failed)?;
        let mut request = client.put(url.clone()).header("X-Vault-Token", token).header("X-Vault-Request", "true");
        if let Some(namespace) = variable(variables, &["BAO_NAMESPACE", "VAULT_NAMESPACE"]) {
            request = request.header("X-Vault-Namespace", namespace);
        }
        let broken = |error: reqwest::Error| failed(crate::web::failure(&url, &error));
        let mut response = request.header("Content-Type", "application/json").body(body).send().await.map_err(broken)?;
        let status = response.status();
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            answer.extend_from_slice(&chunk);
            if answer.len() > ANSWER_BYTES_MAX {
                return Err(failed("the answer of OpenBao is too long"));
            }
        }
        if !status.is_success() {
            let said = bao_errors(&answer).map(|said| format!(": {said}")).unwrap_or_default();
            return Err(failed(format!("OpenBao at {} answered {status}{said}", url.host_str().unwrap_or_default())));
        }
        Ok(answer)
    }

    pub(super) async fn new_key(&self, variables: &BTreeMap<String, String>) -> Result<(Key, Vec<u8>), EncryptionError> {
        let body = bao_ask(Some(self.key_length * 8), None, self.associated_data.as_deref());
        let answer = self.ask("datakey/plaintext", body, variables).await?;
        let key = bao_key(&answer).filter(|(_, ciphertext)| !ciphertext.is_empty());
        let (key, ciphertext) = key.ok_or_else(|| failed("the answer of OpenBao can't be read"))?;
        Ok((Key::new(key.0.to_vec()), ciphertext_metadata(ciphertext.as_bytes())))
    }

    pub(super) async fn key_of(&self, metadata: &[u8], variables: &BTreeMap<String, String>) -> Result<Key, EncryptionError> {
        let ciphertext = read_ciphertext_metadata(metadata).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let ciphertext = ciphertext.ok_or_else(|| failed("what is kept beside the encrypted data can't be used"))?;
        let answer = self.ask("decrypt", bao_ask(None, Some(&ciphertext), self.associated_data.as_deref()), variables).await?;
        bao_key(&answer).map(|(key, _)| Key::new(key.0.to_vec())).ok_or_else(|| failed("the answer of OpenBao can't be read"))
    }
}
