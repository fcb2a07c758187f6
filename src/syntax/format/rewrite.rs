//! What has an idiomatic form is replaced by it.

use super::Piece;
use crate::syntax::ast::{Block, Body};
use crate::syntax::token::TokenKind;
use std::collections::BTreeMap;

type Pieces<'a> = Vec<(u32, Piece<'a>)>;

/// What stands instead of the pieces from a position up to another.
struct Edit<'a> {
    end: usize,
    instead: Vec<Piece<'a>>,
}

struct Edits<'a, 'p> {
    pieces: &'p Pieces<'a>,
    by_start: BTreeMap<usize, Edit<'a>>,
}

/// The pieces of a file with everything replaced.
pub(super) fn rewritten<'a>(body: &Body, pieces: Pieces<'a>) -> Vec<Piece<'a>> {
    let mut edits = Edits { pieces: &pieces, by_start: BTreeMap::new() };
    edits.body(body, &[]);
    let mut by_start = edits.by_start;
    let mut result = Vec::with_capacity(pieces.len());
    let mut skip_to = 0;
    for (position, (_, piece)) in pieces.into_iter().enumerate() {
        if let Some(edit) = by_start.remove(&position) {
            result.extend(edit.instead);
            skip_to = edit.end;
        }
        if position >= skip_to {
            result.push(piece);
        }
    }
    result
}

impl<'a> Edits<'a, '_> {
    fn body(&mut self, body: &Body, around: &[&str]) {
        for attribute in &body.attributes {
            let start = self.position(attribute.value.range.start);
            let end = self.position(attribute.value.range.end);
            let inside: Vec<Piece<'a>> = self.pieces[start..end].iter().map(|(_, piece)| piece.clone()).collect();
            let instead = match around == ["variable"] && &*attribute.name.name == "type" {
                true => type_expression(&inside),
                false => unwrapped(&inside),
            };
            if let Some(instead) = instead {
                self.by_start.insert(start, Edit { end, instead });
            }
        }
        for block in &body.blocks {
            self.labels(block);
            let mut inner = around.to_vec();
            inner.push(&block.kind.name);
            crate::syntax::deep(|| self.body(&block.body, &inner));
        }
    }

    fn position(&self, byte: u32) -> usize {
        self.pieces.partition_point(|(start, _)| *start < byte)
    }

    /// Labels in quotes, and nothing between them.
    fn labels(&mut self, block: &Block) {
        let (Some(first), Some(last)) = (block.labels.first(), block.labels.last()) else { return };
        let start = self.position(block.kind.range.end);
        let end = self.position(last.range.end.max(first.range.start));
        let mut instead = Vec::with_capacity(3 * block.labels.len());
        for label in &block.labels {
            instead.push(Piece::new(TokenKind::OpenQuote, "\""));
            if !label.name.is_empty() {
                instead.push(Piece::new(TokenKind::Text, crate::syntax::escape(&label.name)));
            }
            instead.push(Piece::new(TokenKind::CloseQuote, "\""));
        }
        self.by_start.insert(start, Edit { end, instead });
    }
}

/// `"${x}"` without what is around `x`; several lines get parentheses, which they need outside of the template.
fn unwrapped<'a>(pieces: &[Piece<'a>]) -> Option<Vec<Piece<'a>>> {
    use TokenKind as Kind;
    let [open, interpolation, inside @ .., close_sequence, close] = pieces else { return None };
    let is_wrapped = (open.kind, interpolation.kind, close_sequence.kind, close.kind)
        == (Kind::OpenQuote, Kind::OpenInterpolation, Kind::CloseSequence, Kind::CloseQuote);
    if !is_wrapped || inside.is_empty() {
        return None;
    }
    let mut quotes = 0;
    for piece in inside {
        match piece.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes -= 1,
            // More than one sequence, or text between them: the template makes a string of them.
            Kind::OpenInterpolation | Kind::CloseSequence | Kind::Text if quotes == 0 => return None,
            _ => {}
        }
    }
    let is_break = |piece: &Piece<'_>| piece.kind == Kind::Newline;
    let start = inside.iter().position(|piece| !is_break(piece)).unwrap_or(inside.len());
    let end = inside.iter().rposition(|piece| !is_break(piece)).map_or(start, |last| last + 1);
    let inside = &inside[start..end];
    let has_parentheses = inside.len() > 1
        && inside.first().is_some_and(|piece| piece.kind == Kind::OpenParenthesis)
        && inside.last().is_some_and(|piece| piece.kind == Kind::CloseParenthesis);
    if inside.iter().any(is_break) && !has_parentheses {
        let mut wrapped = vec![Piece::new(Kind::OpenParenthesis, "(")];
        wrapped.extend_from_slice(inside);
        wrapped.push(Piece::new(Kind::CloseParenthesis, ")"));
        return Some(wrapped);
    }
    Some(inside.to_vec())
}

/// Types of old versions as they are written today.
fn type_expression<'a>(pieces: &[Piece<'a>]) -> Option<Vec<Piece<'a>>> {
    let text = match pieces {
        [word] if word.kind == TokenKind::Identifier && matches!(&*word.text, "list" | "map" | "set") => format!("{}(any)", word.text),
        [open, word, _] if open.kind == TokenKind::OpenQuote && word.kind == TokenKind::Text => match &*word.text {
            "string" => "string".to_owned(),
            "list" | "map" => format!("{}(string)", word.text),
            _ => return None,
        },
        _ => return None,
    };
    Some(vec![Piece::new(TokenKind::Identifier, text)])
}
