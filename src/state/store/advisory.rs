//! The system's advisory locks on files.
//!
//! The same kind that Terraform takes: POSIX record locks (fcntl) on Unix, LockFileEx elsewhere. A record lock belongs to the
//! process and the file's inode, and the kernel frees it when the process ends, however it ends. Two traps:
//! - closing *any* descriptor of the inode frees the lock, so a locked file is only used through the descriptor that holds it;
//! - it does not keep the same process out; [`super::local_lock`] has a table for that.

use std::fs::File;
use std::io;
use std::path::Path;

/// Takes an exclusive lock without waiting; `false` when another process has one.
#[cfg(unix)]
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    use rustix::io::Errno;
    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(std::fs::TryLockError::WouldBlock) => Ok(false),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the path still names the open file: another process may have renamed a new one over it.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let open = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub(super) fn is_at(_file: &File, path: &Path) -> io::Result<bool> {
    // An open file can't be replaced there.
    path.try_exists()
}

/// Whether no path names the open file any more.
#[cfg(unix)]
pub(super) fn is_unlinked(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.nlink() == 0)
}

#[cfg(not(unix))]
pub(super) fn is_unlinked(_file: &File) -> io::Result<bool> {
    Ok(false)
}
