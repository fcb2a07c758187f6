//! HTTP/1.1 by hyper, on a thread with a runtime of its own, so that callers may be synchronous or not.
//!
//! hyper rather than a framework above it: a fault must be able to close a connection without a reply, or in the middle of one.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::engine::{Delivery, Engine};
use crate::aws::error::AwsError;
use crate::aws::sigv4;
use crate::clock::real_now_ms;
use crate::message::{Request, Response, Service};
use crate::random::Random;
use crate::simulator::SimulatorError;

/// A running server. Dropping it stops the server and writes a snapshot.
pub struct ServerHandle {
    /// `http://127.0.0.1:PORT`: the endpoint of every service.
    pub url: String,
    pub access_key: String,
    pub secret_key: String,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl ServerHandle {
    /// Stops the server; what it answered is durable.
    pub fn shutdown(mut self) {
        self.stop_and_join();
    }

    /// Blocks until the server ends by itself, which only an error can cause; for `sandbox serve`.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn stop_and_join(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.stop_and_join();
    }
}

struct Shared {
    engine: Mutex<Engine>,
    request_ids: Mutex<Random>,
}

/// Starts serving.
pub fn start(engine: Engine, address: SocketAddr, folder: Option<PathBuf>, lock: Option<File>) -> Result<ServerHandle, SimulatorError> {
    let listen = |error| SimulatorError::Listen { address, error };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().thread_name("sandbox").build().map_err(listen)?;
    let listener = runtime.block_on(TcpListener::bind(address)).map_err(listen)?;
    let url = format!("http://{}", listener.local_addr().map_err(listen)?);
    let (access_key, secret_key) = engine.world.root_key().map(|(key, secret)| (key.to_owned(), secret.to_owned())).unwrap_or_default();
    let (stop, stopped) = watch::channel(false);
    let seed = real_now_ms() as u64 ^ (u64::from(std::process::id()) << 40);
    let shared = Arc::new(Shared { engine: Mutex::new(engine), request_ids: Mutex::new(Random::new(seed)) });
    let serve = move || {
        runtime.block_on(accept(listener, shared.clone(), stopped));
        runtime.shutdown_timeout(Duration::from_secs(1));
        // Before the lock goes: whoever takes it next must find the snapshot and no endpoint of ours.
        shared.engine.lock().unwrap_or_else(PoisonError::into_inner).close();
        if let Some(folder) = folder {
            let _ = std::fs::remove_file(folder.join("endpoint"));
        }
        drop(lock);
    };
    let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(serve).map_err(listen)?;
    Ok(ServerHandle { url, access_key, secret_key, stop, thread: Some(thread) })
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors: others must close first.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(shared.clone(), request));
            // An error here is a caller that went away, or a cut that a fault asked for.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The connection is to be closed without a reply.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
struct Cut;

async fn answer(shared: Arc<Shared>, incoming: hyper::Request<Incoming>) -> Result<hyper::Response<Content>, Cut> {
    let (head, body) = incoming.into_parts();
    let raw_body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let request_id = shared.request_ids.lock().unwrap_or_else(PoisonError::into_inner).uuid();
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut request = Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: raw_body.to_vec(),
        service: Service::Unknown,
        region: "us-east-1".to_owned(),
        access_key: String::new(),
        received_ms: real_now_ms(),
        request_id,
    };
    let streamed = request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    if streamed {
        let Some(decoded) = sigv4::decode_chunked(&raw_body) else {
            request.service = Service::S3;
            return Ok(reply(
                AwsError::bad("IncompleteBody", "The request body terminated unexpectedly").respond(&request),
                Delivery::Whole,
            ));
        };
        request.body = decoded;
    }
    let admitted = lock(&shared).admit(request, &raw_body);
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(response) => return Ok(reply(response, Delivery::Whole)),
    };
    if admitted.wait_milliseconds() > 0 {
        tokio::time::sleep(Duration::from_millis(admitted.wait_milliseconds())).await;
    }
    let (response, delivery) = lock(&shared).handle(admitted);
    match delivery {
        Delivery::Nothing => Err(Cut),
        delivery => Ok(reply(response, delivery)),
    }
}

fn lock(shared: &Shared) -> std::sync::MutexGuard<'_, Engine> {
    // A handler that panicked is a bug of ours; going on shows it in one reply rather than in all later ones.
    shared.engine.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reply(response: Response, delivery: Delivery) -> hyper::Response<Content> {
    let length = response.body.len();
    let mut built = hyper::Response::builder().status(response.status);
    let has_length = response.headers.iter().any(|(name, _)| name == "content-length");
    for (name, value) in &response.headers {
        built = built.header(name, value);
    }
    if !has_length && response.status != 204 {
        built = built.header("content-length", length);
    }
    let mut data = Bytes::from(response.body);
    let broken = delivery == Delivery::Half;
    if broken {
        data.truncate(length / 2);
    }
    built.body(Content { data: Some(data), broken }).unwrap_or_else(|_| {
        let mut failed = hyper::Response::new(Content { data: None, broken: false });
        *failed.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

/// A reply's body: all of it, or what a fault leaves before the connection breaks.
struct Content {
    data: Option<Bytes>,
    broken: bool,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.data.take() {
            Some(data) if !data.is_empty() => Poll::Ready(Some(Ok(Frame::data(data)))),
            _ if self.broken => Poll::Ready(Some(Err(Cut))),
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.broken && self.data.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.data, self.broken) {
            (Some(data), false) => SizeHint::with_exact(data.len() as u64),
            (None, false) => SizeHint::with_exact(0),
            _ => SizeHint::default(),
        }
    }
}
