//! Any bytes as the answer of a service of objects: S3, Google Cloud Storage or OSS, to a list, a question or a get. The first byte
//! chooses whom is asked what, the second the status of the answer; the rest is its body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use windlass::bucket::{Bucket, Keys, Place, Secret, Service, Surroundings};

const STATUSES: [u16; 8] = [200, 206, 400, 403, 404, 409, 412, 416];
const KEY: &str = "folder/object";

/// What the server answers next: a status and a body.
static ANSWER: Mutex<(u16, Vec<u8>)> = Mutex::new((200, Vec::new()));

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

static BUCKETS: LazyLock<Vec<Bucket>> = LazyLock::new(|| {
    let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    RUNTIME.spawn(serve(listener));
    let bucket = |service| {
        let mut place = Place::new(service, "bucket");
        place.region = Some("us-east-1".to_owned());
        place.endpoint = Some(endpoint.clone());
        place.path_style = Some(true);
        place.access.keys = Some(Keys { id: "id".to_owned(), secret: Secret("secret".to_owned()), token: None });
        place.access.token = Some(Secret("token".to_owned()));
        Bucket::open(&place, &Surroundings { variables: BTreeMap::new(), home: None }).expect("a bucket")
    };
    [Service::S3, Service::Gcs, Service::Oss].into_iter().map(bucket).collect()
});

async fn serve(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut asked: Vec<u8> = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                while !asked.windows(4).any(|window| window == b"\r\n\r\n") {
                    match stream.read(&mut buffer).await {
                        Ok(count) if count > 0 => asked.extend(&buffer[..count]),
                        _ => return,
                    }
                }
                asked.clear();
                let (status, body) = ANSWER.lock().expect("nobody panics with it").clone();
                let head = format!("HTTP/1.1 {status} Fuzzed\r\nContent-Length: {}\r\nETag: \"1\"\r\n\r\n", body.len());
                if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&body).await.is_err() {
                    return;
                }
            }
        });
    }
}

fuzz_target!(|bytes: &[u8]| {
    let [question, status, body @ ..] = bytes else { return };
    *ANSWER.lock().expect("nobody panics with it") = (STATUSES[usize::from(*status) % STATUSES.len()], body.to_vec());
    let bucket = &BUCKETS[usize::from(*question) % BUCKETS.len()];
    RUNTIME.block_on(async {
        match usize::from(*question) / BUCKETS.len() % 3 {
            0 => drop(bucket.list_all("folder/", 100).await),
            1 => drop(bucket.is_versioned().await),
            _ => {
                if let Ok(object) = bucket.get(KEY, &[]).await {
                    drop(object.bytes(1 << 20).await);
                }
            }
        }
    });
});
