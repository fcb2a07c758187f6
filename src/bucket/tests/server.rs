//! A server of this process: it gives its answers one after the other, and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What is answered.
pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// What was asked.
pub(super) struct Asked {
    /// The method and the path with its query.
    pub(super) line: String,
    headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// The server; it ends with the test.
pub(super) struct Server {
    pub(super) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Asked>>,
}

impl Answer {
    pub(super) fn of(status: u16, body: &str) -> Answer {
        Answer { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Answer {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Asked {
    /// A header; empty where it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl Server {
    pub(super) async fn start(answers: impl IntoIterator<Item = Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() });
        let of_task = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, of_task.clone()));
            }
        });
        Server { url, shared }
    }

    /// What was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.asked.lock().expect("no panic"))
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    let mut words = line.split(' ');
    let asked_line = format!("{} {}", words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).await?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await?;
    let answer = {
        shared.asked.lock().expect("no panic").push(Asked { line: asked_line, headers, body });
        shared.answers.lock().expect("no panic").pop_front().unwrap_or_else(|| Answer::of(418, "no answer is left"))
    };
    let mut text = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", answer.status);
    if answer.status != 204 {
        text.push_str(&format!("Content-Length: {}\r\n", answer.body.len()));
    }
    for (name, value) in &answer.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&answer.body);
    reader.get_mut().write_all(text.as_bytes()).await
}
