//! What an apply did since the last snapshot: intent, identified, result.
//!
//! A journal is a row of segments, one a run. A segment only grows; its records are framed by length and checksum, and are durable
//! before what they announce begins:
//!
//! ```text
//! Intent      durable before the provider's operation starts
//! Identified  durable before its first poll
//! Result      durable before anything that depends on it starts
//! ```
//!
//! So a change costs a few small appends, whatever the state's size; records that are ready together share one append. The
//! snapshot is written once, at the end, and the segments are deleted. [`replay`] turns a snapshot and a journal into a state and
//! the operations whose end is not recorded.
//!
//! When the store fails in the midst of a run, the segment goes on in a spool on this machine: it repeats how the segment began and which
//! operations are open, so that it can be understood with the segment or without.
//!
//! A journal holds what the state holds, sensitive values included, and the values of provider configurations; like the state it
//! is for its owner's eyes only.

mod armour;
mod frame;
mod record;
mod replay;
mod standing;
#[cfg(test)]
mod tests;
mod transition;
mod wire;
mod wire_value;
mod writer;

pub use armour::{armoured, disarmoured};
pub use record::{Begin, IntentId, IntentRecord, Outcome, Record, Unsettled};
pub(super) use replay::snapshot_digest;
pub use replay::{Replayed, Segment, replay};
pub use transition::{another_object, note_intent, note_outcome};
pub(super) use writer::Places;
pub use writer::{Ending, JournalWriter};
