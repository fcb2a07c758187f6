//! What is asked of a client, told to the log: types, numbers, identities, times, errors with the cloud's id of the request. Never
//! the values of objects.

use std::sync::Arc;
use std::time::Instant;
use tracing::debug;
use windlass_api::{Account, Availability, Client, Error, Handle, Intent, Lease, Opened, Polled, Recovery, StartRequest, Started, Value};

/// A client that tells what it is asked.
pub(super) struct Logged {
    pub(super) client: Arc<dyn Client>,
    /// The provider configuration, for the log.
    pub(super) provider: String,
}

impl Logged {
    /// Tells of a batch of questions that was answered.
    fn told<T>(&self, what: &str, type_name: &str, begun: Instant, answers: &[Result<T, Error>]) {
        let milliseconds = begun.elapsed().as_millis() as u64;
        let failed = answers.iter().filter(|answer| answer.is_err()).count();
        debug!(provider = self.provider, type_name, objects = answers.len(), failed, milliseconds, "{what}");
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            self.failed(what, type_name, error);
        }
    }

    fn failed(&self, what: &str, type_name: &str, error: &Error) {
        debug!(provider = self.provider, type_name, kind = ?error.kind, %error, "{what} failed");
    }
}

#[async_trait::async_trait]
impl Client for Logged {
    async fn account(&self) -> Result<Account, Error> {
        let account = self.client.account().await;
        match &account {
            Ok(account) => debug!(provider = self.provider, account = account.id, region = account.region.as_deref(), "account"),
            Err(error) => self.failed("account", "", error),
        }
        account
    }

    async fn read(&self, type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        let begun = Instant::now();
        let answers = self.client.read(type_name, objects).await;
        self.told("read", type_name, begun, &answers);
        answers
    }

    async fn import(&self, type_name: &str, ids: &[String]) -> Vec<Result<Option<Value>, Error>> {
        let begun = Instant::now();
        let answers = self.client.import(type_name, ids).await;
        self.told("import", type_name, begun, &answers);
        answers
    }

    async fn read_data(&self, type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        let begun = Instant::now();
        let answers = self.client.read_data(type_name, configs).await;
        self.told("read data", type_name, begun, &answers);
        answers
    }

    async fn read_data_of(&self, type_name: &str, addresses: &[String], configs: &[Value]) -> Vec<Result<Value, Error>> {
        let begun = Instant::now();
        let answers = self.client.read_data_of(type_name, addresses, configs).await;
        self.told("read data", type_name, begun, &answers);
        answers
    }

    async fn open(&self, type_name: &str, config: &Value) -> Result<Opened, Error> {
        let begun = Instant::now();
        let answer = self.client.open(type_name, config).await;
        self.told("open", type_name, begun, std::slice::from_ref(&answer.as_ref().map(drop).map_err(Clone::clone)));
        answer
    }

    async fn renew(&self, type_name: &str, lease: &Lease) -> Result<Lease, Error> {
        let begun = Instant::now();
        let answer = self.client.renew(type_name, lease).await;
        self.told("renew", type_name, begun, std::slice::from_ref(&answer));
        answer
    }

    async fn close(&self, type_name: &str, lease: &Lease) -> Result<(), Error> {
        let begun = Instant::now();
        let answer = self.client.close(type_name, lease).await;
        self.told("close", type_name, begun, std::slice::from_ref(&answer));
        answer
    }

    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        let begun = Instant::now();
        let answers = self.client.probe(requests).await;
        let type_name = requests.first().map_or("", |request| request.type_name.as_str());
        self.told("probe", type_name, begun, &answers);
        answers
    }

    async fn start(&self, requests: &[StartRequest]) -> Vec<Started> {
        let begun = Instant::now();
        let answers = self.client.start(requests).await;
        let milliseconds = begun.elapsed().as_millis() as u64;
        for (request, answer) in requests.iter().zip(&answers) {
            let (provider, type_name, operation) = (&self.provider, &request.type_name, request.operation);
            match answer {
                Started::Accepted { identity, .. } => {
                    debug!(provider, type_name, ?operation, token = request.token, identity = identity.0, milliseconds, "start");
                }
                Started::Failed { error, .. } => self.failed(&format!("start {operation:?}"), type_name, error),
            }
        }
        answers
    }

    async fn poll(&self, handles: &[Handle]) -> Vec<Polled> {
        let answers = self.client.poll(handles).await;
        for answer in &answers {
            match answer {
                Polled::Ready(_) => debug!(provider = self.provider, "poll: ready"),
                Polled::Pending { status, wait_milliseconds, .. } => {
                    debug!(provider = self.provider, status, wait_milliseconds, "poll: pending");
                }
                Polled::Failed { error, .. } => self.failed("poll", "", error),
            }
        }
        answers
    }

    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery> {
        let answers = self.client.recover(intents).await;
        for (intent, answer) in intents.iter().zip(&answers) {
            let found = match answer {
                Recovery::Found(_) => "found",
                Recovery::UnderWay(_) => "under way",
                Recovery::Absent => "absent",
                Recovery::Ambiguous { .. } => "ambiguous",
                Recovery::Failed(error) => {
                    self.failed("recover", &intent.request.type_name, error);
                    continue;
                }
            };
            let operation = intent.request.operation;
            debug!(provider = self.provider, type_name = intent.request.type_name, ?operation, found, "recover");
        }
        answers
    }
}
