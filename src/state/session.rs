//! One run's hold on a state.

use super::journal::{Begin, IntentId, JournalWriter, Outcome, Places, Record, Replayed, Segment, Unsettled, replay, snapshot_digest};
use super::patience::{Tell, patiently};
use super::store::{LockInfo, Store, StoreError, Version};
use super::{State, wire};
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// The first wait before a lock is tried again, and the longest; it doubles, as Terraform's does.
const LOCK_RETRY_FIRST: Duration = Duration::from_secs(1);
const LOCK_RETRY_LONGEST: Duration = Duration::from_secs(16);

/// How the lock is asked for.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// Who asks. An empty id or path is filled in.
    pub info: LockInfo,
    /// How long to try again.
    pub timeout: Duration,
}

/// How a state is reached.
#[derive(Clone)]
pub struct Access {
    /// Where it is.
    pub store: Arc<dyn Store>,
    /// Where this machine keeps what the store could not be told in the midst of a run.
    pub spool: Option<Arc<dyn Store>>,
    /// Who hears that the store is asked again.
    pub tell: Tell,
}

impl From<Arc<dyn Store>> for Access {
    /// Nothing is kept on this machine.
    fn from(store: Arc<dyn Store>) -> Access {
        Access { store, spool: None, tell: Arc::new(drop) }
    }
}

/// A session and what it found.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The snapshot with the journal's results.
    pub state: State,
    /// Operations of an earlier run whose end is not recorded. `live::settle` finds out what became of them, before anything else.
    /// Without the lock they may be those of a run that is under way: then only read.
    pub unsettled: Vec<Unsettled>,
    /// Warnings: a torn tail, a journal that was left.
    pub diagnostics: Diagnostics,
    /// The files on this machine that are taken in because they hold what an earlier run could not write.
    pub spooled: Vec<String>,
}

/// One run's hold on a state: its lock, if it took one, and the version that it read.
pub struct Session {
    access: Access,
    lock_id: Option<String>,
    version: Option<Version>,
    digest: Option<Arc<str>>,
    recorded: State,
    segments: Vec<String>,
    /// Segments of the spool, which the snapshot does not hold either.
    spooled: Vec<String>,
    /// Whether the segments say something that the snapshot does not hold.
    must_commit: bool,
    journal: Option<JournalWriter>,
    /// What went wrong and harms nothing.
    left: Diagnostics,
}

impl Session {
    /// Takes the lock (with `None`, goes without), reads snapshot and journal.
    ///
    /// # Errors
    /// The state is locked, broken, or can't be read; the lock is given back.
    pub async fn open(access: impl Into<Access>, lock: Option<LockRequest>) -> Result<Opened, Diagnostics> {
        Session::open_with(access, Vec::new(), lock).await
    }

    /// The same with segments that a run could not write, and that were kept elsewhere.
    ///
    /// # Errors
    /// As [`Session::open`]; or the segments are damaged or belong to another state.
    pub async fn open_with(access: impl Into<Access>, kept: Vec<Segment>, lock: Option<LockRequest>) -> Result<Opened, Diagnostics> {
        let access = access.into();
        let lock_id = match lock {
            Some(request) => Some(take_lock(&*access.store, request).await?),
            None => None,
        };
        match read(&access, kept, lock_id.clone()).await {
            Ok(opened) => Ok(opened),
            Err(mut problems) => {
                if let Some(id) = lock_id
                    && let Err(error) = access.store.unlock(&id).await
                {
                    problems.push(unlock_failed(&error, &id));
                }
                Err(problems)
            }
        }
    }

    /// The snapshot as it was read or last written, without the journal.
    pub fn recorded(&self) -> &State {
        &self.recorded
    }

    /// Where the state is, for messages.
    pub fn place(&self) -> String {
        self.access.store.place()
    }

    /// A state as its store would write it: encrypted, if it is to be.
    ///
    /// # Errors
    /// No key can be had.
    pub async fn as_written(&self, state: &State) -> Result<Vec<u8>, StoreError> {
        self.access.store.as_written(wire::write(state)).await
    }

