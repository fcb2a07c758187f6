//! The key provider `pbkdf2`: a key from a passphrase and a salt.

use super::settings::{Hash, Pbkdf2};
use super::wire::{pbkdf2_metadata, read_pbkdf2_metadata};
use super::{EncryptionError, Key};
use ring::pbkdf2::{PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512, derive};
use std::num::NonZeroU32;

/// A file that asks for more was made to keep us busy.
pub(super) const ITERATIONS_MAX: u32 = 100_000_000;
const LENGTH_MAX: i64 = 1 << 20;

/// A new key from a passphrase, and what it takes to derive it again.
pub(super) async fn new_key(settings: &Pbkdf2, passphrase: Key) -> Result<(Key, Vec<u8>), EncryptionError> {
    let salt = super::method::random(settings.salt_length)?;
    let metadata = pbkdf2_metadata(&salt, settings.iterations, settings.hash, settings.key_length);
    let key = derived(passphrase, salt, settings.iterations, settings.hash, settings.key_length).await?;
    Ok((key, metadata))
}

/// The key that metadata tells of.
pub(super) async fn key_of(metadata: &[u8], passphrase: Key) -> Result<Key, EncryptionError> {
    let wrong = |reason: &str| EncryptionError(format!("what is kept beside the encrypted data can't be used: {reason}"));
    let (salt, iterations, hash, length) = read_pbkdf2_metadata(metadata).map_err(|reason| wrong(&reason))?;
    let iterations = u32::try_from(iterations).ok().filter(|iterations| (1..=ITERATIONS_MAX).contains(iterations));
    let iterations = iterations.ok_or_else(|| wrong("invalid number of iterations"))?;
    let length = usize::try_from(length).ok().filter(|_| (1..=LENGTH_MAX).contains(&length)).ok_or_else(|| wrong("invalid key length"))?;
    derived(passphrase, salt, iterations, hash, length).await
}

async fn derived(passphrase: Key, salt: Vec<u8>, iterations: u32, hash: Hash, length: usize) -> Result<Key, EncryptionError> {
    let rounds = NonZeroU32::new(iterations).ok_or_else(|| EncryptionError("no iterations".to_owned()))?;
    let algorithm = if hash == Hash::Sha512 { PBKDF2_HMAC_SHA512 } else { PBKDF2_HMAC_SHA256 };
    let work = move || {
        let mut key = vec![0; length];
        derive(algorithm, rounds, &salt, passphrase.bytes(), &mut key);
        Key::new(key)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| EncryptionError(error.to_string()))
}
