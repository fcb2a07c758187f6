//! What holds of a segment so far: how it began, and the operations that have not ended. A segment that goes on in another place repeats
//! it there, so that each can be understood alone.

use super::frame::write_frame;
use super::wire::record_to_json;
use super::{Begin, IntentId, Record};
use std::collections::BTreeMap;

pub(super) struct Standing {
    /// The beginning, the configurations of providers, the moves.
    heads: Vec<Record>,
    open: BTreeMap<IntentId, Open>,
}

struct Open {
    intent: Record,
    identified: Option<Record>,
}

impl Standing {
    pub(super) fn new(begin: Begin) -> Standing {
        Standing { heads: vec![Record::Begin(begin)], open: BTreeMap::new() }
    }

    pub(super) fn note(&mut self, record: Record) {
        match record {
            Record::Provider(..) | Record::Move(..) => self.heads.push(record),
            Record::Intent(ref intent) => drop(self.open.insert(intent.id.clone(), Open { intent: record, identified: None })),
            Record::Identified(ref id, ..) => {
                if let Some(open) = self.open.get_mut(id) {
                    open.identified = Some(record);
                }
            }
            Record::Result(id, _) => drop(self.open.remove(&id)),
            Record::Begin(_) | Record::Put(..) | Record::Forget(..) | Record::Outputs(_) | Record::Committing(_) => {}
        }
    }

    /// All of it, as frames of a batch.
    pub(super) fn frames(&self, batch: u64) -> Vec<u8> {
        let open = self.open.values().flat_map(|open| std::iter::once(&open.intent).chain(&open.identified));
        let mut frames = Vec::new();
        self.heads.iter().chain(open).for_each(|record| write_frame(&mut frames, batch, &record_to_json(record)));
        frames
    }
}
