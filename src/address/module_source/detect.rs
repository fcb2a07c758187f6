//! What is neither a local path nor an address of a registry: which protocol fetches it, from which URL.

use super::{ModuleSourceError, Package, PackageSource, Protocol, clean_subfolder, split_subfolder};

type Detected<T> = Result<T, ModuleSourceError>;

pub(super) fn package(text: &str) -> Detected<PackageSource> {
    let (forced, rest) = forced(text);
    let (main, outer) = split_subfolder(rest);
    let (base, query) = main.split_once('?').map_or((main.as_str(), None), |(base, query)| (base, Some(query)));
    let (protocol, url) = match forced {
        Some(name) => by_prefix(&name, base)?,
        None => by_form(base)?.ok_or_else(|| undetermined(rest))?,
    };
    // A shorthand may name a folder of its own: github.com/o/r/folder.
    let (url, inner) = split_subfolder(&url);
    let subfolder = match (inner, outer) {
        (Some(inner), Some(outer)) => clean_subfolder(&format!("{inner}/{outer}"))?,
        (Some(folder), None) | (None, Some(folder)) => clean_subfolder(&folder)?,
        (None, None) => None,
    };
    let url = match query {
        Some(query) => format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' }),
        None => url,
    };
    Ok(PackageSource { package: Package { protocol, url }, subfolder })
}

/// `git::https://…` → `git` and the rest.
fn forced(text: &str) -> (Option<String>, &str) {
    match text.split_once("::") {
        Some((name, rest)) if !name.is_empty() && !rest.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            (Some(name.to_ascii_lowercase()), rest)
        }
        _ => (None, text),
    }
}

fn by_prefix(name: &str, base: &str) -> Detected<(Protocol, String)> {
    let detected = by_form(base)?;
    let expects = |protocol: Protocol| match &detected {
        Some((_, url)) => Ok((protocol, url.clone())),
        None => Err(undetermined(base)),
    };
    match name {
        "git" => match secure_shell(base) {
            Some(url) => Ok((Protocol::Git, url)),
            None => expects(Protocol::Git),
        },
        "http" | "https" => expects(Protocol::Http),
        "file" => expects(Protocol::File),
        "s3" => expects(Protocol::S3),
        "gcs" => expects(Protocol::Gcs),
        "oss" => expects(Protocol::Oss),
        "hg" => refused("Mercurial repositories (hg::) can't be fetched. Publish the module in a git repository or as an archive."),
        "oci" => refused("Modules in OCI registries (oci::) can't be fetched. Publish the module in a git repository or as an archive."),
        other => Err(ModuleSourceError(format!(
            "Sources of the kind {other:?} can't be fetched; there are git::, s3::, gcs::, oss::, http:// and https:// addresses."
        ))),
    }
}

/// The protocol and URL of an address without `…::` before it and without a query; `None` when it is of no known form.
fn by_form(base: &str) -> Detected<Option<(Protocol, String)>> {
    if let Some((scheme, rest)) = base.split_once("://") {
        return by_scheme(&scheme.to_ascii_lowercase(), base, rest).map(Some);
    }
    if base.starts_with("github.com/") {
        return hosted(base, "GitHub", "github.com/username/repo").map(Some);
    }
    if base.starts_with("bitbucket.org/") {
        return hosted(base, "BitBucket", "bitbucket.org/username/repo").map(Some);
    }
    if base.starts_with("git@")
        && let Some(url) = secure_shell(base)
    {
        return Ok(Some((Protocol::Git, url)));
    }
    if base.starts_with('/') {
        return Ok(Some((Protocol::File, format!("file://{base}"))));
    }
    Ok(google(base).or_else(|| amazon(base)).or_else(|| alibaba(base)))
}

