//! A state behind an address, by Terraform's protocol: GET, POST, and LOCK and UNLOCK with who holds the lock.
//!
//! The protocol knows one document only. So the journal of a run lies in a spool on this machine, under the data folder, in segments
//! as beside a local state: each change costs one small local append, and what is recorded survives the process. The snapshot goes to
//! the server at the end of a run, and a run that was stopped is settled by the next one in the same folder. A spool whose snapshot
//! has been replaced meanwhile, from another machine, only adds what the state does not know.

use super::wire::{lock_info_from_json, lock_info_to_json};
use super::{LocalStore, LockInfo, Store, StoreError, Version, Versioned};
use crate::state::{Effects, Medium};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, Response, StatusCode, Url};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a request may answer at most.
const DOCUMENT_BYTES_MAX: u64 = 2 << 30;
const CONTENT_MD5: &str = "Content-MD5";

/// How a server is spoken to.
#[derive(Clone)]
pub struct HttpSettings {
    /// Where the state is.
    pub address: Url,
    /// How it is written.
    pub update_method: Method,
    /// Where the lock is; without it there is none.
    pub lock_address: Option<Url>,
    /// How it is taken.
    pub lock_method: Method,
    /// Where it is given back.
    pub unlock_address: Option<Url>,
    /// How.
    pub unlock_method: Method,
    /// The name to log in with.
    pub username: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// How often a request that failed is made again.
    pub retries_max: u32,
    /// The pause before the first time; it doubles.
    pub wait_min: Duration,
    /// The longest pause.
    pub wait_max: Duration,
}

/// A state behind an address.
pub struct HttpStore {
    client: Client,
    settings: HttpSettings,
    spool: LocalStore,
    effects: Arc<Effects>,
    held: Mutex<Option<LockInfo>>,
}

impl HttpStore {
    /// The state at an address. `spools` is the folder of the spools of all addresses.
    pub fn new(client: Client, settings: HttpSettings, spools: &Path, effects: Arc<Effects>) -> HttpStore {
        let mut name = format!("{:x}", Sha256::digest(settings.address.as_str()));
        name.truncate(16);
        let spool = LocalStore::new(spools.join(name).join("state"), effects.clone());
        HttpStore { client, settings, spool, effects, held: Mutex::default() }
    }

    fn held(&self) -> Option<LockInfo> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_held(&self, held: Option<LockInfo>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// Makes a request, again where it may go better the next time. What it says when it fails holds no secret.
    async fn request(&self, action: &'static str, method: &Method, url: &Url, body: Option<&[u8]>) -> Result<Response, StoreError> {
        let mut wait = self.settings.wait_min;
        let mut tries = 0;
        loop {
            let result = self.send(method, url, body).await;
            tries += 1;
            let again = match &result {
                Ok(response) => response.status() == StatusCode::TOO_MANY_REQUESTS || is_server_fault(response.status()),
                Err(error) => error.is_connect() || error.is_timeout() || error.is_request(),
            };
            if !again || tries > self.settings.retries_max {
                return result.map_err(|error| {
                    let message = format!("{} after {tries} {}", reason(&error), if tries == 1 { "try" } else { "tries" });
                    match again {
                        true => StoreError::Outage { action, place: shown(url), message },
                        false => StoreError::Io { action, place: shown(url), message },
                    }
                });
            }
            tokio::time::sleep(wait.min(self.settings.wait_max)).await;
            wait *= 2;
        }
    }

    async fn send(&self, method: &Method, url: &Url, body: Option<&[u8]>) -> reqwest::Result<Response> {
        let mut request = self.client.request(method.clone(), url.clone());
        if let Some(username) = &self.settings.username {
            request = request.basic_auth(username, self.settings.password.as_ref());
        }
        if let Some(body) = body {
            let digest = HeaderValue::from_str(&STANDARD.encode(Md5::digest(body))).expect("base64 is a header");
            request = request.header(CONTENT_TYPE, "application/json").header(CONTENT_MD5, digest).body(body.to_vec());
        }
        crate::web::send(request).await
    }

    fn refused(&self, action: &'static str, url: &Url, status: StatusCode) -> StoreError {
        let message = match status {
            StatusCode::UNAUTHORIZED => "HTTP remote state endpoint requires auth".to_owned(),
            StatusCode::FORBIDDEN => "HTTP remote state endpoint invalid auth".to_owned(),
            StatusCode::INTERNAL_SERVER_ERROR => "HTTP remote state internal server error".to_owned(),
            other => format!("Unexpected HTTP response code {}", other.as_u16()),
        };
        match status == StatusCode::TOO_MANY_REQUESTS || is_server_fault(status) {
            true => StoreError::Outage { action, place: shown(url), message },
            false => StoreError::Io { action, place: shown(url), message },
        }
    }

    async fn body(&self, action: &'static str, url: &Url, response: Response) -> Result<Vec<u8>, StoreError> {
        let failed = |message: String| StoreError::Io { action, place: shown(url), message };
        if response.content_length().is_some_and(|length| length > DOCUMENT_BYTES_MAX) {
            return Err(failed(format!("it is larger than {} GiB", DOCUMENT_BYTES_MAX >> 30)));
        }
        let expected = response.headers().get(CONTENT_MD5).and_then(|value| STANDARD.decode(value.as_bytes()).ok());
        let bytes = response.bytes().await.map_err(|error| failed(reason(&error)))?.to_vec();
        match expected {
            Some(expected) if expected[..] != Md5::digest(&bytes)[..] => {
                Err(failed("its Content-MD5 is not that of its content".to_owned()))
            }
            _ => Ok(bytes),
        }
    }
}

fn is_server_fault(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
}

/// An address without what may be secret in it.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() { "it does not answer in time".to_owned() } else { crate::web::cause(error) }
}