    /// Opens a new segment of the journal for a run that starts from `state`; gives the state its lineage if it has none.
    ///
    /// # Errors
    /// An earlier journal is still there.
    pub fn begin(&mut self, state: &mut State) -> Result<JournalWriter, Diagnostics> {
        if self.must_commit {
            let detail = "What an earlier run left must be settled and written before a new one begins. This is a fault of Windlass.";
            return Err(Diagnostic::error("The journal is not empty", detail).into());
        }
        if state.lineage.is_empty() {
            state.lineage = Uuid::new_v4().to_string().into();
        }
        let nonce: Arc<str> = Uuid::new_v4().simple().to_string().into();
        let segment = self.next_segment();
        let begin = Begin { lineage: state.lineage.clone(), snapshot: self.digest.clone(), nonce };
        let Access { store, spool, tell } = self.access.clone();
        let journal = JournalWriter::open(Places { store, spool, tell }, segment, begin);
        self.journal = Some(journal.clone());
        Ok(journal)
    }

    /// Writes the snapshot if it differs from the recorded one (then with the next serial), and deletes the journal, whose content
    /// it now holds. Returns the state as written.
    ///
    /// # Errors
    /// Another writer was faster, or the store fails; the journal then stays.
    pub async fn commit(&mut self, state: &State) -> Result<State, Diagnostics> {
        let mut next = state.clone();
        next.serial = self.recorded.serial;
        if next.lineage.is_empty() {
            next.lineage = self.recorded.lineage.clone();
        }
        let is_written = self.version.is_some();
        let is_current = !is_written || self.access.store.is_current();
        if next != self.recorded || !is_current || (!is_written && !self.segments.is_empty()) {
            next.serial += 1;
            if next.lineage.is_empty() {
                next.lineage = Uuid::new_v4().to_string().into();
            }
            self.write(&next).await.map_err(|error| write_failed(&self.access.store.place(), &error))?;
        }
        self.recorded = next.clone();
        self.delete_journal().await;
        Ok(next)
    }

    /// Deletes segments that the snapshot holds. Where that fails nothing is lost: they say nothing that it does not.
    async fn delete_journal(&mut self) {
        self.journal = None;
        self.must_commit = false;
        let (segments, spooled) = (std::mem::take(&mut self.segments), std::mem::take(&mut self.spooled));
        let Access { store, spool, tell } = &self.access;
        let mut failures = Vec::new();
        // The spool first: alone, it would be taken for what another program's state lacks.
        if let Some(spool) = spool.as_ref().filter(|_| !spooled.is_empty()) {
            failures.extend(spool.delete_segments(&spooled).await.err());
        }
        failures.extend(patiently(tell, || store.delete_segments(&segments)).await.err());
        self.left.0.extend(failures.into_iter().map(|error| {
            let detail = format!("Error {error}. The state is written and holds all of it; the next run tries again.");
            Diagnostic::warning("The journal of this run was not deleted", detail)
        }));
    }

    /// Writes another state in place of this one, as it is: with its own serial and lineage.
    ///
    /// # Errors
    /// Another writer was faster, or the store fails.
    pub async fn replace(&mut self, state: &State) -> Result<(), Diagnostics> {
        self.write(state).await.map_err(|error| write_failed(&self.access.store.place(), &error))?;
        self.recorded = state.clone();
        self.delete_journal().await;
        Ok(())
    }

    /// Records that operations of an earlier run are given up: nobody looks them up any more, and their objects stay as they were
    /// recorded before.
    ///
    /// # Errors
    /// The store fails.
    pub async fn give_up(&mut self, intents: &[IntentId], state: &State) -> Result<(), Diagnostics> {
        let journal = self.commit_segment(state);
        let records = intents.iter().map(|id| Record::Result(id.clone(), Outcome::Unchanged)).collect();
        journal.append(records).await.map_err(|error| write_failed(&self.access.store.place(), &error))
    }

    async fn write(&mut self, next: &State) -> Result<(), StoreError> {
        let bytes = wire::write(next);
        let digest = snapshot_digest(&bytes);
        if !self.segments.is_empty() || !self.spooled.is_empty() {
            // Should we die between the snapshot and the deletion of the journal, this tells that the one holds the other.
            let journal = match self.journal.take().filter(|journal| !journal.has_failed()) {
                Some(journal) => journal,
                None => self.commit_segment(next),
            };
            journal.append(vec![Record::Committing(digest.clone())]).await?;
        }
        let (store, version) = (&self.access.store, self.version.as_ref());
        let written = patiently(&self.access.tell, || store.put_if(version, &bytes)).await;
        let written = match written {
            // An earlier try was done, and its answer got lost.
            Err(StoreError::Conflict) => match store.get().await {
                Ok(Some(there)) if there.bytes == bytes => Ok(there.version),
                _ => Err(StoreError::Conflict),
            },
            written => written,
        };
        self.version = Some(written?);
        self.digest = Some(digest);
        tracing::debug!(place = self.access.store.place(), serial = next.serial, bytes = bytes.len(), "state written");
        Ok(())
    }

