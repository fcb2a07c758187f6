//! Desired, live, schema → change with reasons.
//!
//! Pure functions on one object: [`diff`] decides what is done to it and why, [`delete_reason`] why an object that nothing
//! declares goes.

mod ignore;
mod object;
mod paths;
mod reason;

pub use object::{DiffRequest, Difference, Forced, Verdict, diff, plan_object};
pub use paths::{differing_paths, steps_path, traversal_path};
pub use reason::{DeleteReason, delete_reason};
pub use windlass_api::schema::{mark_sensitive, proposed_new};
