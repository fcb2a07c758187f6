//! What the crates that find credentials may do: read files, ask servers, run the user's programs.

use super::Surroundings;
use bytes::Bytes;
use reqsign_core::{CommandExecute, CommandOutput, Context, Env, Error, FileRead, HttpSend};
use reqwest::Client;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;

/// How large an answer with credentials may be.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Servers that are on this virtual machine or nowhere: nothing answers where there are none.
const NEAR_HOSTS: [&str; 5] = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "[fd00:ec2::254]"];

/// Makes what those crates work with. Requests to AWS's service of roles go to `sts_endpoint`, if there is one.
pub(super) fn context(surroundings: &Surroundings, client: &Client, quick: &Client, sts_endpoint: Option<&str>) -> Context {
    let variables = surroundings.variables.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.clone(), value.clone()));
    let surroundings = Known { variables: variables.collect(), home: surroundings.home.clone() };
    Context::new()
        .with_file_read(Files)
        .with_http_send(Web { client: client.clone(), quick: quick.clone(), sts_endpoint: sts_endpoint.map(str::to_owned) })
        .with_command_execute(Programs { variables: surroundings.variables.clone() })
        .with_env(surroundings)
}

#[derive(Debug)]
struct Known {
    variables: HashMap<String, String>,
    home: Option<PathBuf>,
}

impl Env for Known {
    fn var(&self, key: &str) -> Option<String> {
        self.variables.get(key).cloned()
    }

    fn vars(&self) -> HashMap<String, String> {
        self.variables.clone()
    }

    fn home_dir(&self) -> Option<PathBuf> {
        self.home.clone()
    }
}

#[derive(Debug)]
struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> reqsign_core::Result<Vec<u8>> {
        tokio::fs::read(path).await.map_err(|error| Error::config_invalid(format!("{path}: {error}")))
    }
}

#[derive(Debug)]
struct Web {
    client: Client,
    quick: Client,
    sts_endpoint: Option<String>,
}

impl HttpSend for Web {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign_core::Result<http::Response<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.host().unwrap_or_default().to_owned();
        if let Some(endpoint) = self.sts_endpoint.as_ref().filter(|_| host.starts_with("sts.")) {
            // The host that the request was signed for stays in its head.
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            let url = format!("{}{path}", endpoint.trim_end_matches('/'));
            parts.uri = url.parse().map_err(|_| Error::config_invalid(format!("the endpoint {endpoint:?} is no address")))?;
            let name = http::HeaderValue::from_str(&host).map_err(|_| Error::request_invalid("no name of a host"))?;
            parts.headers.insert(http::header::HOST, name);
        }
        let request = reqwest::Request::try_from(http::Request::from_parts(parts, body))
            .map_err(|_| Error::request_invalid("the address of a server with credentials is none"))?;
        let url = request.url().clone();
        let client = if NEAR_HOSTS.contains(&host.as_str()) { &self.quick } else { &self.client };
        let failed = |error: reqwest::Error| Error::unexpected(crate::web::failure(&url, &error));
        let mut response = crate::web::execute(client, request).await.map_err(failed)?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(Error::unexpected(format!("the answer of {host} is too long")));
            }
        }
        answer.body(Bytes::from(bytes)).map_err(|_| Error::unexpected(format!("the answer of {host} can't be read")))
    }
}

#[derive(Debug)]
struct Programs {
    variables: HashMap<String, String>,
}

impl CommandExecute for Programs {
    async fn command_execute<'a>(&'a self, program: &'a str, arguments: &'a [&'a str]) -> reqsign_core::Result<CommandOutput> {
        let output = tokio::process::Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| Error::config_invalid(format!("{program}: {error}")))?;
        Ok(CommandOutput { status: output.status.code().unwrap_or(-1), stdout: output.stdout, stderr: output.stderr })
    }
}
