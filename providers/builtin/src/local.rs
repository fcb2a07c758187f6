//! A provider whose objects live in the state alone.

use crate::results::Results;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use windlass_api::schema::default_plan;
use windlass_api::{
    Account, Availability, Client, Environment, Error, ErrorKind, Handle, Identity, Intent, Mode, Opened, Operation, PlanRequest,
    PlanResponse, Polled, Problem, Provider, Recovery, Schema, StartRequest, Started, Value,
};

/// Makes or changes an object: fills in what the plan leaves open.
type Fill = fn(planned: &Value, prior: Option<&Value>) -> Result<Value, Error>;

/// The attributes of the object that an id tells of.
pub(crate) type Import = fn(id: &str) -> Result<Vec<(&'static str, Value)>, Error>;

/// A type of such objects.
pub(crate) struct LocalType {
    pub(crate) name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) validate: fn(&Value) -> Vec<Problem>,
    /// Corrects the plan that follows from the schema.
    pub(crate) plan: fn(&PlanRequest<'_>, PlanResponse) -> PlanResponse,
    pub(crate) fill: Fill,
    /// The object of an id, as attributes beside nulls; only of types whose schema is importable.
    pub(crate) import: Import,
    /// An object of another type, in the state's form, as one of this type.
    pub(crate) convert: fn(from_type: &str, attributes: &Value) -> Option<Value>,
}

impl LocalType {
    /// A type that has nothing to say but its schema and how its objects are made.
    pub(crate) fn new(name: &'static str, schema: Schema, fill: Fill) -> LocalType {
        LocalType {
            name,
            schema,
            validate: |_| Vec::new(),
            plan: |_, response| response,
            fill,
            import: |_| Ok(Vec::new()),
            convert: |_, _| None,
        }
    }
}

impl LocalType {
    /// The same with an import.
    pub(crate) fn importable(mut self, import: Import) -> LocalType {
        self.schema.importable = true;
        self.import = import;
        self
    }
}

/// A type of ephemeral objects: made when they are opened, and forgotten at the end of the run. Nothing is there to close.
pub(crate) struct EphemeralType {
    pub(crate) name: &'static str,
    pub(crate) schema: Arc<Schema>,
    pub(crate) validate: fn(&Value) -> Vec<Problem>,
    /// The object of a configuration.
    pub(crate) open: fn(&Value) -> Result<Value, Error>,
}

/// A data source.
pub(crate) struct DataType {
    pub(crate) name: &'static str,
    pub(crate) schema: Arc<Schema>,
    pub(crate) validate: Validate,
    /// What a configuration, which is wholly known, finds.
    pub(crate) read: Read,
}

/// What is wrong with a configuration, beyond its schema.
pub(crate) type Validate = Box<dyn Fn(&Value) -> Vec<Problem> + Send + Sync>;

/// Reads what the configuration of a data source names; its address comes first.
pub(crate) type Read = Box<dyn Fn(String, Value) -> Reading + Send + Sync>;

/// A data source that is being read.
pub(crate) type Reading = Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

struct Registered {
    schema: Arc<Schema>,
    local: LocalType,
}

/// A provider of local types.
pub(crate) struct LocalProvider {
    name: &'static str,
    source: &'static str,
    version: &'static str,
    configuration: Arc<Schema>,
    types: Arc<BTreeMap<&'static str, Registered>>,
    ephemeral: Arc<BTreeMap<&'static str, EphemeralType>>,
    data: Arc<BTreeMap<&'static str, DataType>>,
}

impl LocalProvider {
    pub(crate) fn new(name: &'static str, source: &'static str, version: &'static str, types: Vec<LocalType>) -> LocalProvider {
        let register = |local: LocalType| (local.name, Registered { schema: Arc::new(local.schema.clone()), local });
        let types = Arc::new(types.into_iter().map(register).collect());
        LocalProvider {
            name,
            source,
            version,
            configuration: Arc::new(Schema::empty()),
            types,
            ephemeral: Arc::default(),
            data: Arc::default(),
        }
    }

    /// The same provider with types of ephemeral objects.
    pub(crate) fn with_ephemeral(self, types: Vec<EphemeralType>) -> LocalProvider {
        LocalProvider { ephemeral: Arc::new(types.into_iter().map(|ephemeral| (ephemeral.name, ephemeral)).collect()), ..self }
    }

    /// The same provider with data sources.
    pub(crate) fn with_data(self, types: Vec<DataType>) -> LocalProvider {
        LocalProvider { data: Arc::new(types.into_iter().map(|data| (data.name, data)).collect()), ..self }
    }

    fn managed(&self, mode: Mode, type_name: &str) -> Option<&Registered> {
        if mode == Mode::Managed { self.types.get(type_name) } else { None }
    }
}

#[async_trait::async_trait]
impl Provider for LocalProvider {
    fn name(&self) -> &str {
        self.name
    }

    fn source(&self) -> &str {
        self.source
    }

    fn version(&self) -> &str {
        self.version
    }

    fn configuration_schema(&self) -> Arc<Schema> {
        self.configuration.clone()
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        match mode {
            Mode::Ephemeral => Some(self.ephemeral.get(type_name)?.schema.clone()),
            Mode::Data => Some(self.data.get(type_name)?.schema.clone()),
            _ => Some(self.managed(mode, type_name)?.schema.clone()),
        }
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        match mode {
            Mode::Managed => self.types.keys().map(|name| Arc::from(*name)).collect(),
            Mode::Data => self.data.keys().map(|name| Arc::from(*name)).collect(),
            Mode::Ephemeral => self.ephemeral.keys().map(|name| Arc::from(*name)).collect(),
        }
    }

    fn is_implemented(&self, mode: Mode, type_name: &str) -> bool {
        match mode {
            Mode::Managed => self.types.contains_key(type_name),
            Mode::Data => self.data.contains_key(type_name),
            Mode::Ephemeral => self.ephemeral.contains_key(type_name),
        }
    }

    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Vec<Problem> {
        match mode {
            Mode::Ephemeral => self.ephemeral.get(type_name).map_or_else(Vec::new, |ephemeral| (ephemeral.validate)(config)),
            Mode::Data => self.data.get(type_name).map_or_else(Vec::new, |data| (data.validate)(config)),
            _ => self.managed(mode, type_name).map_or_else(Vec::new, |registered| (registered.local.validate)(config)),
        }
    }

    fn plan(&self, request: &PlanRequest<'_>) -> PlanResponse {
        match self.types.get(request.type_name) {
            Some(registered) => (registered.local.plan)(request, default_plan(&registered.schema, request)),
            None => PlanResponse { planned: request.proposed.clone(), requires_replace: Vec::new(), problems: Vec::new() },
        }
    }

    fn converted(&self, from_type: &str, to_type: &str, attributes: &Value) -> Option<Value> {
        (self.types.get(to_type)?.local.convert)(from_type, attributes)
    }

    fn typical_seconds(&self, _type_name: &str, _operation: Operation) -> f64 {
        0.0
    }

    async fn configure(&self, _config: &Value, _environment: &Environment) -> Result<Arc<dyn Client>, Error> {
        Ok(Arc::new(LocalClient {
            types: self.types.clone(),
            ephemeral: self.ephemeral.clone(),
            data: self.data.clone(),
            results: Results::default(),
        }))
    }
}

struct LocalClient {
    types: Arc<BTreeMap<&'static str, Registered>>,
    ephemeral: Arc<BTreeMap<&'static str, EphemeralType>>,
    data: Arc<BTreeMap<&'static str, DataType>>,
    results: Results,
}

impl LocalClient {
    fn run(&self, request: &StartRequest) -> Result<Option<Value>, Error> {
        let registered = self
            .types
            .get(request.type_name.as_str())
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("there is no type {}", request.type_name)))?;
        match (request.operation, &request.planned) {
            (Operation::Delete, _) => Ok(None),
            (_, Some(planned)) => (registered.local.fill)(planned, request.prior.as_ref()).map(Some),
            (_, None) => Err(Error::new(ErrorKind::Internal, format!("no planned object of type {}", request.type_name))),
        }
    }

    fn import_one(&self, type_name: &str, id: &str) -> Result<Value, Error> {
        let registered = self.types.get(type_name).filter(|registered| registered.schema.importable);
        let registered =
            registered.ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("resources of type {type_name} can't be imported")))?;
        let nulls = registered.schema.block.attributes.iter().map(|(name, attribute)| (name.clone(), Value::null(attribute.ty.clone())));
        let object = Value::object(nulls.collect());
        Ok((registered.local.import)(id)?.into_iter().fold(object, |object, (name, value)| object.with_field(name, value)))
    }

    fn start_one(&self, request: &StartRequest) -> Started {
        match self.run(request) {
            Ok(result) => {
                // Random results may be secret and there is nothing to find by an identity: the intent's token stands in for it.
                let identity = Identity(request.token.clone());
                Started::Accepted { identity, handle: self.results.keep(result) }
            }
            Err(error) => Started::Failed { error, identity: None, partial: None },
        }
    }
}

