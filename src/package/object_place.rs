//! Addresses of packages in buckets: which service, bucket and key they mean, and as whom.

use super::PackageError;
use crate::address::module_source::{Package, Protocol};
use crate::bucket::{Access, Keys, Place, Secret, Service};
use reqwest::Url;

/// What an address means.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) place: Place,
    /// An object's name, or what the names of a folder's objects begin with, without a slash at the end.
    pub(super) key: String,
    /// Which version (S3, OSS) or generation (Google) of an object.
    pub(super) version: Option<String>,
    /// Whether the region stands in the address, so that another one is a mistake.
    pub(super) has_region: bool,
    /// Whether the host is none of the service's own.
    pub(super) is_foreign: bool,
}

/// Reads an address of a bucket.
///
/// # Errors
/// It names no bucket, or no object in it.
pub(super) fn locate(package: &Package) -> Result<Located, PackageError> {
    let url = Url::parse(&package.url).map_err(|error| PackageError::new(format!("{:?} is no address: {error}", package.url)))?;
    let host = url.host_str().unwrap_or_default();
    let path = Package::decoded_path(url.path());
    let path = path.trim_start_matches('/').trim_end_matches('/');
    let mut located = match package.protocol {
        Protocol::Gcs => google(host, path),
        Protocol::Oss => alibaba(host, path),
        _ => amazon(host, path),
    }
    .filter(|located| !located.place.bucket.is_empty() && !located.key.is_empty())
    .ok_or_else(|| PackageError::new(format!("the address names no object in a bucket; it must look like {}", form(package.protocol))))?;
    if located.is_foreign {
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        located.place.endpoint = Some(format!("{}://{host}{port}", url.scheme()));
    }
    if package.protocol != Protocol::Gcs {
        located.place.access = access(package)?;
        if let Some(region) = package.query("region").filter(|region| !region.is_empty()) {
            located.place.region = Some(region);
            located.has_region = true;
        }
        located.version = package.query("version").or_else(|| package.query("versionId")).filter(|version| !version.is_empty());
    } else {
        located.version = url.fragment().map(str::to_owned).or_else(|| package.query("generation")).filter(|version| !version.is_empty());
    }
    Ok(located)
}

fn form(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Gcs => "gcs::https://www.googleapis.com/storage/v1/BUCKET/KEY",
        Protocol::Oss => "oss::https://BUCKET.oss-REGION.aliyuncs.com/KEY",
        _ => "s3::https://s3.REGION.amazonaws.com/BUCKET/KEY",
    }
}

fn located(service: Service, bucket: &str, key: &str) -> Located {
    Located { place: Place::new(service, bucket), key: key.to_owned(), version: None, has_region: false, is_foreign: false }
}

/// `bucket/key` at a host of one's own; its address is filled in by the caller.
fn elsewhere(service: Service, path: &str) -> Option<Located> {
    let (bucket, key) = path.split_once('/')?;
    let mut located = located(service, bucket, key);
    located.is_foreign = true;
    located.place.path_style = Some(true);
    Some(located)
}

/// `s3.amazonaws.com/bucket/key`, `s3-region.…`, `s3.region.…`, and the same with the bucket before it; with `dualstack` too.
fn amazon(host: &str, path: &str) -> Option<Located> {
    let Some(name) = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn")) else {
        return elsewhere(Service::S3, path);
    };
    let labels: Vec<&str> = name.split('.').collect();
    let position = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
    let own = labels[position].strip_prefix("s3-").filter(|region| *region != "fips");
    let region = own.or_else(|| labels[position + 1..].iter().find(|label| **label != "dualstack").copied());
    let mut found = match labels[..position].join(".") {
        bucket if bucket.is_empty() => {
            let (bucket, key) = path.split_once('/')?;
            located(Service::S3, bucket, key)
        }
        bucket => located(Service::S3, &bucket, path),
    };
    found.has_region = region.is_some();
    found.place.region = Some(region.unwrap_or("us-east-1").to_owned());
    Some(found)
}

/// `www.googleapis.com/storage/v1/bucket/key`, and `storage.googleapis.com/bucket/key`, where browsers find objects.
fn google(host: &str, path: &str) -> Option<Located> {
    let in_interface = path.strip_prefix("storage/").and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest);
    match host {
        "storage.googleapis.com" | "storage.cloud.google.com" if in_interface.is_none() => {
            let (bucket, key) = path.split_once('/')?;
            Some(located(Service::Gcs, bucket, key))
        }
        host if host == "googleapis.com" || host.ends_with(".googleapis.com") => {
            let (bucket, key) = in_interface?.split_once('/')?;
            Some(located(Service::Gcs, bucket, key))
        }
        _ => elsewhere(Service::Gcs, in_interface?),
    }
}

