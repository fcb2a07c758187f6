//! Plans, diagnostics, events and states as people and machines read them.
//!
//! Everything here is a function from a value to text; only [`terminal`] and [`stream`] write, and only the first knows whether
//! anybody looks.
//!
//! - [`diagnostic`]: the box with snippet, caret and values.
//! - [`graph`]: which resource waits for which, as text and as a picture.
//! - [`plan`]: the list of changes, the summary line, the cost.
//! - [`markdown`], [`html`]: a plan as a comment, and as a page.
//! - [`state`]: `show`, `state show`, `output`.
//! - [`providers`], [`types`]: the tree of required providers; types as the console shows them.
//! - [`json`]: the same for machines.
//! - [`terminal`]: colours, progress.
//! - [`stream`]: one JSON object a line, under `-json`.

pub mod cost;
pub mod diagnostic;
pub mod graph;
mod graph_svg;
pub mod html;
pub mod json;
mod layers;
pub mod markdown;
pub mod plan;
pub mod providers;
mod reminders;
mod report;
pub mod state;
pub mod stream;
pub mod style;
pub mod terminal;
pub mod types;
pub mod value;
mod words;
