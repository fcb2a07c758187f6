//! Files that are written whole or not at all: a full disk or a death in between leaves what was there before.

use std::fs::Permissions;
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

/// Writes a file that only its owner may read.
///
/// # Errors
/// It can't be written; what was there before is there still.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write(path, bytes, None)
}

/// Writes a file that everybody may read who may read what was there before; a new one as the system's mask says.
///
/// # Errors
/// It can't be written; what was there before is there still.
pub(super) fn write_public(path: &Path, bytes: &[u8]) -> Result<()> {
    // What a symbolic link leads to is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let permissions = match std::fs::metadata(&path) {
        Ok(existing) => existing.permissions(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Made by the system, so that its mask counts.
            let made = std::fs::File::create_new(&path).and_then(|file| file.metadata());
            made?.permissions()
        }
        Err(error) => return Err(error),
    };
    let is_new = std::fs::metadata(&path).is_ok_and(|made| made.len() == 0);
    let written = write(&path, bytes, Some(permissions));
    if written.is_err() && is_new {
        // An empty file is not what anybody asked for.
        let _ = std::fs::remove_file(&path);
    }
    written
}

fn write(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| plain(&error))?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The system's own words, without the name of a file that nobody asked for, which the library adds.
fn plain(error: &Error) -> Error {
    let text = error.to_string();
    let said = text.split_once(" at path ").map_or(&*text, |(said, _)| said).to_owned();
    Error::new(error.kind(), said)
}

/// What a user can do about a file that can't be written, where that can be told.
pub(super) fn advice(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Some("Make room on that disk, then run again."),
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Some("Make that folder writable for this user, then run again."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_permissions_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.tf");
        write_public(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
            write_public(&path, b"newer").unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
            write_private(&path, b"mine").unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_public(&folder.path().join("no/such/folder"), b"").is_err());
    }
}