    /// A segment after those of an earlier run, for what is said of them: that they are being committed, or what is given up.
    fn commit_segment(&mut self, next: &State) -> JournalWriter {
        let segment = self.next_segment();
        let begin = Begin { lineage: next.lineage.clone(), snapshot: self.digest.clone(), nonce: "".into() };
        let Access { store, tell, .. } = self.access.clone();
        JournalWriter::open(Places { store, spool: None, tell }, segment, begin)
    }

    /// Numbers keep the order. What follows keeps two runs apart that both believe that the lock is theirs.
    fn next_segment(&mut self) -> String {
        let number = |name: &String| name.split('-').next()?.parse::<u64>().ok();
        let number = self.segments.iter().filter_map(number).max().unwrap_or(0) + 1;
        let segment = format!("{number:08}-{}", &Uuid::new_v4().simple().to_string()[..8]);
        self.segments.push(segment.clone());
        segment
    }

    /// Remembers the segment of the spool that this run has written: a commit deletes it.
    pub fn note_spooled(&mut self, segment: Option<String>) {
        self.spooled.extend(segment);
    }

    /// The file of the spool that a segment is in, for messages.
    pub fn spool_file(&self, segment: &str) -> Option<String> {
        self.access.spool.as_ref().map(|spool| format!("{}/{segment}", spool.place()))
    }

    /// Copies what was spooled into the journal in the store, where every machine finds it, and removes it here.
    ///
    /// # Errors
    /// The store fails.
    pub async fn move_spool_to_store(&mut self, kept: &[Segment]) -> Result<(), Diagnostics> {
        let failed = |error: StoreError| write_failed(&self.access.store.place(), &error);
        let mut segments = kept.to_vec();
        if let Some(spool) = &self.access.spool {
            segments.extend(read_spool(&**spool).await.map_err(failed)?);
        }
        for segment in segments {
            let name = self.next_segment();
            let (store, tell) = (&self.access.store, &self.access.tell);
            patiently(tell, || store.append_segment(&name, &segment.bytes)).await.map_err(|error| write_failed(&store.place(), &error))?;
        }
        let spooled = std::mem::take(&mut self.spooled);
        if let Some(spool) = self.access.spool.as_ref().filter(|_| !spooled.is_empty()) {
            spool.delete_segments(&spooled).await.map_err(|error| write_failed(&spool.place(), &error))?;
        }
        Ok(())
    }

    /// Gives the lock back. What it returns are warnings.
    pub async fn close(self) -> Diagnostics {
        let Access { store, tell, .. } = &self.access;
        let mut left = self.left;
        if let Some(id) = self.lock_id {
            left.0.extend(patiently(tell, || store.unlock(&id)).await.err().map(|error| unlock_failed(&error, &id)));
        }
        left
    }
}

/// Takes the lock of a state without reading it. Returns the lock's id.
///
/// # Errors
/// Another run holds it.
pub async fn take_lock(store: &dyn Store, request: LockRequest) -> Result<String, Diagnostics> {
    let mut info = request.info;
    if info.id.is_empty() {
        info.id = Uuid::new_v4().to_string();
    }
    if info.path.is_empty() {
        info.path = store.place();
    }
    let deadline = Instant::now() + request.timeout;
    let mut wait = LOCK_RETRY_FIRST;
    loop {
        match store.lock(&info).await {
            Ok(()) => {
                tracing::debug!(place = info.path, id = info.id, "lock taken");
                return Ok(info.id);
            }
            Err(StoreError::Locked(_)) if Instant::now() < deadline => {
                tokio::time::sleep(wait.min(deadline - Instant::now())).await;
                wait = (wait * 2).min(LOCK_RETRY_LONGEST);
            }
            Err(error) => return Err(lock_failed(&error).into()),
        }
    }
}

