//! Plans, diagnostics, events and states as people and machines read them.
//!
//! Everything here is a function from a value to text; only [`terminal`] writes, and only it knows whether anybody looks.
//!
//! - [`diagnostic`]: the box with snippet, caret and values.
//! - [`graph`]: which resource waits for which, as text and as a picture.
//! - [`plan`]: the list of changes, the summary line, the cost.
//! - [`state`]: `show`, `state show`, `output`.
//! - [`providers`], [`types`]: the tree of required providers; types as the console shows them.
//! - [`json`]: the same for machines.
//! - [`terminal`]: colours, progress.

pub mod cost;
pub mod diagnostic;
pub mod graph;
mod graph_svg;
pub mod json;
mod layers;
pub mod plan;
pub mod providers;
pub mod state;
pub mod style;
pub mod terminal;
pub mod types;
pub mod value;
