//! Ephemeral objects while they are open: opened once each, renewed in time, closed at the end of the walk that opened them.

use super::Clients;
use crate::address::{Instance, ProviderConfig};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::event::{Event, EventOperation, Listener};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};
use tokio::sync::OnceCell;
use tokio::task::AbortHandle;
use windlass_api::{Client, Error, ErrorKind, Lease, Value};

/// The ephemeral objects of one walk. Cheap to clone; all clones share the objects.
#[derive(Clone)]
pub struct Ephemerals {
    clients: Clients,
    listener: Arc<dyn Listener>,
    slots: Arc<Mutex<HashMap<Instance, Slot>>>,
    open: Arc<Mutex<Vec<Open>>>,
}

type Slot = Arc<OnceCell<Value>>;

/// An object with something to renew or close.
struct Open {
    address: Instance,
    client: Arc<dyn Client>,
    lease: Arc<Mutex<Result<Lease, Error>>>,
    renewal: Option<AbortHandle>,
}

impl Ephemerals {
    /// None is open yet.
    pub fn new(clients: Clients, listener: Arc<dyn Listener>) -> Ephemerals {
        Ephemerals { clients, listener, slots: Arc::default(), open: Arc::default() }
    }

    /// The object of an address, opened when it is first asked for.
    ///
    /// # Errors
    /// The provider can't open it. Who asks next tries again.
    pub async fn open(&self, address: &Instance, provider: &ProviderConfig, config: &Value, query: &Value) -> Result<Value, Error> {
        let slot = lock(&self.slots).entry(address.clone()).or_default().clone();
        let began = Moment::now();
        let opened = slot.get_or_try_init(|| self.open_anew(address, provider, config, query)).await;
        if opened.is_err() {
            let operation = EventOperation::Open;
            self.listener.on_event(&Event::StepFailed { address: address.clone(), operation, elapsed: began.elapsed() });
        }
        opened.cloned()
    }

    async fn open_anew(&self, address: &Instance, provider: &ProviderConfig, config: &Value, query: &Value) -> Result<Value, Error> {
        let began = Moment::now();
        self.tell_start(address, EventOperation::Open);
        let type_name = address.resource.type_name.clone();
        let client = self.clients.get(provider, config).await?;
        let opened = client.open(&type_name, query).await?;
        if !opened.value.is_wholly_known() {
            let message = "the provider left parts of the object open, which is a fault of the provider";
            return Err(Error::new(ErrorKind::Internal, message));
        }
        if let Some(lease) = opened.lease {
            let first = lease.renew_after_seconds;
            let lease = Arc::new(Mutex::new(Ok(lease)));
            let renewal = first.map(|seconds| {
                let renewed = renew_on(client.clone(), type_name.clone(), lease.clone(), seconds);
                tokio::spawn(renewed).abort_handle()
            });
            lock(&self.open).push(Open { address: address.clone(), client, lease, renewal });
        }
        self.tell_end(address, EventOperation::Open, began);
        Ok(opened.value)
    }

    /// Closes all, the last opened first. Warns of what could not be renewed or closed: it may stay open.
    pub async fn close(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::none();
        let open = std::mem::take(&mut *lock(&self.open));
        for open in open.into_iter().rev() {
            if let Some(renewal) = &open.renewal {
                renewal.abort();
            }
            let lease = lock(&open.lease).clone();
            let began = Moment::now();
            self.tell_start(&open.address, EventOperation::Close);
            let closed = match lease {
                Ok(lease) => open.client.close(&open.address.resource.type_name, &lease).await,
                Err(error) => Err(error),
            };
            match closed {
                Ok(()) => self.tell_end(&open.address, EventOperation::Close, began),
                Err(error) => {
                    let detail = format!("{}: {error}. It may stay open until the service ends it by itself.", open.address);
                    diagnostics.push(Diagnostic::warning("Ephemeral resource was not closed", detail).about(&open.address));
                }
            }
        }
        lock(&self.slots).clear();
        diagnostics
    }

    fn tell_start(&self, address: &Instance, operation: EventOperation) {
        self.listener.on_event(&Event::StepStarted { address: address.clone(), operation, id: None });
    }

    fn tell_end(&self, address: &Instance, operation: EventOperation, began: Moment) {
        let event = Event::StepFinished { address: address.clone(), operation, id: None, elapsed: began.elapsed() };
        self.listener.on_event(&event);
    }
}

/// What a message says of an object that can't be opened.
pub fn opening_failure(address: &Instance, error: &Error) -> Diagnostic {
    let diagnostic = Diagnostic::error("Ephemeral resource can't be opened", format!("Error: opening {address}: {error}.")).about(address);
    match &error.hint {
        Some(hint) => diagnostic.hint(hint.clone()),
        None => diagnostic,
    }
}

/// Renews a lease each time before it ends, until it fails or nobody needs it.
async fn renew_on(client: Arc<dyn Client>, type_name: Arc<str>, shared: Arc<Mutex<Result<Lease, Error>>>, first: u64) {
    let mut seconds = first;
    loop {
        tokio::time::sleep(Duration::from_secs(seconds.max(1))).await;
        let Ok(lease) = lock(&shared).clone() else { return };
        let renewed = client.renew(&type_name, &lease).await;
        let next = renewed.as_ref().ok().and_then(|lease| lease.renew_after_seconds);
        *lock(&shared) = renewed;
        match next {
            Some(next) => seconds = next,
            None => return,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
