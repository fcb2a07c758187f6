//! A package → a folder.

use super::{PackageError, Settings, archive, folder, git};
use crate::address::module_source::{Package, Protocol};
use std::path::{Path, PathBuf};

/// Fetches packages.
pub struct Fetcher {
    settings: Settings,
}

impl Fetcher {
    /// With what it may know of the machine.
    pub fn new(settings: Settings) -> Fetcher {
        Fetcher { settings }
    }

    /// Fetches a package into a folder that does not exist yet.
    ///
    /// # Errors
    /// It can't be had, or holds what it must not.
    pub async fn fetch(&self, package: &Package, into: &Path) -> Result<(), PackageError> {
        match package.protocol {
            Protocol::Git => git::fetch(package, into, &self.settings).await,
            Protocol::File => {
                let (from, into) = (local_path(package), into.to_owned());
                blocking(move || copy_local(&from, &into)).await
            }
            Protocol::Http | Protocol::S3 | Protocol::Gcs | Protocol::Oss => {
                Err(PackageError::new("addresses of this kind can't be fetched yet. Name a git repository"))
            }
        }
    }
}

/// Work with files, off the threads that wait for the network.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PackageError> + Send + 'static,
) -> Result<T, PackageError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(PackageError::new(error.to_string())))
}

fn local_path(package: &Package) -> PathBuf {
    let path = package.url.strip_prefix("file://").unwrap_or(&package.url);
    PathBuf::from(path.split('?').next().unwrap_or(path))
}

fn copy_local(from: &Path, into: &Path) -> Result<(), PackageError> {
    let metadata = std::fs::metadata(from).map_err(|error| PackageError::new(format!("source path error: {}: {error}", from.display())))?;
    if metadata.is_dir() {
        return folder::copy(from, into).map_err(|error| PackageError::file(from, error));
    }
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    let kind = archive::Kind::of_name(&name).ok_or_else(|| {
        PackageError::new(format!("{} is neither a folder nor an archive ({})", from.display(), archive::Kind::endings()))
    })?;
    archive::unpack(from, kind, into)
}
