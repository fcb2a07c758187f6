//! Keys that this run has got: each is asked for or derived once.

use super::settings::{Name, Passphrase, ProviderKind, Settings};
use super::wire::{Metadata, Protocol, program_keys};
use super::{Encryption, EncryptionError, Key, pbkdf2, program};
use crate::bucket::Surroundings;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;

/// The encryption of a process: nothing until its configuration has been read.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<OnceLock<Arc<Encryption>>>);

impl Shared {
    /// What the configuration said, if it has been read.
    pub fn get(&self) -> Option<Arc<Encryption>> {
        self.0.get().cloned()
    }

    /// Remembers what the configuration says; the first one who does counts.
    pub fn set(&self, encryption: Encryption) -> Arc<Encryption> {
        self.0.get_or_init(|| Arc::new(encryption)).clone()
    }
}

/// Settings with the keys that are known so far.
#[derive(Debug)]
pub(super) struct Ring {
    pub(super) settings: Arc<Settings>,
    pub(super) surroundings: Surroundings,
    /// Keys by their provider and what was kept to find them.
    found: Mutex<BTreeMap<(Name, Metadata), Key>>,
    /// The keys that this run encrypts with.
    new: Mutex<BTreeMap<Name, (Key, Metadata)>>,
}

type Getting<'a, T> = Pin<Box<dyn Future<Output = Result<T, EncryptionError>> + Send + 'a>>;

impl Ring {
    pub(super) fn new(settings: Arc<Settings>, surroundings: Surroundings) -> Ring {
        Ring { settings, surroundings, found: Mutex::default(), new: Mutex::default() }
    }

    /// The key that this run encrypts with, and what must be kept to find it again.
    pub(super) async fn new_key(&self, name: &Name) -> Result<(Key, Metadata), EncryptionError> {
        // Held meanwhile: who comes at the same time waits for the same key.
        let mut new = self.new.lock().await;
        if let Some((key, metadata)) = new.get(name) {
            return Ok((key.clone(), metadata.clone()));
        }
        let mut metadata = Metadata::new();
        let key = self.make(name, &mut metadata).await?;
        self.found.lock().await.insert((name.clone(), metadata.clone()), key.clone());
        new.insert(name.clone(), (key.clone(), metadata.clone()));
        Ok((key, metadata))
    }

    /// The key that metadata tells of.
    pub(super) async fn key_of(&self, name: &Name, metadata: &Metadata) -> Result<Key, EncryptionError> {
        let mut found = self.found.lock().await;
        let place = (name.clone(), metadata.clone());
        if let Some(key) = found.get(&place) {
            return Ok(key.clone());
        }
        let key = self.find(name, metadata).await?;
        found.insert(place, key.clone());
        Ok(key)
    }

    fn provider(&self, name: &Name) -> Result<&super::settings::Provider, EncryptionError> {
        self.settings.providers.get(name).ok_or_else(|| EncryptionError(format!("there is no {name}")))
    }

