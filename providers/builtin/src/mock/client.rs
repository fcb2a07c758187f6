//! Operations on mock objects.
//!
//! An id that nobody chose follows from the intent's token, so that after a stop the file of a creation is found again.

use super::declared_wire::made_up;
use super::folder::Folder;
use super::object_wire::{object_from_text, object_to_text};
use super::provider::Types;
use super::types::MockType;
use crate::results::Results;
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{
    Account, Availability, Client, Error, ErrorKind, Handle, Identity, Intent, Operation, Polled, Recovery, StartRequest, Started, Value,
};

/// What a `provider` block says.
pub(super) struct Settings {
    pub objects: Folder,
    pub data: Folder,
    pub only_state: bool,
    pub fail_on_create: BTreeSet<String>,
    pub fail_on_read: BTreeSet<String>,
    pub fail_on_update: BTreeSet<String>,
    pub fail_on_delete: BTreeSet<String>,
}

/// Acts on files.
pub(super) struct MockClient {
    types: Arc<Types>,
    settings: Settings,
    results: Results,
}

impl MockClient {
    pub fn new(types: Arc<Types>, settings: Settings) -> MockClient {
        MockClient { types, settings, results: Results::default() }
    }

    fn read_one(&self, type_name: &str, object: &Value) -> Result<Option<Value>, Error> {
        let id = id_of(object)?;
        refuse(&self.settings.fail_on_read, id, "read")?;
        if self.settings.only_state {
            return Ok(Some(object.clone()));
        }
        self.load(&self.settings.objects, type_name, id)
    }

    fn read_data_one(&self, type_name: &str, config: &Value) -> Result<Value, Error> {
        let id = id_of(config)?;
        refuse(&self.settings.fail_on_read, id, "read")?;
        self.load(&self.settings.data, type_name, id)?.ok_or_else(|| {
            let file = self.settings.data.file(id).map(|path| path.display().to_string()).unwrap_or_default();
            Error::new(ErrorKind::NotFound, format!("there is no {type_name} {id:?}: {file} does not exist"))
        })
    }

    fn load(&self, folder: &Folder, type_name: &str, id: &str) -> Result<Option<Value>, Error> {
        let Some(text) = folder.read(id)? else { return Ok(None) };
        // A data source has blocks as attributes, which are the same values.
        let schema = &self.type_named(type_name)?.resource.block;
        let object = object_from_text(&text, schema).map_err(|mistake| {
            let file = folder.file(id).map(|path| path.display().to_string()).unwrap_or_default();
            Error::new(ErrorKind::Invalid, format!("{file}: {mistake}"))
        })?;
        // What names the file counts, whatever stands in it.
        Ok(Some(object.with_field("id", Value::string(id))))
    }

    fn import_one(&self, type_name: &str, id: &str) -> Result<Option<Value>, Error> {
        refuse(&self.settings.fail_on_read, id, "read")?;
        if self.settings.only_state {
            let hint = "Take use_only_state out of the provider block.";
            return Err(Error::new(ErrorKind::Unsupported, "objects that live in the state alone can't be imported").with_hint(hint));
        }
        self.load(&self.settings.objects, type_name, id)
    }

