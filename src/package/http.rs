//! Packages from web servers: an archive, or a page that says where the package is.

use super::checksum::Checksum;
use super::fetch::blocking;
use super::web::{Answer, Extras, Web};
use super::{PackageError, archive};
use crate::address::ModuleSource;
use crate::address::module_source::{Package, PackageSource, Protocol};
use reqwest::Url;
use std::path::Path;
use std::sync::LazyLock;

/// Parts of the query that are for us.
const OWN_QUERY: [&str; 2] = ["archive", "checksum"];
/// The header and the name of a page's `meta` element that say where a package is.
pub(super) const LOCATION: &str = "x-terraform-get";
const META_NAME: &str = "terraform-get";

/// What an address turned out to be.
pub(super) enum Reached {
    /// The package is in the folder.
    Unpacked,
    /// It is somewhere else.
    Elsewhere(PackageSource),
}

/// How an archive is to be unpacked: as `archive=` in the query says, else by the ending of the name. `archive=false` says that the
/// address is none, whatever its name.
pub(super) fn archive_kind(package: &Package, path: &str) -> Result<Option<archive::Kind>, PackageError> {
    let name = path.rsplit('/').next().unwrap_or_default();
    match package.query("archive").as_deref() {
        None | Some("") => Ok(archive::Kind::of_name(name)),
        Some("false" | "0" | "f" | "F" | "FALSE" | "False") => Ok(None),
        Some(named) => archive::Kind::of_name(&format!(".{named}"))
            .map(Some)
            .ok_or_else(|| PackageError::new(format!("archive is {named:?}; it must be one of {} or false", archive::Kind::endings()))),
    }
}

/// Fetches an address into a folder that does not exist yet.
///
/// # Errors
/// The server says no, or what it sends is neither an archive nor a page with an address.
pub(super) async fn fetch(web: &Web, package: &Package, into: &Path) -> Result<Reached, PackageError> {
    let url = package.url_without(&OWN_QUERY);
    let mut url = Url::parse(&url).map_err(|error| PackageError::new(format!("{url:?} is no address: {error}")))?;
    if let Some(kind) = archive_kind(package, url.path())? {
        let answer = good(web.get(url, Extras::default()).await?)?;
        save_and_unpack(answer, package, kind, into).await?;
        return Ok(Reached::Unpacked);
    }
    url.query_pairs_mut().append_pair(META_NAME, "1");
    let answer = good(web.get(url, Extras::default()).await?)?;
    let base = answer.url.clone();
    let location = match answer.header(LOCATION).map(str::to_owned) {
        Some(location) => location,
        None => {
            let bytes = answer.bytes().await?;
            location_in(&String::from_utf8_lossy(&bytes)).ok_or_else(|| no_location(&bytes))?
        }
    };
    elsewhere(&location, &base).map(Reached::Elsewhere)
}

/// Reads where a package is, as a server said at this address.
///
/// # Errors
/// It is no address of a package, or one of this machine.
pub(super) fn elsewhere(location: &str, base: &Url) -> Result<PackageSource, PackageError> {
    let invalid = |reason: &str| PackageError::new(format!("{base} says that the package is at {location:?}: {reason}"));
    let is_relative = ["/", "./", "../"].iter().any(|start| location.starts_with(start));
    let absolute = match is_relative {
        true => base.join(location).map_err(|error| invalid(&error.to_string()))?.to_string(),
        false => location.to_owned(),
    };
    match ModuleSource::parse(&absolute) {
        Ok(ModuleSource::Package(source)) if source.package.protocol == Protocol::File || source.package.url.starts_with("file:") => {
            Err(invalid("a server must not name a folder of this machine"))
        }
        Ok(ModuleSource::Package(source)) => Ok(source),
        Ok(_) => Err(invalid("it must be a direct address of a package")),
        Err(error) => Err(invalid(&error.0)),
    }
}

/// The answer, if its status is a good one.
pub(super) fn good(answer: Answer) -> Result<Answer, PackageError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    let host = answer.url.host_str().unwrap_or_default();
    let hint = match answer.status.as_u16() {
        401 | 403 => format!("; the login for {host} is taken from ~/.netrc, or from the file that NETRC names"),
        _ => String::new(),
    };
    Err(PackageError::new(format!("bad response code: {}{hint}", answer.status)))
}

async fn save_and_unpack(answer: Answer, package: &Package, kind: archive::Kind, into: &Path) -> Result<(), PackageError> {
    let checksum = package.query("checksum").map(|text| Checksum::parse(&text)).transpose()?;
    let is_page = answer.is_of_type("text/html");
    let file = into.with_extension("download");
    answer.save(&file).await?;
    unpack_file(file, checksum, kind, into).await.map_err(|error| match is_page {
        true => PackageError::new(format!("the server sent a page (text/html) instead of an archive: {error}")),
        false => error,
    })
}

