//! A state in files.
//!
//! ```text
//! terraform.tfstate                      the snapshot, replaced by atomic rename
//! terraform.tfstate.backup               the snapshot before this run's first change
//! .terraform.tfstate.lock.info           who holds the lock
//! .terraform.tfstate.journal/00000001-4be1c7a2   segments of the journal
//! .terraform.tfstate.1234.new            a snapshot on its way, of process 1234
//! ```
//!
//! What is durable is fsynced, folders included. Each physical write is one counted effect.

use super::local_lock::{self, Held, owner_only};
use super::{LockInfo, Store, StoreError, Version, Versioned};
use crate::state::{Effects, Medium};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A state in files beside each other: the snapshot, its backup, the lock's information, a folder of journal segments.
pub struct LocalStore {
    files: Arc<Files>,
    effects: Arc<Effects>,
}

struct Files {
    path: PathBuf,
    /// Where the snapshot is read from until one is written.
    source: Option<PathBuf>,
    backup: Backup,
    /// Where the segments are, if not beside the snapshot.
    segments: Option<PathBuf>,
    medium: Medium,
    open: Mutex<OpenFiles>,
}

/// Where the snapshot before this run's first change goes.
enum Backup {
    Beside,
    At(PathBuf),
    Nowhere,
}

#[derive(Default)]
struct OpenFiles {
    held: Option<Held>,
    is_backed_up: bool,
    is_written: bool,
    /// What is kept of the snapshot before, if it is not its bytes.
    backup: Option<Vec<u8>>,
    segments: BTreeMap<String, File>,
}

impl LocalStore {
    /// The state at a path, such as `terraform.tfstate`. Nothing is read or made yet.
    pub fn new(path: impl Into<PathBuf>, effects: Arc<Effects>) -> LocalStore {
        LocalStore::of(path.into(), None, Medium::Store, effects)
    }

    /// Segments in a folder of their own, kept for a state that is somewhere else; there is no snapshot.
    pub fn of_spool(folder: PathBuf, effects: Arc<Effects>) -> LocalStore {
        LocalStore::of(folder.clone(), Some(folder), Medium::Spool, effects)
    }

    fn of(path: PathBuf, segments: Option<PathBuf>, medium: Medium, effects: Arc<Effects>) -> LocalStore {
        let files = Files { path, source: None, backup: Backup::Beside, segments, medium, open: Mutex::default() };
        LocalStore { files: Arc::new(files), effects }
    }

    /// The same, but the snapshot is read from another file until one is written.
    #[must_use]
    pub fn reading(mut self, source: PathBuf) -> LocalStore {
        self.with(|files| files.source = Some(source));
        self
    }

    /// The same with another place for the snapshot before; `None` for nowhere.
    #[must_use]
    pub fn with_backup(mut self, backup: Option<PathBuf>) -> LocalStore {
        self.with(|files| files.backup = backup.map_or(Backup::Nowhere, Backup::At));
        self
    }

    fn with(&mut self, change: impl FnOnce(&mut Files)) {
        change(Arc::get_mut(&mut self.files).expect("a store that is being made is not shared yet"));
    }

    /// Runs blocking work; it is an effect.
    async fn effect<T: Send + 'static>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Files) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.effects.write(self.files.medium, action, || self.place(), self.blocking(action, work)).await
    }

    /// Runs blocking work that changes nothing.
    async fn blocking<T: Send + 'static>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Files) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let files = self.files.clone();
        match tokio::task::spawn_blocking(move || work(&files)).await {
            Ok(done) => done,
            Err(error) => Err(StoreError::Io { action, place: self.place(), message: error.to_string() }),
        }
    }
}

