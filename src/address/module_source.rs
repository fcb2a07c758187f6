//! Addresses of modules: the `source` of a module block.
//!
//! What is written is normalised as Terraform does, so that the manifests of both agree: `github.com/o/r` prints as
//! `git::https://github.com/o/r.git`, `o/n/s` as `registry.terraform.io/o/n/s`, `./a//b` as `./a/b`.

mod detect;
#[cfg(test)]
mod tests;

use std::fmt;

/// The registry that is meant when none is named.
pub const DEFAULT_REGISTRY: &str = "registry.terraform.io";

/// Where a module is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModuleSource {
    /// A folder relative to that of the calling module, beginning with `./` or `../`.
    Local(String),
    /// In a registry.
    Registry(RegistrySource),
    /// In a package that is fetched from an address.
    Package(PackageSource),
}

/// A module of a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrySource {
    /// The registry's host, with a port when one is written.
    pub host: String,
    /// Who publishes it.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What it is mainly for, such as `aws`.
    pub system: String,
    /// The folder of the module in its package, without slashes at its ends.
    pub subfolder: Option<String>,
}

/// A folder of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageSource {
    /// The package.
    pub package: Package,
    /// The folder of the module in it, without slashes at its ends.
    pub subfolder: Option<String>,
}

/// Something that is fetched as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    /// How.
    pub protocol: Protocol,
    /// From where: a URL with its query.
    pub url: String,
}

/// How a package is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A folder of this machine.
    File,
    /// A git repository.
    Git,
    /// An archive from a web server, or a page that says where the package is.
    Http,
    /// Objects of Amazon S3 or of what speaks its protocol.
    S3,
    /// Objects of Google Cloud Storage.
    Gcs,
    /// Objects of Alibaba Cloud OSS.
    Oss,
}

/// Why a text is no address of a module; whole sentences.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ModuleSourceError(pub String);

impl ModuleSource {
    /// Reads a source as written.
    ///
    /// # Errors
    /// It is of no known form, or of one that can't be fetched.
    pub fn parse(text: &str) -> Result<ModuleSource, ModuleSourceError> {
        if is_local(text) {
            return Ok(ModuleSource::Local(clean_local(text)));
        }
        if let Ok(registry) = RegistrySource::parse(text) {
            return Ok(ModuleSource::Registry(registry));
        }
        detect::package(text).map(ModuleSource::Package)
    }
}

impl RegistrySource {
    /// Reads a source that must be one of a registry, because a version goes with it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<RegistrySource, ModuleSourceError> {
        let failed = |reason: String| Err(ModuleSourceError(reason));
        if is_local(text) {
            return failed(format!("can't use local directory {text:?} as a module registry address"));
        }
        let (main, subfolder) = split_subfolder(text);
        let subfolder = subfolder.map(|folder| clean_subfolder(&folder)).transpose()?.flatten();
        let parts: Vec<&str> = main.split('/').collect();
        let (host, names) = match parts.len() {
            3 => (DEFAULT_REGISTRY.to_owned(), &parts[..]),
            4 => (host(parts[0])?, &parts[1..]),
            _ => return failed("a module registry source address must have either three or four slash-separated components".to_owned()),
        };
        for (what, name) in [("namespace", names[0]), ("module name", names[1])] {
            if !is_registry_name(name) {
                return failed(format!(
                    "invalid {what} {name:?}: must be between one and 64 characters, including ASCII letters, digits, dashes, and \
                     underscores, where dashes and underscores may not be the prefix or suffix"
                ));
            }
        }
        let system = names[2];
        if system.is_empty() || system.len() > 64 || !system.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return failed(format!("invalid target system {system:?}: must be between one and 64 ASCII letters or digits, in lower case"));
        }
        Ok(RegistrySource { host, namespace: names[0].to_owned(), name: names[1].to_owned(), system: system.to_owned(), subfolder })
    }

    /// The address of the package: without the folder in it.
    pub fn package(&self) -> String {
        let RegistrySource { host, namespace, name, system, .. } = self;
        format!("{host}/{namespace}/{name}/{system}")
    }
}

impl Package {
    /// A part of the URL's query, decoded; the first of its name.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.url.split_once('?')?;
        let value = query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_decoded(value))
    }

    /// The path of a URL, decoded. Unlike in a query `+` is itself.
    pub fn decoded_path(path: &str) -> String {
        percent_decoded(&path.replace('+', "%2B"))
    }

    /// The URL without the parts of the query that are meant for us and not for the server.
    pub fn url_without(&self, names: &[&str]) -> String {
        let Some((base, query)) = self.url.split_once('?') else { return self.url.clone() };
        let kept: Vec<&str> = query.split('&').filter(|part| !names.contains(&part.split('=').next().unwrap_or_default())).collect();
        if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) }
    }

    /// As it prints, with a password or token in the URL hidden.
    pub fn shown(&self) -> String {
        hide_secrets(&self.to_string())
    }
}

