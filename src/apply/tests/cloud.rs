//! A cloud in memory with one type, `test_thing`, whose calls can be made to fail. It outlives simulated crashes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use windlass_api::{
    Account, Attribute, Availability, Client, Environment, Error, ErrorKind, Handle, Identity, Intent, Mode, Operation, PlanRequest,
    PlanResponse, Polled, Problem, Provider, Recovery, Schema, StartRequest, Started, Type, Value,
};

/// What a call that starts an operation on a thing does instead of working.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// It fails and has no effect.
    Fails(ErrorKind),
    /// It works, and the answer is lost.
    AnswerLost,
    /// It fails half-way: the thing exists.
    HalfMade(ErrorKind),
    /// It works all the same.
    Works,
}

#[derive(Default)]
pub struct Content {
    /// Things by id, with the hidden tag.
    pub things: BTreeMap<String, (Value, String)>,
    pub troubles: BTreeMap<String, VecDeque<Trouble>>,
    /// Names in the order in which operations on them started.
    pub calls: Vec<String>,
    pub tokens: Vec<String>,
    pub made: u64,
    /// How many looks at what is under way, and at what it left, fail because the credentials have expired.
    pub expired_looks: u32,
    /// Whether nothing can be found by its tag any more.
    pub is_blind: bool,
    /// How long it takes to start something.
    pub latency: std::time::Duration,
}

#[derive(Clone, Default)]
pub struct Cloud(pub Arc<Mutex<Content>>);

impl Cloud {
    /// Names and sizes of all things, in order.
    pub fn things(&self) -> Vec<(String, i64)> {
        let content = self.0.lock().unwrap();
        let mut all: Vec<_> = content
            .things
            .values()
            .map(|(thing, _)| (thing.get_str("name").unwrap().to_owned(), thing.get("size").unwrap().as_i64().unwrap()))
            .collect();
        all.sort();
        all
    }

    pub fn trouble(&self, name: &str, trouble: Trouble) {
        self.0.lock().unwrap().troubles.entry(name.into()).or_default().push_back(trouble);
    }

    pub fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap().things.contains_key(id)
    }
}

fn expired() -> Error {
    Error::new(ErrorKind::Credentials, "the token has expired")
}

impl Content {
    fn take_expired(&mut self) -> bool {
        let is_expired = self.expired_looks > 0;
        self.expired_looks = self.expired_looks.saturating_sub(1);
        is_expired
    }

    fn effect(&mut self, request: &StartRequest) -> Result<Identity, Error> {
        if request.operation == Operation::Create {
            self.made += 1;
            let planned = request.planned.as_ref().unwrap();
            let id = format!("{}-{}", planned.get_str("name").unwrap(), self.made);
            self.things.insert(id.clone(), (planned.with_field("id", Value::from(id.as_str())), request.tag.clone()));
            return Ok(Identity(id));
        }
        let id = request.prior.as_ref().unwrap().get_str("id").unwrap().to_owned();
        let gone = || Error::new(ErrorKind::NotFound, "no such thing");
        if request.operation == Operation::Delete {
            self.things.remove(&id).ok_or_else(gone)?;
        } else {
            self.things.get_mut(&id).ok_or_else(gone)?.0 = request.planned.clone().unwrap();
        }
        Ok(Identity(id))
    }

    fn start(&mut self, request: &StartRequest) -> Started {
        let name = request.planned.as_ref().or(request.prior.as_ref()).unwrap().get_str("name").unwrap().to_owned();
        self.calls.push(name.clone());
        self.tokens.push(request.token.clone());
        let failed = |error, identity, partial| Started::Failed { error, identity, partial };
        match self.troubles.get_mut(&name).and_then(VecDeque::pop_front) {
            Some(Trouble::Fails(kind)) => failed(Error::new(kind, "scripted"), None, None),
            Some(Trouble::AnswerLost) => {
                drop(self.effect(request));
                failed(Error::new(ErrorKind::Transient, "the answer was lost"), None, None)
            }
            Some(Trouble::HalfMade(kind)) => {
                let identity = self.effect(request).unwrap();
                let partial = self.things[&identity.0].0.clone();
                failed(Error::new(kind, "scripted"), Some(identity), Some(partial))
            }
            Some(Trouble::Works) | None => match self.effect(request) {
                Ok(identity) => Started::Accepted { handle: Handle(identity.0.clone()), identity },
                Err(error) => failed(error, None, None),
            },
        }
    }
}

