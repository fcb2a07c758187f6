//! Packages in buckets: an archive, or the objects below a name, as the files of a folder.

use super::checksum::Checksum;
use super::object_place::{Located, locate};
use super::web::DOWNLOAD_BYTES_MAX;
use super::{PackageError, Settings, archive, http};
use crate::address::module_source::Package;
use crate::bucket::{Bucket, Error, Kind, Meta, Service, Surroundings};
use futures::TryStreamExt;
use std::path::{Path, PathBuf};

/// How many objects a folder may have.
const OBJECTS_MAX: usize = 20_000;
/// How many objects are fetched at the same time.
const PARALLEL: usize = 8;

/// Fetches an address into a folder that does not exist yet.
///
/// # Errors
/// There is nothing of this name, it is too large, or the service says no.
pub(super) async fn fetch(settings: &Settings, package: &Package, into: &Path) -> Result<(), PackageError> {
    let mut located = locate(package)?;
    let kind = http::archive_kind(package, &located.key)?;
    let is_shown_to_nobody = located.is_foreign && located.place.access.keys.is_none() && !is_named(settings, &located);
    // A module that somebody else wrote may name any host: tokens that were found here must not go there.
    located.place.access.anonymous = is_shown_to_nobody;
    let surroundings = Surroundings { variables: settings.variables.clone(), home: settings.home.clone() };
    loop {
        let bucket = Bucket::open(&located.place, &surroundings).map_err(|error| told(&error))?;
        let result = match kind {
            Some(kind) => archived(&bucket, &located, package, kind, into).await,
            None => foldered(&bucket, &located, package, into).await,
        };
        match result {
            Ok(()) => return Ok(()),
            Err(Failure::Package(error)) => return Err(error),
            // The address says no region, and the service knows it better than the default.
            Err(Failure::Bucket(Error { kind: Kind::WrongRegion(Some(region)), .. })) if !located.has_region => {
                located.place.region = Some(region);
                located.has_region = true;
            }
            Err(Failure::Bucket(error)) if error.kind == Kind::Denied && is_shown_to_nobody => {
                let host = located.place.endpoint.as_deref().unwrap_or_default();
                let error = Error { unsigned: false, ..error };
                return Err(PackageError::new(format!(
                    "{error}; the credentials of the environment are not shown to {host}, unless {} names it",
                    endpoint_variables(&located).join(" or ")
                )));
            }
            Err(Failure::Bucket(error)) => return Err(told(&error)),
        }
    }
}

/// The variables by which a user names a host of one's own.
fn endpoint_variables(located: &Located) -> &'static [&'static str] {
    match located.place.service {
        Service::S3 => &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
        Service::Gcs => &["STORAGE_EMULATOR_HOST"],
        Service::Oss => &["ALICLOUD_OSS_ENDPOINT", "OSS_ENDPOINT"],
    }
}

/// Whether the user's environment names the host of the address.
fn is_named(settings: &Settings, located: &Located) -> bool {
    let host = |text: &str| text.split("://").last().unwrap_or_default().trim_end_matches('/').to_owned();
    let wanted = located.place.endpoint.as_deref().map(host);
    endpoint_variables(located).iter().filter_map(|name| settings.variable(name)).any(|value| Some(host(value)) == wanted)
}

enum Failure {
    Bucket(Error),
    Package(PackageError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Bucket(error)
    }
}

impl From<PackageError> for Failure {
    fn from(error: PackageError) -> Failure {
        Failure::Package(error)
    }
}

fn told(error: &Error) -> PackageError {
    PackageError::new(error.to_string())
}

async fn archived(bucket: &Bucket, located: &Located, package: &Package, kind: archive::Kind, into: &Path) -> Result<(), Failure> {
    let checksum = package.query("checksum").map(|text| Checksum::parse(&text)).transpose()?;
    let object = bucket.get_version(&located.key, located.version.as_deref(), &[]).await?;
    let file = into.with_extension("download");
    object.save(&file, DOWNLOAD_BYTES_MAX).await?;
    Ok(http::unpack_file(file, checksum, kind, into).await?)
}

async fn foldered(bucket: &Bucket, located: &Located, package: &Package, into: &Path) -> Result<(), Failure> {
    let refused = |reason: String| Err(Failure::Package(PackageError::new(reason)));
    let address = bucket.address(&located.key);
    if package.query("checksum").is_some() || located.version.is_some() {
        return refused(format!(
            "{address} is no archive ({}); only of an archive a checksum or a version can be named",
            archive::Kind::endings()
        ));
    }
    let prefix = format!("{}/", located.key);
    let objects = bucket.list_all(&prefix, OBJECTS_MAX).await?;
    if objects.is_empty() {
        return match bucket.head(&located.key, &[]).await {
            Ok(_) => refused(format!(
                "{address} is an object, but its name does not end like an archive ({}). Add archive=zip or the like to the query of the address",
                archive::Kind::endings()
            )),
            Err(error) if error.kind == Kind::NotFound => refused(format!("{address}: there is no such object, and none below it")),
            Err(error) => Err(error.into()),
        };
    }
    let bytes: u64 = objects.iter().filter_map(|object| object.size).sum();
    if bytes > archive::UNPACKED_BYTES_MAX {
        return refused(format!("{address}: the objects are larger than {} GiB together", archive::UNPACKED_BYTES_MAX >> 30));
    }
    std::fs::create_dir_all(into).map_err(|error| PackageError::file(into, error))?;
    let files: Vec<(String, PathBuf)> = objects
        .into_iter()
        // Consoles make empty objects that stand for folders.
        .filter(|object| !object.key.ends_with('/'))
        .map(|object| path_in(&object, &prefix).map(|path| (object.key, into.join(path))))
        .collect::<Result<_, PackageError>>()?;
    futures::stream::iter(files.into_iter().map(Ok)).try_for_each_concurrent(PARALLEL, |(key, path)| save(bucket, key, path)).await
}

async fn save(bucket: &Bucket, key: String, path: PathBuf) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| PackageError::file(folder, error))?;
    }
    let object = bucket.get(&key, &[]).await?;
    Ok(object.save(&path, DOWNLOAD_BYTES_MAX).await?)
}

/// Where an object lies in the folder. Names that lead elsewhere are refused.
fn path_in(object: &Meta, prefix: &str) -> Result<PathBuf, PackageError> {
    let name = object.key.strip_prefix(prefix).unwrap_or(&object.key);
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':']);
    match name.split('/').all(is_plain) {
        true => Ok(PathBuf::from(name)),
        false => Err(PackageError::new(format!("the object {:?} can't be a file of a folder", object.key))),
    }
}

#[cfg(test)]
mod tests {
    use super::path_in;
    use crate::bucket::Meta;

    #[test]
    fn objects_stay_in_their_folder() {
        let path = |key: &str| path_in(&Meta { key: key.to_owned(), ..Meta::default() }, "m/").ok().map(|path| path.display().to_string());
        assert_eq!(path("m/a/b.tf").as_deref(), Some("a/b.tf"));
        for key in ["m/../b", "m//b", "m/a\\b", "m/C:/x"] {
            assert_eq!(path(key), None, "{key}");
        }
    }
}
