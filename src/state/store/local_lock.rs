//! The lock of a state in a file.
//!
//! Terraform and Windlass keep each other out: both take the system's advisory lock on the state file itself, and write who they
//! are into `.NAME.lock.info` beside it. The advisory lock is the truth; the information only serves messages, so what a
//! killed process left of it blocks nobody.
//!
//! An atomic rename puts a *new* inode under the name, and a lock is bound to the inode. Therefore:
//! 1. the new file is locked before it is renamed: whatever the name leads to is locked at every moment ([`Held::replace`]);
//! 2. whoever gets the lock checks that the name still leads to the file that it locked, else opens it again ([`take`]);
//! 3. Terraform, waiting with `-lock-timeout`, keeps the file open that it found first and does not check. It would read the old
//!    content and write where nobody looks. So the old file, once no name leads to it, is overwritten with a sentence that is no
//!    JSON: that Terraform stops with an error and changes nothing.

use super::advisory::{is_at, is_unlinked, try_lock};
use super::wire::{lock_info_from_json, lock_info_to_json};
use super::{LockInfo, StoreError};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// States that this very process has locked: record locks do not keep a process from itself.
static LOCKED_HERE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// How often a file is opened again because another process renamed a new one over it.
const REOPEN_ATTEMPTS: usize = 100;

const REPLACED: &str = "This state was replaced while you waited for its lock. Nothing is lost; run the command again.\n";

/// A lock that this process holds.
pub(super) struct Held {
    path: PathBuf,
    file: File,
    /// Whether taking the lock made the file.
    pub(super) made_file: bool,
    /// Its id.
    pub(super) id: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        LOCKED_HERE.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.path);
    }
}

impl Held {
    /// The locked file's content.
    pub(super) fn content(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        (&self.file).seek(SeekFrom::Start(0))?;
        (&self.file).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Renames a new file over the locked one; the lock goes over to it without a gap.
    pub(super) fn replace(&mut self, new: File, new_path: &Path) -> io::Result<()> {
        if !try_lock(&new)? {
            return Err(io::Error::other("the new state file is locked by another process"));
        }
        std::fs::rename(new_path, &self.path)?;
        let old = std::mem::replace(&mut self.file, new);
        if is_unlinked(&old)? {
            old.set_len(0)?;
            (&old).seek(SeekFrom::Start(0))?;
            (&old).write_all(REPLACED.as_bytes())?;
        }
        self.made_file = false;
        Ok(())
    }
}

/// `.NAME.lock.info` beside the state.
pub(super) fn info_path(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.lock.info"))
}

/// Takes the lock on a state file, making an empty file when there is none.
pub(super) fn take(path: &Path, info: &LockInfo) -> Result<Held, StoreError> {
    if !LOCKED_HERE.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned()) {
        return Err(StoreError::Locked(read_info(path).map(Box::new)));
    }
    let taken = take_file(path);
    if !matches!(taken, Ok(Some(_))) {
        LOCKED_HERE.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
    }
    match taken {
        Ok(Some((file, made_file))) => Ok(Held { path: path.to_owned(), file, made_file, id: info.id.clone() }),
        Ok(None) => Err(StoreError::Locked(read_info(path).map(Box::new))),
        Err(error) => Err(StoreError::Io { action: "locking", place: path.display().to_string(), message: error.to_string() }),
    }
}

fn take_file(path: &Path) -> io::Result<Option<(File, bool)>> {
    for _ in 0..REOPEN_ATTEMPTS {
        let existed = path.try_exists()?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        owner_only(&mut options);
        let file = options.open(path)?;
        if !try_lock(&file)? {
            return Ok(None);
        }
        if is_at(&file, path)? {
            return Ok(Some((file, !existed)));
        }
    }
    Err(io::Error::other("the file is replaced again and again by other processes"))
}

/// New files are for their owner's eyes only: a state holds secrets.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Who holds the lock, as far as is told.
pub(super) fn read_info(path: &Path) -> Option<LockInfo> {
    lock_info_from_json(&std::fs::read(info_path(path)).ok()?)
}

/// Writes who holds the lock.
pub(super) fn write_info(path: &Path, info: &LockInfo) -> io::Result<()> {
    std::fs::write(info_path(path), lock_info_to_json(info))
}

/// Removes what a killed process left of its lock, if nobody holds it.
pub(super) fn clear(path: &Path, id: &str) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Io { action: "unlocking", place: path.display().to_string(), message: error.to_string() };
    let Some(info) = read_info(path) else {
        return Err(StoreError::NoSuchLock("The state is not locked.".into()));
    };
    if info.id != id {
        return Err(StoreError::NoSuchLock(format!("lock ID {id:?} does not match existing lock ID {:?}", info.id)));
    }
    if path.try_exists().map_err(failed)? {
        drop(take(path, &info)?);
    }
    std::fs::remove_file(info_path(path)).map_err(failed)
}
