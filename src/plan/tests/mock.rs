//! A provider whose objects live in a map, and a way from texts to a rendered plan.

use crate::address::{Instance, ProviderConfig, parse_instance, parse_resource};
use crate::config::Config;
use crate::diagnostic::Diagnostics;
use crate::plan::{Answer, Ask, Facts, Plan, PlanOptions, Round, StepOperation, make};
use crate::state::{InstanceState, ObjectPrivate, ObjectState, ObjectStatus, State};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{
    Attribute, Client, Environment, Error, ErrorKind, Mode, Operation, PlanRequest, PlanResponse, Problem, Provider, Providers, Schema,
    Type, Value,
};

struct Mock {
    schema: Arc<Schema>,
    nothing: Arc<Schema>,
}

/// `mock_thing` and the data source `mock_thing`: `id` computed, `name` forces a replacement, `size` and `tags` change in place.
pub fn providers() -> Providers {
    let optional = Attribute::optional;
    let schema = Schema::of_attributes([
        ("id", optional(Type::String).or_computed()),
        ("name", optional(Type::String).force_new()),
        ("size", optional(Type::String)),
        ("tags", optional(Type::map(Type::String))),
        ("secret", optional(Type::String).sensitive()),
    ]);
    let schema = Arc::new(Schema { importable: true, ..schema });
    Providers::new(vec![Arc::new(Mock { schema, nothing: Arc::default() })])
}

#[async_trait::async_trait]
impl Provider for Mock {
    fn name(&self) -> &str {
        "mock"
    }
    fn source(&self) -> &str {
        "registry.terraform.io/hashicorp/mock"
    }
    fn version(&self) -> &str {
        "1.2.3"
    }
    fn configuration_schema(&self) -> Arc<Schema> {
        self.nothing.clone()
    }
    fn schema(&self, _mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        ["mock_thing", "mock_later"].contains(&type_name).then(|| self.schema.clone())
    }
    fn type_names(&self, _mode: Mode) -> Vec<Arc<str>> {
        vec!["mock_later".into(), "mock_thing".into()]
    }
    fn is_implemented(&self, _mode: Mode, type_name: &str) -> bool {
        type_name != "mock_later"
    }
    fn validate(&self, _mode: Mode, _type_name: &str, _config: &Value) -> Vec<Problem> {
        Vec::new()
    }
    fn plan(&self, request: &PlanRequest<'_>) -> PlanResponse {
        windlass_api::schema::default_plan(&self.schema, request)
    }
    fn typical_seconds(&self, _type_name: &str, _operation: Operation) -> f64 {
        1.0
    }
    async fn configure(&self, _config: &Value, _environment: &Environment) -> Result<Arc<dyn Client>, Error> {
        Err(Error::new(ErrorKind::Unsupported, "no client"))
    }
}

/// A test's world: configuration, state, and objects that differ from the state.
#[derive(Default)]
pub struct World {
    pub text: String,
    /// Texts of called modules by folder.
    pub modules: BTreeMap<String, String>,
    pub state: State,
    /// Live objects that another hand changed; `None` for those that are gone.
    pub live: BTreeMap<Instance, Option<Value>>,
    pub options: PlanOptions,
    /// Whose cloud it is.
    pub account: Option<windlass_api::Account>,
    /// What is done to the configuration after it is read: what only synthetic modules have.
    pub edit: Option<fn(&mut Config)>,
}

pub fn object(id: &str, fields: &[(&str, &str)]) -> Value {
    let text = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| Value::string(value));
    let null = || Value::null(Type::String);
    Value::object_of([
        ("id", Value::string(id)),
        ("name", text("name").unwrap_or_else(null)),
        ("size", text("size").unwrap_or_else(null)),
        ("secret", text("secret").unwrap_or_else(null)),
        ("tags", Value::null(Type::map(Type::String))),
    ])
}

impl World {
    pub fn new(text: &str) -> World {
        World { text: text.to_owned(), ..World::default() }
    }

