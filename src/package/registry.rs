//! The module registry protocol: what a host offers, which versions a module has, where a version's package is.

use super::web::{Answer, Extras, Web};
use super::{Hosts, PackageError, Settings, Token, http, wire};
use crate::address::module_source::{PackageSource, RegistrySource};
use reqwest::Url;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};

/// The service that hosts of modules have.
const SERVICE: &str = "modules.v1";
/// How long a registry may take to answer, unless `TF_REGISTRY_CLIENT_TIMEOUT` says otherwise.
const TIMEOUT_SECONDS: u64 = 10;

/// Why a registry does not help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// It can't be used.
    Unusable(PackageError),
    /// It has no such module.
    NotFound,
}

/// Asks registries; each host is asked once what it offers.
pub(super) struct Registries {
    hosts: Hosts,
    timeout: Duration,
    known: Mutex<BTreeMap<String, Known>>,
}

/// What came of asking a host; whoever comes while it is being asked waits.
type Known = Arc<OnceCell<Result<Service, PackageError>>>;

/// Where the service of a host is, and by what right it is asked.
#[derive(Clone)]
struct Service {
    base: Url,
    token: Option<Token>,
}

impl From<PackageError> for RegistryError {
    fn from(error: PackageError) -> RegistryError {
        RegistryError::Unusable(error)
    }
}

impl Registries {
    pub(super) fn new(settings: &Settings) -> Registries {
        let seconds = settings.number("TF_REGISTRY_CLIENT_TIMEOUT").filter(|seconds| *seconds > 0).unwrap_or(TIMEOUT_SECONDS);
        Registries { hosts: settings.hosts.clone(), timeout: Duration::from_secs(seconds), known: Mutex::default() }
    }

    /// The versions of a module, as the registry lists them.
    pub(super) async fn versions(&self, web: &Web, module: &RegistrySource) -> Result<Vec<String>, RegistryError> {
        let service = self.service(web, &module.host).await?;
        let url = join(&service.base, &format!("{}/versions", names(module)))?;
        let answer = self.ask(web, url, &service).await?;
        if answer.status.as_u16() == 404 {
            return Err(RegistryError::NotFound);
        }
        let answer = good(answer, &module.host)?;
        let bytes = answer.bytes().await?;
        wire::read_versions(&bytes).map_err(|error| PackageError::new(format!("invalid response from registry: {error}")).into())
    }

    /// Where the package of a version is.
    pub(super) async fn location(&self, web: &Web, module: &RegistrySource, version: &str) -> Result<PackageSource, RegistryError> {
        let service = self.service(web, &module.host).await?;
        let url = join(&service.base, &format!("{}/{version}/download", names(module)))?;
        let answer = self.ask(web, url, &service).await?;
        if answer.status.as_u16() == 404 {
            return Err(RegistryError::NotFound);
        }
        let answer = good(answer, &module.host)?;
        let base = answer.url.clone();
        let location = match answer.header(http::LOCATION).map(str::to_owned) {
            Some(location) => Some(location),
            None => wire::read_location(&answer.bytes().await?),
        };
        let location =
            location.ok_or_else(|| PackageError::new(format!("failed to get download URL for {module}: the answer names none")))?;
        Ok(http::elsewhere(&location, &base)?)
    }

    async fn ask(&self, web: &Web, url: Url, service: &Service) -> Result<Answer, PackageError> {
        web.get(url, self.extras(service.token.as_ref())).await
    }

    fn extras<'t>(&self, token: Option<&'t Token>) -> Extras<'t> {
        Extras { token, headers: &[("Accept", "application/json")], timeout: Some(self.timeout) }
    }

    async fn service(&self, web: &Web, host: &str) -> Result<Service, PackageError> {
        let cell = self.known.lock().await.entry(host.to_owned()).or_default().clone();
        cell.get_or_init(|| self.discover(web, host)).await.clone()
    }

    /// Asks a host what it offers, unless the user's settings say so.
    async fn discover(&self, web: &Web, host: &str) -> Result<Service, PackageError> {
        let token = self.token(host).await?;
        let document = format!("https://{host}/.well-known/terraform.json");
        let mut base = Url::parse(&document).map_err(|error| PackageError::new(format!("invalid hostname {host:?}: {error}")))?;
        let service = match self.hosts.services.get(host) {
            Some(services) => services.get(SERVICE).cloned(),
            None => {
                let answer = web.get(base, self.extras(token.as_ref())).await;
                let answer = answer.map_err(|error| PackageError::new(format!("failed to request discovery document: {error}")))?;
                let status = answer.status;
                base = answer.url.clone();
                match status.as_u16() {
                    404 => None,
                    200 if !answer.is_of_type("application/json") => {
                        return Err(PackageError::new("discovery URL returned an unsupported Content-Type; it must be application/json"));
                    }
                    200 => wire::read_service(&answer.bytes().await?, SERVICE)
                        .map_err(|error| PackageError::new(format!("failed to decode discovery document as a JSON object: {error}")))?,
                    _ => return Err(PackageError::new(format!("failed to request discovery document: {status}"))),
                }
            }
        };
        let Some(service) = service else {
            return Err(PackageError::new(format!("host {host} does not provide a modules service")));
        };
        let mut base =
            base.join(&service).map_err(|error| PackageError::new(format!("{host} has an invalid {SERVICE} URL {service:?}: {error}")))?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Service { base, token })
    }

    async fn token(&self, host: &str) -> Result<Option<Token>, PackageError> {
        if let Some(token) = self.hosts.tokens.get(host) {
            return Ok(Some(token.clone()));
        }
        let Some([program, arguments @ ..]) = self.hosts.credentials_program.as_deref() else { return Ok(None) };
        let fail = |reason: String| PackageError::new(format!("the credentials helper {program} has no answer for {host}: {reason}"));
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).args(["get", host]).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await.map_err(|error| fail(error.to_string()))?;
        if !output.status.success() {
            return Err(fail(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        wire::read_token(&output.stdout).map_err(|error| fail(error.to_string()))
    }
}

fn names(module: &RegistrySource) -> String {
    format!("{}/{}/{}", module.namespace, module.name, module.system)
}

fn join(base: &Url, path: &str) -> Result<Url, PackageError> {
    base.join(path).map_err(|error| PackageError::new(format!("{base}{path} is no address: {error}")))
}

fn good(answer: Answer, host: &str) -> Result<Answer, PackageError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let hint = match answer.status.as_u16() {
        401 | 403 => format!(
            ". A token for the host can be given by the variable TF_TOKEN_{} or by a credentials block of ~/.terraformrc",
            host.replace('-', "__").replace('.', "_")
        ),
        429 | 500.. => ", please try again later".to_owned(),
        _ => String::new(),
    };
    Err(PackageError::new(format!("{} returned from {}{hint}", answer.status, answer.url)))
}
