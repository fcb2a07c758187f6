//! Keys and digests of what planning asked.

use super::{Answer, Ask, AskKey};
use sha2::{Digest, Sha256};
use windlass_api::Value;
use windlass_api::value::digest;

impl Ask {
    /// What tells this ask from others.
    pub fn key(&self) -> AskKey {
        match self {
            Ask::Account { provider, .. } => AskKey::Account(provider.clone()),
            Ask::Object { address, deposed, provider, .. } => AskKey::Object(address.clone(), deposed.clone(), provider.key.clone()),
            Ask::Import { address, id, .. } => AskKey::Import(address.clone(), id.clone()),
            Ask::Data { provider, type_name, query, .. } => {
                AskKey::Data(provider.clone(), type_name.clone(), windlass_api::value::wire::canonical(&query.unmarked_deep()).into())
            }
            Ask::Ephemeral { address, .. } => AskKey::Ephemeral(address.clone()),
            Ask::File(question) => AskKey::File(question.clone()),
        }
    }
}

/// The digest of an object as read; of one that is gone, all zeros.
pub fn object_digest(object: Option<&Value>) -> [u8; 32] {
    object.map_or([0; 32], |value| digest(&value.unmarked_deep()))
}

/// The digest of an answer.
pub fn answer_digest(answer: &Answer) -> [u8; 32] {
    match answer {
        Answer::Object(object) => object_digest(object.as_ref()),
        Answer::Data(value) => digest(&value.unmarked_deep()),
        Answer::Account(account) => text_digest(&format!("{account:?}")),
        // Not even a digest of what is ephemeral is kept.
        Answer::Opened(_) => [0; 32],
        Answer::File(answer) => text_digest(&format!("{answer:?}")),
        Answer::Failed(error) => text_digest(&error.to_string()),
    }
}

fn text_digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
