//! A simulator in a process of its own, and its control endpoints.

use crate::sandbox::Folder;
use serde_json::Value as Json;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A simulator in a process of its own; ends with the value.
pub struct Cloud {
    address: String,
    process: Child,
    driving: Arc<AtomicBool>,
}

impl Cloud {
    /// Serves the sandbox of a folder and drives its clock.
    pub fn serve(folder: &Folder) -> Cloud {
        let mut process = folder.windlass(&["sandbox", "serve"]).stdout(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit("http://").next().expect("an address").to_owned();
        let cloud = Cloud { address, process, driving: Arc::new(AtomicBool::new(true)) };
        cloud.drive();
        cloud
    }

    /// Moves the clock forward all the time: a second of ours is two minutes there.
    fn drive(&self) {
        let (address, driving) = (self.address.clone(), self.driving.clone());
        std::thread::spawn(move || {
            while driving.load(Ordering::Relaxed) {
                if exchange(&address, "POST", "clock", "{\"advance_seconds\": 3}").is_err() {
                    return;
                }
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
    }

    /// How many objects of each kind there are. Instances and their parts come and go with the groups' schedules, so they are
    /// left out.
    pub fn inventory(&self) -> String {
        let status = exchange(&self.address, "GET", "status", "").expect("the cloud answers");
        let mut text = String::new();
        for (kind, count) in status["counts"].as_object().into_iter().flatten() {
            let comes_and_goes =
                ["ec2/instance", "interface", "volume", "activit", "alarm", "metric"].iter().any(|part| kind.contains(part));
            if !comes_and_goes {
                let _ = writeln!(text, "{kind}: {count}");
            }
        }
        text
    }

    /// Calls a control endpoint.
    pub fn control(&self, method: &str, path: &str, body: &str) -> Json {
        exchange(&self.address, method, path, body).expect("the cloud answers")
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.driving.store(false, Ordering::Relaxed);
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn exchange(address: &str, method: &str, path: &str, body: &str) -> std::io::Result<Json> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{method} /_windlass/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    let (_, json) = reply.split_once("\r\n\r\n").unwrap_or_default();
    serde_json::from_str(json).map_err(std::io::Error::other)
}
