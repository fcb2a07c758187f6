//! Fetched packages → the folders where the configuration finds them.
//!
//! Packages come into a staging folder beside their place. The manifest forgets a module before its folder is exchanged and names
//! it again afterwards: whenever the process ends, a module is either there as a whole or not installed.

use super::manifest::MODULES_FOLDER;
use super::{Entry, Manifest, PackageError, folder};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

const STAGING_PREFIX: &str = ".staging-";
const GUARD: &str = ".lock";

/// The right to change what is installed; only one process has it at a time.
pub struct Installation {
    data_folder: PathBuf,
    staging: tempfile::TempDir,
    manifest: Manifest,
    replaced: usize,
    /// Freed by the system when the process ends, however it ends.
    _guard: File,
}

impl Installation {
    /// Takes the right to change the modules of a data folder, and removes what a stopped process left.
    ///
    /// # Errors
    /// Another process has it, or the folder can't be written.
    pub fn begin(data_folder: &Path) -> Result<Installation, PackageError> {
        let modules = data_folder.join(MODULES_FOLDER);
        let fail = |error: std::io::Error| PackageError::file(&modules, error);
        fs::create_dir_all(&modules).map_err(fail)?;
        let guard = File::create(modules.join(GUARD)).map_err(fail)?;
        match guard.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(PackageError::new(format!(
                    "another process installs modules in {}; wait until it has finished",
                    modules.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        for entry in fs::read_dir(&modules).map_err(fail)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(STAGING_PREFIX) {
                fs::remove_dir_all(entry.path()).map_err(fail)?;
            }
        }
        let staging = tempfile::Builder::new().prefix(STAGING_PREFIX).tempdir_in(&modules).map_err(fail)?;
        let manifest = Manifest::read(data_folder)?;
        Ok(Installation { data_folder: data_folder.to_owned(), staging, manifest, replaced: 0, _guard: guard })
    }

    /// A place for a package on its way, by its number in this run.
    pub fn staging(&self, number: usize) -> PathBuf {
        self.staging.path().join(format!("package-{number}"))
    }

    /// The folder where a module's package is put.
    pub fn place(&self, key: &str) -> PathBuf {
        self.data_folder.join(MODULES_FOLDER).join(key)
    }

    /// Forgets modules whose folders will be exchanged.
    ///
    /// # Errors
    /// The manifest can't be written.
    pub fn forget<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>) -> Result<(), PackageError> {
        let before = self.manifest.0.len();
        keys.into_iter().for_each(|key| drop(self.manifest.0.remove(key)));
        if self.manifest.0.len() == before { Ok(()) } else { self.manifest.write(&self.data_folder) }
    }

    /// Puts a package at a module's place; it is moved there when it is not `kept` for others.
    ///
    /// # Errors
    /// Files can't be moved or copied.
    pub fn put(&mut self, package: &Path, key: &str, kept: bool) -> Result<(), PackageError> {
        let place = self.place(key);
        let fail = |error: std::io::Error| PackageError::file(&place, error);
        self.replaced += 1;
        let new = match kept {
            true => {
                let copy = self.staging.path().join(format!("copy-{}", self.replaced));
                folder::copy(package, &copy).map_err(fail)?;
                copy
            }
            false => package.to_owned(),
        };
        // Terraform makes a link of a local folder: that goes as a file does.
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_dir() => {
                fs::rename(&place, self.staging.path().join(format!("old-{}", self.replaced))).map_err(fail)?;
            }
            Ok(_) => fs::remove_file(&place).map_err(fail)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(fail(error)),
        }
        fs::rename(&new, &place).map_err(fail)
    }

    /// Names modules that are in their places.
    ///
    /// # Errors
    /// The manifest can't be written.
    pub fn record(&mut self, entries: impl IntoIterator<Item = (String, Entry)>) -> Result<(), PackageError> {
        self.manifest.0.extend(entries);
        self.manifest.write(&self.data_folder)
    }

    /// Writes the manifest of all that the configuration has, and ends.
    ///
    /// # Errors
    /// The manifest can't be written.
    pub fn finish(self, manifest: &Manifest) -> Result<(), PackageError> {
        if *manifest == self.manifest { Ok(()) } else { manifest.write(&self.data_folder) }
    }
}
