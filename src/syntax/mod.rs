//! Text → tree with ranges.
//!
//! ```text
//! text ─lexer→ tokens ─parse→ ast::Body
//! ```
//!
//! One file yields several errors, every range is true, and nesting is limited, so that no input overflows a stack.

pub mod ast;
mod lexer;
mod parse;
mod token;
pub mod walk;

pub use ast::{Attribute, Block, Body, Expression, ExpressionKind, Identifier};
pub use lexer::is_identifier;
pub use parse::{parse_expression, parse_file, parse_template};
