//! What was recorded of the last apply.
//!
//! - [`snapshot`](State): outputs and objects, by instance address.
//! - `wire`: the state file, version 4, read and written with standard fields only.
//! - `journal`: intent, identified, result: what an apply did since the last snapshot, durable before each step.
//! - `store`: where all of it is kept: get, put_if, append_segment, list_segments, lock.

mod snapshot;

pub use snapshot::{DeposedKey, InstanceState, ObjectPrivate, ObjectState, ObjectStatus, OutputState, State};