fn by_scheme(scheme: &str, base: &str, rest: &str) -> Detected<(Protocol, String)> {
    let url = base.to_owned();
    match scheme {
        "http" | "https" => {
            let path = rest.split_once('/').map_or("", |(_, path)| path);
            let is_repository = path.trim_end_matches('/').ends_with(".git");
            Ok((if is_repository { Protocol::Git } else { Protocol::Http }, url))
        }
        "git" | "ssh" => Ok((Protocol::Git, url)),
        "file" if rest.starts_with('/') => Ok((Protocol::File, url)),
        "file" => refused("A file:// address needs an absolute path: file:///path."),
        other => Err(ModuleSourceError(format!(
            "Sources of the scheme {other:?} can't be fetched; there are git::, s3::, gcs::, oss::, http:// and https:// addresses."
        ))),
    }
}

/// `github.com/o/r/folder` → `https://github.com/o/r.git//folder`.
fn hosted(base: &str, name: &str, form: &str) -> Detected<(Protocol, String)> {
    let parts: Vec<&str> = base.split('/').collect();
    if parts.len() < 3 || parts[1].is_empty() || parts[2].is_empty() {
        return Err(ModuleSourceError(format!("Failed to parse module source address: {name} URLs should be {form}.")));
    }
    let mut url = format!("https://{}", parts[..3].join("/"));
    if !url.ends_with(".git") {
        url.push_str(".git");
    }
    if parts.len() > 3 {
        url = format!("{url}//{}", parts[3..].join("/"));
    }
    Ok((Protocol::Git, url))
}

/// `user@host:path` → `ssh://user@host/path`.
fn secure_shell(base: &str) -> Option<String> {
    if base.contains("://") {
        return None;
    }
    let (user, rest) = base.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let valid = !user.is_empty() && !host.is_empty() && !path.is_empty() && !user.contains('/') && !host.contains('/');
    valid.then(|| format!("ssh://{user}@{host}/{}", path.trim_start_matches('/')))
}

/// `www.googleapis.com/storage/v1/bucket/key`.
fn google(base: &str) -> Option<(Protocol, String)> {
    let rest = base.strip_prefix("www.googleapis.com/storage/")?;
    let mut parts = rest.splitn(3, '/');
    let (version, bucket, key) = (parts.next()?, parts.next()?, parts.next()?);
    (!version.is_empty() && !bucket.is_empty() && !key.is_empty()).then(|| (Protocol::Gcs, format!("https://{base}")))
}

/// `s3.amazonaws.com/bucket/key`, `bucket.s3.amazonaws.com/key` and the same with a region.
fn amazon(base: &str) -> Option<(Protocol, String)> {
    let (host, path) = base.split_once('/')?;
    let service = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let ending = &host[service.len()..];
    let labels: Vec<&str> = service.split('.').collect();
    let place = match labels.as_slice() {
        [one] if *one == "s3" || one.starts_with("s3-") => return path.contains('/').then(|| (Protocol::S3, format!("https://{base}"))),
        ["s3", _region] => return path.contains('/').then(|| (Protocol::S3, format!("https://{base}"))),
        [bucket, one] if *one == "s3" || one.starts_with("s3-") => (bucket, (*one).to_owned()),
        [bucket, "s3", region] => (bucket, format!("s3.{region}")),
        _ => return None,
    };
    let (bucket, service) = place;
    Some((Protocol::S3, format!("https://{service}{ending}/{bucket}/{path}")))
}

/// `bucket.oss-cn-hangzhou.aliyuncs.com/key`.
fn alibaba(base: &str) -> Option<(Protocol, String)> {
    let (host, key) = base.split_once('/')?;
    let service = host.strip_suffix(".aliyuncs.com")?;
    let (bucket, region) = service.split_once('.')?;
    (!bucket.is_empty() && region.starts_with("oss-") && !key.is_empty()).then(|| (Protocol::Oss, format!("https://{base}")))
}

fn undetermined(text: &str) -> ModuleSourceError {
    ModuleSourceError(format!(
        "Windlass failed to determine your intended installation method for remote module package {text:?}.\n\nIf you intended this as a \
         path relative to the current module, use \"./{text}\" instead. The \"./\" prefix indicates that the address is a relative \
         filesystem path."
    ))
}

fn refused<T>(reason: &str) -> Detected<T> {
    Err(ModuleSourceError(reason.to_owned()))
}
