//! Text → tree with ranges.
//!
//! ```text
//! text ─lexer→ tokens ─parse→ ast::Body
//!                  └─format→ text
//! JSON text ─json→ ast::Body
//! ```
//!
//! One file yields several errors, every range is true, and nesting is limited, so that no input overflows a stack.

pub mod ast;
mod escape;
mod format;
mod json;
#[cfg(test)]
pub(crate) mod laws;
mod lexer;
mod open;
mod parse;
mod places;
#[cfg(test)]
mod shown;
mod token;
pub mod walk;

pub use ast::{Attribute, Block, Body, Expression, ExpressionKind, Identifier};
pub use escape::escape;
pub use format::{format, format_generated};
pub use json::{Undecided, parse_json_encryption, parse_json_file, parse_json_values};
pub use lexer::is_identifier;
pub use open::is_open;
pub use parse::{parse_expression, parse_file, parse_template};

/// Runs a step of a recursion over a tree; the stack grows on the heap when it is nearly used up.
pub(crate) fn deep<T>(step: impl FnOnce() -> T) -> T {
    const RED_ZONE_BYTES: usize = 128 * 1024;
    const SEGMENT_BYTES: usize = 2 * 1024 * 1024;
    stacker::maybe_grow(RED_ZONE_BYTES, SEGMENT_BYTES, step)
}
