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
//! So a change costs one or two small appends, whatever the state's size; records that are ready together share one append. The
//! snapshot is written once, at the end, and the segments are deleted. Replay turns a snapshot and a journal into a state and
//! the operations whose end is not recorded.
//!
//! A journal holds what the state holds, sensitive values and provider configurations included, and like it is for its owner's
//! eyes only.

mod record;

pub use record::{IntentId, IntentRecord, JournalWriter, Unsettled};
