//! `data "terraform_remote_state"`: the outputs of another configuration, read from the back end that keeps its state.
//!
//! Which back ends there are is not known here: whoever makes the provider brings [`RemoteStates`].

use crate::local::DataType;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{Attribute, Error, ErrorKind, Path, Problem, Schema, Type, Value};

/// The workspace that is read when none is named.
const DEFAULT_WORKSPACE: &str = "default";

/// Reads states that other configurations keep.
#[async_trait::async_trait]
pub trait RemoteStates: Send + Sync {
    /// What is wrong with the name of a back end or its arguments: a sentence each, with the attribute at fault, `backend` or `config`.
    fn check(&self, backend: &str, config: &Value) -> Vec<(&'static str, String)>;

    /// The outputs of a workspace's state by name; `None` when there is no state. `address` is that of the data source.
    ///
    /// # Errors
    /// It can't be read.
    async fn outputs(&self, address: &str, backend: &str, config: &Value, workspace: &str) -> Result<Option<Fields>, Error>;
}

pub(crate) fn data_type(states: Arc<dyn RemoteStates>) -> DataType {
    let schema = Schema::of_attributes([
        ("backend", Attribute::required(Type::String)),
        ("config", Attribute::optional(Type::Dynamic)),
        ("defaults", Attribute::optional(Type::Dynamic)),
        ("outputs", Attribute::computed(Type::Dynamic)),
        ("workspace", Attribute::optional(Type::String)),
    ]);
    let checking = states.clone();
    DataType {
        name: "terraform_remote_state",
        schema: Arc::new(schema),
        validate: Box::new(move |query| validate(query, &*checking)),
        read: Box::new(move |address, query| {
            let states = states.clone();
            Box::pin(async move { read(&address, &query, &*states).await })
        }),
    }
}

fn validate(query: &Value, states: &dyn RemoteStates) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |summary: &str, attribute: &str, detail: String| {
        problems.push(Problem { path: Path::of(attribute), summary: summary.to_owned(), detail, is_warning: false });
    };
    let config = query.get("config").cloned().unwrap_or_else(|| Value::null(Type::Dynamic));
    if let Some(backend) = query.get_str("backend").filter(|_| config.is_wholly_known()) {
        for (attribute, detail) in states.check(backend, &config) {
            problem("Invalid backend configuration", attribute, detail);
        }
    }
    if query.get("defaults").is_some_and(|defaults| defaults.is_known() && !defaults.is_null() && defaults.fields().is_none()) {
        problem("Invalid default values", "defaults", "Defaults must be given in an object value.".to_owned());
    }
    problems
}

async fn read(address: &str, query: &Value, states: &dyn RemoteStates) -> Result<Value, Error> {
    let backend = query.get_str("backend").unwrap_or_default();
    let null = Value::null(Type::Dynamic);
    let config = query.get("config").unwrap_or(&null);
    let workspace = query.get_str("workspace").unwrap_or(DEFAULT_WORKSPACE);
    let Some(found) = states.outputs(address, backend, config, workspace).await? else {
        let message = "Unable to find remote state: no stored state was found for the given workspace in the given backend";
        return Err(Error::new(ErrorKind::NotFound, message));
    };
    let mut outputs = query.get("defaults").and_then(Value::fields).cloned().unwrap_or_default();
    outputs.extend(found);
    Ok(query.with_field("outputs", Value::object(outputs)))
}
