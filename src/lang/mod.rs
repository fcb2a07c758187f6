//! Expression + scope → value.
//!
//! Evaluation is pure. What an expression refers to comes from a [`Scope`]; files come from the scope too, which may
//! answer that it does not have them yet (the planner then asks for them and evaluates again).
//!
//! - [`evaluate`]: one expression.
//! - [`decode_body`]: a body by its schema, `dynamic` blocks expanded.
//! - [`type_constraint`]: what a type expression names; [`convert_with`]: a value brought to it.
//! - [`references_in_body`]: what a body refers to, for the edges between objects.

mod body;
mod constant;
mod defaults;
mod evaluate;
mod functions;
mod references;
mod scope;
mod signatures;
mod type_expression;

use crate::syntax::deep;
pub use crate::syntax::walk::references;
pub use body::{decide, decode_body};
pub use constant::{NothingInScope, constant};
pub use defaults::{Defaults, convert_with};
pub use evaluate::{evaluate, referenced_values};
pub use references::references_in_body;
pub use scope::{FileAnswer, FileQuestion, Resolved, Scope};
pub use signatures::{ParameterSignature, Signature, signatures};
pub use type_expression::type_constraint;

#[cfg(test)]
mod tests;
