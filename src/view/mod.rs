//! Plans, diagnostics, events and states as people and machines read them.
//!
//! Everything here is a function from a value to text; only [`terminal`] writes, and only it knows whether anybody looks.
//!
//! - [`diagnostic`]: the box with snippet, caret and values.
//! - [`graph`]: which resource waits for which.
//! - [`plan`]: the list of changes, the summary line, the cost.
//! - [`state`]: `show`, `state show`, `output`.
//! - [`json`]: the same for machines.
//! - [`terminal`]: colours, progress.

pub mod cost;
pub mod diagnostic;
pub mod graph;
pub mod json;
pub mod plan;
pub mod state;
pub mod style;
pub mod terminal;
pub mod value;
