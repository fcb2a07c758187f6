//! What is encrypted alike: states, saved plans, the states of other configurations.

use super::keys::Ring;
use super::read::remote_name;
use super::settings::{Method, Name, Settings};
use super::wire::{Envelope, Metadata, VERSION, passed};
use super::{EncryptionError, Key, method};
use crate::bucket::Surroundings;
use std::sync::Arc;

/// The encryption that a configuration asks for.
#[derive(Debug)]
pub struct Encryption {
    ring: Arc<Ring>,
}

impl Encryption {
    /// By these settings.
    pub fn new(settings: Arc<Settings>, surroundings: Surroundings) -> Encryption {
        Encryption { ring: Arc::new(Ring::new(settings, surroundings)) }
    }

    /// None at all.
    pub fn none() -> Encryption {
        Encryption::new(Arc::default(), Surroundings::default())
    }

    /// How states and journals are encrypted.
    pub fn state(&self) -> Target {
        self.target(self.ring.settings.state.clone())
    }

    /// How saved plans are encrypted.
    pub fn plan(&self) -> Target {
        self.target(self.ring.settings.plan.clone())
    }

    /// How the state is encrypted that a `terraform_remote_state` of this address reads.
    pub fn remote(&self, address: &str) -> Target {
        let settings = &self.ring.settings;
        let name = remote_name(address).unwrap_or_default();
        // The name of an instance stands for it alone, that of the block for all.
        let of_block = name.rsplit_once('[').map_or(&*name, |(block, _)| block);
        let methods = settings.remote.get(&name).or_else(|| settings.remote.get(of_block)).or(settings.remote_default.as_ref());
        self.target(methods.cloned())
    }

    fn target(&self, methods: Option<Vec<Name>>) -> Target {
        Target { ring: self.ring.clone(), methods: methods.unwrap_or_default() }
    }
}

/// What is encrypted alike: written by the first method, read by any.
#[derive(Clone, Debug)]
pub struct Target {
    ring: Arc<Ring>,
    /// None where nothing is said: then nothing is encrypted, and what is can't be read.
    methods: Vec<Name>,
}

/// What was read.
#[derive(Debug)]
pub struct Opened {
    /// The document.
    pub bytes: Vec<u8>,
    /// Whether it stood there as it would be written now.
    pub is_current: bool,
}

/// A key, how it is used, and what must be kept to find it again.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) key: Option<Key>,
    pub(super) metadata: Metadata,
}

/// Whether bytes are an encrypted document.
pub fn is_sealed(bytes: &[u8]) -> bool {
    Envelope::from_bytes(bytes).is_some()
}

/// Whether bytes are an encrypted state, not an encrypted plan.
pub fn is_sealed_state(bytes: &[u8]) -> bool {
    let shows = |envelope: Result<Envelope, String>| envelope.is_ok_and(|envelope| envelope.lineage.is_some() || envelope.serial.is_some());
    Envelope::from_bytes(bytes).is_some_and(shows)
}

impl Target {
    /// No encryption.
    pub fn none() -> Target {
        Encryption::none().state()
    }

    /// Whether what is written is encrypted.
    pub fn seals(&self) -> bool {
        self.methods.first().is_some_and(|name| !is_unencrypted(name))
    }

    /// Whether what is not encrypted may be read.
    pub(super) fn takes_plain(&self) -> bool {
        self.methods.is_empty() || self.methods.iter().any(is_unencrypted)
    }

    /// Whether nothing says how what is encrypted could be read.
    pub(super) fn is_empty(&self) -> bool {
        self.methods.is_empty()
    }

    pub(super) fn method(&self, name: &Name) -> Result<&Method, EncryptionError> {
        self.ring.settings.methods.get(name).ok_or_else(|| EncryptionError(format!("there is no {name}")))
    }

    /// The key to encrypt with.
    pub(super) async fn writer(&self, method: &Method) -> Result<Holder, EncryptionError> {
        Ok(match method.keys() {
            Some(keys) => {
                let (key, metadata) = self.ring.new_key(keys).await?;
                Holder { key: Some(key), metadata }
            }
            None => Holder { key: None, metadata: Metadata::new() },
        })
    }

    /// Encrypts, if anything is to be encrypted.
    pub(super) async fn seal_bound(&self, plain: &[u8], bound: &[u8]) -> Result<(Vec<u8>, Metadata), EncryptionError> {
        let Some(name) = self.methods.first() else { return Ok((plain.to_vec(), Metadata::new())) };
        let method = self.method(name)?;
        let Holder { key, metadata } = self.writer(method).await?;
        let sealed = method::seal(method, key.as_ref(), plain, bound, &self.ring.surroundings.variables).await;
        Ok((sealed.map_err(|error| EncryptionError::of(name, error))?, metadata))
    }

    /// What must be kept to find the key again that this run encrypts with.
    pub(super) async fn metadata(&self) -> Result<Metadata, EncryptionError> {
        let Some(name) = self.methods.first() else { return Ok(Metadata::new()) };
        Ok(self.writer(self.method(name)?).await?.metadata)
    }

