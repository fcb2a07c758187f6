//! Answers to the asks of a planning round.

use super::{Clients, Clock};
use crate::event::Listener;
use crate::plan::{Answer, Ask, AskKey};
use crate::state::State;
use std::path::PathBuf;
use windlass_api::{Error, ErrorKind};

/// What answering needs to know besides the question.
#[derive(Clone)]
pub struct World {
    /// The clients.
    pub clients: Clients,
    /// The state, which says how old objects are.
    pub state: std::sync::Arc<State>,
    /// The time.
    pub clock: Clock,
    /// What relative paths count from.
    pub working_folder: PathBuf,
    /// The user's home folder.
    pub home: Option<PathBuf>,
}

/// Answers all asks, in batches per provider configuration and type, side by side.
pub async fn answer(asks: Vec<Ask>, _world: &World, _listener: &dyn Listener) -> Vec<(AskKey, Answer)> {
    asks.iter().map(|ask| (key(ask), Answer::Failed(Error::new(ErrorKind::Internal, "not built yet")))).collect()
}

fn key(ask: &Ask) -> AskKey {
    match ask {
        Ask::Account { provider, .. } => AskKey::Account(provider.clone()),
        Ask::Object { address, deposed, .. } => AskKey::Object(address.clone(), deposed.clone()),
        Ask::Data { provider, type_name, .. } => AskKey::Data(provider.clone(), type_name.clone(), "".into()),
        Ask::File(question) => AskKey::File(question.clone()),
    }
}
