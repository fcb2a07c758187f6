//! Durability: every request that may change the world stands in the log before its reply is sent.
//!
//! `simulator.log` has a line for each such request: a CRC-32, a space, JSON. `simulator.snapshot` is the world after some line. Opening reads the snapshot and
//! handles the later lines again. A write is complete when the operating system has it, so a killed process loses nothing that was answered. A torn last line
//! (no reply was sent for it) is cut off; damage before it is an error. The log is folded into a new snapshot when it has grown past a bound that grows with
//! the snapshot, so the cost of a change stays constant.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::message::{Request, Service};
use crate::simulator::SimulatorError;
use crate::world::World;

const FORMAT: u32 = 1;
const LOG_BYTES_MIN: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
struct Line {
    sequence: u64,
    received_ms: i64,
    service: Service,
    region: String,
    access_key: String,
    request_id: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    /// What was answered: replaying must come to the same.
    status: u16,
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    format: u32,
    sequence: u64,
    world: World,
}

/// The folder's log, open for appending.
pub struct Journal {
    folder: PathBuf,
    log: File,
    sequence: u64,
    log_bytes: u64,
    snapshot_bytes: u64,
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("simulator.log")
}

fn snapshot_path(folder: &Path) -> PathBuf {
    folder.join("simulator.snapshot")
}

impl Journal {
    /// Opens a folder and rebuilds its world; `new` makes the first one.
    pub fn open(folder: &Path, new: impl FnOnce() -> World) -> Result<(Self, World), SimulatorError> {
        std::fs::create_dir_all(folder).map_err(|error| SimulatorError::file(folder, error))?;
        let (mut world, mut sequence, snapshot_bytes, fresh) = match read_snapshot(folder)? {
            Some((snapshot, bytes)) => (snapshot.world, snapshot.sequence, bytes, false),
            None => (new(), 0, 0, true),
        };
        let log_bytes = replay(folder, &mut world, &mut sequence)?;
        let path = log_path(folder);
        let log = OpenOptions::new().create(true).append(true).open(&path).map_err(|error| SimulatorError::file(&path, error))?;
        log.set_len(log_bytes).map_err(|error| SimulatorError::file(&path, error))?;
        let mut journal = Self { folder: folder.to_owned(), log, sequence, log_bytes, snapshot_bytes };
        if fresh {
            // The seed and the key must outlive this process even if nothing is ever logged.
            journal.compact(&world)?;
        }
        Ok((journal, world))
    }

    /// Makes a request durable. Call it after handling and before replying.
    pub fn append(&mut self, request: &Request, status: u16, world: &World) -> Result<(), SimulatorError> {
        self.sequence += 1;
        let text = String::from_utf8(request.body.clone()).ok();
        let line = Line {
            sequence: self.sequence,
            received_ms: request.received_ms,
            service: request.service,
            region: request.region.clone(),
            access_key: request.access_key.clone(),
            request_id: request.request_id.clone(),
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: request.headers.iter().filter(|(name, _)| name != "authorization").cloned().collect(),
            base64: text.is_none().then(|| BASE64.encode(&request.body)),
            text,
            status,
        };
        let json = serde_json::to_string(&line).map_err(|error| SimulatorError::Damaged(error.to_string()))?;
        let bytes = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        self.log.write_all(bytes.as_bytes()).map_err(|error| SimulatorError::file(&log_path(&self.folder), error))?;
        self.log_bytes += bytes.len() as u64;
        if self.log_bytes > LOG_BYTES_MIN.max(self.snapshot_bytes * 2) {
            self.compact(world)?;
        }
        Ok(())
    }

    /// Writes the world as the new snapshot and empties the log.
    pub fn compact(&mut self, world: &World) -> Result<(), SimulatorError> {
        let path = snapshot_path(&self.folder);
        let snapshot = Snapshot { format: FORMAT, sequence: self.sequence, world: world.clone() };
        let bytes = serde_json::to_vec(&snapshot).map_err(|error| SimulatorError::Damaged(error.to_string()))?;
        let beside = path.with_extension("snapshot.new");
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)
        };
        write().map_err(|error| SimulatorError::file(&path, error))?;
        // A crash before this leaves lines that the snapshot holds already; their sequence numbers say so.
        self.log.set_len(0).map_err(|error| SimulatorError::file(&log_path(&self.folder), error))?;
        self.snapshot_bytes = bytes.len() as u64;
        self.log_bytes = 0;
        Ok(())
    }

    /// Whether there is something that a snapshot would fold away.
    pub fn has_log(&self) -> bool {
        self.log_bytes > 0
    }
}