impl Files {
    fn open(&self) -> MutexGuard<'_, OpenFiles> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file behind the path: a rename must not replace a symbolic link.
    fn target(&self) -> PathBuf {
        fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    fn folder(&self) -> PathBuf {
        match self.target().parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    fn beside(&self, before: &str, after: &str) -> PathBuf {
        let target = self.target();
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        target.with_file_name(format!("{before}{name}{after}"))
    }

    fn journal_folder(&self) -> PathBuf {
        self.segments.clone().unwrap_or_else(|| self.beside(".", ".journal"))
    }

    fn failed(&self, action: &'static str) -> impl Fn(io::Error) -> StoreError {
        let place = self.path.display().to_string();
        move |error| StoreError::Io { action, place: place.clone(), message: error.to_string() }
    }

    /// The snapshot's bytes; an empty file is one that only serves the lock.
    fn content(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let open = self.open();
        let read = match (&open.held, self.source.as_ref().filter(|_| !open.is_written)) {
            (_, Some(source)) => fs::read(source),
            (Some(held), None) => held.content(),
            (None, None) => fs::read(self.target()),
        };
        match read {
            Ok(bytes) if bytes.is_empty() => Ok(None),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("reading")(error)),
        }
    }

    fn write_backup(&self, bytes: &[u8]) -> io::Result<()> {
        let (backup, temporary) = match &self.backup {
            Backup::Beside => (self.beside("", ".backup"), self.beside(".", &format!(".backup.{}.new", std::process::id()))),
            Backup::At(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                (path.clone(), path.with_file_name(format!(".{name}.{}.new", std::process::id())))
            }
            Backup::Nowhere => return Ok(()),
        };
        let folder = backup.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        write_new(&temporary, bytes).and_then(|_| fs::rename(&temporary, &backup)).inspect_err(|_| {
            let _ = fs::remove_file(&temporary);
        })?;
        self.open().is_backed_up = true;
        sync_folder(folder)
    }

    fn temporary(&self) -> PathBuf {
        self.beside(".", &format!(".{}.new", std::process::id()))
    }

    fn write_temporary(&self, bytes: &[u8]) -> io::Result<File> {
        fs::create_dir_all(self.folder())?;
        let temporary = self.temporary();
        let file = write_new(&temporary, bytes).inspect_err(|_| {
            // A part of a snapshot is of no use, and a full disk needs the room.
            let _ = fs::remove_file(&temporary);
        })?;
        if let Ok(existing) = fs::metadata(self.target()) {
            file.set_permissions(existing.permissions())?;
        }
        Ok(file)
    }

    fn rename_temporary(&self, file: File) -> io::Result<()> {
        let (temporary, target) = (self.temporary(), self.target());
        let mut open = self.open();
        match &mut open.held {
            Some(held) => held.replace(file, &temporary)?,
            None => fs::rename(&temporary, target)?,
        }
        open.is_written = true;
        drop(open);
        sync_folder(&self.folder())
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let folder = self.journal_folder();
        let mut open = self.open();
        if !open.segments.contains_key(name) {
            make_private_folder(&folder)?;
            sync_folder(&self.folder())?;
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            owner_only(&mut options);
            open.segments.insert(name.to_owned(), options.open(folder.join(name))?);
            sync_folder(&folder)?;
        }
        let mut file = &open.segments[name];
        let length = file.metadata()?.len();
        let written = file.write_all(bytes).and_then(|()| file.sync_data());
        if written.is_err() {
            // What was written of it was never promised; replay would cut it off as well.
            file.set_len(length)?;
        }
        written
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.journal_folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        let folder = self.journal_folder();
        self.open().segments.remove(name);
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Fails while other segments are there, which is right.
        if fs::remove_dir(&folder).is_ok() {
            return sync_folder(&self.folder());
        }
        match sync_folder(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            synced => synced,
        }
    }

    fn release(&self, id: &str) -> Result<(), StoreError> {
        let mut open = self.open();
        let Some(held) = open.held.take_if(|held| held.id == id) else {
            return Err(StoreError::NoSuchLock("The state is not locked by this run.".into()));
        };
        let target = self.target();
        let removed = fs::remove_file(local_lock::info_path(&target));
        // The file was made for the lock alone.
        if held.made_file && held.content().is_ok_and(|bytes| bytes.is_empty()) {
            fs::remove_file(&target).map_err(self.failed("removing"))?;
        }
        drop(held);
        removed.map_err(self.failed("unlocking"))
    }

    /// Snapshots on their way that killed processes left; only called under the lock.
    fn sweep(&self) -> io::Result<()> {
        let prefix = self.beside(".", ".").file_name().unwrap_or_default().to_string_lossy().into_owned();
        for entry in fs::read_dir(self.folder())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && name.ends_with(".new") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// Writes a whole new file, durably.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    owner_only(&mut options);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes renames and new names in a folder durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

fn version_of(bytes: &[u8]) -> Version {
    Version(format!("{:x}", Sha256::digest(bytes)).into())
}

#[async_trait::async_trait]
impl Store for LocalStore {
    fn place(&self) -> String {
        self.files.path.display().to_string()
    }

    async fn get(&self) -> Result<Option<Versioned>, StoreError> {
        let bytes = self.blocking("reading", Files::content).await?;
        Ok(bytes.map(|bytes| Versioned { version: version_of(&bytes), bytes }))
    }

    async fn put_if(&self, expected: Option<&Version>, bytes: &[u8]) -> Result<Version, StoreError> {
        let before = self.get().await?;
        if before.as_ref().map(|before| &before.version) != expected {
            return Err(StoreError::Conflict);
        }
        let wants_backup = !self.files.open().is_backed_up && !matches!(self.files.backup, Backup::Nowhere);
        if let Some(before) = before.filter(|_| wants_backup) {
            let kept = self.files.open().backup.take().unwrap_or(before.bytes);
            self.effect("writing", move |files| files.write_backup(&kept).map_err(files.failed("writing the backup of"))).await?;
        }
        let version = version_of(bytes);
        let bytes = bytes.to_vec();
        let file = self.effect("writing", move |files| files.write_temporary(&bytes).map_err(files.failed("writing"))).await?;
        self.effect("writing", move |files| files.rename_temporary(file).map_err(files.failed("replacing"))).await?;
        Ok(version)
    }

    fn keep_as_backup(&self, bytes: Vec<u8>) {
        self.files.open().backup = Some(bytes);
    }

    async fn append_segment(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let (name, bytes) = (name.to_owned(), bytes.to_vec());
        let work = move |files: &Files| files.append(&name, &bytes).map_err(files.failed("writing the journal of"));
        self.effect("writing", work).await
    }

    async fn list_segments(&self) -> Result<Vec<String>, StoreError> {
        self.blocking("reading", |files| files.list().map_err(files.failed("reading the journal of"))).await
    }

    async fn read_segment(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        let name = name.to_owned();
        let work = move |files: &Files| fs::read(files.journal_folder().join(name)).map_err(files.failed("reading the journal of"));
        self.blocking("reading", work).await
    }

    async fn delete_segments(&self, names: &[String]) -> Result<(), StoreError> {
        for name in names {
            let name = name.clone();
            let work = move |files: &Files| files.delete(&name).map_err(files.failed("deleting the journal of"));
            self.effect("deleting", work).await?;
        }
        Ok(())
    }

    async fn lock(&self, info: &LockInfo) -> Result<(), StoreError> {
        let info = info.clone();
        let work = move |files: &Files| {
            fs::create_dir_all(files.folder()).map_err(files.failed("making the folder of"))?;
            let held = local_lock::take(&files.target(), &info)?;
            local_lock::write_info(&files.target(), &info).map_err(files.failed("locking"))?;
            files.open().held = Some(held);
            files.sweep().map_err(files.failed("tidying up beside"))
        };
        self.effect("locking", work).await
    }

    async fn unlock(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.effect("unlocking", move |files| files.release(&id)).await
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.blocking("unlocking", move |files| local_lock::clear(&files.target(), &id)).await
    }
}
