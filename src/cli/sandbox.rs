//! The sandbox as the command line enters, serves and empties it.

use crate::diagnostic::Diagnostic;
use crate::ops::{Failed, SANDBOX_FOLDER};
use serde_json::Value as Json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;
use windlass_api::SandboxEndpoint;
use windlass_simulator::{Connection, Options, Simulator, SimulatorError};

/// How long a control call may take.
const CONTROL_TIMEOUT: Duration = Duration::from_secs(30);

/// A sandbox that answers, served by this process or another.
pub struct Running {
    connection: Connection,
}

/// Connects to the sandbox of a folder, or serves it here.
///
/// # Errors
/// It can't be opened, or whoever serves it does not answer.
pub async fn enter(folder: &Path) -> Result<Running, Failed> {
    let folder = folder.join(SANDBOX_FOLDER);
    let opened = tokio::task::spawn_blocking(move || Simulator::connect_or_serve(&folder, Options::default())).await;
    match opened {
        Ok(Ok(connection)) => Ok(Running { connection }),
        Ok(Err(error)) => Err(trouble(&error)),
        Err(error) => Err(Failed::from(Diagnostic::error("The sandbox can't be opened", error.to_string()))),
    }
}

/// What the simulator says, as a diagnostic.
pub fn trouble(error: &SimulatorError) -> Failed {
    Failed::from(Diagnostic::error("The sandbox can't be opened", format!("{error}.")))
}

impl Running {
    /// Where it listens.
    pub fn endpoint(&self) -> SandboxEndpoint {
        let Connection { url, access_key, secret_key, .. } = &self.connection;
        SandboxEndpoint { url: url.clone(), access_key: access_key.clone(), secret_key: secret_key.clone() }
    }

    /// Stops serving, if this process served.
    pub async fn leave(self) {
        // Its thread is joined, which must not keep the runtime from its work.
        let _ = tokio::task::spawn_blocking(move || drop(self.connection)).await;
    }

    /// Calls a control endpoint, such as `GET`, `status`.
    ///
    /// # Errors
    /// No answer, or one that says no.
    pub fn control(&self, method: &str, path: &str, body: &str) -> Result<Json, Failed> {
        let answer = exchange(&self.connection.url, method, path, body).map_err(|error| {
            Failed::from(Diagnostic::error("The sandbox does not answer", format!("{}: {error}.", self.connection.url)))
        })?;
        match answer.get("error").and_then(Json::as_str) {
            Some(error) => Err(Failed::from(Diagnostic::error("The sandbox refuses", error.to_owned()))),
            None => Ok(answer),
        }
    }
}

/// One HTTP exchange with our own server, which answers with a whole body and closes.
fn exchange(url: &str, method: &str, path: &str, body: &str) -> std::io::Result<Json> {
    let address: SocketAddr = url.trim_start_matches("http://").parse().map_err(std::io::Error::other)?;
    let mut stream = TcpStream::connect_timeout(&address, CONTROL_TIMEOUT)?;
    stream.set_read_timeout(Some(CONTROL_TIMEOUT))?;
    let length = body.len();
    write!(
        stream,
        "{method} /_windlass/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let (_, json) = reply.split_once("\r\n\r\n").ok_or_else(|| std::io::Error::other("the answer has no body"))?;
    serde_json::from_str(json).map_err(std::io::Error::other)
}
