//! What is installed: Terraform's `.terraform/modules/modules.json`.

use super::{PackageError, wire};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folder of installed modules in the data folder.
pub(super) const MODULES_FOLDER: &str = "modules";
const FILE: &str = "modules.json";

/// What is installed, by the names on the way to each module joined by dots; the root's key is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(pub BTreeMap<String, Entry>);

/// An installed module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The normalised source.
    pub source: String,
    /// The version, of modules of registries.
    pub version: Option<String>,
    /// The folder, relative to the working folder or absolute.
    pub folder: String,
}

impl Manifest {
    /// Reads the manifest of a data folder; an empty one when nothing was ever installed.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(data_folder: &Path) -> Result<Manifest, PackageError> {
        let path = Manifest::path(data_folder);
        match fs::read_to_string(&path) {
            Ok(text) => wire::read_manifest(&text).map_err(|error| PackageError::file(&path, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
            Err(error) => Err(PackageError::file(&path, error)),
        }
    }

    /// Replaces the manifest of a data folder at once.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn write(&self, data_folder: &Path) -> Result<(), PackageError> {
        let path = Manifest::path(data_folder);
        replace_file(&path, wire::write_manifest(self).as_bytes()).map_err(|error| PackageError::file(&path, error))
    }

    fn path(data_folder: &Path) -> PathBuf {
        data_folder.join(MODULES_FOLDER).join(FILE)
    }
}

/// Writes a file beside the path, makes it durable and renames it over the path.
///
/// # Errors
/// It can't be written.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".windlass-").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    #[cfg(unix)]
    fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    #[test]
    fn the_form_is_that_of_terraform() {
        let text = concat!(
            r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"l","Source":"./l","Dir":"l"},"#,
            r#"{"Key":"v","Source":"registry.terraform.io/a/b/c","Version":"1.2.0","Dir":".terraform/modules/v"}]}"#
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("modules")).unwrap();
        std::fs::write(folder.path().join("modules/modules.json"), text).unwrap();
        let manifest = Manifest::read(folder.path()).unwrap();
        assert_eq!(manifest.0["v"].version.as_deref(), Some("1.2.0"));
        std::fs::remove_file(folder.path().join("modules/modules.json")).unwrap();
        assert_eq!(Manifest::read(folder.path()), Ok(Manifest::default()));
        manifest.write(folder.path()).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("modules/modules.json")).unwrap(), text);
        std::fs::write(folder.path().join("modules/modules.json"), "{").unwrap();
        assert!(Manifest::read(folder.path()).unwrap_err().to_string().contains("modules.json: EOF"));
    }
}
