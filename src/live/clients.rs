//! Configured clients, made when they are first needed and shared.

use super::logged::Logged;
use crate::address::ProviderConfig;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use windlass_api::value::wire::digest;
use windlass_api::{Client, Environment, Error, ErrorKind, Providers, Value};

/// The time in seconds since 1970. The command line passes in the system's; tests pass their own.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

type Key = (ProviderConfig, [u8; 32]);
type Slot = Arc<OnceCell<Arc<dyn Client>>>;

/// The clients of a run. Cheap to clone; all clones share the clients.
#[derive(Clone)]
pub struct Clients {
    providers: Providers,
    pub(super) environment: Arc<Environment>,
    configured: Arc<Mutex<HashMap<Key, Slot>>>,
}

impl Clients {
    /// No client yet.
    pub fn new(providers: Providers, environment: Environment) -> Clients {
        Clients { providers, environment: Arc::new(environment), configured: Arc::default() }
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
        let Some(found) = self.providers.by_source(&provider.source) else {
            return Err(Error::new(ErrorKind::Unsupported, format!("There is no provider {} in this build.", provider.source)));
        };
        let config = config.unmarked_deep();
        if !config.is_wholly_known() {
            let message = format!("The configuration of {provider} depends on ephemeral values, which are not stored and not known here.");
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        let key = (provider.clone(), digest(&config));
        let slot = self.configured.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        // A failure is not kept: who asks next tries again.
        let configure = async || {
            let client = found.configure(&config, &self.environment).await?;
            let logged: Arc<dyn Client> = Arc::new(Logged { client, provider: provider.to_string() });
            Ok(logged)
        };
        slot.get_or_try_init(configure).await.cloned()
    }
}
