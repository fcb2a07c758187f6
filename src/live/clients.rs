//! Configured clients, made when they are first needed and shared.

use crate::address::ProviderConfig;
use std::sync::Arc;
use windlass_api::{Client, Environment, Error, ErrorKind, Providers, Value};

/// The time in seconds since 1970. The command line passes in the system's; tests pass their own.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The clients of a run. Cheap to clone; all clones share the clients.
#[derive(Clone)]
pub struct Clients {
    providers: Providers,
    environment: Arc<Environment>,
}

impl Clients {
    /// No client yet.
    pub fn new(providers: Providers, environment: Environment) -> Clients {
        Clients { providers, environment: Arc::new(environment) }
    }

    /// The providers.
    pub fn providers(&self) -> &Providers {
        &self.providers
    }

    /// The client of a provider configuration; configured once for each value.
    ///
    /// # Errors
    /// No such provider, or it refuses the configuration.
    pub async fn get(&self, provider: &ProviderConfig, config: &Value) -> Result<Arc<dyn Client>, Error> {
        match self.providers.by_source(&provider.source) {
            Some(found) => found.configure(config, &self.environment).await,
            None => Err(Error::new(ErrorKind::Unsupported, format!("There is no provider {} in this build.", provider.source))),
        }
    }
}
