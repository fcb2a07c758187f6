//! A web server in the test process: what it serves can be changed while it runs, and it remembers what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is sent for a path.
#[derive(Clone, Default)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The connection ends before the last bytes that the head promises.
    pub breaks_off: bool,
    /// What the `Authorization` header must be.
    pub login: Option<&'static str>,
}

/// A request: the path with its query, and the `Authorization` header.
pub type Asked = (String, Option<String>);

#[derive(Default)]
struct Shared {
    pages: BTreeMap<String, Page>,
    asked: Vec<Asked>,
}

/// A server; its thread ends with the process.
pub struct Server {
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl Page {
    pub fn of(body: impl Into<Vec<u8>>) -> Page {
        Page { status: 200, body: body.into(), ..Page::default() }
    }

    pub fn json(body: &str) -> Page {
        Page::of(body).with("Content-Type", "application/json")
    }

    pub fn status(status: u16) -> Page {
        Page { status, ..Page::default() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Page {
        self.headers.push((name, value.into()));
        self
    }
}

impl Server {
    pub fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = of_thread.clone();
                std::thread::spawn(move || drop(answer(&stream, &shared)));
            }
        });
        Server { port, shared }
    }

    /// Serves a page at a path without its query.
    pub fn serve(&self, path: &str, page: Page) {
        self.shared.lock().expect("no panic").pages.insert(path.to_owned(), page);
    }

    /// What was asked since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.lock().expect("no panic").asked)
    }

    /// The paths asked since the last call.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|(path, _)| path).collect()
    }
}

fn answer(mut stream: &TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut login = None;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            login = Some(value.trim().to_owned());
        }
    }
    let page = {
        let mut shared = shared.lock().expect("no panic");
        shared.asked.push((path.clone(), login.clone()));
        let page = shared.pages.get(path.split('?').next().unwrap_or_default()).cloned().unwrap_or_else(|| Page::status(404));
        if page.login.is_some_and(|wanted| login.as_deref() != Some(wanted)) { Page::status(401) } else { page }
    };
    let length = page.body.len() + usize::from(page.breaks_off) * 100;
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", page.status);
    if page.status != 204 {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    for (name, value) in &page.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&page.body)
}

/// A zip archive of these files.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file in the archive");
        writer.write_all(text.as_bytes()).expect("its content");
    }
    writer.finish().expect("an archive").into_inner()
}