fn version_of(bytes: &[u8]) -> Version {
    Version(format!("{:x}", Sha256::digest(bytes)).into())
}

#[async_trait::async_trait]
impl Store for HttpStore {
    fn place(&self) -> String {
        shown(&self.settings.address)
    }

    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        let url = &self.settings.address;
        let response = self.request("reading", &Method::GET, url, None).await?;
        match response.status() {
            StatusCode::OK => {
                let bytes = self.body("reading", url, response).await?;
                Ok((!bytes.is_empty()).then(|| Versioned { version: version_of(&bytes), bytes }))
            }
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(None),
            status => Err(self.refused("reading", url, status)),
        }
    }

    /// The protocol has no condition: the version is compared just before, and the lock keeps others out in between.
    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        let before = self.get().await?.map(|before| before.version);
        if before.as_ref() != expected {
            // It may be there already: the answer to an earlier try got lost.
            let wanted = version_of(bytes);
            return if before.as_ref() == Some(&wanted) { Ok(wanted) } else { Err(StoreError::Conflict) };
        }
        let mut url = self.settings.address.clone();
        if let Some(held) = self.held() {
            url.query_pairs_mut().append_pair("ID", &held.id);
        }
        let write = async {
            let response = self.request("writing", &self.settings.update_method, &url, Some(bytes)).await?;
            match response.status() {
                StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(version_of(bytes)),
                status => Err(self.refused("writing", &url, status)),
            }
        };
        self.effects.write(Medium::Store, "writing", || self.place(), write).await
    }

    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.spool.append_segment(name, bytes).await
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        self.spool.list_segments().await
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        self.spool.read_segment(name).await
    }

    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError> {
        self.spool.delete_segments(names).await
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError> {
        let Some(url) = &self.settings.lock_address else { return Ok(()) };
        let number = self.effects.begin().await;
        let response = self.request("locking", &self.settings.lock_method, url, Some(&lock_info_to_json(info))).await?;
        self.effects.end(number).await;
        match response.status() {
            StatusCode::OK => {
                self.set_held(Some(info.clone()));
                Ok(())
            }
            StatusCode::CONFLICT | StatusCode::LOCKED => {
                let body = self.body("locking", url, response).await?;
                Err(StoreError::Locked(lock_info_from_json(&body).map(Box::new)))
            }
            status => Err(self.refused("locking", url, status)),
        }
    }

    async fn unlock(&self, id: &str) -> Result<(), StoreError> {
        if self.settings.lock_address.is_none() {
            return Ok(());
        }
        let Some(held) = self.held().filter(|held| held.id == id) else {
            return Err(StoreError::NoSuchLock("The state is not locked by this run.".into()));
        };
        self.give_back(&held).await?;
        self.set_held(None);
        Ok(())
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        if self.settings.lock_address.is_none() {
            return Err(StoreError::NoSuchLock("The back end has no lock_address, so the state is never locked.".into()));
        }
        self.give_back(&LockInfo { id: id.to_owned(), ..LockInfo::default() }).await
    }
}

impl HttpStore {
    async fn give_back(&self, held: &LockInfo) -> Result<(), StoreError> {
        let Some(url) = self.settings.unlock_address.as_ref().or(self.settings.lock_address.as_ref()) else { return Ok(()) };
        let unlock = async {
            let response = self.request("unlocking", &self.settings.unlock_method, url, Some(&lock_info_to_json(held))).await?;
            match response.status() {
                StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
                StatusCode::CONFLICT | StatusCode::LOCKED | StatusCode::NOT_FOUND => {
                    Err(StoreError::NoSuchLock(format!("{} has no lock with the ID {:?}", shown(url), held.id)))
                }
                status => Err(self.refused("unlocking", url, status)),
            }
        };
        self.effects.write(Medium::Store, "unlocking", || self.place(), unlock).await
    }
}
