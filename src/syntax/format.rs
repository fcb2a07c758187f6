//! Text → the same text in Terraform's canonical form, to the byte.
//!
//! Two passes over the tokens. [`rewrite`] replaces what has an idiomatic form: labels get quotes, `"${x}"` becomes `x`, types in
//! quotes become types. [`layout`] then decides the blanks: it never changes anything else, and never joins or splits lines.

mod layout;
mod rewrite;
mod spacing;

use super::lexer;
use super::token::TokenKind;
use crate::diagnostic::{Diagnostics, SourceId};
use std::borrow::Cow;

/// A token with the blanks before it.
#[derive(Clone, Debug)]
struct Piece<'a> {
    kind: TokenKind,
    text: Cow<'a, str>,
    spaces: usize,
}

impl<'a> Piece<'a> {
    fn new(kind: TokenKind, text: impl Into<Cow<'a, str>>) -> Piece<'a> {
        Piece { kind, text: text.into(), spaces: 0 }
    }

    /// Whether a line ends with it: with the end of a line itself, and with a comment up to it.
    fn ends_line(&self) -> bool {
        match self.kind {
            TokenKind::Newline => true,
            TokenKind::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }

    /// How many brackets it opens, less those it closes.
    fn depth_change(&self) -> i32 {
        use TokenKind as Kind;
        match self.kind {
            Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParenthesis | Kind::OpenInterpolation | Kind::OpenDirective => 1,
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParenthesis | Kind::CloseSequence => -1,
            _ => 0,
        }
    }
}

/// Formats a file.
///
/// # Errors
/// The text has mistakes; it is not touched then, because what was meant can't be told.
pub fn format(source: SourceId, text: &str) -> Result<String, Diagnostics> {
    let (body, diagnostics) = super::parse_file(source, text);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(layout::laid_out(rewrite::rewritten(&body, pieces(text))))
}

/// Lays out a piece of generated text, such as a value.
pub fn format_generated(text: &str) -> String {
    layout::laid_out(pieces(text).into_iter().map(|(_, piece)| piece).collect())
}

/// The tokens with where they begin; a comment up to the end of its line takes that end in.
fn pieces(text: &str) -> Vec<(u32, Piece<'_>)> {
    let tokens = lexer::lex(text);
    let mut pieces: Vec<(u32, Piece<'_>)> = Vec::with_capacity(tokens.len());
    let mut comment_end = None;
    for token in tokens {
        let begins_line = token.kind == TokenKind::Newline && comment_end.take() == Some(token.start);
        match (begins_line, pieces.last_mut()) {
            (true, Some((start, comment))) => comment.text = Cow::Borrowed(&text[*start as usize..token.end as usize]),
            _ if token.kind == TokenKind::End => {}
            _ => {
                let piece = Piece::new(token.kind, token.text(text));
                comment_end = (token.kind == TokenKind::Comment && !piece.text.starts_with("/*")).then_some(token.end);
                pieces.push((token.start, piece));
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
