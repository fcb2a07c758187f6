//! Blanks: indentation by brackets, one blank between most tokens, `=` and comments of neighbouring lines in columns.

use super::Piece;
use super::spacing::is_spaced;
use crate::syntax::token::TokenKind;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// A line in up to three parts, as ranges of pieces. What a heredoc holds belongs to the line that it begins in.
struct Line {
    /// What stands before the other parts.
    lead: Range<usize>,
    /// From `=` on, when the value ends in this line.
    assign: Range<usize>,
    /// A comment after something else.
    comment: Range<usize>,
}

/// The text with its blanks as they should be.
pub(super) fn laid_out(mut pieces: Vec<Piece<'_>>) -> String {
    let lines = lines(&pieces);
    indent(&lines, &mut pieces);
    for line in &lines {
        space(&mut pieces[line.lead.clone()]);
        space(&mut pieces[line.assign.clone()]);
    }
    align(&lines, &mut pieces, |line| &line.assign, |line, pieces| columns(&pieces[line.lead.clone()]));
    align(
        &lines,
        &mut pieces,
        |line| &line.comment,
        |line, pieces| columns(&pieces[line.lead.clone()]) + columns(&pieces[line.assign.clone()]),
    );
    let mut text = String::with_capacity(pieces.iter().map(|piece| piece.text.len() + 1).sum());
    for piece in &pieces {
        text.extend(std::iter::repeat_n(' ', piece.spaces));
        text.push_str(&piece.text);
    }
    text
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (position, piece) in pieces.iter().enumerate() {
        if piece.ends_line() {
            lines.push(line(pieces, start..position + 1));
            start = position + 1;
        }
    }
    if start < pieces.len() {
        lines.push(line(pieces, start..pieces.len()));
    }
    lines
}

fn line(pieces: &[Piece<'_>], range: Range<usize>) -> Line {
    let (start, mut end) = (range.start, range.end);
    let has_comment = range.len() > 1 && pieces[end - 1].kind == TokenKind::Comment;
    let comment = if has_comment { end - 1..end } else { end..end };
    end = comment.start;
    let equals = (start + 1..end).find(|position| pieces[*position].kind == TokenKind::Assign);
    // A value that goes on in the next lines is no cell of its own.
    let whole = equals.filter(|equals| pieces[*equals..end].iter().map(Piece::depth_change).sum::<i32>() == 0);
    let split = whole.unwrap_or(end);
    Line { lead: start..split, assign: split..end, comment }
}

/// Two blanks for each line that opened more brackets than it closed, until they are closed again.
fn indent(lines: &[Line], pieces: &mut [Piece<'_>]) {
    let mut opened: Vec<i32> = Vec::new();
    for line in lines {
        if pieces[line.lead.start].kind == TokenKind::Newline {
            continue;
        }
        let change = lead_change(&pieces[line.lead.clone()]) + pieces[line.assign.clone()].iter().map(Piece::depth_change).sum::<i32>();
        if change < 0 {
            close(&mut opened, -change);
        }
        pieces[line.lead.start].spaces = 2 * opened.len();
        if change > 0 {
            opened.push(change);
        }
    }
}

/// What stands in a heredoc does not count: its sequences close where they open.
fn lead_change(lead: &[Piece<'_>]) -> i32 {
    let heredoc = lead.iter().position(|piece| piece.kind == TokenKind::OpenHeredoc).unwrap_or(lead.len());
    lead[..heredoc].iter().map(Piece::depth_change).sum()
}

fn close(opened: &mut Vec<i32>, mut closed: i32) {
    while closed > 0
        && let Some(last) = opened.last_mut()
    {
        match *last > closed {
            true => {
                *last -= closed;
                return;
            }
            false => {
                closed -= *last;
                opened.pop();
            }
        }
    }
}

fn space(cell: &mut [Piece<'_>]) {
    for position in 1..cell.len() {
        let before = position.checked_sub(2).map(|position| cell[position].kind);
        cell[position].spaces = usize::from(is_spaced(before, &cell[position - 1], &cell[position]));
    }
}

/// Puts a cell of neighbouring lines into one column, one blank behind the longest of what stands before it.
fn align(lines: &[Line], pieces: &mut [Piece<'_>], cell: impl Fn(&Line) -> &Range<usize>, width: impl Fn(&Line, &[Piece<'_>]) -> usize) {
    for group in lines.chunk_by(|one, two| !cell(one).is_empty() && !cell(two).is_empty()) {
        if group.iter().all(|line| cell(line).is_empty()) {
            continue;
        }
        let widths: Vec<usize> = group.iter().map(|line| width(line, pieces)).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in group.iter().zip(widths) {
            pieces[cell(line).start].spaces = widest - width + 1;
        }
    }
}

fn columns(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| piece.spaces + width(&piece.text)).sum()
}

fn width(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() }
}
