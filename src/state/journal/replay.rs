//! Snapshot + journal → state + unsettled operations. Pure.
//!
//! A record may come twice: what a lost answer made be written again, what a spool repeats. The second time it changes nothing.

use super::frame::read_frames;
use super::wire::record_from_json;
use super::{Begin, IntentId, IntentRecord, Outcome, Record, Unsettled, another_object, note_intent, note_outcome};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use windlass_api::{Type, Value};

/// A segment as it was read.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Whether it was kept on this machine because the store failed.
    pub is_spooled: bool,
}

/// What a snapshot and a journal say together.
#[derive(Debug)]
pub struct Replayed {
    /// The state.
    pub state: State,
    /// Operations whose end is not recorded, in the order in which they began.
    pub unsettled: Vec<Unsettled>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// How a segment's records are taken.
#[derive(Clone, Copy, PartialEq)]
enum Trust {
    /// The snapshot is the one that the segment began with: everything is taken.
    Whole,
    /// Another program wrote the snapshot since: what it says of an object is newer, and only objects that it does not know are
    /// added.
    OnlyAdds,
}

const WRITTEN_BETWEEN: &str = "The state was written by another program in between";

struct Replay {
    state: State,
    open: BTreeMap<IntentId, Unsettled>,
    order: Vec<IntentId>,
    begun: BTreeSet<IntentId>,
    configs: BTreeMap<crate::address::ProviderConfig, Value>,
    diagnostics: Diagnostics,
}

/// Replays segments, in order; spooled ones stand where the segment does that they go on with. `digest` is that of the snapshot's bytes.
///
/// # Errors
/// The journal is damaged, or belongs to another state.
pub fn replay(snapshot: State, digest: Option<&str>, segments: &[Segment]) -> Result<Replayed, Diagnostics> {
    let mut replay = Replay {
        state: snapshot,
        open: BTreeMap::new(),
        order: Vec::new(),
        begun: BTreeSet::new(),
        configs: BTreeMap::new(),
        diagnostics: Diagnostics::none(),
    };
    let parsed = in_order(segments, &mut replay.diagnostics)?;
    // The last record of a commit vouches for all segments before it.
    let is_contained = |record: &Record| matches!(record, Record::Committing(written) if digest == Some(&**written));
    let contained = parsed.iter().rposition(|(_, records)| records.iter().any(is_contained)).map_or(0, |position| position + 1);
    for (segment, records) in parsed.into_iter().skip(contained) {
        replay.segment(segment, digest, records)?;
    }
    let Replay { state, mut open, order, diagnostics, .. } = replay;
    let unsettled = order.iter().filter_map(|id| open.remove(id)).collect();
    Ok(Replayed { state, unsettled, diagnostics })
}

type Parsed<'a> = (&'a Segment, Vec<Record>);

/// Segments with their records; each spooled one after the segment of its run, if that is still there.
fn in_order<'a>(segments: &'a [Segment], diagnostics: &mut Diagnostics) -> Result<Vec<Parsed<'a>>, Diagnostics> {
    let (mut stored, mut spooled): (Vec<Parsed>, Vec<Parsed>) = (Vec::new(), Vec::new());
    for segment in segments {
        let records = records_of(segment, diagnostics)?;
        if segment.is_spooled { spooled.push((segment, records)) } else { stored.push((segment, records)) }
    }
    let mut ordered = Vec::with_capacity(segments.len());
    for one in stored {
        let nonce = nonce(&one.1).filter(|nonce| !nonce.is_empty()).cloned();
        ordered.push(one);
        let follow;
        (follow, spooled) = spooled.into_iter().partition(|(_, records)| nonce.is_some() && self::nonce(records) == nonce.as_ref());
        ordered.extend::<Vec<_>>(follow);
    }
    ordered.extend(spooled);
    Ok(ordered)
}

fn nonce(records: &[Record]) -> Option<&Arc<str>> {
    match records.first() {
        Some(Record::Begin(begin)) => Some(&begin.nonce),
        _ => None,
    }
}

fn records_of(segment: &Segment, diagnostics: &mut Diagnostics) -> Result<Vec<Record>, Diagnostics> {
    let name = &segment.name;
    let frames = read_frames(&segment.bytes);
    let records: Option<Vec<_>> = frames.payloads.iter().map(|payload| record_from_json(payload)).collect();
    match records {
        Some(records) if !frames.is_damaged => {
            if frames.torn_bytes > 0 {
                diagnostics.push(Diagnostic::warning(
                    "The journal's last record was cut off",
                    format!(
                        "An earlier run was stopped while it wrote segment {name} of the journal; the {} bytes of the unfinished record \
                         were ignored. Nothing that it announced had begun.",
                        frames.torn_bytes
                    ),
                ));
            }
            Ok(records)
        }
        _ => Err(Diagnostic::error(
            "The journal is damaged",
            format!(
                "Segment {name} of the journal, which holds what an earlier run did and did not finish, has damage in its middle. \
                 Nothing was changed."
            ),
        )
        .hint("Restore the folder of the journal from a backup of the disk. If that can't be done, move it away, and import by hand what the stopped run created.")
        .into()),
    }
}

