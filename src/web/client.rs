//! How clients are made, and why a request failed.

use reqwest::{Client, ClientBuilder, NoProxy, Proxy, Url};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a server may send nothing.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a server on this machine or beside it may take: where there is none, nothing answers at all.
const QUICK_TIMEOUT: Duration = Duration::from_secs(2);

/// Makes a client with the proxies that variables of the environment name. It follows no redirects.
///
/// # Errors
/// A proxy's address is wrong, or the system's certificates can't be read: a sentence without its full stop.
pub fn client(variables: &BTreeMap<String, String>) -> Result<Client, String> {
    client_with(variables, |builder| builder)
}

/// The same with settings of its own: certificates, redirects.
///
/// # Errors
/// The same.
pub fn client_with(variables: &BTreeMap<String, String>, settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Client, String> {
    let mut builder = builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(READ_TIMEOUT);
    for proxy in proxies(variables)? {
        builder = builder.proxy(proxy);
    }
    build(settings(builder))
}

/// Makes a client for servers that are near or not at all, such as a virtual machine's metadata server: without proxies, and
/// without patience.
///
/// # Errors
/// The system's certificates can't be read: a sentence without its full stop.
pub fn quick_client() -> Result<Client, String> {
    build(builder().connect_timeout(QUICK_TIMEOUT).timeout(QUICK_TIMEOUT * 3))
}

fn builder() -> ClientBuilder {
    // The second one to do so is told that it is done already.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().user_agent(concat!("Windlass/", env!("CARGO_PKG_VERSION")))
}

fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| format!("no web client can be made: {}", cause(&error)))
}

/// The proxies that the environment names, as curl reads it: `https_proxy`, `http_proxy` (in small letters, or large ones outside of
/// a web server's scripts), `all_proxy`, and `no_proxy` for hosts that are reached directly.
fn proxies(variables: &BTreeMap<String, String>) -> Result<Vec<Proxy>, String> {
    let exact = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let either = |name: &str| exact(name).or_else(|| exact(&name.to_ascii_uppercase()));
    let is_script = exact("REQUEST_METHOD").is_some();
    let http = if is_script { exact("http_proxy") } else { either("http_proxy") };
    let without = either("no_proxy").and_then(NoProxy::from_string);
    let mut all = Vec::new();
    type Make = fn(&str) -> reqwest::Result<Proxy>;
    let named: [(&str, Option<&str>, Make); 3] = [
        ("http_proxy", http, |url| Proxy::http(url)),
        ("https_proxy", either("https_proxy"), |url| Proxy::https(url)),
        ("all_proxy", either("all_proxy"), |url| Proxy::all(url)),
    ];
    for (name, url, make) in named {
        let Some(url) = url else { continue };
        let proxy = make(url).map_err(|error| format!("the proxy that {name} names is not an address: {}", cause(&error)))?;
        all.push(proxy.no_proxy(without.clone()));
    }
    Ok(all)
}

/// Why a request failed: a sentence without its full stop, without the address's secrets and without the library's words.
pub fn failure(url: &Url, error: &reqwest::Error) -> String {
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let cause = cause(error);
    if error.is_timeout() {
        format!("{host} does not answer in time")
    } else if error.is_connect() {
        format!("could not connect to {host}: {cause}")
    } else {
        format!("{host}: {cause}")
    }
}

/// The innermost reason of an error: the outer ones of a library may name a whole address.
pub fn cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