#[async_trait::async_trait]
impl Client for Cloud {
    async fn account(&self) -> Result<Account, Error> {
        Ok(Account { id: "1".into(), region: None })
    }
    async fn read(&self, _type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        let content = self.0.lock().unwrap();
        objects.iter().map(|object| Ok(content.things.get(object.get_str("id").unwrap()).map(|(thing, _)| thing.clone()))).collect()
    }
    async fn read_data(&self, _type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        configs.iter().cloned().map(Ok).collect()
    }
    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        requests.iter().map(|_| Ok(Availability::NotByName)).collect()
    }
    async fn start(&self, requests: &[StartRequest]) -> Vec<Started> {
        let latency = self.0.lock().unwrap().latency;
        tokio::time::sleep(latency).await;
        let mut content = self.0.lock().unwrap();
        requests.iter().map(|request| content.start(request)).collect()
    }
    async fn poll(&self, handles: &[Handle]) -> Vec<Polled> {
        let mut content = self.0.lock().unwrap();
        if content.take_expired() {
            return handles.iter().map(|_| Polled::Failed { error: expired(), partial: None }).collect();
        }
        handles.iter().map(|handle| Polled::Ready(content.things.get(&handle.0).map(|(thing, _)| thing.clone()))).collect()
    }
    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery> {
        let mut content = self.0.lock().unwrap();
        if content.take_expired() {
            return intents.iter().map(|_| Recovery::Failed(expired())).collect();
        }
        let find = |intent: &Intent| match &intent.request.prior {
            None if content.is_blind => intent.identity.as_ref().and_then(|identity| content.things.get(&identity.0)),
            None => content.things.values().find(|(_, tag)| *tag == intent.request.tag),
            Some(prior) => content.things.get(prior.get_str("id").unwrap()),
        };
        intents.iter().map(|intent| find(intent).map_or(Recovery::Absent, |(thing, _)| Recovery::Found(thing.clone()))).collect()
    }
}

#[async_trait::async_trait]
impl Provider for Cloud {
    fn name(&self) -> &str {
        "test"
    }
    fn source(&self) -> &str {
        "registry.terraform.io/hashicorp/test"
    }
    fn version(&self) -> &str {
        "1.0.0"
    }
    fn configuration_schema(&self) -> Arc<Schema> {
        Arc::default()
    }
    fn schema(&self, _mode: Mode, _type_name: &str) -> Option<Arc<Schema>> {
        let attributes = [("id", Type::String), ("name", Type::String), ("parent", Type::String), ("size", Type::Number)];
        Some(Arc::new(Schema::of_attributes(attributes.map(|(name, ty)| (name, Attribute::optional(ty).or_computed())))))
    }
    fn type_names(&self, _mode: Mode) -> Vec<Arc<str>> {
        vec!["test_thing".into()]
    }
    fn is_implemented(&self, _mode: Mode, _type_name: &str) -> bool {
        true
    }
    fn validate(&self, _mode: Mode, _type_name: &str, _config: &Value) -> Vec<Problem> {
        Vec::new()
    }
    fn plan(&self, request: &PlanRequest<'_>) -> PlanResponse {
        PlanResponse { planned: request.proposed.clone(), requires_replace: Vec::new(), problems: Vec::new() }
    }
    fn typical_seconds(&self, _type_name: &str, _operation: Operation) -> f64 {
        1.0
    }
    async fn configure(&self, _config: &Value, _environment: &Environment) -> Result<Arc<dyn Client>, Error> {
        Ok(Arc::new(self.clone()))
    }
}