fn foreign(segment: &Segment, begin: &Begin, lineage: &str) -> Diagnostic {
    let (name, theirs) = (&segment.name, &*begin.lineage);
    match segment.is_spooled {
        false => Diagnostic::error(
            "The journal belongs to another state",
            format!(
                "Segment {name} of the journal was written for the state of lineage {theirs:?}, and this one has lineage {lineage:?}. Nothing was \
                 changed."
            ),
        )
        .hint(
            "Bring the state back that the journal belongs to; or move the folder of the journal away, and import what the stopped run created.",
        ),
        true => Diagnostic::error(
            "What a run spooled belongs to another state",
            format!(
                "{name} holds what a run could not write to the state of lineage {theirs:?}, and this one has lineage {lineage:?}. Nothing was changed."
            ),
        )
        .hint(
            "Recover it where that state is: another back end, another workspace. If that state is gone for good, import what the run created, and \
             remove the file.",
        ),
    }
}

impl Replay {
    fn segment(&mut self, segment: &Segment, digest: Option<&str>, records: Vec<Record>) -> Result<(), Diagnostics> {
        let Some(Record::Begin(begin)) = records.first() else { return Ok(()) };
        let trust = self.trust(segment, digest, begin)?;
        self.state.lineage = begin.lineage.clone();
        for record in records {
            self.record(record, trust);
        }
        Ok(())
    }

    fn trust(&mut self, segment: &Segment, digest: Option<&str>, begin: &Begin) -> Result<Trust, Diagnostics> {
        if !self.state.lineage.is_empty() && self.state.lineage != begin.lineage {
            return Err(foreign(segment, begin, &self.state.lineage).into());
        }
        if digest == begin.snapshot.as_deref() {
            return Ok(Trust::Whole);
        }
        if self.diagnostics.0.iter().any(|one| one.summary == WRITTEN_BETWEEN) {
            return Ok(Trust::OnlyAdds);
        }
        self.diagnostics.push(Diagnostic::warning(
            WRITTEN_BETWEEN,
            "An earlier run was stopped before it could write the state, and the state has changed since. What that run created and \
             the state does not know is added; everything else is taken as the state says.",
        ));
        Ok(Trust::OnlyAdds)
    }

    fn record(&mut self, record: Record, trust: Trust) {
        let is_whole = trust == Trust::Whole;
        match record {
            Record::Provider(provider, config) => drop(self.configs.insert(provider, config)),
            Record::Intent(intent) if self.begun.contains(&intent.id) => {}
            Record::Intent(intent) => {
                self.begun.insert(intent.id.clone());
                if is_whole {
                    note_intent(&mut self.state, &intent);
                }
                let provider_config = self.configs.get(&intent.provider).cloned().unwrap_or(Value::null(Type::Dynamic));
                self.order.push(intent.id.clone());
                let id = intent.id.clone();
                self.open.insert(id, Unsettled { intent: *intent, provider_config, identity: None, handle: None });
            }
            Record::Identified(id, identity, handle) => {
                if let Some(open) = self.open.get_mut(&id) {
                    open.identity = Some(identity);
                    // A start that failed half-way leaves an identity and nothing to poll.
                    open.handle = Some(handle).filter(|handle| !handle.0.is_empty());
                }
            }
            Record::Result(id, outcome) => {
                if let Some(open) = self.open.remove(&id) {
                    match is_whole {
                        true => note_outcome(&mut self.state, &open.intent, &outcome),
                        false => self.add_only(&open.intent, &outcome),
                    }
                }
            }
            Record::Put(address, provider, object) if is_whole => self.state.put(&address, None, &provider, *object),
            Record::Forget(address, deposed) if is_whole => self.state.remove(&address, deposed.as_ref()),
            Record::Move(from, to) if is_whole => self.state.rename(&from, &to),
            Record::Outputs(outputs) if is_whole => self.state.outputs = outputs,
            _ => {}
        }
    }

    fn add_only(&mut self, intent: &IntentRecord, outcome: &Outcome) {
        let Outcome::Object(object) = outcome else { return };
        if intent.request.prior.is_some() {
            return;
        }
        let deposed = another_object(&self.state, intent, object);
        if deposed.is_some() || self.state.current(&intent.address).is_none() {
            self.state.put(&intent.address, deposed.as_ref(), &intent.provider, (**object).clone());
        }
    }
}

/// The digest by which a journal knows a snapshot.
pub(in crate::state) fn snapshot_digest(bytes: &[u8]) -> Arc<str> {
    use sha2::{Digest, Sha256};
    format!("{:x}", Sha256::digest(bytes)).into()
}
