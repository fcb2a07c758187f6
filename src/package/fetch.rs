//! A package → a folder.

use super::http::Reached;
use super::registry::Registries;
use super::web::Web;
use super::{PackageError, RegistryError, Settings, archive, folder, git, http, objects};
use crate::address::module_source::{Package, PackageSource, Protocol, RegistrySource, nested_subfolder};
use std::path::{Path, PathBuf};

/// How often an address may lead to another one.
const HOPS_MAX: usize = 5;

/// Fetches packages.
pub struct Fetcher {
    settings: Settings,
    web: Result<Web, PackageError>,
    registries: Registries,
}

impl Fetcher {
    /// With what it may know of the machine.
    pub fn new(settings: Settings) -> Fetcher {
        Fetcher { web: Web::new(&settings), registries: Registries::new(&settings), settings }
    }

    /// Fetches a package into a folder that does not exist yet.
    ///
    /// # Errors
    /// It can't be had, or holds what it must not.
    pub async fn fetch(&self, package: &Package, into: &Path) -> Result<(), PackageError> {
        let mut package = package.clone();
        // The folder of the package that the last address named is the package that the one before meant.
        let mut folder: Option<String> = None;
        for _ in 0..HOPS_MAX {
            match self.fetch_one(&package, into, folder.as_deref()).await? {
                Reached::Unpacked => return Ok(()),
                Reached::Elsewhere(PackageSource { package: next, subfolder }) => {
                    folder = nested_subfolder(subfolder, folder);
                    package = next;
                }
            }
        }
        Err(PackageError::new(format!("the address leads from server to server, more than {HOPS_MAX} times")))
    }

    /// The versions of a registry's module, as it lists them.
    ///
    /// # Errors
    /// The registry can't be used, or has no such module.
    pub async fn versions(&self, module: &RegistrySource) -> Result<Vec<String>, RegistryError> {
        self.registries.versions(self.web()?, module).await
    }

    /// Where the package of a version of a registry's module is.
    ///
    /// # Errors
    /// The registry can't be used, or has no such version.
    pub async fn location(&self, module: &RegistrySource, version: &str) -> Result<PackageSource, RegistryError> {
        self.registries.location(self.web()?, module, version).await
    }

    fn web(&self) -> Result<&Web, PackageError> {
        self.web.as_ref().map_err(Clone::clone)
    }

    async fn fetch_one(&self, package: &Package, into: &Path, folder: Option<&str>) -> Result<Reached, PackageError> {
        let whole = match folder {
            Some(_) => into.with_extension("whole"),
            None => into.to_owned(),
        };
        match package.protocol {
            Protocol::Git => git::fetch(package, &whole, &self.settings).await?,
            Protocol::File => {
                let (from, into) = (local_path(package), whole.clone());
                blocking(move || copy_local(&from, &into)).await?;
            }
            Protocol::Http => {
                if let Reached::Elsewhere(source) = http::fetch(self.web()?, package, &whole).await? {
                    return Ok(Reached::Elsewhere(source));
                }
            }
            Protocol::S3 | Protocol::Gcs | Protocol::Oss => objects::fetch(&self.settings, package, &whole).await?,
        }
        if let Some(folder) = folder {
            let found = folder::subfolder(&whole, folder)?;
            std::fs::rename(whole.join(found), into).map_err(|error| PackageError::file(into, error))?;
        }
        Ok(Reached::Unpacked)
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
