//! A cloud in memory with one type, `test_thing`. Its calls fail at random, take several looks, and lose their answers; it
//! refuses what real clouds refuse: to delete what is in use, to make what refers to nothing. It outlives the runs that die.

use rand::Rng;
use rand::rngs::StdRng;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use windlass_api::schema::default_plan;
use windlass_api::{
    Account, Attribute, Availability, Client, Environment, Error, ErrorKind, Handle, Identity, Intent, Mode, Operation, PlanRequest,
    PlanResponse, Polled, Problem, Provider, Recovery, Schema, StartRequest, Started, Type, Value,
};

struct Thing {
    value: Value,
    /// The hidden tag of the intent that made it.
    tag: String,
    /// How many looks the operation on it still takes.
    looks: u32,
}

struct Content {
    things: BTreeMap<String, Thing>,
    made: u64,
    random: StdRng,
    /// Whether calls fail.
    faulty: bool,
    /// What was refused because the engine did things in a wrong order.
    refused: Vec<String>,
}

#[derive(Clone)]
pub struct Cloud {
    content: Arc<Mutex<Content>>,
    schema: Arc<Schema>,
}

/// What a call does instead of working.
enum Fault {
    /// It has no effect.
    Fails(ErrorKind),
    /// It works; the answer says that it failed for no lasting reason.
    AnswerLost,
    /// It fails half-way: what it made exists.
    HalfMade(ErrorKind),
}

fn fault(random: &mut StdRng) -> Option<Fault> {
    Some(match random.random_range(0..100) {
        0..4 => Fault::Fails(ErrorKind::Throttled),
        4..8 => Fault::Fails(ErrorKind::Transient),
        8..12 => Fault::AnswerLost,
        12..14 => Fault::HalfMade(ErrorKind::Capacity),
        14..15 => Fault::HalfMade(ErrorKind::Internal),
        15..16 => Fault::Fails(ErrorKind::Denied),
        16..17 => Fault::Fails(ErrorKind::Quota),
        17..18 => Fault::Fails(ErrorKind::Capacity),
        _ => return None,
    })
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "the cloud was told to fail")
}

fn id_of(value: &Value) -> &str {
    value.get_str("id").expect("an object has an id")
}

impl Cloud {
    pub fn new(random: StdRng) -> Cloud {
        let optional = Attribute::optional;
        let schema = Schema::of_attributes([
            ("id", optional(Type::String).or_computed()),
            ("name", optional(Type::String).force_new()),
            ("parent", optional(Type::String).force_new()),
            ("size", optional(Type::Number)),
            ("secret", optional(Type::String).sensitive()),
        ]);
        let content = Content { things: BTreeMap::new(), made: 0, random, faulty: false, refused: Vec::new() };
        Cloud { content: Arc::new(Mutex::new(content)), schema: Arc::new(schema) }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("no call panics")
    }

    /// Whether calls fail at random from now on.
    pub fn set_faulty(&self, faulty: bool) {
        self.content().faulty = faulty;
    }

    /// The ids of all things.
    pub fn ids(&self) -> Vec<String> {
        self.content().things.keys().cloned().collect()
    }

    /// What was refused that no right order of things would have asked for, since the last call.
    pub fn take_refused(&self) -> Vec<String> {
        std::mem::take(&mut self.content().refused)
    }

    /// Another hand changes one thing in four, and deletes one in eight.
    pub fn meddle(&self) {
        let mut content = self.content();
        for id in content.things.keys().cloned().collect::<Vec<_>>() {
            match content.random.random_range(0..8) {
                0 => drop(content.things.remove(&id)),
                1 | 2 => {
                    let size = content.random.random_range(1000..2000);
                    let thing = content.things.get_mut(&id).expect("it is there");
                    thing.value = thing.value.with_field("size", Value::int(size));
                }
                _ => {}
            }
        }
    }
}

impl Content {
    fn is_faulty(&mut self, percent: u32) -> bool {
        self.faulty && self.random.random_range(0..100) < percent
    }

    /// Does it. What the cloud refuses is an error and has no effect.
    fn effect(&mut self, request: &StartRequest) -> Result<Identity, Error> {
        let looks = self.random.random_range(0..3);
        if request.operation == Operation::Create {
            let planned = request.planned.as_ref().expect("what is made is planned");
            self.refuse_dangling(planned)?;
            self.made += 1;
            let id = format!("{}-{}", planned.get_str("name").unwrap_or("thing"), self.made);
            let value = planned.with_field("id", Value::from(id.as_str()));
            assert!(value.is_wholly_known(), "{value:?} is made before all of it is known");
            self.things.insert(id.clone(), Thing { value, tag: request.tag.clone(), looks });
            return Ok(Identity(id));
        }
        let id = id_of(request.prior.as_ref().expect("what is changed was there")).to_owned();
        if !self.things.contains_key(&id) {
            return Err(Error::new(ErrorKind::NotFound, "no such thing"));
        }
        match request.operation {
            Operation::Delete => {
                self.refuse_used(&id)?;
                self.things.remove(&id);
            }
            _ => {
                let planned = request.planned.clone().expect("what is changed is planned");
                let thing = self.things.get_mut(&id).expect("it is there");
                (thing.value, thing.looks) = (planned, looks);
            }
        }
        Ok(Identity(id))
    }