    fn type_named(&self, type_name: &str) -> Result<&MockType, Error> {
        self.types.get(type_name).ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("there is no type {type_name}")))
    }

    fn run(&self, request: &StartRequest) -> Result<(String, Option<Value>), Error> {
        let nothing = || Error::new(ErrorKind::Internal, format!("no object of type {}", request.type_name));
        let settings = &self.settings;
        match request.operation {
            Operation::Create | Operation::Update => {
                let object = self.filled(request, request.planned.as_ref().ok_or_else(nothing)?)?;
                let id = id_of(&object)?.to_owned();
                let is_new = request.operation == Operation::Create;
                match is_new {
                    true => refuse(&settings.fail_on_create, &id, "create")?,
                    false => refuse(&settings.fail_on_update, &id, "update")?,
                }
                self.store(&id, &object, is_new)?;
                Ok((id, Some(object)))
            }
            Operation::Delete => {
                let id = id_of(request.prior.as_ref().ok_or_else(nothing)?)?.to_owned();
                refuse(&settings.fail_on_delete, &id, "delete")?;
                if !settings.only_state {
                    settings.objects.remove(&id)?;
                }
                Ok((id, None))
            }
        }
    }

    fn store(&self, id: &str, object: &Value, is_new: bool) -> Result<(), Error> {
        match self.settings.only_state {
            true => Ok(()),
            false => self.settings.objects.write(id, &object_to_text(object), is_new),
        }
    }

    /// The planned object with what this provider decides.
    fn filled(&self, request: &StartRequest, planned: &Value) -> Result<Value, Error> {
        let found = self.type_named(&request.type_name)?;
        let text = id_from_token(&request.token);
        let Some(fields) = planned.fields() else { return Ok(planned.clone()) };
        let mut filled = Fields::clone(fields);
        for (name, attribute) in &found.resource.block.attributes {
            if let Some(field) = filled.get_mut(name).filter(|field| !field.is_known()) {
                *field = found.decided.get(name).cloned().unwrap_or_else(|| made_up(&attribute.ty, &text));
            }
        }
        Ok(Value::object(filled))
    }

    fn start_one(&self, request: &StartRequest) -> Started {
        match self.run(request) {
            Ok((id, result)) => Started::Accepted { identity: Identity(id), handle: self.results.keep(result) },
            Err(error) => Started::Failed { error, identity: None, partial: None },
        }
    }

    /// The id that a request's object has or gets.
    fn id_for(request: &StartRequest) -> String {
        let object = request.planned.as_ref().or(request.prior.as_ref());
        object.and_then(|object| object.get_str("id")).map_or_else(|| id_from_token(&request.token), str::to_owned)
    }

    fn settle(&self, intent: &Intent) -> Recovery {
        let request = &intent.request;
        let id = MockClient::id_for(request);
        if self.settings.only_state {
            // Whatever was not recorded never happened.
            return match (request.operation, &request.prior) {
                (Operation::Update | Operation::Delete, Some(prior)) => Recovery::Found(prior.clone()),
                _ => Recovery::Absent,
            };
        }
        match self.load(&self.settings.objects, &request.type_name, &id) {
            Err(error) => Recovery::Failed(error),
            Ok(None) => Recovery::Absent,
            Ok(Some(_)) if request.operation == Operation::Create && !intent.name_was_free && has_own_id(request) => {
                let detail = format!("{} {id:?} exists, and it can't be told whether this run made it", request.type_name);
                Recovery::Ambiguous { candidates: vec![id], detail }
            }
            Ok(Some(object)) => Recovery::Found(object),
        }
    }
}

fn has_own_id(request: &StartRequest) -> bool {
    request.planned.as_ref().and_then(|planned| planned.get_str("id")).is_some()
}

fn id_of(object: &Value) -> Result<&str, Error> {
    object.get_str("id").ok_or_else(|| Error::new(ErrorKind::Invalid, "the object has no id"))
}

/// The token in the form of a UUID.
fn id_from_token(token: &str) -> String {
    let part = |from: usize, to: usize| token.get(from..to).unwrap_or("");
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn refuse(failing: &BTreeSet<String>, id: &str, verb: &str) -> Result<(), Error> {
    match failing.contains(id) {
        true => {
            let hint = format!("Take {id:?} out of fail_on_{verb} in the provider block.");
            Err(Error::new(ErrorKind::Invalid, format!("failed to {verb} {id:?} because the provider is told to")).with_hint(hint))
        }
        false => Ok(()),
    }
}

#[async_trait::async_trait]
impl Client for MockClient {
    async fn account(&self) -> Result<Account, Error> {
        Ok(Account { id: "mock".to_owned(), region: None })
    }

    async fn read(&self, type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        objects.iter().map(|object| self.read_one(type_name, object)).collect()
    }

    async fn import(&self, type_name: &str, ids: &[String]) -> Vec<Result<Option<Value>, Error>> {
        ids.iter().map(|id| self.import_one(type_name, id)).collect()
    }

    async fn read_data(&self, type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        configs.iter().map(|config| self.read_data_one(type_name, config)).collect()
    }

    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        let probe = |request: &StartRequest| {
            if self.settings.only_state || !has_own_id(request) {
                return Ok(Availability::NotByName);
            }
            let id = MockClient::id_for(request);
            Ok(match self.settings.objects.read(&id)? {
                Some(_) => Availability::Taken { detail: format!("{} exists", self.settings.objects.file(&id)?.display()) },
                None => Availability::Free,
            })
        };
        requests.iter().map(probe).collect()
    }

    async fn start(&self, requests: &[StartRequest]) -> Vec<Started> {
        requests.iter().map(|request| self.start_one(request)).collect()
    }

    async fn poll(&self, handles: &[Handle]) -> Vec<Polled> {
        self.results.poll(handles, "the operation was begun by another run; settle it by its file")
    }

    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery> {
        intents.iter().map(|intent| self.settle(intent)).collect()
    }
}
