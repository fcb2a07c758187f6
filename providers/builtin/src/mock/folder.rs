//! The folder that holds objects as files.

use std::fs;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::PathBuf;
use tempfile::NamedTempFile;
use windlass_api::{Error, ErrorKind};

/// The folder that holds objects as files.
pub(super) struct Folder {
    pub path: PathBuf,
}

impl Folder {
    /// The file of an object.
    ///
    /// # Errors
    /// The id can't be the name of a file.
    pub fn file(&self, id: &str) -> Result<PathBuf, Error> {
        let is_bad = id.is_empty() || id.starts_with('.') || id.contains(['/', '\\', '\0']);
        match is_bad {
            true => Err(Error::new(ErrorKind::Invalid, format!("the id {id:?} can't be the name of a file"))),
            false => Ok(self.path.join(format!("{id}.json"))),
        }
    }

    /// The text of an object's file; `None` when there is none.
    pub fn read(&self, id: &str) -> Result<Option<String>, Error> {
        let path = self.file(id)?;
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == IoErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::new(ErrorKind::Invalid, format!("{}: {error}", path.display()))),
        }
    }

    /// Writes an object's file as a whole; a new one never over one that is there.
    pub fn write(&self, id: &str, text: &str, is_new: bool) -> Result<(), Error> {
        let path = self.file(id)?;
        let fail = |error: std::io::Error| match error.kind() {
            IoErrorKind::AlreadyExists => Error::new(ErrorKind::Conflict, format!("{} exists already", path.display())),
            _ => Error::new(ErrorKind::Invalid, format!("{}: {error}", path.display())),
        };
        fs::create_dir_all(&self.path).map_err(fail)?;
        let mut file = NamedTempFile::new_in(&self.path).map_err(fail)?;
        file.write_all(text.as_bytes()).map_err(fail)?;
        file.as_file().sync_all().map_err(fail)?;
        let kept = if is_new { file.persist_noclobber(&path) } else { file.persist(&path) };
        kept.map(drop).map_err(|error| fail(error.error))
    }

    /// Removes an object's file; none is as good.
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let path = self.file(id)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == IoErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::new(ErrorKind::Invalid, format!("{}: {error}", path.display()))),
        }
    }
}
