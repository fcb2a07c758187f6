//! Expression + scope → value.
//!
//! Evaluation is pure. What an expression refers to comes from a [`Scope`]; files come from the scope too, which may
//! answer that it does not have them yet (the planner then asks for them and evaluates again).
//!
//! - [`evaluate`]: one expression.
//! - [`decode_body`]: a body by its schema, `dynamic` blocks expanded.
//! - [`references_in_body`]: what a body refers to, for the edges between objects.

mod body;
mod evaluate;
mod functions;
mod references;
mod scope;

pub use crate::syntax::walk::references;
pub use body::decode_body;
pub use evaluate::{evaluate, referenced_values};
pub use references::references_in_body;
pub use scope::{FileAnswer, FileQuestion, Resolved, Scope};

/// Runs a step of a recursion over a tree; the stack grows on the heap when it is nearly used up, so that an expression as
/// deep as the parser admits is evaluated on any thread.
fn deep<T>(step: impl FnOnce() -> T) -> T {
    const RED_ZONE_BYTES: usize = 128 * 1024;
    const SEGMENT_BYTES: usize = 2 * 1024 * 1024;
    stacker::maybe_grow(RED_ZONE_BYTES, SEGMENT_BYTES, step)
}

#[cfg(test)]
mod tests;
