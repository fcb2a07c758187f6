//! The way in: open a folder's cloud, serve it, or connect to whoever serves it already.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::journal::Journal;
use crate::server::{self, Engine, ServerHandle};
use crate::world::World;

/// How long a process waits for another one that holds the lock to say where it serves.
const WAIT_FOR_SERVER: Duration = Duration::from_secs(10);

const LOCK: &str = "simulator.lock";

/// What is settled when a cloud is first opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ids and keys follow from it. A folder keeps the seed that it was made with.
    pub seed: u64,
    /// Faults in force from the start, as texts (see [`crate::faults`]).
    pub faults: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, faults: Vec::new() }
    }
}

/// What can go wrong around the simulator itself.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
    #[error("the sandbox's data can't be read: {0}. `windlass sandbox reset` begins a new one")]
    Damaged(String),
    #[error("another process (pid {pid}) holds the sandbox in {folder} but does not answer at {url}; end it and try again")]
    NoAnswer { folder: PathBuf, pid: u32, url: String },
    #[error("the sandbox in {folder} is served by another process")]
    Locked { folder: PathBuf },
    #[error("the sandbox serves on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    #[error("can't serve the sandbox on {address}: {error}")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("fault: {0}")]
    Fault(String),
}

impl SimulatorError {
    pub(crate) fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}

/// What the `endpoint` file of a folder says about its server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    pub url: String,
    pub pid: u32,
    pub access_key: String,
    pub secret_key: String,
}

/// A cloud, opened but not served yet.
pub struct Simulator {
    engine: Engine,
    folder: Option<PathBuf>,
    /// Held as long as this process may change the folder.
    lock: Option<File>,
}

/// A cloud that answers: another process's, or one served here for as long as `served` lives.
pub struct Connection {
    pub url: String,
    pub access_key: String,
    pub secret_key: String,
    pub served: Option<ServerHandle>,
}

impl Simulator {
    /// What the simulator keeps in its folder; anything else there belongs to others.
    pub const FILES: [&str; 4] = [LOCK, "simulator.log", "simulator.snapshot", "endpoint"];

    /// Opens the cloud of a folder, or one in memory. Fails with [`SimulatorError::Locked`] while another process has the folder open.
    pub fn open(folder: Option<PathBuf>, options: Options) -> Result<Self, SimulatorError> {
        let lock = match &folder {
            Some(folder) => Some(take_lock(folder)?.ok_or_else(|| SimulatorError::Locked { folder: folder.clone() })?),
            None => None,
        };
        Self::open_locked(folder, lock, &options)
    }

    fn open_locked(folder: Option<PathBuf>, lock: Option<File>, options: &Options) -> Result<Self, SimulatorError> {
        let first = first_world(options)?;
        let (journal, world) = match &folder {
            Some(folder) => {
                let (journal, world) = Journal::open(folder, || first)?;
                (Some(journal), world)
            }
            None => (None, first),
        };
        Ok(Self { engine: Engine::new(world, journal), folder, lock })
    }

    /// Serves at a loopback address (port 0: any) on a thread of its own, until the handle is shut down or dropped.
    pub fn serve(self, address: SocketAddr) -> Result<ServerHandle, SimulatorError> {
        if !address.ip().is_loopback() {
            return Err(SimulatorError::NotLoopback(address));
        }
        let handle = server::start(self.engine, address, self.folder.clone(), self.lock)?;
        if let Some(folder) = &self.folder {
            let endpoint = Endpoint {
                url: handle.url.clone(),
                pid: std::process::id(),
                access_key: handle.access_key.clone(),
                secret_key: handle.secret_key.clone(),
            };
            write_endpoint(folder, &endpoint)?;
        }
        Ok(handle)
    }

    /// Connects to the process that serves a folder, else serves it here. An `endpoint` file that a killed process left behind is not believed:
    /// who serves holds the folder's lock, and the operating system takes that back.
    pub fn connect_or_serve(folder: &Path, options: Options) -> Result<Connection, SimulatorError> {
        let deadline = Instant::now() + WAIT_FOR_SERVER;
        loop {
            if let Some(lock) = take_lock(folder)? {
                let served =
                    Self::open_locked(Some(folder.to_owned()), Some(lock), &options)?.serve(SocketAddr::from(([127, 0, 0, 1], 0)))?;
                return Ok(Connection {
                    url: served.url.clone(),
                    access_key: served.access_key.clone(),
                    secret_key: served.secret_key.clone(),
                    served: Some(served),
                });
            }
            let endpoint = read_endpoint(folder);
            if let Some(endpoint) = endpoint.as_ref().filter(|endpoint| answers(&endpoint.url)) {
                let Endpoint { url, access_key, secret_key, .. } = endpoint.clone();
                return Ok(Connection { url, access_key, secret_key, served: None });
            }
            if Instant::now() > deadline {
                let (pid, url) = endpoint.map(|endpoint| (endpoint.pid, endpoint.url)).unwrap_or_default();
                return Err(SimulatorError::NoAnswer { folder: folder.to_owned(), pid, url });
            }
            // The other process is starting or ending: there is nothing to wait on but the file and the lock.
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Throws away a folder's cloud. Needs no running server and no readable data.
    pub fn discard(folder: &Path) -> Result<(), SimulatorError> {
        let _lock = take_lock(folder)?.ok_or_else(|| SimulatorError::Locked { folder: folder.to_owned() })?;
        // The lock's file stays: a new one under its name would let two processes in.
        for name in Self::FILES.iter().filter(|name| **name != LOCK) {
            let path = folder.join(name);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(SimulatorError::file(&path, error)),
                _ => {}
            }
        }
        Ok(())
    }
}

fn first_world(options: &Options) -> Result<World, SimulatorError> {
    let mut world = World::new(options.seed);
    for text in &options.faults {
        world.faults.add(crate::faults::Fault::parse(text).map_err(SimulatorError::Fault)?);
    }
    Ok(world)
}

/// The folder's lock, or `None` while another process has it.
fn take_lock(folder: &Path) -> Result<Option<File>, SimulatorError> {
    std::fs::create_dir_all(folder).map_err(|error| SimulatorError::file(folder, error))?;
    let path = folder.join(LOCK);
    let file =
        OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| SimulatorError::file(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(SimulatorError::file(&path, error)),
    }
}

fn write_endpoint(folder: &Path, endpoint: &Endpoint) -> Result<(), SimulatorError> {
    let path = folder.join("endpoint");
    let beside = folder.join("endpoint.new");
    let text = serde_json::to_string(endpoint).map_err(|error| SimulatorError::Damaged(error.to_string()))?;
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&beside)?.write_all(text.as_bytes())?;
        std::fs::rename(&beside, &path)
    };
    write().map_err(|error| SimulatorError::file(&path, error))
}

/// What the folder's `endpoint` file says, if there is one that can be read.
pub fn read_endpoint(folder: &Path) -> Option<Endpoint> {
    serde_json::from_slice(&std::fs::read(folder.join("endpoint")).ok()?).ok()
}

/// Whether a simulator answers there.
fn answers(url: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let address = url.trim_start_matches("http://").parse::<SocketAddr>().map_err(std::io::Error::other)?;
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(format!("GET /_windlass/alive HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    };
    ask().is_ok_and(|reply| reply.starts_with("HTTP/1.1 200") && reply.contains("windlass"))
}