    /// Adds an object to the state.
    pub fn with(mut self, address: &str, fields: &[(&str, &str)], dependencies: &[&str]) -> World {
        let address = parse_instance(address).unwrap();
        let current = ObjectState {
            schema_version: 0,
            attributes: object(&format!("id-{}", address.resource.name), fields),
            sensitive: Vec::new(),
            status: ObjectStatus::Ready,
            dependencies: dependencies.iter().map(|text| parse_resource(text).unwrap()).collect(),
            create_before_destroy: false,
            private: ObjectPrivate::default(),
        };
        let provider = ProviderConfig { source: "registry.terraform.io/hashicorp/mock".into(), alias: None, key: None };
        let instance = InstanceState { provider, current: Some(current), deposed: BTreeMap::new() };
        self.state.instances.insert(address, Arc::new(instance));
        self
    }

    /// Changes an instance of the state.
    pub fn alter(mut self, address: &str, change: fn(&mut InstanceState)) -> World {
        let instance = self.state.instances.get_mut(&parse_instance(address).unwrap()).unwrap();
        change(Arc::make_mut(instance));
        self
    }

    /// Adds a called module's text.
    pub fn with_module(mut self, folder: &str, text: &str) -> World {
        self.modules.insert(folder.to_owned(), text.to_owned());
        self
    }

    pub fn config(&self) -> Result<Config, Diagnostics> {
        let files = |folder: &str| self.modules.get(folder).map(|text| vec![("main.tf".to_owned(), text.clone())]);
        let (mut config, diagnostics) = crate::config::load(".", vec![("main.tf".to_owned(), self.text.clone())], &files);
        if let Some(edit) = self.edit {
            edit(&mut config);
        }
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(config) }
    }

    pub fn plan(&self) -> Result<Plan, Diagnostics> {
        let config = self.config()?;
        let mut facts = Facts {
            answers: BTreeMap::new(),
            variables: BTreeMap::new(),
            state: Arc::new(self.state.clone()),
            workspace: "default".into(),
            working_folder: "/w".into(),
            timestamp: "2026-01-01T00:00:00Z".into(),
            sandbox: false,
        };
        for _ in 0..10 {
            match make(&config, &facts, &providers(), &self.options) {
                Round::Done(plan, _) => return Ok(*plan),
                Round::Failed(diagnostics, _) => return Err(diagnostics),
                Round::Needs(asks) => {
                    for ask in asks {
                        facts.answers.insert(ask.key(), self.answer(&ask));
                    }
                }
            }
        }
        panic!("planning goes on for ever")
    }

    fn answer(&self, ask: &Ask) -> Answer {
        match ask {
            Ask::Account { .. } => match &self.account {
                Some(account) => Answer::Account(account.clone()),
                None => Answer::Failed(Error::new(ErrorKind::Unsupported, "no accounts")),
            },
            Ask::Object { address, prior, .. } => Answer::Object(self.live.get(address).cloned().unwrap_or_else(|| Some(prior.clone()))),
            Ask::Import { id, .. } if &**id == "gone" => Answer::Object(None),
            Ask::Import { id, .. } => Answer::Object(Some(object(id, &[("size", "1")]))),
            Ask::Data { query, .. } => Answer::Data(query.with_field("id", Value::string("read"))),
            Ask::Ephemeral { query, .. } => Answer::Opened(query.with_field("id", Value::string("opened"))),
            Ask::File(_) => Answer::Failed(Error::new(ErrorKind::NotFound, "no files")),
        }
    }
}

/// Changes, one a line: what, where, why.
pub fn render(plan: &Plan) -> String {
    let line = |change: &crate::plan::Change| format!("{:?} {} {:?}\n", change.action, change.address, change.reason);
    plan.changes.iter().map(line).collect()
}

/// Steps, one a line: number, what, where, what they wait for.
pub fn steps(plan: &Plan) -> String {
    let line = |(number, step): (usize, &crate::plan::Step)| {
        let what = match step.operation {
            StepOperation::Provider(operation) => format!("{operation:?}"),
            other => format!("{other:?}"),
        };
        format!("{number} {what} {} {:?}\n", plan.changes[step.change].address, step.waits_for)
    };
    plan.steps.iter().enumerate().map(line).collect()
}

/// Summaries and details of messages.
pub fn messages(diagnostics: &Diagnostics) -> String {
    diagnostics.0.iter().map(|diagnostic| format!("{}: {}\n", diagnostic.summary, diagnostic.detail)).collect()
}
