//! The world as it is now: objects, data sources, accounts, files. Everything here does io and decides nothing.
//!
//! [`answer`] answers the asks of one planning round in batches, per provider configuration and type. [`settle`] finds out what
//! became of operations that an earlier run began and did not finish.

mod answer;
mod clients;
mod files;
mod settle;
mod wait;

pub use answer::{World, answer};
pub use clients::{Clients, Clock};
pub(crate) use settle::recover;
pub use settle::{Settled, settle, verb};
