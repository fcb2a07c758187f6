//! Methods: bytes and a key → sealed bytes, and back.

use super::program::run;
use super::settings::Method;
use super::wire::{Bytes, Protocol, program_ask, program_payload};
use super::{EncryptionError, Key};
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes192;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm, Nonce};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::BTreeMap;

const NONCE_BYTES: usize = 12;

/// Bytes that nobody can guess.
pub(super) fn random(count: usize) -> Result<Vec<u8>, EncryptionError> {
    let mut bytes = vec![0; count];
    SystemRandom::new().fill(&mut bytes).map_err(|_| EncryptionError("the system gives no random numbers".to_owned()))?;
    Ok(bytes)
}

enum Cipher {
    Aes128(Box<Aes128Gcm>),
    Aes192(Box<AesGcm<Aes192, U12>>),
    Aes256(Box<Aes256Gcm>),
}

impl Cipher {
    fn new(key: &Key) -> Result<Cipher, EncryptionError> {
        let bytes = key.bytes();
        let cipher = match bytes.len() {
            16 => Aes128Gcm::new_from_slice(bytes).ok().map(|cipher| Cipher::Aes128(Box::new(cipher))),
            24 => AesGcm::new_from_slice(bytes).ok().map(|cipher| Cipher::Aes192(Box::new(cipher))),
            32 => Aes256Gcm::new_from_slice(bytes).ok().map(|cipher| Cipher::Aes256(Box::new(cipher))),
            _ => None,
        };
        let wrong = || format!("AES-GCM requires the key length to be one of: 16, 24, 32 bytes; the key has {}", bytes.len());
        cipher.ok_or_else(|| EncryptionError(wrong()))
    }

    fn seal(&self, nonce: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        let nonce = Nonce::from_slice(nonce);
        match self {
            Cipher::Aes128(cipher) => cipher.encrypt(nonce, payload),
            Cipher::Aes192(cipher) => cipher.encrypt(nonce, payload),
            Cipher::Aes256(cipher) => cipher.encrypt(nonce, payload),
        }
        .ok()
    }

    fn open(&self, nonce: &[u8], payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        let nonce = Nonce::from_slice(nonce);
        match self {
            Cipher::Aes128(cipher) => cipher.decrypt(nonce, payload),
            Cipher::Aes192(cipher) => cipher.decrypt(nonce, payload),
            Cipher::Aes256(cipher) => cipher.decrypt(nonce, payload),
        }
        .ok()
    }
}

/// Encrypts. `bound` is what must be the same when it is decrypted; for documents nothing.
pub(super) async fn seal(
    method: &Method,
    key: Option<&Key>,
    plain: &[u8],
    bound: &[u8],
    variables: &BTreeMap<String, String>,
) -> Result<Vec<u8>, EncryptionError> {
    match method {
        Method::Unencrypted => Ok(plain.to_vec()),
        Method::AesGcm { associated_data, .. } => {
            let cipher = Cipher::new(key.ok_or_else(without_key)?)?;
            let mut sealed = random(NONCE_BYTES)?;
            let aad = [associated_data, bound].concat();
            let content = cipher.seal(&sealed, Payload { msg: plain, aad: &aad });
            sealed.extend(content.ok_or_else(|| EncryptionError("the content is too long".to_owned()))?);
            Ok(sealed)
        }
        Method::External { encrypt, .. } => external(encrypt, key, &bind(plain, bound), variables).await,
    }
}

/// Decrypts what was encrypted with the same key and the same `bound`.
pub(super) async fn open(
    method: &Method,
    key: Option<&Key>,
    sealed: &[u8],
    bound: &[u8],
    variables: &BTreeMap<String, String>,
) -> Result<Vec<u8>, EncryptionError> {
    match method {
        Method::Unencrypted => Err(EncryptionError("it is encrypted".to_owned())),
        Method::AesGcm { associated_data, .. } => {
            let cipher = Cipher::new(key.ok_or_else(without_key)?)?;
            let short = || EncryptionError("cannot decrypt data because it is too small (likely data corruption)".to_owned());
            let (nonce, content) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(short)?;
            let aad = [associated_data, bound].concat();
            let wrong = || EncryptionError("the key is not the one that it was encrypted with, or the data was changed".to_owned());
            cipher.open(nonce, Payload { msg: content, aad: &aad }).ok_or_else(wrong)
        }
        Method::External { decrypt, .. } => {
            if sealed.is_empty() {
                return Err(EncryptionError("Cannot decrypt empty data".to_owned()));
            }
            let plain = external(decrypt, key, sealed, variables).await?;
            let moved = || EncryptionError("what was decrypted stands in another place than it was encrypted for".to_owned());
            unbind(plain, bound).ok_or_else(moved)
        }
    }
}

fn without_key() -> EncryptionError {
    EncryptionError("no key is there for it".to_owned())
}

async fn external(
    command: &[String],
    key: Option<&Key>,
    payload: &[u8],
    variables: &BTreeMap<String, String>,
) -> Result<Vec<u8>, EncryptionError> {
    let key = key.map(|key| Bytes::from(key.bytes()));
    let answer = run(command, program_ask(key.as_ref(), &payload.into()), Protocol::Method, variables).await?;
    let invalid = |place| EncryptionError(format!("{} returned an invalid JSON ({place})", command.first().map_or("", String::as_str)));
    program_payload(&answer).map_err(invalid)
}

/// Programs know no associated data: it goes before the content. Documents have none, and so are what OpenTofu makes of them.
fn bind(plain: &[u8], bound: &[u8]) -> Vec<u8> {
    [bound, plain].concat()
}

fn unbind(mut plain: Vec<u8>, bound: &[u8]) -> Option<Vec<u8>> {
    plain.starts_with(bound).then(|| plain.split_off(bound.len()))
}
