//! A bucket that is asked.

use super::exchange::{Ask, Exchange};
use super::signer::Signer;
use super::url::{Base, encoded};
use super::{Condition, Error, Kind, Meta, Object, Page, Place, Put, Service, Surroundings, Version, alibaba, aws, wire};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use md5::Digest;
use reqwest::Response;

/// How large a list or another document may be.
const DOCUMENT_BYTES_MAX: u64 = 16 << 20;
/// How many objects a page of a list has at most.
const PAGE_OBJECTS: &str = "1000";

/// A bucket, and as whom it is asked. Credentials are looked for at the first request.
pub struct Bucket {
    service: Service,
    name: String,
    base: Base,
    exchange: Exchange,
}

impl Bucket {
    /// Gets ready to ask a bucket. No request is made.
    ///
    /// # Errors
    /// The endpoint is no address, a region is missing, no web client can be made.
    pub fn open(place: &Place, surroundings: &Surroundings) -> Result<Bucket, Error> {
        let subject = format!("{}://{}", place.service, place.bucket);
        let failed = |reason: String| Error::new(Kind::Invalid, &subject, reason);
        let client = crate::web::client(&surroundings.variables).map_err(failed)?;
        let quick = crate::web::quick_client().map_err(failed)?;
        let mut region = region(place, surroundings);
        let base = Base::new(place, surroundings, region.as_deref())?;
        if place.service == Service::Oss && region.is_none() {
            region = alibaba::region_of_host(base.endpoint_host()).map(str::to_owned);
        }
        let signer = Signer::new(place, surroundings, region.as_deref(), &client, &quick)?;
        let said = if place.service == Service::Gcs { wire::json_error } else { wire::xml_error };
        let exchange = Exchange { said, client, signer };
        Ok(Bucket { service: place.service, name: place.bucket.clone(), base, exchange })
    }

    /// How an object is called in messages: `s3://bucket/key`.
    pub fn address(&self, key: &str) -> String {
        format!("{}://{}/{key}", self.service, self.name)
    }

    /// An object, of which the head has come.
    ///
    /// # Errors
    /// There is none, or it can't be had.
    pub async fn get(&self, key: &str, headers: &[(&str, &str)]) -> Result<Object, Error> {
        self.get_version(key, None, headers).await
    }

    /// An object as it was: its content of a version (S3, OSS) or of a generation (Google).
    ///
    /// # Errors
    /// There is none, or it can't be had.
    pub async fn get_version(&self, key: &str, version: Option<&str>, headers: &[(&str, &str)]) -> Result<Object, Error> {
        let mut query = Vec::new();
        if self.service == Service::Gcs {
            query.push(("alt", "media"));
        }
        query.extend(version.map(|version| (self.version_name(), version)));
        let ask = self.ask(Method::GET, Some(key), &query, headers)?;
        let response = self.exchange.send(&ask).await?;
        Ok(Object { meta: Meta::of_headers(key, response.headers()), subject: ask.subject, response })
    }

    /// What is known of an object.
    ///
    /// # Errors
    /// There is none, or nothing can be known of it.
    pub async fn head(&self, key: &str, headers: &[(&str, &str)]) -> Result<Meta, Error> {
        if self.service == Service::Gcs {
            let ask = self.ask(Method::GET, Some(key), &[], headers)?;
            return self.document(&ask, wire::json_object).await;
        }
        let ask = self.ask(Method::HEAD, Some(key), &[], headers)?;
        let response = self.exchange.send(&ask).await?;
        Ok(Meta::of_headers(key, response.headers()))
    }

