//! The world as it is now: objects, data sources, accounts, files. Everything here does io and decides nothing.
//!
//! [`answer`] answers the asks of one planning round in batches, per provider configuration and type. [`settle`] finds out what
//! became of operations that an earlier run began and did not finish. [`Ephemerals`] keeps ephemeral objects open for the time of a walk.

mod answer;
mod clients;
mod ephemerals;
mod files;
mod logged;
mod settle;
mod wait;

pub use answer::{World, answer};
pub use clients::{Clients, Clock};
pub use ephemerals::{Ephemerals, opening_failure};
pub(crate) use settle::recover;
pub use settle::{Settled, settle, verb};
