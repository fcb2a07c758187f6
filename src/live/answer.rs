//! Answers to the asks of a planning round.

use super::files::answer_file;
use super::{Clients, Clock, Ephemerals};
use crate::address::{Instance, ProviderConfig};
use crate::event::{Event, EventOperation, Listener, Refreshed, id_of};
use crate::plan::{Answer, Ask, AskKey};
use crate::state::{DeposedKey, State};
use futures::future::join_all;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use windlass_api::value::wire::digest;
use windlass_api::{Error, ErrorKind, Value};

/// An object younger than this may be reported as gone although it is there: clouds answer from copies that lag behind.
const YOUNG_SECONDS: u64 = 600;

/// The waits before a "gone" answer for a young object is asked again; after the last one it is believed.
const GONE_ASKED_AGAIN: [Duration; 4] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// What answering needs to know besides the question.
#[derive(Clone)]
pub struct World {
    /// The clients.
    pub clients: Clients,
    /// The state, which says how old objects are.
    pub state: Arc<State>,
    /// The time.
    pub clock: Clock,
    /// What relative paths count from.
    pub working_folder: PathBuf,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// Ephemeral objects that are open.
    pub ephemerals: Ephemerals,
}

/// What one batch of reads has in common: provider configuration, its value, the type.
type BatchKey = (ProviderConfig, [u8; 32], Arc<str>, Kind);

/// What a batch asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Object,
    Data,
    Import,
}

struct Batch {
    provider: ProviderConfig,
    config: Value,
    type_name: Arc<str>,
    items: Vec<Item>,
}

/// One object or query of a batch; the answer goes to `position` of the asks.
struct Item {
    position: usize,
    value: Value,
    is_young: bool,
    /// What those who listen are told; nothing of a workload's own question.
    named: Option<Refreshed>,
}

/// Answers all asks, in batches per provider configuration and type, side by side; the answers stand in the order of the asks.
pub async fn answer(asks: Vec<Ask>, world: &World, listener: &dyn Listener) -> Vec<(AskKey, Answer)> {
    let mut answers: Vec<Option<Answer>> = asks.iter().map(|_| None).collect();
    let mut objects: HashMap<BatchKey, Batch> = HashMap::new();
    let mut accounts = Vec::new();
    let mut openings = Vec::new();
    let mut order = Vec::new();
    for (position, ask) in asks.iter().enumerate() {
        let (provider, config, type_name, value, is_young, kind, named) = match ask {
            Ask::File(question) => {
                answers[position] = Some(Answer::File(answer_file(question, &world.working_folder, world.home.as_deref())));
                continue;
            }
            Ask::Ephemeral { address, provider, config, query } => {
                openings.push(async move {
                    let opened = world.ephemerals.open(address, provider, config, query).await;
                    (position, opened.map_or_else(Answer::Failed, Answer::Opened))
                });
                continue;
            }
            Ask::Account { provider, config } => {
                accounts.push((position, provider, config));
                continue;
            }
            Ask::Object { address, deposed, provider, config, prior } => {
                let type_name = address.resource.type_name.clone();
                let named = Some((address, id_of(prior)));
                (provider, config, type_name, prior.unmarked_deep(), world.is_young(address, deposed.as_ref()), Kind::Object, named)
            }
            Ask::Data { address, type_name, provider, config, query } => {
                let named = address.as_ref().map(|address| (address, None));
                (provider, config, type_name.clone(), query.unmarked_deep(), false, Kind::Data, named)
            }
            Ask::Import { address, id, provider, config } => {
                let (type_name, named) = (address.resource.type_name.clone(), Some((address, Some(id.to_string()))));
                (provider, config, type_name, Value::string(id), false, Kind::Import, named)
            }
        };
        let key = (provider.clone(), digest(&config.unmarked_deep()), type_name.clone(), kind);
        let batch = objects.entry(key.clone()).or_insert_with(|| {
            order.push(key);
            Batch { provider: provider.clone(), config: config.clone(), type_name, items: Vec::new() }
        });
        let named = named.map(|(address, id)| Refreshed { address: address.clone(), id });
        batch.items.push(Item { position, value, is_young, named });
    }
    let batches = order.iter().filter_map(|key| Some((objects.remove(key)?, key.3)));
    let reads = join_all(batches.map(|(batch, kind)| read_batch(batch, kind, world, listener)));
    let accounts = join_all(accounts.into_iter().map(|(position, provider, config)| async move {
        let account = match world.clients.get(provider, config).await {
            Ok(client) => client.account().await,
            Err(error) => Err(error),
        };
        (position, account.map_or_else(Answer::Failed, Answer::Account))
    }));
    let (reads, accounts, opened) = futures::future::join3(reads, accounts, join_all(openings)).await;
    for (position, answer) in reads.into_iter().flatten().chain(accounts).chain(opened) {
        answers[position] = Some(answer);
    }
    let missing = || Answer::Failed(Error::new(ErrorKind::Internal, "The provider gave fewer answers than it was asked questions."));
    asks.iter().zip(answers).map(|(ask, answer)| (ask.key(), answer.unwrap_or_else(missing))).collect()
}