    /// Writes an object, and returns which version it became.
    ///
    /// # Errors
    /// The condition does not hold, or it can't be written. After [`Kind::Unavailable`] it may have been written all the same.
    pub async fn put(&self, key: &str, content: Vec<u8>, put: Put<'_>) -> Result<Version, Error> {
        check_key(&self.address(key), key)?;
        let content_type = put.content_type.unwrap_or("application/octet-stream");
        // Buckets that lock objects insist on a digest; elsewhere it is good against broken connections.
        let digest = STANDARD.encode(md5::Md5::digest(&content));
        let mut headers = self.conditions(key, put.condition)?;
        headers.extend(put.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut query: Vec<(&str, &str)> = put.query.to_vec();
        let generation = self.generation(put.condition);
        query.extend(generation.as_deref().map(|generation| ("ifGenerationMatch", generation)));
        let (method, url, sent_type, content) = match self.service {
            Service::Gcs => {
                query.push(("uploadType", "multipart"));
                let url = self.base.below(&format!("/upload/storage/v1/b/{}/o", self.name), &query);
                let (sent_type, content) = in_parts(&wire::upload(key, content_type, &digest), content_type, &content);
                (Method::POST, url, sent_type, content)
            }
            Service::S3 | Service::Oss => {
                headers.push(("content-md5".to_owned(), digest));
                (Method::PUT, self.base.of(Some(key), &query), content_type.to_owned(), content)
            }
        };
        headers.push(("content-type".to_owned(), sent_type));
        headers.push(("content-length".to_owned(), content.len().to_string()));
        if self.service == Service::S3 {
            headers.push(("x-amz-content-sha256".to_owned(), hex(&sha2::Sha256::digest(&content))));
        }
        let is_repeatable = put.condition.is_none();
        let ask = Ask { method, url, headers, body: Bytes::from(content), subject: self.address(key), is_repeatable };
        if self.service == Service::Gcs {
            return Ok(self.document(&ask, wire::json_object).await?.version);
        }
        let response = self.exchange.send(&ask).await?;
        Ok(Meta::of_headers(key, response.headers()).version)
    }

    /// Deletes an object. S3 and OSS say nothing when there is none; Google says that it is not found.
    ///
    /// # Errors
    /// The condition does not hold, or it can't be deleted.
    pub async fn delete(&self, key: &str, condition: Option<&Condition>) -> Result<(), Error> {
        let generation = self.generation(condition);
        let query: Vec<(&str, &str)> = generation.as_deref().map(|generation| ("ifGenerationMatch", generation)).into_iter().collect();
        let mut ask = self.ask(Method::DELETE, Some(key), &query, &[])?;
        ask.headers.extend(self.conditions(key, condition)?);
        self.exchange.send(&ask).await.map(drop)
    }

    /// Some of the objects whose names begin so: the first ones, or those that follow a page.
    ///
    /// # Errors
    /// There is no such bucket, or it can't be listed.
    pub async fn list(&self, prefix: &str, next: Option<&str>) -> Result<Page, Error> {
        let mut query = vec![("prefix", prefix)];
        if self.service == Service::Gcs {
            query.push(("maxResults", PAGE_OBJECTS));
            query.extend(next.map(|next| ("pageToken", next)));
            let mut ask = self.ask(Method::GET, None, &query, &[])?;
            ask.url = self.base.below(&format!("/storage/v1/b/{}/o", self.name), &query);
            ask.subject = self.address(prefix);
            return self.document(&ask, wire::json_page).await.map_err(of_bucket);
        }
        query.extend([("list-type", "2"), ("max-keys", PAGE_OBJECTS)]);
        query.extend(next.map(|next| ("continuation-token", next)));
        let mut ask = self.ask(Method::GET, None, &query, &[])?;
        ask.subject = self.address(prefix);
        self.document(&ask, wire::xml_page).await.map_err(of_bucket)
    }

    /// All objects whose names begin so.
    ///
    /// # Errors
    /// There is no such bucket, it can't be listed, or there are more than `objects_max`.
    pub async fn list_all(&self, prefix: &str, objects_max: usize) -> Result<Vec<Meta>, Error> {
        let mut all = Vec::new();
        let mut next = None;
        loop {
            let page = self.list(prefix, next.as_deref()).await?;
            all.extend(page.objects);
            if all.len() > objects_max {
                return Err(Error::new(Kind::TooLarge, self.address(prefix), format!("there are more than {objects_max} objects")));
            }
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(all),
            }
        }
    }

    /// Whether the bucket keeps old versions of objects, or once did. In such a bucket of OSS [`Condition::Absent`] means nothing.
    ///
    /// # Errors
    /// There is no such bucket, or it may not be asked.
    pub async fn is_versioned(&self) -> Result<bool, Error> {
        if self.service == Service::Gcs {
            let mut ask = self.ask(Method::GET, None, &[], &[])?;
            ask.url = self.base.below(&format!("/storage/v1/b/{}", self.name), &[]);
            return self.document(&ask, wire::json_is_versioned).await.map_err(of_bucket);
        }
        let ask = self.ask(Method::GET, None, &[("versioning", "")], &[])?;
        self.document(&ask, wire::xml_is_versioned).await.map_err(of_bucket)
    }

