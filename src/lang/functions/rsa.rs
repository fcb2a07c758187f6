//! `rsadecrypt`: RSA with the padding of PKCS #1 v1.5.

use super::signature::{Accepts, Function, Outcome, Returns, fail, fail_argument, parameter, pure, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dashu_int::UBig;
use dashu_int::fast_div::ConstDivisor;
use windlass_api::Value;

pub(super) const FUNCTIONS: &[Function] = &[pure(
    "rsadecrypt",
    &[parameter("ciphertext", Accepts::String), parameter("privatekey", Accepts::String)],
    Returns::Always(Accepts::String),
    decrypt,
)];

/// The two numbers that decrypt.
struct PrivateKey {
    modulus: UBig,
    exponent: UBig,
}

fn decrypt(arguments: &[Value]) -> Outcome {
    let Ok(cipher) = STANDARD.decode(text(arguments, 0)) else {
        return fail_argument(0, format!("failed to decode input {:?}: cipher text must be base64-encoded", text(arguments, 0)));
    };
    let key = match private_key(text(arguments, 1)) {
        Ok(key) => key,
        Err(reason) => return fail_argument(1, reason),
    };
    match decrypted(&cipher, &key).map(String::from_utf8) {
        Some(Ok(plain)) => Ok(plain.into()),
        Some(Err(error)) => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned().into()),
        None => fail("failed to decrypt: crypto/rsa: decryption error"),
    }
}

fn decrypted(cipher: &[u8], key: &PrivateKey) -> Option<Vec<u8>> {
    let size = key.modulus.to_be_bytes().len();
    let number = UBig::from_be_bytes(cipher);
    if cipher.len() > size || number >= key.modulus {
        return None;
    }
    let ring = ConstDivisor::new(key.modulus.clone());
    let padded = ring.reduce(number).pow(&key.exponent).residue().to_be_bytes();
    // 00 02, at least eight bytes that are not zero, 00, the message; the leading zero is no part of the number.
    let (padding, message) = padded.strip_prefix(&[2])?.split_at_checked(padded.iter().position(|byte| *byte == 0)?.checked_sub(1)?)?;
    (padded.len() == size - 1 && padding.len() >= 8).then(|| message[1..].to_vec())
}

/// A key in PEM: PKCS #1, PKCS #8 or OpenSSH, not encrypted.
fn private_key(pem: &str) -> Result<PrivateKey, String> {
    const NO_KEY: &str = "invalid private key: ssh: no key found";
    let (_, rest) = pem.split_once("-----BEGIN ").ok_or(NO_KEY)?;
    let (kind, rest) = rest.split_once("-----").ok_or(NO_KEY)?;
    let (body, _) = rest.split_once("-----END ").ok_or(NO_KEY)?;
    if body.contains("ENCRYPTED") || kind.contains("ENCRYPTED") {
        return Err("invalid private key: ssh: this private key is passphrase protected".to_owned());
    }
    let base64: String =
        body.lines().filter(|line| !line.contains(':')).flat_map(|line| line.chars().filter(|one| !one.is_whitespace())).collect();
    let bytes = STANDARD.decode(base64).map_err(|_| NO_KEY)?;
    let broken = || "invalid ASN1 data in the given private key: data truncated".to_owned();
    match kind {
        "RSA PRIVATE KEY" => pkcs1(&bytes).ok_or_else(broken),
        "PRIVATE KEY" => pkcs8(&bytes).ok_or_else(broken),
        "OPENSSH PRIVATE KEY" => open_ssh(&bytes).ok_or_else(|| "invalid private key: ssh: invalid openssh private key format".to_owned()),
        other => Err(format!("invalid private key: ssh: unsupported key type {other:?}")),
    }
}

/// The content of the next DER element of a kind, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length)).flatten()
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

fn pkcs1(bytes: &[u8]) -> Option<PrivateKey> {
    let (content, _) = element(bytes, SEQUENCE)?;
    let (_version, rest) = element(content, INTEGER)?;
    let (modulus, rest) = element(rest, INTEGER)?;
    let (_public, rest) = element(rest, INTEGER)?;
    let (exponent, _) = element(rest, INTEGER)?;
    Some(key(modulus, exponent))
}

fn pkcs8(bytes: &[u8]) -> Option<PrivateKey> {
    let (content, _) = element(bytes, SEQUENCE)?;
    let (_version, rest) = element(content, INTEGER)?;
    let (_algorithm, rest) = element(rest, SEQUENCE)?;
    pkcs1(element(rest, OCTETS)?.0)
}

/// The next field of a length and so many bytes.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

fn open_ssh(bytes: &[u8]) -> Option<PrivateKey> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = field(rest)?;
    let (_derivation, rest) = field(rest)?;
    let (_options, rest) = field(rest)?;
    let (_public, rest) = field(rest.get(4..)?)?;
    let (private, _) = field(rest)?;
    let (kind, rest) = field(private.get(8..)?)?;
    let (modulus, rest) = field(rest)?;
    let (_public, rest) = field(rest)?;
    let (exponent, _) = field(rest)?;
    (cipher == b"none" && kind == b"ssh-rsa").then(|| key(modulus, exponent))
}

fn key(modulus: &[u8], exponent: &[u8]) -> PrivateKey {
    PrivateKey { modulus: UBig::from_be_bytes(modulus), exponent: UBig::from_be_bytes(exponent) }
}
