//! Sealing with a key: AES-256-GCM under what PBKDF2 makes of a passphrase.

use aes_gcm::aead::rand_core::RngCore;
use aes_gcm::aead::{Aead, KeyInit, OsRng};
use aes_gcm::{Aes256Gcm, Nonce};
use sha2::Sha256;

const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
/// What OWASP advises for PBKDF2 with SHA-256 (2023), and OpenTofu's default.
const ROUNDS: u32 = if cfg!(test) { 1_000 } else { 600_000 };
/// A file that asks for more than this was made to keep us busy.
const ROUNDS_MAX: u32 = 10_000_000;

/// Salt, rounds, nonce.
pub(super) const HEADER_BYTES: usize = SALT_BYTES + 4 + NONCE_BYTES;

fn cipher(passphrase: &str, salt: &[u8], rounds: u32) -> Option<Aes256Gcm> {
    let mut key = [0u8; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(passphrase.as_bytes(), salt, rounds, &mut key);
    Aes256Gcm::new_from_slice(&key).ok()
}

/// The header and the sealed content.
pub(super) fn seal(passphrase: &str, content: &[u8]) -> Result<(Vec<u8>, Vec<u8>), String> {
    let mut header = vec![0u8; HEADER_BYTES];
    OsRng.fill_bytes(&mut header);
    header[SALT_BYTES..SALT_BYTES + 4].copy_from_slice(&ROUNDS.to_le_bytes());
    let cipher = cipher(passphrase, &header[..SALT_BYTES], ROUNDS).ok_or("the key can't be used")?;
    match cipher.encrypt(Nonce::from_slice(&header[SALT_BYTES + 4..]), content) {
        Ok(sealed) => Ok((header, sealed)),
        Err(_) => Err("the content can't be encrypted".to_owned()),
    }
}

/// The content; `None` when the key is another one.
pub(super) fn open(passphrase: &str, header: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (salt, rest) = header.split_at_checked(SALT_BYTES)?;
    let (rounds, nonce) = rest.split_at_checked(4)?;
    let rounds = u32::from_le_bytes(rounds.try_into().ok()?);
    if nonce.len() != NONCE_BYTES || !(1..=ROUNDS_MAX).contains(&rounds) {
        return None;
    }
    cipher(passphrase, salt, rounds)?.decrypt(Nonce::from_slice(nonce), sealed).ok()
}
