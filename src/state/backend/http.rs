//! The back end `http`: one state behind an address.

use super::contract::{Backend, BackendError, DEFAULT_WORKSPACE};
use super::make::Surroundings;
use crate::state::store::{HttpSettings, HttpStore, Store, StoreError};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Identity, Method, Url};
use std::sync::Arc;
use std::time::Duration;
use windlass_api::Value;

/// The folder of the journals of states that are kept elsewhere, in the data folder.
const SPOOLS: &str = "journals";
/// How many redirects are followed.
const REDIRECTS_MAX: usize = 10;
/// As Terraform: how often a request is made again, and the pauses in seconds.
const RETRIES: u32 = 2;
const WAIT_MIN: u64 = 1;
const WAIT_MAX: u64 = 30;

/// One state behind an address.
pub struct HttpBackend {
    client: Client,
    settings: HttpSettings,
    surroundings: Surroundings,
}

impl HttpBackend {
    /// With the arguments of the block and, for what it leaves out, those of the environment.
    ///
    /// # Errors
    /// An argument is missing or can't be used.
    pub fn new(config: &Value, surroundings: &Surroundings) -> Result<HttpBackend, BackendError> {
        let arguments = Arguments { config, surroundings };
        let address = arguments
            .url("address")?
            .ok_or_else(|| BackendError::argument("address", "it must be set, here or by TF_HTTP_ADDRESS or -backend-config."))?;
        let settings = HttpSettings {
            address,
            update_method: arguments.method("update_method", "POST")?,
            lock_address: arguments.url("lock_address")?,
            lock_method: arguments.method("lock_method", "LOCK")?,
            unlock_address: arguments.url("unlock_address")?,
            unlock_method: arguments.method("unlock_method", "UNLOCK")?,
            username: arguments.text("username"),
            password: arguments.text("password"),
            retries_max: arguments.number("retry_max")?.map_or(RETRIES, |number| u32::try_from(number).unwrap_or(u32::MAX)),
            wait_min: Duration::from_secs(arguments.number("retry_wait_min")?.unwrap_or(WAIT_MIN)),
            wait_max: Duration::from_secs(arguments.number("retry_wait_max")?.unwrap_or(WAIT_MAX)),
        };
        Ok(HttpBackend { client: arguments.client()?, settings, surroundings: surroundings.clone() })
    }
}

/// Something that a client is made with.
type Setting = Box<dyn FnOnce(ClientBuilder) -> ClientBuilder>;

struct Arguments<'a> {
    config: &'a Value,
    surroundings: &'a Surroundings,
}

impl Arguments<'_> {
    fn text(&self, name: &str) -> Option<String> {
        let given = self.config.get_str(name).map(str::to_owned);
        let variable = || self.surroundings.variables.get(&format!("TF_HTTP_{}", name.to_ascii_uppercase())).cloned();
        given.or_else(variable).filter(|text| !text.is_empty())
    }

    fn url(&self, name: &'static str) -> Result<Option<Url>, BackendError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        // The text may hold a password, so it is not shown.
        let url = Url::parse(&text).map_err(|error| BackendError::argument(name, format!("it is no address: {error}.")))?;
        match url.scheme() {
            "http" | "https" => Ok(Some(url)),
            other => Err(BackendError::argument(name, format!("it must begin with http or https, not {other:?}."))),
        }
    }

    fn method(&self, name: &'static str, default: &str) -> Result<Method, BackendError> {
        let text = self.text(name).unwrap_or_else(|| default.to_owned());
        Method::from_bytes(text.as_bytes()).map_err(|_| BackendError::argument(name, format!("{text:?} is no method of HTTP.")))
    }

    fn number(&self, name: &'static str) -> Result<Option<u64>, BackendError> {
        let wrong = |text: &str| BackendError::argument(name, format!("{text} is not a whole number from 0."));
        if let Some(number) = self.config.get(name).filter(|value| !value.is_null()) {
            let whole = number.as_i64().and_then(|number| u64::try_from(number).ok());
            return whole.map(Some).ok_or_else(|| wrong("what is given"));
        }
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| wrong(&text))
    }

    fn client(&self) -> Result<Client, BackendError> {
        let mut settings: Vec<Setting> = vec![Box::new(|builder| builder.redirect(Policy::limited(REDIRECTS_MAX)))];
        if self.config.get("skip_cert_verification").and_then(Value::as_bool) == Some(true) {
            settings.push(Box::new(|builder| builder.tls_danger_accept_invalid_certs(true)));
        }
        const AUTHORITY: &str = "client_ca_certificate_pem";
        if let Some(pem) = self.text(AUTHORITY) {
            let certificates = Certificate::from_pem_bundle(pem.as_bytes())
                .ok()
                .filter(|certificates| !certificates.is_empty())
                .ok_or_else(|| BackendError::argument(AUTHORITY, "it holds no certificate in PEM form."))?;
            settings.push(Box::new(|builder| builder.tls_certs_only(certificates)));
        }
        const CERTIFICATE: &str = "client_certificate_pem";
        const KEY: &str = "client_private_key_pem";
        match (self.text(CERTIFICATE), self.text(KEY)) {
            (None, None) => {}
            (Some(certificate), Some(key)) => {
                let identity = Identity::from_pem(format!("{certificate}\n{key}").as_bytes());
                let wrong = |_| BackendError::argument(CERTIFICATE, format!("it or {KEY:?} is not in PEM form."));
                let identity = identity.map_err(wrong)?;
                settings.push(Box::new(|builder| builder.identity(identity)));
            }
            (None, Some(_)) => {
                return Err(BackendError::argument(CERTIFICATE, format!("it must be set, because {KEY:?} is.")));
            }
            (Some(_), None) => {
                return Err(BackendError::argument(KEY, format!("it must be set, because {CERTIFICATE:?} is.")));
            }
        }
        let all = |builder| settings.into_iter().fold(builder, |builder, change| change(builder));
        crate::web::client_with(&self.surroundings.variables, all).map_err(|reason| BackendError::other(format!("{reason}.")))
    }
}

#[async_trait::async_trait]
impl Backend for HttpBackend {
    fn kind(&self) -> &'static str {
        "http"
    }

    fn has_workspaces(&self) -> bool {
        false
    }

    async fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        Ok(vec![DEFAULT_WORKSPACE.to_owned()])
    }

    fn store(&self, _workspace: &str) -> Arc<dyn Store> {
        let spools = self.surroundings.data_folder.join(SPOOLS);
        Arc::new(HttpStore::new(self.client.clone(), self.settings.clone(), &spools, self.surroundings.effects.clone()))
    }

    async fn delete(&self, _workspace: &str) -> Result<(), StoreError> {
        Err(StoreError::Io { action: "deleting", place: "the workspace".into(), message: "this back end has no workspaces".into() })
    }
}
