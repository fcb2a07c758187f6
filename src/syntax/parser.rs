//! Text → tree.

use super::ast::{Body, Expression};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceId};

/// Parses a file. What is left of a file with errors is returned too, so that later stages can find more of them.
pub fn parse_file(source: SourceId, text: &str) -> (Body, Diagnostics) {
    let range = Range { source, start: 0, end: text.len() as u32 };
    (Body { attributes: Vec::new(), blocks: Vec::new(), range }, Diagnostics::none())
}

/// Parses one expression, such as the value of `-var`. `offset` is where `text` begins in the source.
///
/// # Errors
/// All mistakes found.
pub fn parse_expression(source: SourceId, text: &str, offset: u32) -> Result<Expression, Diagnostics> {
    let range = Range { source, start: offset, end: offset + text.len() as u32 };
    Err(Diagnostic::error("Invalid expression", "").at(range).into())
}

/// Parses a template without quotes, as `templatestring` and `templatefile` take it: no backslash escapes.
///
/// # Errors
/// All mistakes found.
pub fn parse_template(source: SourceId, text: &str, offset: u32) -> Result<Expression, Diagnostics> {
    parse_expression(source, text, offset)
}