    fn make<'a>(&'a self, name: &'a Name, metadata: &'a mut Metadata) -> Getting<'a, Key> {
        Box::pin(async move {
            let provider = self.provider(name)?;
            let about = |error: EncryptionError| EncryptionError::of(name, error);
            let variables = &self.surroundings.variables;
            let (key, kept) = match &provider.kind {
                ProviderKind::Pbkdf2(settings) => {
                    let passphrase = match &settings.passphrase {
                        Passphrase::Said(passphrase) => passphrase.clone(),
                        Passphrase::Chain(source) => long_enough(self.make(source, metadata).await?, source)?,
                    };
                    pbkdf2::new_key(settings, passphrase).await.map_err(about)?
                }
                ProviderKind::AwsKms(kms) => kms.new_key(&self.surroundings).await.map_err(about)?,
                ProviderKind::GcpKms(kms) => kms.new_key(&self.surroundings).await.map_err(about)?,
                ProviderKind::OpenBao(bao) => bao.new_key(variables).await.map_err(about)?,
                ProviderKind::External(command) => {
                    let (key, _, kept) = keys_of_program(command, b"null", variables).await.map_err(about)?;
                    (key.ok_or_else(|| about(EncryptionError("the external command gave no encryption key".to_owned())))?, kept)
                }
                ProviderKind::Xor(one, other) => {
                    let (one, other) = (self.make(one, metadata).await?, self.make(other, metadata).await?);
                    return xor(&one, &other).map_err(about);
                }
            };
            metadata.insert(provider.metadata_key.clone(), kept);
            Ok(key)
        })
    }

    fn find<'a>(&'a self, name: &'a Name, metadata: &'a Metadata) -> Getting<'a, Key> {
        Box::pin(async move {
            let provider = self.provider(name)?;
            let about = |error: EncryptionError| EncryptionError::of(name, error);
            if let ProviderKind::Xor(one, other) = &provider.kind {
                let (one, other) = (self.find(one, metadata).await?, self.find(other, metadata).await?);
                return xor(&one, &other).map_err(about);
            }
            let kept = metadata.get(&provider.metadata_key).ok_or_else(|| about(EncryptionError(unknown(provider, metadata))))?;
            let variables = &self.surroundings.variables;
            match &provider.kind {
                ProviderKind::Pbkdf2(settings) => {
                    let passphrase = match &settings.passphrase {
                        Passphrase::Said(passphrase) => passphrase.clone(),
                        Passphrase::Chain(source) => long_enough(self.find(source, metadata).await?, source)?,
                    };
                    pbkdf2::key_of(kept, passphrase).await.map_err(about)
                }
                ProviderKind::AwsKms(kms) => kms.key_of(kept, &self.surroundings).await.map_err(about),
                ProviderKind::GcpKms(kms) => kms.key_of(kept, &self.surroundings).await.map_err(about),
                ProviderKind::OpenBao(bao) => bao.key_of(kept, variables).await.map_err(about),
                ProviderKind::External(command) => {
                    let (_, key, _) = keys_of_program(command, kept, variables).await.map_err(about)?;
                    key.ok_or_else(|| about(EncryptionError("the external command gave no decryption key".to_owned())))
                }
                ProviderKind::Xor(..) => Err(about(EncryptionError("it keeps nothing".to_owned()))),
            }
        })
    }
}

fn unknown(provider: &super::settings::Provider, metadata: &Metadata) -> String {
    let others: Vec<&str> = metadata.keys().map(String::as_str).collect();
    let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    format!(
        "nothing is kept for it beside the encrypted data under {:?}, only under: {others}. Was the provider renamed? Then give the new one \
         encrypted_metadata_alias, or keep the old one in a fallback",
        provider.metadata_key
    )
}

/// A passphrase that another provider gave.
fn long_enough(key: Key, source: &Name) -> Result<Key, EncryptionError> {
    const MIN: usize = 16;
    match key.bytes().len() >= MIN {
        true => Ok(key),
        false => Err(EncryptionError(format!("{source} supplied a key that is too short for a passphrase (minimum {MIN} characters)"))),
    }
}

fn xor(one: &Key, other: &Key) -> Result<Key, EncryptionError> {
    let (one, other) = (one.bytes(), other.bytes());
    if one.len() != other.len() {
        let reason = format!("The two provided encryption keys are not equal in length ({} vs {} bytes)", one.len(), other.len());
        return Err(EncryptionError(reason));
    }
    Ok(Key::new(one.iter().zip(other).map(|(one, other)| one ^ other).collect()))
}

/// The keys to encrypt and to decrypt with that a program gives, and what it wants to be kept.
async fn keys_of_program(
    command: &[String],
    kept: &[u8],
    variables: &BTreeMap<String, String>,
) -> Result<(Option<Key>, Option<Key>, Vec<u8>), EncryptionError> {
    let answer = program::run(command, kept.to_vec(), Protocol::Keys, variables).await?;
    let invalid = |place| EncryptionError(format!("the external command returned an invalid JSON response ({place})"));
    let (encryption, decryption, kept) = program_keys(&answer).map_err(invalid)?;
    let key = |bytes: super::wire::Bytes| Some(Key::new(bytes.0.to_vec())).filter(|key| !key.bytes().is_empty());
    Ok((key(encryption), key(decryption), kept))
}