    fn ask(&self, method: Method, key: Option<&str>, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Result<Ask, Error> {
        let subject = self.address(key.unwrap_or_default());
        if let Some(key) = key {
            check_key(&subject, key)?;
        }
        let url = match (self.service, key) {
            (Service::Gcs, Some(key)) => self.base.below(&format!("/storage/v1/b/{}/o/{}", self.name, encoded(key, false)), query),
            _ => self.base.of(key, query),
        };
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(Ask { method, url, headers, body: Bytes::new(), subject, is_repeatable: true })
    }

    async fn document<T>(&self, ask: &Ask, read: fn(&str) -> Result<T, String>) -> Result<T, Error> {
        let response: Response = self.exchange.send(ask).await?;
        let object = Object { meta: Meta::default(), subject: ask.subject.clone(), response };
        let bytes = object.bytes(DOCUMENT_BYTES_MAX).await?;
        read(&String::from_utf8_lossy(&bytes))
            .map_err(|reason| Error::new(Kind::Unreadable, &ask.subject, format!("the answer can't be read: {reason}")))
    }

    /// The headers that say a condition to S3 or OSS.
    fn conditions(&self, key: &str, condition: Option<&Condition>) -> Result<Vec<(String, String)>, Error> {
        let header = match (self.service, condition) {
            (_, None) | (Service::Gcs, _) => return Ok(Vec::new()),
            (Service::S3, Some(Condition::Absent)) => ("if-none-match", "*"),
            (Service::Oss, Some(Condition::Absent)) => ("x-oss-forbid-overwrite", "true"),
            (Service::S3, Some(Condition::Unchanged(Version { etag: Some(etag), .. }))) => ("if-match", etag.as_str()),
            (Service::Oss, Some(Condition::Unchanged(_))) => {
                let message = "OSS can't write or delete an object on the condition that it is unchanged";
                return Err(Error::new(Kind::Unsupported, self.address(key), message));
            }
            (Service::S3, Some(Condition::Unchanged(_))) => {
                return Err(Error::new(
                    Kind::Unsupported,
                    self.address(key),
                    "the version has no ETag, by which to tell whether it is unchanged",
                ));
            }
        };
        Ok(vec![(header.0.to_owned(), header.1.to_owned())])
    }

    /// The generation that Google's object must have; zero says that there must be none.
    fn generation(&self, condition: Option<&Condition>) -> Option<String> {
        match condition.filter(|_| self.service == Service::Gcs)? {
            Condition::Absent => Some("0".to_owned()),
            Condition::Unchanged(version) => version.generation.clone(),
        }
    }

    fn version_name(&self) -> &'static str {
        if self.service == Service::Gcs { "generation" } else { "versionId" }
    }
}

/// The region that is said, or that the environment or the profile names.
fn region(place: &Place, surroundings: &Surroundings) -> Option<String> {
    let of_variables = |names: &[&str]| surroundings.first(names).map(str::to_owned);
    match place.service {
        Service::S3 => {
            let found = aws::region(place.region.as_deref(), &place.access, surroundings);
            Some(found.unwrap_or_else(|| "us-east-1".to_owned()))
        }
        Service::Gcs => None,
        Service::Oss => {
            // An endpoint that is said tells the region better than the environment.
            let said = place.endpoint.as_deref().map(|endpoint| endpoint.split("://").last().unwrap_or_default());
            let of_host = said.and_then(|host| alibaba::region_of_host(host.trim_end_matches('/'))).map(str::to_owned);
            let region =
                place.region.clone().or(of_host).or_else(|| of_variables(&["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "OSS_REGION"]))?;
            Some(region.strip_prefix("oss-").unwrap_or(&region).to_owned())
        }
    }
}

/// What is not found, where no object was asked for, is the bucket.
fn of_bucket(error: Error) -> Error {
    let kind = if error.kind == Kind::NotFound { Kind::NoBucket } else { error.kind };
    Error { kind, ..error }
}

/// Whether a name of an object survives in an address: `.` and `..` between slashes do not.
fn check_key(subject: &str, key: &str) -> Result<(), Error> {
    match key.is_empty() || key.split('/').any(|part| part == "." || part == "..") {
        true => Err(Error::new(Kind::Invalid, subject, format!("{key:?} is no name of an object"))),
        false => Ok(()),
    }
}

/// A document and a content as the two parts of one body (RFC 2387), and what type that is. No line of the content is the boundary:
/// it is a digest of it.
fn in_parts(document: &str, content_type: &str, content: &[u8]) -> (String, Vec<u8>) {
    let boundary = hex(&sha2::Sha256::digest(content));
    let mut body = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{document}\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/related; boundary={boundary}"), body)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
