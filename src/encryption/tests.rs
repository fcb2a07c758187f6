//! Encryption end to end, in memory.
