//! What is written to and read from a bucket.

use super::{Error, Kind};
use futures::StreamExt;
use reqwest::header::HeaderMap;
use std::path::Path;
use tokio::io::AsyncWriteExt;

/// Which of the contents that an object had in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// S3 and OSS: a digest of the content, with its quotes.
    pub etag: Option<String>,
    /// Google: a number that grows with each write.
    pub generation: Option<String>,
    /// The name of this version, where the bucket keeps old ones.
    pub id: Option<String>,
}

/// What is known of an object without its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Its name in the bucket.
    pub key: String,
    /// How many bytes its content has, if the service says so.
    pub size: Option<u64>,
    /// Which content.
    pub version: Version,
}

/// An object whose content is still to be read.
#[derive(Debug)]
pub struct Object {
    /// What is known of it.
    pub meta: Meta,
    pub(super) subject: String,
    pub(super) response: reqwest::Response,
}

/// Under which condition an object is written or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no object of this name. S3, Google; OSS in buckets without versioning only.
    Absent,
    /// The object is still as it was. S3, Google; OSS can't say so.
    Unchanged(Version),
}

/// How an object is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Put<'a> {
    /// Only then.
    pub condition: Option<&'a Condition>,
    /// What the content is; else bytes.
    pub content_type: Option<&'a str>,
    /// More headers: encryption, access lists.
    pub headers: &'a [(&'a str, &'a str)],
    /// More of the query: Google's `kmsKeyName`.
    pub query: &'a [(&'a str, &'a str)],
}

/// Some of the objects of a bucket, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What was found.
    pub objects: Vec<Meta>,
    /// With which to ask for the rest.
    pub next: Option<String>,
}

impl Meta {
    /// Reads the head of an answer.
    pub(super) fn of_headers(key: &str, headers: &HeaderMap) -> Meta {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned).filter(|value| !value.is_empty());
        Meta {
            key: key.to_owned(),
            size: text("content-length").and_then(|size| size.parse().ok()),
            version: Version {
                etag: text("etag"),
                generation: text("x-goog-generation"),
                id: text("x-amz-version-id").or_else(|| text("x-oss-version-id")).filter(|id| id != "null"),
            },
        }
    }
}

impl Object {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let chunk = self.response.chunk().await.map_err(|error| self.broken(&error))?;
        Ok(chunk.map(|bytes| bytes.to_vec()))
    }

    /// The content in memory.
    ///
    /// # Errors
    /// The connection broke, or there are more bytes than this.
    pub async fn bytes(mut self, bytes_max: u64) -> Result<Vec<u8>, Error> {
        self.check(self.meta.size.unwrap_or_default(), bytes_max)?;
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
            self.check(all.len() as u64, bytes_max)?;
        }
        Ok(all)
    }

    /// The content into a new file.
    ///
    /// # Errors
    /// The connection broke, there are more bytes than this, or the file can't be written.
    pub async fn save(self, path: &Path, bytes_max: u64) -> Result<(), Error> {
        self.check(self.meta.size.unwrap_or_default(), bytes_max)?;
        let fail = |error: std::io::Error| Error::new(Kind::File, path.display().to_string(), error.to_string());
        let mut file = tokio::fs::File::create(path).await.map_err(fail)?;
        let mut written = 0;
        let Object { subject, response, .. } = self;
        let url = response.url().clone();
        let mut stream = response.bytes_stream();
        while let Some(part) = stream.next().await {
            let part = part.map_err(|error| Error::new(Kind::Unavailable, &subject, crate::web::failure(&url, &error)))?;
            written += part.len() as u64;
            check(&subject, written, bytes_max)?;
            file.write_all(&part).await.map_err(fail)?;
        }
        file.flush().await.map_err(fail)
    }

    fn check(&self, bytes: u64, bytes_max: u64) -> Result<(), Error> {
        check(&self.subject, bytes, bytes_max)
    }

    fn broken(&self, error: &reqwest::Error) -> Error {
        Error::new(Kind::Unavailable, &self.subject, crate::web::failure(self.response.url(), error))
    }
}

fn check(subject: &str, bytes: u64, bytes_max: u64) -> Result<(), Error> {
    match bytes > bytes_max {
        true => Err(Error::new(Kind::TooLarge, subject, format!("it is larger than {bytes_max} bytes"))),
        false => Ok(()),
    }
}