async fn read(access: &Access, kept: Vec<Segment>, lock_id: Option<String>) -> Result<Opened, Diagnostics> {
    let failed = |error: StoreError| Diagnostic::error("Failed to load state", format!("Error {error}."));
    let store = &access.store;
    let snapshot = store.get().await.map_err(failed)?;
    let mut names = store.list_segments().await.map_err(failed)?;
    names.sort();
    let mut segments = Vec::with_capacity(names.len());
    for name in &names {
        segments.push(Segment { name: name.clone(), bytes: store.read_segment(name).await.map_err(failed)?, is_spooled: false });
    }
    let mut spooled = Vec::new();
    if let Some(spool) = &access.spool {
        let found = read_spool(&**spool).await.map_err(failed)?;
        spooled.extend(found.iter().map(|segment| segment.name.clone()));
        let file = |segment: Segment| Segment { name: format!("{}/{}", spool.place(), segment.name), ..segment };
        segments.extend(found.into_iter().map(file));
    }
    segments.extend(kept);
    let files = segments.iter().filter(|segment| segment.is_spooled).map(|segment| segment.name.clone()).collect();
    let recorded = match &snapshot {
        Some(snapshot) => wire::read(&snapshot.bytes, &store.place())?,
        None => State::empty(),
    };
    let digest = snapshot.as_ref().map(|snapshot| snapshot_digest(&snapshot.bytes));
    tracing::debug!(
        place = store.place(),
        serial = recorded.serial,
        instances = recorded.instances.len(),
        segments = names.len(),
        "state read"
    );
    let replayed = replay(recorded.clone(), digest.as_deref(), &segments)?;
    let must_commit = !replayed.unsettled.is_empty() || replayed.state != recorded;
    let session = Session {
        access: access.clone(),
        lock_id,
        version: snapshot.map(|snapshot| snapshot.version),
        digest,
        recorded,
        segments: names,
        spooled,
        must_commit,
        journal: None,
        left: Diagnostics::none(),
    };
    let Replayed { state, unsettled, diagnostics } = replayed;
    Ok(Opened { session, state, unsettled, diagnostics, spooled: files })
}

/// The segments of a spool.
async fn read_spool(spool: &dyn Store) -> Result<Vec<Segment>, StoreError> {
    let mut segments = Vec::new();
    for name in spool.list_segments().await? {
        segments.push(Segment { bytes: spool.read_segment(&name).await?, name, is_spooled: true });
    }
    Ok(segments)
}

fn lock_failed(error: &StoreError) -> Diagnostic {
    const MEANING: &str = "Windlass acquires a state lock to protect the state from being written by multiple users at the same time. Please \
                           resolve the issue above and try again. For most commands, you can disable locking with the \"-lock=false\" flag, \
                           but this is not recommended.";
    match error {
        StoreError::Locked(Some(info)) => {
            Diagnostic::error("Error acquiring the state lock", format!("Error message: {error}\n{}\n{MEANING}", info.lines()))
                .hint("Wait for that run to end, or wait here with -lock-timeout=5m.")
        }
        StoreError::Io { .. } => Diagnostic::error("Error acquiring the state lock", format!("Error message: {error}\n\n{MEANING}"))
            .hint("Where nothing may be written, such as in a read-only folder, plan with -lock=false: planning writes no state."),
        _ => Diagnostic::error("Error acquiring the state lock", format!("Error message: {error}\n\n{MEANING}")),
    }
}

fn unlock_failed(error: &StoreError, id: &str) -> Diagnostic {
    let detail = format!(
        "Error message: {error}. The lock of a file or of a database ends with this process at the latest; one in a bucket or behind an address \
         stays."
    );
    Diagnostic::warning("Error releasing the state lock", detail)
        .hint(format!("If it stays, and no other run is under way: windlass force-unlock {id}"))
}

fn write_failed(place: &str, error: &StoreError) -> Diagnostics {
    let what = match error {
        StoreError::Conflict => {
            format!("The state in {place} was changed by another program while this run held it. It was not written over.")
        }
        _ => format!("Error {error}."),
    };
    Diagnostic::error("Failed to save state", format!("{what} Nothing is lost: the journal beside the state holds what this run did."))
        .hint("Remove the cause, then run plan or apply: it takes in the journal before anything else.")
        .into()
}
