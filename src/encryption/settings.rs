//! What an `encryption` block says.

use super::Key;
use crate::bucket::Access;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What a configuration says of encryption.
#[derive(Clone, Debug, Default)]
pub enum Encrypting {
    /// Nothing.
    #[default]
    Nothing,
    /// Something in which there is a mistake, which has been reported.
    Broken,
    /// This.
    By(Arc<Settings>),
}

/// The type and the name of a `key_provider` or `method` block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// `key_provider` or `method`.
    pub(super) block: &'static str,
    /// Such as `pbkdf2`.
    pub(super) kind: Arc<str>,
    /// What the user calls it.
    pub(super) name: Arc<str>,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.block, self.kind, self.name)
    }
}

/// What an `encryption` block says: every reference in it leads somewhere.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub(super) providers: BTreeMap<Name, Provider>,
    pub(super) methods: BTreeMap<Name, Method>,
    /// Methods for states, journals included: the first one writes.
    pub(super) state: Option<Vec<Name>>,
    /// Whether states may never be without encryption.
    pub(super) state_enforced: bool,
    /// Methods for saved plans.
    pub(super) plan: Option<Vec<Name>>,
    /// Whether saved plans may never be without encryption.
    pub(super) plan_enforced: bool,
    /// Methods for the states that `terraform_remote_state` reads.
    pub(super) remote_default: Option<Vec<Name>>,
    /// The same for some of these data sources, such as `module.a.b`.
    pub(super) remote: BTreeMap<Arc<str>, Vec<Name>>,
}

/// A `key_provider` block.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    /// Under which name what it needs to find a key again is kept beside what is encrypted.
    pub(super) metadata_key: String,
    pub(super) kind: ProviderKind,
}

#[derive(Clone, Debug)]
pub(super) enum ProviderKind {
    Pbkdf2(Pbkdf2),
    AwsKms(Box<AwsKms>),
    GcpKms(Box<GcpKms>),
    OpenBao(OpenBao),
    /// A program of the user's.
    External(Vec<String>),
    /// Two keys of equal length, each of which alone opens nothing.
    Xor(Name, Name),
}

#[derive(Clone, Debug)]
pub(super) struct Pbkdf2 {
    pub(super) passphrase: Passphrase,
    pub(super) key_length: usize,
    pub(super) iterations: u32,
    pub(super) hash: Hash,
    pub(super) salt_length: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Passphrase {
    Said(Key),
    /// The key of another provider.
    Chain(Name),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

#[derive(Clone, Debug)]
pub(super) struct AwsKms {
    pub(super) key_id: String,
    /// `AES_256` or `AES_128`.
    pub(super) key_spec: String,
    pub(super) context: BTreeMap<String, String>,
    pub(super) region: Option<String>,
    pub(super) access: Access,
    /// Variables of the environment with other values than they have.
    pub(super) changed: Vec<(&'static str, Option<String>)>,
}

#[derive(Clone, Debug)]
pub(super) struct GcpKms {
    pub(super) key_name: String,
    pub(super) key_length: usize,
    pub(super) associated_data: Vec<u8>,
    pub(super) access: Access,
}

#[derive(Clone, Debug)]
pub(super) struct OpenBao {
    pub(super) key_name: String,
    pub(super) token: Option<Key>,
    pub(super) address: Option<String>,
    pub(super) key_length: usize,
    pub(super) engine_path: String,
    pub(super) associated_data: Option<String>,
}

/// A `method` block.
#[derive(Clone, Debug)]
pub(super) enum Method {
    AesGcm { keys: Name, associated_data: Vec<u8> },
    External { encrypt: Vec<String>, decrypt: Vec<String>, keys: Option<Name> },
    Unencrypted,
}

impl Method {
    /// The key provider that it takes its keys of.
    pub(super) fn keys(&self) -> Option<&Name> {
        match self {
            Method::AesGcm { keys, .. } => Some(keys),
            Method::External { keys, .. } => keys.as_ref(),
            Method::Unencrypted => None,
        }
    }
}

impl Provider {
    /// The providers that it takes keys of.
    pub(super) fn sources(&self) -> Vec<&Name> {
        match &self.kind {
            ProviderKind::Pbkdf2(Pbkdf2 { passphrase: Passphrase::Chain(source), .. }) => vec![source],
            ProviderKind::Xor(one, other) => vec![one, other],
            _ => Vec::new(),
        }
    }
}

impl Settings {
    /// The first of what is used that can't be had on this machine alone: key services, programs.
    pub fn asks_elsewhere(&self) -> Option<String> {
        let lists = [&self.state, &self.plan, &self.remote_default].into_iter().flatten().chain(self.remote.values());
        let methods: Vec<&Name> = lists.flatten().collect();
        methods.into_iter().find_map(|name| match self.methods.get(name)? {
            Method::External { .. } => Some(name.to_string()),
            method => self.elsewhere(method.keys()?),
        })
    }

    fn elsewhere(&self, name: &Name) -> Option<String> {
        let provider = self.providers.get(name)?;
        match &provider.kind {
            ProviderKind::Pbkdf2(_) | ProviderKind::Xor(..) => provider.sources().into_iter().find_map(|source| self.elsewhere(source)),
            _ => Some(name.to_string()),
        }
    }

    /// Whether something may never be without encryption.
    pub fn is_enforced(&self) -> bool {
        self.state_enforced || self.plan_enforced
    }
}