/// Checks, unpacks and removes a file that was fetched.
pub(super) async fn unpack_file(
    file: std::path::PathBuf,
    checksum: Option<Checksum>,
    kind: archive::Kind,
    into: &Path,
) -> Result<(), PackageError> {
    let into = into.to_owned();
    blocking(move || {
        if let Some(checksum) = &checksum {
            checksum.check(&file)?;
        }
        archive::unpack(&file, kind, &into)?;
        std::fs::remove_file(&file).map_err(|error| PackageError::file(&file, error))
    })
    .await
}

fn no_location(bytes: &[u8]) -> PackageError {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let kind = match () {
        () if starts(b"PK\x03\x04") => "zip",
        () if starts(b"\x1f\x8b") => "tar.gz",
        () if starts(b"BZh") => "tar.bz2",
        () if starts(b"\xfd7zXZ") => "tar.xz",
        () => {
            return PackageError::new(format!(
                "no source URL was returned: the server sent neither the header X-Terraform-Get nor a page with <meta name=\"{META_NAME}\">, \
                 and the address does not end like an archive ({})",
                archive::Kind::endings()
            ));
        }
    };
    PackageError::new(format!("no source URL was returned; the server sent an archive. Add archive={kind} to the query of the address"))
}

/// What a page's `<meta name="terraform-get" content="…">` says.
fn location_in(page: &str) -> Option<String> {
    static META: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new(r"(?is)<meta\s([^>]*)>").expect("a pattern"));
    static ATTRIBUTE: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(r#"(?is)([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/>]+))"#).expect("a pattern"));
    static COMMENT: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new(r"(?s)<!--.*?-->").expect("a pattern"));
    let page = COMMENT.replace_all(page, "");
    META.captures_iter(&page).find_map(|meta| {
        let attributes: Vec<(String, String)> = ATTRIBUTE
            .captures_iter(&meta[1])
            .map(|found| {
                let value = found.get(2).or(found.get(3)).or(found.get(4)).map_or("", |value| value.as_str());
                (found[1].to_ascii_lowercase(), unescaped(value))
            })
            .collect();
        let value = |name: &str| attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        value("name").filter(|name| name.eq_ignore_ascii_case(META_NAME))?;
        value("content").map(str::trim).filter(|content| !content.is_empty()).map(str::to_owned)
    })
}

/// Without the references to characters that stand in addresses.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::{archive_kind, elsewhere, location_in};
    use crate::address::module_source::{Package, Protocol};
    use crate::package::archive::Kind;

    #[test]
    fn pages_say_where_packages_are() {
        for (page, expected) in [
            (
                r#"<html><head><meta name="terraform-get" content="https://x/y.zip?a=1&amp;b=2" /></head></html>"#,
                Some("https://x/y.zip?a=1&b=2"),
            ),
            ("<META\n content='git::https://x/y.git'\n name=Terraform-Get>", Some("git::https://x/y.git")),
            (r#"<!-- <meta name="terraform-get" content="https://x/y.zip"> --><meta name="description" content="terraform-get">"#, None),
            (r#"<meta name="terraform-get" content="">"#, None),
            ("", None),
        ] {
            assert_eq!(location_in(page).as_deref(), expected, "{page}");
        }
    }

    #[test]
    fn locations_are_addresses_of_packages_elsewhere() {
        let base = "https://host/a/page?terraform-get=1".parse().unwrap();
        for (location, expected) in [
            ("https://x/y.zip//sub", "https://x/y.zip//sub"),
            ("/y.zip", "https://host/y.zip"),
            ("./y.zip?z=1", "https://host/a/y.zip?z=1"),
            ("../y.zip//sub?z=1", "https://host/y.zip//sub?z=1"),
            ("github.com/o/r//sub?ref=v1", "git::https://github.com/o/r.git//sub?ref=v1"),
        ] {
            assert_eq!(elsewhere(location, &base).unwrap().to_string(), expected, "{location}");
        }
        for location in ["file:///etc", "file::/etc", "git::file:///etc", "a/b/c", "nonsense"] {
            assert!(elsewhere(location, &base).is_err(), "{location}");
        }
    }

    #[test]
    fn archives_are_told_by_query_or_name() {
        let kind = |url: &str| {
            let package = Package { protocol: Protocol::Http, url: url.to_owned() };
            archive_kind(&package, url.split('?').next().unwrap_or_default())
        };
        assert_eq!(kind("https://x/y.zip"), Ok(Some(Kind::Zip)));
        assert_eq!(kind("https://x/y.zip?archive=tgz"), Ok(Some(Kind::TarGz)));
        assert_eq!(kind("https://x/y.zip?archive=false"), Ok(None));
        assert_eq!(kind("https://x/y?v=1"), Ok(None));
        assert!(kind("https://x/y?archive=rar").unwrap_err().to_string().contains("zip, tar"));
    }
}
