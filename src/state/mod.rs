//! What was recorded of the last apply.
//!
//! - [`snapshot`](State): outputs and objects, by instance address.
//! - [`wire`]: the state file, version 4, read and written with standard fields only.
//! - [`journal`]: intent, identified, result: what an apply did since the last snapshot, durable before each step.
//! - [`store`]: where all of it is kept: get, put_if, append_segment, list_segments, lock.
//! - [`backend`]: the stores of all workspaces, and what `init` records of them.
//! - [`Session`]: one run's hold on a state: lock, snapshot plus journal, commit.
//! - [`encode_object`], [`decode_object`]: an object's attributes between their schema's type and the file's JSON.

pub mod backend;
mod checks;
mod effects;
pub mod journal;
mod object;
mod patience;
mod session;
mod snapshot;
pub mod store;
pub mod wire;

pub use checks::{CheckAddress, CheckObject, CheckResult, CheckResults, CheckStatus, CheckedKind};
pub use effects::{EffectNumber, Effects, FailAt, Failing, Medium, StopAt};
pub use object::{decode_object, encode_object};
pub use patience::Tell;
pub use session::{Access, LockRequest, Opened, Session, take_lock};
pub use snapshot::{DeposedKey, InstanceState, ObjectPrivate, ObjectState, ObjectStatus, OutputState, State};
