//! Addresses of buckets and objects.

use super::{Error, Kind, Place, Service, Surroundings};
use reqwest::Url;

/// Where requests for a bucket go.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// The service, without a slash at its end.
    endpoint: String,
    /// What the bucket's name stands before, if it stands in the host's name.
    host: Option<(String, String)>,
    bucket: String,
}

impl Base {
    /// Of a bucket in a region.
    ///
    /// # Errors
    /// The endpoint is no address, or the bucket's name is none.
    pub(super) fn new(place: &Place, surroundings: &Surroundings, region: Option<&str>) -> Result<Base, Error> {
        let subject = format!("{}://{}", place.service, place.bucket);
        if place.bucket.is_empty() || !place.bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
            return Err(Error::new(Kind::Invalid, subject, format!("{:?} is no name of a bucket", place.bucket)));
        }
        let given = place.endpoint.clone().or_else(|| endpoint_of_environment(place.service, surroundings));
        let is_given = given.is_some();
        let endpoint = match (given, place.service) {
            (Some(endpoint), _) if endpoint.contains("://") => endpoint,
            // The emulators of Google's storage are named without a scheme.
            (Some(endpoint), Service::Gcs) => format!("http://{endpoint}"),
            (Some(endpoint), _) => format!("https://{endpoint}"),
            (None, Service::S3) => amazon(region.unwrap_or("us-east-1"), surroundings),
            (None, Service::Gcs) => "https://storage.googleapis.com".to_owned(),
            (None, Service::Oss) => match region {
                Some(region) => format!("https://oss-{region}.aliyuncs.com"),
                None => return Err(Error::new(Kind::Invalid, subject, "say in which region the bucket is, or at which endpoint")),
            },
        };
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let url = Url::parse(&endpoint)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| Error::new(Kind::Invalid, &subject, format!("the endpoint {endpoint:?} is no address")))?;
        let is_own = !is_given;
        let in_host = place.service != Service::Gcs && !place.path_style.unwrap_or_else(|| prefers_path(&place.bucket, &url, is_own));
        let host = in_host.then(|| {
            let (scheme, rest) = endpoint.split_once("://").unwrap_or_default();
            (format!("{scheme}://"), rest.to_owned())
        });
        Ok(Base { endpoint, host, bucket: place.bucket.clone() })
    }

    /// The address of the bucket, or of an object in it, as S3 and OSS have it.
    pub(super) fn of(&self, key: Option<&str>, query: &[(&str, &str)]) -> String {
        let mut url = match &self.host {
            Some((scheme, rest)) => format!("{scheme}{}.{rest}/", self.bucket),
            None if key.is_some() => format!("{}/{}/", self.endpoint, self.bucket),
            None => format!("{}/{}", self.endpoint, self.bucket),
        };
        if let Some(key) = key {
            url.push_str(&encoded(key, true));
        }
        with_query(url, query)
    }

    /// An address below the service's own.
    pub(super) fn below(&self, path: &str, query: &[(&str, &str)]) -> String {
        with_query(format!("{}{path}", self.endpoint), query)
    }

    /// The host of the service.
    pub(super) fn endpoint_host(&self) -> &str {
        let rest = self.endpoint.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', ':']).next().unwrap_or_default()
    }
}

fn endpoint_of_environment(service: Service, surroundings: &Surroundings) -> Option<String> {
    let names: &[&str] = match service {
        Service::S3 if surroundings.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") => &[],
        Service::S3 => &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
        Service::Gcs => &["STORAGE_EMULATOR_HOST"],
        Service::Oss => &["ALICLOUD_OSS_ENDPOINT", "OSS_ENDPOINT"],
    };
    surroundings.first(names).map(str::to_owned)
}