#[async_trait::async_trait]
impl Client for LocalClient {
    async fn account(&self) -> Result<Account, Error> {
        Ok(Account { id: "local".to_owned(), region: None })
    }

    async fn read(&self, _type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        objects.iter().map(|object| Ok(Some(object.clone()))).collect()
    }

    async fn import(&self, type_name: &str, ids: &[String]) -> Vec<Result<Option<Value>, Error>> {
        ids.iter().map(|id| self.import_one(type_name, id).map(Some)).collect()
    }

    async fn read_data(&self, type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        self.read_data_of(type_name, &vec![String::new(); configs.len()], configs).await
    }

    async fn read_data_of(&self, type_name: &str, addresses: &[String], configs: &[Value]) -> Vec<Result<Value, Error>> {
        let Some(data) = self.data.get(type_name) else {
            let unsupported = || Err(Error::new(ErrorKind::Unsupported, format!("there is no data source {type_name}")));
            return configs.iter().map(|_| unsupported()).collect();
        };
        let mut answers = Vec::with_capacity(configs.len());
        for (address, config) in addresses.iter().zip(configs) {
            answers.push((data.read)(address.clone(), config.clone()).await);
        }
        answers
    }

    async fn open(&self, type_name: &str, config: &Value) -> Result<Opened, Error> {
        let unsupported = || Error::new(ErrorKind::Unsupported, format!("there is no ephemeral resource {type_name}"));
        let ephemeral = self.ephemeral.get(type_name).ok_or_else(unsupported)?;
        Ok(Opened { value: (ephemeral.open)(config)?, lease: None })
    }

    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        requests.iter().map(|_| Ok(Availability::NotByName)).collect()
    }

    async fn start(&self, requests: &[StartRequest]) -> Vec<Started> {
        requests.iter().map(|request| self.start_one(request)).collect()
    }

    async fn poll(&self, handles: &[Handle]) -> Vec<Polled> {
        self.results.poll(handles, "the operation was begun by another run; nothing of it exists")
    }

    /// Whatever was not recorded never happened: an object to be made is absent, one to be changed or deleted is as it was.
    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery> {
        let settle = |intent: &Intent| match (intent.request.operation, &intent.request.prior) {
            (Operation::Update, Some(prior)) => Recovery::Found(prior.clone()),
            _ => Recovery::Absent,
        };
        intents.iter().map(settle).collect()
    }
}
