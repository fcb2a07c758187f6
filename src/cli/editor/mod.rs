//! Lines typed at a terminal: moved in, corrected, recalled, completed.
//!
//! ```text
//! bytes ─keys→ Key ─line→ Line, Step ─screen→ terminal
//! ```
//!
//! A library would do, but those that are kept change features of crates below the cloud SDKs, which are then all built anew.

#[cfg(unix)]
mod history;
#[cfg(unix)]
mod keys;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod screen;
mod typed;

#[cfg(unix)]
pub use history::History;
#[cfg(unix)]
pub use screen::Editor;
pub use typed::Typed;