    fn refuse_dangling(&mut self, planned: &Value) -> Result<(), Error> {
        let Some(parent) = planned.get_str("parent").filter(|parent| !self.things.contains_key(*parent)) else { return Ok(()) };
        let message = format!("the parent {parent} does not exist");
        self.refused.push(message.clone());
        Err(Error::new(ErrorKind::Invalid, message))
    }

    fn refuse_used(&mut self, id: &str) -> Result<(), Error> {
        let Some(child) = self.things.iter().find(|(_, thing)| thing.value.get_str("parent") == Some(id)) else { return Ok(()) };
        let message = format!("{id} is in use by {}", child.0);
        self.refused.push(message.clone());
        Err(Error::new(ErrorKind::Conflict, message))
    }

    fn start(&mut self, request: &StartRequest) -> Started {
        let failed = |error, identity, partial| Started::Failed { error, identity, partial };
        let fault = if self.faulty { fault(&mut self.random) } else { None };
        if let Some(Fault::Fails(kind)) = fault {
            return failed(error(kind), None, None);
        }
        let identity = match self.effect(request) {
            Ok(identity) => identity,
            Err(error) => return failed(error, None, None),
        };
        match fault {
            Some(Fault::AnswerLost) => failed(error(ErrorKind::Transient), None, None),
            Some(Fault::HalfMade(kind)) if request.operation == Operation::Create => {
                let partial = self.things[&identity.0].value.clone();
                failed(error(kind), Some(identity), Some(partial))
            }
            _ => Started::Accepted { handle: Handle(identity.0.clone()), identity },
        }
    }

    fn poll(&mut self, handle: &Handle) -> Polled {
        let half_way = self.is_faulty(2);
        let Some(thing) = self.things.get_mut(&handle.0) else { return Polled::Ready(None) };
        if half_way {
            return Polled::Failed { error: error(ErrorKind::Internal), partial: Some(thing.value.clone()) };
        }
        match thing.looks {
            0 => Polled::Ready(Some(thing.value.clone())),
            _ => {
                thing.looks -= 1;
                Polled::Pending { status: "pending".to_owned(), handle: handle.clone(), wait_milliseconds: 500 }
            }
        }
    }

    fn recover(&mut self, intent: &Intent) -> Recovery {
        if self.is_faulty(5) {
            return Recovery::Failed(error(ErrorKind::Transient));
        }
        let found = match &intent.request.prior {
            None => self.things.iter().find(|(_, thing)| thing.tag == intent.request.tag),
            Some(prior) => self.things.get_key_value(id_of(prior)),
        };
        match found {
            None => Recovery::Absent,
            Some((id, thing)) if thing.looks > 0 => Recovery::UnderWay(Handle(id.clone())),
            Some((_, thing)) => Recovery::Found(thing.value.clone()),
        }
    }
}

#[async_trait::async_trait]
impl Client for Cloud {
    async fn account(&self) -> Result<Account, Error> {
        Ok(Account { id: "1".into(), region: None })
    }
    async fn read(&self, _type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        let mut content = self.content();
        let read = |object: &Value| match content.is_faulty(1) {
            true => Err(error(ErrorKind::Transient)),
            false => Ok(content.things.get(id_of(object)).map(|thing| thing.value.clone())),
        };
        objects.iter().map(read).collect()
    }
    async fn read_data(&self, _type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        configs.iter().map(|_| Err(Error::new(ErrorKind::Unsupported, "there are no data sources"))).collect()
    }
    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        requests.iter().map(|_| Ok(Availability::NotByName)).collect()
    }
    async fn start(&self, requests: &[StartRequest]) -> Vec<Started> {
        let mut content = self.content();
        requests.iter().map(|request| content.start(request)).collect()
    }
    async fn poll(&self, handles: &[Handle]) -> Vec<Polled> {
        let mut content = self.content();
        handles.iter().map(|handle| content.poll(handle)).collect()
    }
    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery> {
        let mut content = self.content();
        intents.iter().map(|intent| content.recover(intent)).collect()
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
    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        (mode == Mode::Managed && type_name == "test_thing").then(|| self.schema.clone())
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
        default_plan(&self.schema, request)
    }
    fn typical_seconds(&self, _type_name: &str, _operation: Operation) -> f64 {
        1.0
    }
    async fn configure(&self, _config: &Value, _environment: &Environment) -> Result<Arc<dyn Client>, Error> {
        Ok(Arc::new(self.clone()))
    }
}