fn read_snapshot(folder: &Path) -> Result<Option<(Snapshot, u64)>, SimulatorError> {
    let path = snapshot_path(folder);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SimulatorError::file(&path, error)),
    };
    let snapshot: Snapshot =
        serde_json::from_slice(&bytes).map_err(|error| SimulatorError::Damaged(format!("{}: {error}", path.display())))?;
    if snapshot.format != FORMAT {
        return Err(SimulatorError::Damaged(format!("{} was written by another version (format {})", path.display(), snapshot.format)));
    }
    Ok(Some((snapshot, bytes.len() as u64)))
}

/// Handles the log's requests again and answers the length of its sound part.
fn replay(folder: &Path, world: &mut World, sequence: &mut u64) -> Result<u64, SimulatorError> {
    let path = log_path(folder);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(SimulatorError::file(&path, error)),
    };
    let mut sound = 0;
    while sound < bytes.len() {
        let rest = &bytes[sound..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let Some(line) = end.and_then(|end| parse_line(&rest[..end])) else {
            let is_last = end.is_none_or(|end| sound + end + 1 == bytes.len());
            if is_last {
                break;
            }
            return Err(SimulatorError::Damaged(format!("{} is damaged at byte {sound}", path.display())));
        };
        sound += end.unwrap_or(0) + 1;
        if line.sequence <= *sequence {
            continue;
        }
        *sequence = line.sequence;
        let (status, number) = (line.status, line.sequence);
        let response = world.handle(&request_of(line));
        if response.status != status {
            return Err(SimulatorError::Damaged(format!(
                "{}: request {number} was answered {status}, and now {}; another version wrote it",
                path.display(),
                response.status
            )));
        }
    }
    Ok(sound as u64)
}

fn parse_line(bytes: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (sum, json) = text.split_once(' ')?;
    if u32::from_str_radix(sum, 16).ok()? != crc32fast::hash(json.as_bytes()) {
        return None;
    }
    serde_json::from_str(json).ok()
}

fn request_of(line: Line) -> Request {
    let body = match (line.text, line.base64) {
        (Some(text), _) => text.into_bytes(),
        (None, Some(encoded)) => BASE64.decode(encoded).unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    Request {
        method: line.method,
        path: line.path,
        query: line.query,
        headers: line.headers,
        body,
        service: line.service,
        region: line.region,
        access_key: line.access_key,
        received_ms: line.received_ms,
        request_id: line.request_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create_vpc(received_ms: i64) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            body: b"Action=CreateVpc&CidrBlock=10.0.0.0%2F16".to_vec(),
            service: Service::Ec2,
            region: "us-east-1".to_owned(),
            access_key: String::new(),
            received_ms,
            request_id: "r".to_owned(),
        }
    }

    fn vpcs(world: &World) -> Vec<String> {
        world.ec2["us-east-1"].vpcs.keys().cloned().collect()
    }

    /// Three calls, the process dies; the world comes back as it was. A torn fourth line is cut off, damage before the end is not accepted.
    #[test]
    fn replay_gives_the_same_world_and_drops_a_torn_tail() {
        let folder = std::env::temp_dir().join(format!("windlass-journal-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let (mut journal, mut world) = Journal::open(&folder, || World::new(7)).unwrap();
        for at in [1_000, 2_000, 3_000] {
            let request = create_vpc(at);
            let status = world.handle(&request).status;
            journal.append(&request, status, &world).unwrap();
        }
        let made = vpcs(&world);
        drop(journal);
        let sound = std::fs::read(log_path(&folder)).unwrap();
        let torn = [&sound[..], &sound[..40]].concat();
        std::fs::write(log_path(&folder), &torn).unwrap();
        let (mut journal, again) = Journal::open(&folder, || World::new(99)).unwrap();
        assert_eq!((vpcs(&again), made.len()), (made.clone(), 4));
        assert_eq!(std::fs::read(log_path(&folder)).unwrap(), sound);
        journal.compact(&again).unwrap();
        drop(journal);
        assert_eq!(vpcs(&Journal::open(&folder, || World::new(99)).unwrap().1), made);
        let mut damaged = sound.clone();
        damaged[20] ^= 1;
        std::fs::write(log_path(&folder), &damaged).unwrap();
        assert!(matches!(Journal::open(&folder, || World::new(99)), Err(SimulatorError::Damaged(_))));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