    /// Decrypts with the first method that can. Returns which it was.
    ///
    /// # Errors
    /// None can: why each can't.
    pub(super) async fn open_bound(&self, sealed: &[u8], metadata: &Metadata, bound: &[u8]) -> Result<(Vec<u8>, usize), EncryptionError> {
        let mut reasons = Vec::new();
        for (position, name) in self.methods.iter().enumerate().filter(|(_, name)| !is_unencrypted(name)) {
            match self.open_by(name, sealed, metadata, bound).await {
                Ok(plain) => return Ok((plain, position)),
                Err(reason) => reasons.push(EncryptionError::of(name, reason).0),
            }
        }
        Err(EncryptionError(match reasons.as_slice() {
            [] => "it is encrypted, and the encryption block names no method that can decrypt it".to_owned(),
            _ => format!("decryption failed for all provided methods: {}", reasons.join("; ")),
        }))
    }

    async fn open_by(&self, name: &Name, sealed: &[u8], metadata: &Metadata, bound: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        let method = self.method(name)?;
        let key = match method.keys() {
            Some(keys) => Some(self.ring.key_of(keys, metadata).await?),
            None => None,
        };
        method::open(method, key.as_ref(), sealed, bound, &self.ring.surroundings.variables).await
    }

    /// A state as it is to be written.
    ///
    /// # Errors
    /// No key can be had, or a program fails.
    pub async fn seal_state(&self, state: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        if !self.seals() {
            return Ok(state.to_vec());
        }
        let shown = passed(state);
        let (sealed, metadata) = self.seal_bound(state, &[]).await?;
        let mut envelope = Envelope::new(&metadata, &sealed);
        envelope.serial = shown.as_ref().and_then(|shown| shown.serial);
        envelope.lineage = shown.and_then(|shown| shown.lineage);
        Ok(envelope.to_bytes())
    }

    /// A saved plan as it is to be written.
    ///
    /// # Errors
    /// No key can be had, or a program fails.
    pub async fn seal_plan(&self, plan: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        if !self.seals() {
            return Ok(plan.to_vec());
        }
        let (sealed, metadata) = self.seal_bound(plan, &[]).await?;
        Ok(Envelope::new(&metadata, &sealed).to_bytes())
    }

    /// A document as it was before it was encrypted.
    ///
    /// # Errors
    /// It is not encrypted and must be, no method can decrypt it, or it is not the state that it says to be.
    pub async fn open(&self, bytes: Vec<u8>) -> Result<Opened, EncryptionError> {
        let Some(envelope) = Envelope::from_bytes(&bytes) else {
            if !self.takes_plain() {
                return Err(EncryptionError(UNENCRYPTED.to_owned()));
            }
            return Ok(Opened { bytes, is_current: !self.seals() });
        };
        let envelope = envelope.map_err(|place| EncryptionError(format!("it is encrypted, and damaged at {place}")))?;
        if envelope.version() != VERSION {
            return Err(EncryptionError(format!("invalid encrypted payload version: {} != {VERSION}", envelope.version())));
        }
        if self.methods.is_empty() {
            return Err(EncryptionError(UNCONFIGURED.to_owned()));
        }
        let (plain, position) = self.open_bound(envelope.data(), &envelope.metadata(), &[]).await?;
        check_passed(&envelope, &plain)?;
        Ok(Opened { bytes: plain, is_current: position == 0 })
    }

    /// The same of a file that somebody names: it may be without encryption.
    ///
    /// # Errors
    /// It is encrypted, and no method can decrypt it.
    pub async fn open_given(&self, bytes: Vec<u8>) -> Result<Vec<u8>, EncryptionError> {
        match is_sealed(&bytes) {
            true => self.open(bytes).await.map(|opened| opened.bytes),
            false => Ok(bytes),
        }
    }
}

pub(super) const UNENCRYPTED: &str = "encountered unencrypted payload without unencrypted method configured. To take it in, add a fallback block with a method \"unencrypted\", and set enforced only after that";
pub(super) const UNCONFIGURED: &str =
    "it is encrypted, and neither an encryption block of the configuration nor the variable TF_ENCRYPTION says how";

pub(super) fn is_unencrypted(name: &Name) -> bool {
    &*name.kind == "unencrypted"
}

/// What an encrypted state shows of itself must be what it is.
fn check_passed(envelope: &Envelope, plain: &[u8]) -> Result<(), EncryptionError> {
    if envelope.serial.is_none() && envelope.lineage.is_none() {
        return Ok(());
    }
    let Some(inner) = passed(plain) else { return Ok(()) };
    match (envelope.serial, inner.serial) {
        (Some(shown), Some(serial)) if shown != serial => {
            return Err(EncryptionError(format!("invalid state metadata, serial field mismatch {shown} vs {serial}")));
        }
        _ => {}
    }
    match (&envelope.lineage, &inner.lineage) {
        (Some(shown), Some(lineage)) if !shown.is_empty() && shown != lineage => {
            Err(EncryptionError(format!("invalid state metadata, lineage field mismatch {shown} vs {lineage}")))
        }
        _ => Ok(()),
    }
}