/// `bucket.oss-region.aliyuncs.com/key`.
fn alibaba(host: &str, path: &str) -> Option<Located> {
    if !host.ends_with(".aliyuncs.com") {
        return elsewhere(Service::Oss, path);
    }
    let (bucket, service) = host.split_once('.').filter(|(_, service)| service.starts_with("oss-"))?;
    let mut found = located(Service::Oss, bucket, path);
    found.place.endpoint = Some(format!("https://{service}"));
    Some(found)
}

/// The access key or profile that stands in the address.
fn access(package: &Package) -> Result<Access, PackageError> {
    let part = |name: &str| package.query(name).filter(|value| !value.is_empty());
    let [id, secret, token] = match package.protocol {
        Protocol::Oss => ["access_key_id", "access_key_secret", "security_token"],
        _ => ["aws_access_key_id", "aws_access_key_secret", "aws_access_token"],
    }
    .map(part);
    let keys = match (id, secret) {
        (Some(id), Some(secret)) => Some(Keys { id, secret: Secret(secret), token: token.map(Secret) }),
        (None, None) => None,
        _ => return Err(PackageError::new("the address names one half of an access key only")),
    };
    Ok(Access { keys, profile: part("aws_profile"), ..Access::default() })
}

#[cfg(test)]
mod tests {
    use super::locate;
    use crate::address::ModuleSource;

    fn found(source: &str) -> String {
        let Ok(ModuleSource::Package(source)) = ModuleSource::parse(source) else { panic!("{source}") };
        match locate(&source.package) {
            Ok(located) => {
                let place = located.place;
                let mut text = format!("{}://{}/{}", place.service, place.bucket, located.key);
                for (name, value) in [("region", place.region), ("endpoint", place.endpoint), ("version", located.version)] {
                    text.extend(value.map(|value| format!(" {name}={value}")));
                }
                text.extend(place.access.keys.map(|keys| format!(" key={}:{}", keys.id, keys.secret.0)));
                text
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn addresses_name_buckets() {
        for (source, expected) in [
            ("s3::https://s3.amazonaws.com/b/k/l.zip", "s3://b/k/l.zip region=us-east-1"),
            ("s3::https://s3-eu-west-1.amazonaws.com/b/k", "s3://b/k region=eu-west-1"),
            ("s3::https://s3.eu-west-1.amazonaws.com/b/k/", "s3://b/k region=eu-west-1"),
            ("s3::https://b.s3-eu-west-1.amazonaws.com/k", "s3://b/k region=eu-west-1"),
            ("s3::https://b.c.s3.eu-west-1.amazonaws.com/k%20l+m?version=7", "s3://b.c/k l+m region=eu-west-1 version=7"),
            ("s3::https://s3.dualstack.eu-west-1.amazonaws.com/b/k", "s3://b/k region=eu-west-1"),
            ("s3::https://s3.cn-north-1.amazonaws.com.cn/b/k", "s3://b/k region=cn-north-1"),
            ("b.s3.eu-west-1.amazonaws.com/k.zip", "s3://b/k.zip region=eu-west-1"),
            (
                "s3::http://127.0.0.1:9000/b/k?region=x&aws_access_key_id=A&aws_access_key_secret=S",
                "s3://b/k region=x endpoint=http://127.0.0.1:9000 key=A:S",
            ),
            ("gcs::https://www.googleapis.com/storage/v1/b/k/l.zip", "gs://b/k/l.zip"),
            ("www.googleapis.com/storage/v1/b/k", "gs://b/k"),
            ("gcs::https://storage.googleapis.com/b/k", "gs://b/k"),
            ("gcs::http://127.0.0.1:4443/storage/v1/b/k", "gs://b/k endpoint=http://127.0.0.1:4443"),
            ("oss::https://b.oss-cn-hangzhou.aliyuncs.com/k/l", "oss://b/k/l endpoint=https://oss-cn-hangzhou.aliyuncs.com"),
            ("b.oss-cn-hangzhou.aliyuncs.com/k.zip", "oss://b/k.zip endpoint=https://oss-cn-hangzhou.aliyuncs.com"),
        ] {
            assert_eq!(found(source), expected, "{source}");
        }
        for source in
            ["s3::https://s3.amazonaws.com/b", "s3::https://ec2.amazonaws.com/b/k", "gcs::https://www.googleapis.com/storage/v1/b"]
        {
            assert!(found(source).starts_with("the address names no object in a bucket"), "{source}: {}", found(source));
        }
        let half = found("s3::https://s3.amazonaws.com/b/k?aws_access_key_id=A");
        assert_eq!(half, "the address names one half of an access key only");
    }
}