/// A text in which the passwords of URLs and what stands for keys in their queries are replaced.
pub fn hide_secrets(text: &str) -> String {
    static PASSWORD: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"(://[^/?#@:\s]*):[^/?#@\s]*@").expect("a pattern"));
    static USER: std::sync::LazyLock<regex::Regex> =
        std::sync::LazyLock::new(|| regex::Regex::new(r"(https?://)[^/?#@:\s]{20,}@").expect("a pattern"));
    static QUERY: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        regex::Regex::new(r"(?i)([?&](?:sshkey|[a-z0-9_-]*(?:token|secret|signature|password|access_key)[a-z0-9_-]*)=)[^&\s\x22']*")
            .expect("a pattern")
    });
    let text = PASSWORD.replace_all(text, "$1:(redacted)@");
    let text = USER.replace_all(&text, "$1(redacted)@");
    QUERY.replace_all(&text, "$1(redacted)").into_owned()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let code = text.get(position + 1..position + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, code) {
            (b'%', Some(code)) => {
                decoded.push(code);
                position += 2;
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
        position += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

impl Protocol {
    /// What stands before `::` in an address; empty where the URL's own scheme says it.
    fn prefix(self) -> &'static str {
        match self {
            Protocol::File | Protocol::Http => "",
            Protocol::Git => "git::",
            Protocol::S3 => "s3::",
            Protocol::Gcs => "gcs::",
            Protocol::Oss => "oss::",
        }
    }
}

impl fmt::Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModuleSource::Local(path) => f.write_str(path),
            ModuleSource::Registry(source) => source.fmt(f),
            ModuleSource::Package(source) => source.fmt(f),
        }
    }
}

impl fmt::Display for RegistrySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.package())?;
        self.subfolder.as_ref().map_or(Ok(()), |folder| write!(f, "//{folder}"))
    }
}

impl fmt::Display for PackageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(folder) = &self.subfolder else { return self.package.fmt(f) };
        let Package { protocol, url } = &self.package;
        match url.split_once('?') {
            Some((base, query)) => write!(f, "{}{base}//{folder}?{query}", protocol.prefix()),
            None => write!(f, "{}{url}//{folder}", protocol.prefix()),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.protocol.prefix(), self.url)
    }
}

fn is_local(text: &str) -> bool {
    ["./", "../", ".\\", "..\\"].iter().any(|start| text.starts_with(start)) || text == "." || text == ".."
}

/// A relative path without empty and `.` parts, beginning with `./` or `../`.
fn clean_local(text: &str) -> String {
    let cleaned = clean(&text.replace('\\', "/"));
    match cleaned.as_str() {
        "." => "./".to_owned(),
        ".." => "../".to_owned(),
        _ if cleaned.starts_with("../") => cleaned,
        _ => format!("./{cleaned}"),
    }
}

/// A relative path without empty, `.` and needless `..` parts; `.` when nothing is left.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The folder `inner` of a package that is itself the folder `outer` of another.
pub fn nested_subfolder(outer: Option<String>, inner: Option<String>) -> Option<String> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => Some(format!("{outer}/{inner}")),
        (outer, inner) => outer.or(inner),
    }
}

/// `https://host/pkg//sub?ref=v1` → `https://host/pkg?ref=v1` and `sub`.
fn split_subfolder(text: &str) -> (String, Option<String>) {
    let end = text.find('?').unwrap_or(text.len());
    let start = text[..end].find("://").map_or(0, |position| position + "://".len());
    match text[start..end].find("//") {
        Some(position) => {
            let position = start + position;
            (format!("{}{}", &text[..position], &text[end..]), Some(text[position + 2..end].to_owned()))
        }
        None => (text.to_owned(), None),
    }
}

fn clean_subfolder(folder: &str) -> Result<Option<String>, ModuleSourceError> {
    let cleaned = clean(folder);
    if cleaned == ".." || cleaned.starts_with("../") {
        return Err(ModuleSourceError(format!(
            "Failed to parse module source address: subdirectory path {cleaned:?} leads outside of the module package."
        )));
    }
    Ok((cleaned != ".").then_some(cleaned))
}

fn is_registry_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
    let bytes = name.as_bytes();
    bytes.len() <= 64
        && bytes.first().is_some_and(|byte| is_plain(*byte))
        && bytes.last().is_some_and(|byte| is_plain(*byte))
        && bytes.iter().all(|byte| is_plain(*byte) || matches!(byte, b'-' | b'_'))
}

/// A registry's host: in lower case, with at least one dot, perhaps with a port.
fn host(text: &str) -> Result<String, ModuleSourceError> {
    let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|character| character.is_alphanumeric() || character == '-')
    };
    let valid = name.contains('.') && name.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok());
    if !valid {
        return Err(ModuleSourceError(format!("invalid module registry hostname {text:?}: must contain at least one dot")));
    }
    if ["github.com", "bitbucket.org"].contains(&name) {
        return Err(ModuleSourceError(format!(
            "can't use {name:?} as a module registry host, because it's reserved for installing directly from version control repositories"
        )));
    }
    Ok(text.to_lowercase())
}
