//! Heredocs and their indentation.

use super::template::Part;
use super::{Parsed, Parser};
use crate::syntax::ast::Expression;
use crate::syntax::token::TokenKind;

impl Parser<'_> {
    pub(super) fn heredoc(&mut self) -> Parsed<Expression> {
        let open = self.next();
        let mut parts = self.parts(TokenKind::CloseHeredoc)?;
        let close = self.next();
        if open.text(self.text).starts_with("<<-") {
            dedent(&mut parts.parts);
        }
        let range = self.range(open).to(self.range(close));
        self.assemble(&mut parts, range)
    }
}

/// Removes the smallest indentation of the lines that begin with text from all of these.
///
/// A piece of text is at the beginning of a line if it comes first or if the piece before it ends a line; strip markers have
/// been applied before, so that a piece emptied by one counts as not indented. Blank lines neither count nor change.
fn dedent(parts: &mut [Part]) {
    let mut at_line_start = true;
    let mut smallest = usize::MAX;
    let mut lines: Vec<usize> = Vec::new();
    for (position, part) in parts.iter().enumerate() {
        let begins_line = std::mem::take(&mut at_line_start);
        match part {
            Part::Text(text) => {
                at_line_start = text.ends_with('\n');
                let blank = at_line_start && text.trim().is_empty();
                if begins_line && !blank {
                    lines.push(position);
                    smallest = smallest.min(indentation(text));
                }
            }
            _ if begins_line => smallest = 0,
            _ => {}
        }
    }
    for position in lines {
        if let Part::Text(text) = &mut parts[position] {
            let cut = text.char_indices().nth(smallest).map_or(text.len(), |(byte, _)| byte);
            text.drain(..cut);
        }
    }
}

fn indentation(text: &str) -> usize {
    text.chars().take_while(|character| character.is_whitespace()).count()
}