/// The address of S3 in a region, as its tools make it.
fn amazon(region: &str, surroundings: &Surroundings) -> String {
    let ending = match region {
        region if region.starts_with("cn-") => "amazonaws.com.cn",
        region if region.starts_with("us-iso-") => "c2s.ic.gov",
        region if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        region if region.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    let fips = if surroundings.is_true("AWS_USE_FIPS_ENDPOINT") { "-fips" } else { "" };
    let dual = if surroundings.is_true("AWS_USE_DUALSTACK_ENDPOINT") { ".dualstack" } else { "" };
    format!("https://s3{fips}{dual}.{region}.{ending}")
}

/// Whether a bucket's name can't or should not stand in the host's name: certificates fit one label only, and hosts without names
/// or on this machine have no names below them.
fn prefers_path(bucket: &str, url: &Url, is_own: bool) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_label = bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_dotted = bucket.contains('.') && (url.scheme() == "https" || is_own);
    let is_number = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    is_number || !host.contains('.') || is_dotted || !(is_label || bucket.contains('.'))
}

fn with_query(mut url: String, query: &[(&str, &str)]) -> String {
    for (position, (name, value)) in query.iter().enumerate() {
        url.push(if position == 0 { '?' } else { '&' });
        url.push_str(name);
        if !value.is_empty() {
            url.push('=');
            url.push_str(&encoded(value, false));
        }
    }
    url
}

/// A text with everything encoded that has a meaning in addresses.
pub(super) fn encoded(text: &str, keeps_slash: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            b'/' if keeps_slash => encoded.push('/'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::Base;
    use crate::bucket::{Place, Service, Surroundings};

    #[test]
    fn buckets_stand_in_the_host_or_in_the_path() {
        let surroundings = |name: &str, value: &str| Surroundings { variables: [(name.to_owned(), value.to_owned())].into(), home: None };
        let at =
            |service: Service, bucket: &str, endpoint: Option<&str>, path_style: Option<bool>, region: &str, variable: (&str, &str)| {
                let place = Place { endpoint: endpoint.map(str::to_owned), path_style, ..Place::new(service, bucket) };
                Base::new(&place, &surroundings(variable.0, variable.1), Some(region)).unwrap().of(Some("k/é"), &[])
            };
        let none = ("", "");
        for (given, expected) in [
            (at(Service::S3, "b", None, None, "us-east-1", none), "https://b.s3.us-east-1.amazonaws.com/k/%C3%A9"),
            (at(Service::S3, "b.c", None, None, "eu-west-1", none), "https://s3.eu-west-1.amazonaws.com/b.c/k/%C3%A9"),
            (at(Service::S3, "b", None, Some(true), "cn-north-1", none), "https://s3.cn-north-1.amazonaws.com.cn/b/k/%C3%A9"),
            (
                at(Service::S3, "b", None, None, "us-gov-west-1", ("AWS_USE_FIPS_ENDPOINT", "true")),
                "https://b.s3-fips.us-gov-west-1.amazonaws.com/k/%C3%A9",
            ),
            (at(Service::S3, "b", Some("http://127.0.0.1:9000/"), None, "x", none), "http://127.0.0.1:9000/b/k/%C3%A9"),
            (at(Service::S3, "b", Some("minio:9000"), None, "x", none), "https://minio:9000/b/k/%C3%A9"),
            (at(Service::S3, "b", Some("https://s3.corp.net"), None, "x", none), "https://b.s3.corp.net/k/%C3%A9"),
            (at(Service::S3, "b", None, None, "x", ("AWS_ENDPOINT_URL_S3", "http://localhost:1")), "http://localhost:1/b/k/%C3%A9"),
            (at(Service::Oss, "b", None, None, "cn-hangzhou", none), "https://b.oss-cn-hangzhou.aliyuncs.com/k/%C3%A9"),
        ] {
            assert_eq!(given, expected);
        }
        let place = Place { endpoint: Some("ftp://x".to_owned()), ..Place::new(Service::S3, "b") };
        assert!(Base::new(&place, &Surroundings::default(), None).is_err());
    }
}
