//! The io half: settings and credentials, one set of SDK clients a region, and the operations of all types.

mod configure;
mod credentials;
mod error;
mod imports;
mod log;
mod operations;
mod reads;
mod recovery;
mod region;
mod retry;
pub(crate) mod settings;
mod wire;

pub(crate) use configure::configure;
pub(crate) use error::{described, failure, missing};
pub(crate) use region::Region;

use crate::resource::{ResourceType, Work};
use region::Regions;
use settings::Settings;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use windlass_api::{Account, Availability, Client, Error, ErrorKind, Handle, Intent, Polled, Recovery, StartRequest, Started, Value};

/// How many calls of one batch are under way at once; the API's own request rate limits are far higher.
const CALLS_AT_ONCE: usize = 16;

/// One configured client.
pub(crate) struct Aws {
    pub(crate) settings: Settings,
    pub(crate) regions: Regions,
    /// What operations under way are to achieve, by token. Handles name the token only, so that the journal holds no secret
    /// twice; after a crash `recover` fills it in again.
    works: Mutex<HashMap<String, Arc<Work>>>,
}

impl Aws {
    fn remember(&self, work: Work) -> Arc<Work> {
        let work = Arc::new(work);
        let mut works = self.works.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        works.insert(work.token.clone(), work.clone());
        work
    }

    fn recall(&self, token: &str) -> Option<Arc<Work>> {
        self.works.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(token).cloned()
    }

    fn forget(&self, token: &str) {
        self.works.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(token);
    }

    /// The clients of the region that an object names, or of the provider's own.
    fn region_of(&self, object: &Value) -> Arc<Region> {
        self.regions.get(object.get_str("region"))
    }
}

/// The implemented type of a name.
fn resource(type_name: &str) -> Result<&'static dyn ResourceType, Error> {
    crate::types::resource(type_name)
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("The resource type \"{type_name}\" is not implemented yet.")))
}

#[async_trait::async_trait]
impl Client for Aws {
    async fn account(&self) -> Result<Account, Error> {
        self.identify().await
    }

    async fn read(&self, type_name: &str, objects: &[Value]) -> Vec<Result<Option<Value>, Error>> {
        match resource(type_name) {
            Ok(resource) => self.read_objects(resource, objects).await,
            Err(error) => objects.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn import(&self, type_name: &str, ids: &[String]) -> Vec<Result<Option<Value>, Error>> {
        self.import_objects(type_name, ids).await
    }

    async fn read_data(&self, type_name: &str, configs: &[Value]) -> Vec<Result<Value, Error>> {
        self.read_data_sources(type_name, configs).await
    }

    async fn probe(&self, requests: &[StartRequest]) -> Vec<Result<Availability, Error>> {
        self.probe_all(requests).await
    }

    async fn start(&self, requests: &[StartRequest]) -> Vec<Started> {
        self.start_all(requests).await
    }

    async fn poll(&self, handles: &[Handle]) -> Vec<Polled> {
        self.poll_all(handles).await
    }

    async fn recover(&self, intents: &[Intent]) -> Vec<Recovery> {
        self.recover_all(intents).await
    }
}