impl World {
    fn is_young(&self, address: &Instance, deposed: Option<&DeposedKey>) -> bool {
        let object = self.state.instances.get(address).and_then(|instance| match deposed {
            Some(key) => instance.deposed.get(key),
            None => instance.current.as_ref(),
        });
        let created = object.and_then(|object| object.private.created_unix_seconds);
        created.is_some_and(|created| (self.clock)() < created.saturating_add(YOUNG_SECONDS))
    }
}

async fn read_batch(mut batch: Batch, kind: Kind, world: &World, listener: &dyn Listener) -> Vec<(usize, Answer)> {
    let (type_name, is_data) = (batch.type_name.clone(), kind == Kind::Data);
    let named: BTreeMap<usize, Refreshed> = batch.items.iter_mut().filter_map(|item| Some((item.position, item.named.take()?))).collect();
    let started = Instant::now();
    listener.on_event(&Event::RefreshStarted { objects: named.values().cloned().collect(), is_data });
    let answers = match world.clients.get(&batch.provider, &batch.config).await {
        Err(error) => batch.items.iter().map(|item| (item.position, Answer::Failed(error.clone()))).collect(),
        Ok(client) if kind == Kind::Import => {
            let ids: Vec<String> = batch.items.iter().filter_map(|item| item.value.as_str().map(str::to_owned)).collect();
            let answers =
                client.import(&type_name, &ids).await.into_iter().map(|result| result.map_or_else(Answer::Failed, Answer::Object));
            batch.items.iter().map(|item| item.position).zip(answers).collect()
        }
        Ok(client) if kind == Kind::Data => {
            let queries: Vec<_> = batch.items.iter().map(|item| item.value.clone()).collect();
            let address = |item: &Item| named.get(&item.position).map_or_else(String::new, |named| named.address.to_string());
            let addresses: Vec<String> = batch.items.iter().map(address).collect();
            let read = client.read_data_of(&type_name, &addresses, &queries).await;
            let answers = read.into_iter().map(|result| result.map_or_else(Answer::Failed, Answer::Data));
            batch.items.iter().map(|item| item.position).zip(answers).collect()
        }
        Ok(client) => read_objects(&*client, &type_name, batch.items).await,
    };
    tell_read(named, &answers, is_data, started.elapsed(), listener);
    answers
}

/// Tells which reads went well, and which reads of data sources failed; of objects, the message alone tells it.
fn tell_read(
    mut named: BTreeMap<usize, Refreshed>,
    answers: &[(usize, Answer)],
    is_data: bool,
    elapsed: Duration,
    listener: &dyn Listener,
) {
    let mut read = Vec::with_capacity(named.len());
    for (position, answer) in answers {
        let Some(object) = named.remove(position) else { continue };
        match answer {
            Answer::Failed(_) if is_data => {
                listener.on_event(&Event::StepFailed { address: object.address, operation: EventOperation::Read, elapsed });
            }
            Answer::Failed(_) => {}
            Answer::Data(value) => read.push(Refreshed { id: id_of(value), ..object }),
            _ => read.push(object),
        }
    }
    listener.on_event(&Event::RefreshFinished { objects: read.into(), is_data, elapsed });
}

async fn read_objects(client: &dyn windlass_api::Client, type_name: &str, mut items: Vec<Item>) -> Vec<(usize, Answer)> {
    let mut answers = Vec::with_capacity(items.len());
    let mut waits = GONE_ASKED_AGAIN.iter();
    loop {
        let objects: Vec<_> = items.iter().map(|item| item.value.clone()).collect();
        let read = client.read(type_name, &objects).await;
        let wait = waits.next();
        let mut again = Vec::new();
        for (item, result) in items.into_iter().zip(read) {
            match result {
                Ok(None) if item.is_young && wait.is_some() => again.push(item),
                result => answers.push((item.position, result.map_or_else(Answer::Failed, Answer::Object))),
            }
        }
        let (Some(wait), false) = (wait, again.is_empty()) else { return answers };
        tokio::time::sleep(*wait).await;
        items = again;
    }
}
