//! Tokens → tree: recursive descent over the lexer's tokens.
//!
//! Why no parser from a library: of 507 tricky inputs hcl-edit, the best kept one, rejects 20 that Terraform accepts and accepts
//! 7 that Terraform rejects; it stops at the first error, and ranges are lost wherever a text must be rewritten for it. On our own
//! lexer the whole grammar is smaller than the mending would be.
//!
//! A mistake is pushed to the parser's diagnostics where it is found; [`Failed`] then unwinds to the argument or block around
//! it, and parsing goes on after that. So one file yields several errors, and what is sound of it is kept.

mod body;
mod collection;
mod directive;
mod expression;
mod heredoc;
mod stream;
mod template;
#[cfg(test)]
mod tests;
mod text;

use super::ast::{Body, Expression};
use super::lexer;
use super::places::Places;
use super::token::{Token, TokenKind};
use crate::diagnostic::{Diagnostics, SourceId};
use stream::{Failed, Parsed, Parser};

pub(super) use stream::MAXIMUM_DEPTH;

/// Parses a file. What is left of a file with errors is returned too, so that later stages can find more of them.
pub fn parse_file(source: SourceId, text: &str) -> (Body, Diagnostics) {
    let tokens = lexer::lex(text);
    on_enough_stack(&tokens, || {
        let mut parser = Parser::new(source, text, Places::at(0), &tokens, true);
        let body = parser.file();
        (body, parser.diagnostics)
    })
}

/// Parses one expression, such as the value of `-var`. `offset` is where `text` begins in the source.
///
/// # Errors
/// All mistakes found.
pub fn parse_expression(source: SourceId, text: &str, offset: u32) -> Result<Expression, Diagnostics> {
    parse_expression_at(source, text, &Places::at(offset))
}

/// The same for a text whose bytes stand elsewhere in the source.
pub(super) fn parse_expression_at(source: SourceId, text: &str, places: &Places) -> Result<Expression, Diagnostics> {
    let tokens = lexer::lex(text);
    on_enough_stack(&tokens, || {
        let mut parser = Parser::new(source, text, places.clone(), &tokens, false);
        let parsed = parser.whole_expression();
        parser.finish(parsed)
    })
}

/// Parses a template without quotes, as `templatestring` and `templatefile` take it: no backslash escapes.
///
/// # Errors
/// All mistakes found.
pub fn parse_template(source: SourceId, text: &str, offset: u32) -> Result<Expression, Diagnostics> {
    parse_template_at(source, text, &Places::at(offset))
}

/// The same for a text whose bytes stand elsewhere in the source.
pub(super) fn parse_template_at(source: SourceId, text: &str, places: &Places) -> Result<Expression, Diagnostics> {
    let tokens = lexer::lex_template(text);
    on_enough_stack(&tokens, || {
        let mut parser = Parser::new(source, text, places.clone(), &tokens, false);
        let parsed = parser.bare_template();
        parser.finish(parsed)
    })
}

/// Nesting up to which the caller's stack is surely enough.
const SHALLOW: usize = 40;

/// Runs a parse on a thread with a large stack when the text is deeply nested.
fn on_enough_stack<T: Send>(tokens: &[Token], parse: impl Fn() -> T + Send + Sync) -> T {
    if deepest(tokens) <= SHALLOW {
        return parse();
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(64 << 20);
        match builder.spawn_scoped(scope, &parse) {
            Ok(handle) => handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => parse(),
        }
    })
}

/// How many brackets, templates and operators with one operand stand inside each other at most.
fn deepest(tokens: &[Token]) -> usize {
    use TokenKind as Kind;
    let (mut depth, mut deepest, mut run) = (0_usize, 0, 0);
    for token in tokens {
        match token.kind {
            Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParenthesis | Kind::OpenInterpolation | Kind::OpenDirective => depth += 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParenthesis => depth = depth.saturating_sub(1),
            // Directives nest the text that follows them, so they are never counted down.
            Kind::Question => depth += 1,
            _ => {}
        }
        run = if matches!(token.kind, Kind::Minus | Kind::Not) { run + 1 } else { 0 };
        deepest = deepest.max(depth + run);
    }
    deepest
}
