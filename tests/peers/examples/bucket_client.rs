//! The engine's client of buckets on a line: `put KEY TEXT [absent|unchanged VERSION]`, `get`, `head`, `delete` of a key, `list PREFIX`.
//!
//! ```text
//! bucket_client s3|gcs BUCKET < commands
//! ```
//!
//! Settings come from the environment, as the command line reads it; every command is answered by a line.

use std::io::{BufRead, Write};
use windlass::bucket::{Bucket, Condition, Error, Meta, Place, Put, Service, Surroundings, Version};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [service, bucket] = arguments.as_slice() else { panic!("bucket_client s3|gcs BUCKET") };
    let service = if service == "s3" { Service::S3 } else { Service::Gcs };
    let surroundings = Surroundings { variables: std::env::vars().collect(), home: None };
    let bucket = Bucket::open(&Place::new(service, bucket.as_str()), &surroundings).expect("a bucket");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match command(&bucket, service, &words).await {
            Ok(answer) => format!("ok {answer}"),
            Err(error) => format!("{:?}: {error}", error.kind),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("somebody reads");
    }
}

async fn command(bucket: &Bucket, service: Service, words: &[&str]) -> Result<String, Error> {
    Ok(match words {
        ["put", key, text] => shown(&bucket.put(key, text.as_bytes().to_vec(), Put::default()).await?),
        ["put", key, text, "absent"] => put(bucket, key, text, &Condition::Absent).await?,
        ["put", key, text, "unchanged", version] => put(bucket, key, text, &Condition::Unchanged(read(service, version))).await?,
        ["get", key] => String::from_utf8_lossy(&bucket.get(key, &[]).await?.bytes(1 << 20).await?).into_owned(),
        ["head", key] => described(&bucket.head(key, &[]).await?),
        ["delete", key] => bucket.delete(key, None).await.map(|()| String::new())?,
        ["delete", key, "unchanged", version] => {
            bucket.delete(key, Some(&Condition::Unchanged(read(service, version)))).await.map(|()| String::new())?
        }
        ["list", prefix] => {
            let all = bucket.list_all(prefix, 100_000).await?;
            format!("{} {}", all.len(), all.iter().take(3).map(|meta| meta.key.as_str()).collect::<Vec<_>>().join(","))
        }
        ["versioned"] => bucket.is_versioned().await?.to_string(),
        other => panic!("no command: {other:?}"),
    })
}

async fn put(bucket: &Bucket, key: &str, text: &str, condition: &Condition) -> Result<String, Error> {
    let put = Put { condition: Some(condition), ..Put::default() };
    bucket.put(key, text.as_bytes().to_vec(), put).await.map(|version| shown(&version))
}

fn read(service: Service, text: &str) -> Version {
    match service {
        Service::Gcs => Version { generation: Some(text.to_owned()), ..Version::default() },
        Service::S3 | Service::Oss => Version { etag: Some(text.to_owned()), ..Version::default() },
    }
}

fn shown(version: &Version) -> String {
    version.generation.as_ref().or(version.etag.as_ref()).cloned().unwrap_or_default()
}

fn described(meta: &Meta) -> String {
    format!("{} {}", meta.size.unwrap_or_default(), shown(&meta.version))
}
