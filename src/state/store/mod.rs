//! Where a state is kept: the snapshot, the segments of its journal, and its lock.
//!
//! A store moves bytes and knows no format. [`LocalStore`] keeps them in files; [`MemoryStore`] is for tests.

mod advisory;
mod contract;
mod local;
mod local_lock;
mod lock_info;
mod memory;
#[cfg(test)]
mod tests;
mod wire;

pub use contract::{Store, StoreError, Version, Versioned};
pub use local::LocalStore;
pub use lock_info::LockInfo;
pub use memory::{MemoryDisk, MemoryStore};
