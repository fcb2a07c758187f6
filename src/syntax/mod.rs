//! Text → tree with ranges.

pub mod ast;
mod parser;
pub mod walk;

pub use ast::{Attribute, Block, Body, Expression, ExpressionKind, Identifier};
pub use parser::{parse_expression, parse_file, parse_template};
