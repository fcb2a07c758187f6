//! Expression + scope → value.
//!
//! Evaluation is pure. What an expression refers to comes from a [`Scope`]; files come from the scope too, which may
//! answer that it does not have them yet (the planner then asks for them and evaluates again).

mod scope;

pub use scope::{FileAnswer, FileQuestion, Resolved, Scope};
