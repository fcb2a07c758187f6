//! Where a state is kept: the snapshot, the segments of its journal, and its lock.
//!
//! A store moves bytes and knows no format.
//!
//! | store | snapshot | journal | lock |
//! |---|---|---|---|
//! | [`LocalStore`] | a file | files beside it | the system's, on the file |
//! | [`HttpStore`] | a document | a spool on this machine | the server's |
//! | [`PgStore`] | a row | rows | an advisory lock |
//! | [`ObjectStore`] | an object | objects beside it | an object |
//!
//! [`SealedStore`] encrypts what another store gets. [`MemoryStore`] is for tests.

mod advisory;
mod contract;
mod http;
mod local;
mod local_lock;
mod lock_info;
mod memory;
mod objects;
mod pg;
mod pg_connection;
mod pg_tls;
mod sealed;
#[cfg(test)]
mod tests;
mod wire;

pub use contract::{Store, StoreError, Version, Versioned};
pub use http::{HttpSettings, HttpStore};
pub use local::LocalStore;
pub use lock_info::LockInfo;
pub use memory::{MemoryDisk, MemoryStore};
pub use objects::{ObjectLayout, ObjectStore};
pub use pg::{PgDatabase, PgSkips, PgStore};
pub use pg_connection::PgConnection;
pub use pg_tls::{PgTls, Verification};
pub use sealed::SealedStore;
