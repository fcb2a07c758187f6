//! What a run could not write to the state's place, and where it is kept until it can: beside the configuration, in the data folder.

use super::backend::Home;
use super::encryption::{encryption, unsealed};
use super::load::data_folder;
use super::plan::settle;
use super::state_access::{SANDBOX_FOLDER, lock_request};
use super::{Context, Failed, LockOptions};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::encryption::{Target, segment as sealed};
use crate::event::Event;
use crate::state::journal::{Segment, disarmoured};
use crate::state::store::{LocalStore, SealedStore, Store};
use crate::state::{Access, Session, State};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of what could not be written, in the data folder.
const SPOOL: &str = "spool";
/// What a segment begins with.
const MAGIC: &[u8] = b"WLR1";

/// What was recovered.
#[derive(Debug)]
pub struct Recovered {
    /// The files that it was in.
    pub files: Vec<String>,
    /// The addresses of which the state holds something else now, and whether they are in it.
    pub changed: Vec<(String, bool)>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// How the state of a run is reached.
pub(super) fn access(context: &Context, home: &Home) -> Access {
    let store = home.store();
    let listener = context.listener.clone();
    let tell = move |message| listener.on_event(&Event::StoreRetried { message });
    let spool = spool(context, home, &*store);
    Access { store, spool: Some(spool), tell: Arc::new(tell) }
}

/// A folder of its own for each state: workspaces and back ends that were used here before have theirs.
fn spool(context: &Context, home: &Home, store: &dyn Store) -> Arc<dyn Store> {
    let data = if context.sandbox() { context.working_folder.join(SANDBOX_FOLDER) } else { data_folder(context) };
    // The folder of the project may be moved.
    let place = store.place();
    let place = Path::new(&place).strip_prefix(&context.working_folder).map_or(place.clone(), |path| path.display().to_string());
    let digest = format!("{:x}", Sha256::digest(format!("{}\n{}\n{place}", home.backend.kind(), home.workspace)));
    let folder = data.join(SPOOL).join(format!("{}-{}", home.workspace, &digest[..8]));
    let target = context.encryption.get().map_or_else(Target::none, |encryption| encryption.state());
    Arc::new(SealedStore::new(Arc::new(LocalStore::of_spool(folder, context.effects.clone())), target))
}

/// Takes what runs could not write into the state: what lies in the data folder, and what `files` hold; `-` is standard input. First into
/// the journal in the state's place, where every machine finds it; then operations without a known end are looked up, and the state is
/// written.
///
/// # Errors
/// A file holds nothing of that kind, belongs to another state, or the state can't be locked, read or written.
pub async fn recover(
    context: &Context,
    config: Option<&Config>,
    files: &[PathBuf],
    lock: LockOptions,
) -> Result<Option<Recovered>, Failed> {
    let mut kept = Vec::new();
    for file in files {
        kept.extend(read_kept(file)?);
    }
    let (home, notices) = super::home(context, config)?;
    let target = encryption(context, config)?.state();
    for segment in kept.iter_mut().filter(|segment| sealed::is_sealed(&segment.bytes)) {
        let opened = sealed::read(&target, None, std::mem::take(&mut segment.bytes)).await;
        segment.bytes = opened.map_err(|error| unsealed(&segment.name, &error))?;
    }
    let request = lock.lock.then(|| lock_request(context, "OperationTypeInvalid", lock.timeout));
    let mut opened = Session::open_with(access(context, &home), kept.clone(), request).await?;
    opened.diagnostics.0.splice(0..0, notices.0);
    if opened.spooled.is_empty() {
        drop(opened.session.close().await);
        return Ok(None);
    }
    let before = opened.session.recorded().clone();
    let is_new = opened.state != before || !opened.unsettled.is_empty();
    if is_new && let Err(problems) = opened.session.move_spool_to_store(&kept).await {
        drop(opened.session.close().await);
        return Err(problems.into());
    }
    let files = std::mem::take(&mut opened.spooled);
    let clients = context.clients();
    let (mut session, state, mut diagnostics) = match is_new {
        true => settle(context, opened, &clients, true, BTreeMap::new).await.map_err(|failed| Failed {
            diagnostics: Diagnostics([failed.diagnostics.0, vec![in_the_journal(&files)]].concat()),
            ..failed
        })?,
        false => (opened.session, opened.state, opened.diagnostics),
    };
    // Nothing is new to it any more: what is left of the files goes.
    let state = session.commit(&state).await?;
    diagnostics.extend(session.close().await);
    Ok(Some(Recovered { files, changed: changed(&before, &state), diagnostics }))
}

fn in_the_journal(files: &[String]) -> Diagnostic {
    let detail = format!(
        "What {} held is in the journal in the state's place now, where every machine finds it. The next plan or apply looks up what is still \
         unknown, before anything else.",
        files.join(", ")
    );
    Diagnostic::warning("Recovered in part", detail)
}

fn changed(before: &State, after: &State) -> Vec<(String, bool)> {
    let differs = |address| before.instances.get(address) != after.instances.get(address);
    let here = after.instances.keys().filter(|address| differs(address)).map(|address| (address.to_string(), true));
    let gone = before.instances.keys().filter(|address| !after.instances.contains_key(*address));
    here.chain(gone.map(|address| (address.to_string(), false))).collect()
}

fn read_kept(file: &Path) -> Result<Vec<Segment>, Failed> {
    use std::io::Read;
    let name = file.display().to_string();
    let unreadable = |error: std::io::Error| Failed::from(Diagnostic::error("File can't be read", format!("{name}: {error}.")));
    let mut bytes = Vec::new();
    match file == Path::new("-") {
        true => drop(std::io::stdin().read_to_end(&mut bytes).map_err(unreadable)?),
        false => bytes = std::fs::read(file).map_err(unreadable)?,
    }
    let refuse = |detail: String, hint: &str| Err(Failed::from(Diagnostic::error("Nothing to recover from", detail).hint(hint)));
    if bytes.starts_with(MAGIC) || sealed::is_sealed(&bytes) {
        return Ok(vec![Segment { name, bytes, is_spooled: true }]);
    }
    let found = disarmoured(&String::from_utf8_lossy(&bytes));
    match found {
        Some(segments) if segments.is_empty() && bytes.trim_ascii_start().starts_with(b"{") => refuse(
            format!("{name} looks like a state, not like what a run could not write."),
            "A state is taken by windlass state push FILE.",
        ),
        Some(segments) if segments.is_empty() => refuse(
            format!("{name} holds nothing that a run could not write."),
            "Such a file lies in the folder \"spool\" of the data folder; or it holds the lines that a run wrote to standard error, from BEGIN \
             WINDLASS JOURNAL to END.",
        ),
        Some(segments) => Ok(segments.into_iter().map(|bytes| Segment { name: name.clone(), bytes, is_spooled: true }).collect()),
        None => refuse(
            format!("{name} holds a part of what a run could not write, not all of it."),
            "Give all lines, from BEGIN WINDLASS JOURNAL to END.",
        ),
    }
}
