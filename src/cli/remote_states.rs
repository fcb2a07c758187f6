//! `data "terraform_remote_state"`: what the provider `terraform` needs of the engine.

use crate::encryption::{self, Target};
use crate::state::Session;
use crate::state::backend::{Surroundings, arguments, make};
use crate::state::store::{SealedStore, Store};
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{Error, ErrorKind, Value};
use windlass_builtin::RemoteStates;

/// Reads the states of other configurations.
pub struct RemoteReader {
    /// What back ends may use.
    pub surroundings: Surroundings,
    /// How states are encrypted, once the configuration has been read.
    pub encryption: encryption::Shared,
    /// Under the sandbox nothing real is asked, and no credentials are read.
    pub is_sandbox: bool,
}

#[async_trait::async_trait]
impl RemoteStates for RemoteReader {
    fn check(&self, backend: &str, config: &Value) -> Vec<(&'static str, String)> {
        arguments(backend, config).err().into_iter().collect()
    }

    async fn outputs(&self, address: &str, backend: &str, config: &Value, workspace: &str) -> Result<Option<Fields>, Error> {
        let invalid = |message: String| Error::new(ErrorKind::Invalid, message);
        if self.is_sandbox && backend != "local" {
            return Err(invalid(format!("under -sandbox only states of the back end \"local\" are read, not of {backend:?}")));
        }
        let config = arguments(backend, config).map_err(|(_, message)| invalid(message))?;
        let home = make(backend, &config, &self.surroundings).map_err(|error| invalid(error.diagnostic(backend).detail))?;
        if !home.has_workspaces() && workspace != crate::state::backend::DEFAULT_WORKSPACE {
            return Err(invalid("workspaces not supported".to_owned()));
        }
        let target = self.encryption.get().map_or_else(Target::none, |encryption| encryption.remote(address));
        let store: Arc<dyn Store> = Arc::new(SealedStore::new(home.store(workspace), target));
        let opened = Session::open(store, None).await.map_err(|problems| {
            let details: Vec<String> = problems.0.iter().map(|one| one.detail.clone()).collect();
            Error::new(ErrorKind::Transient, details.join(" "))
        })?;
        let state = opened.state;
        if state == crate::state::State::empty() {
            return Ok(None);
        }
        Ok(Some(state.outputs.iter().map(|(name, output)| (name.clone(), output.value.unmarked_deep())).collect()))
    }
}
