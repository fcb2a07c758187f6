//! Template directives: reading them, and matching each with its end.

use super::stream::MAXIMUM_DEPTH;
use super::template::Part;
use super::{Failed, Parsed, Parser};
use crate::diagnostic::Range;
use crate::syntax::ast::{Expression, Identifier, TemplatePart};
use crate::syntax::token::{Token, TokenKind};

/// A directive whose end has not come yet.
enum Open {
    If { condition: Expression, yes: Option<Vec<TemplatePart>>, range: Range },
    For { key: Option<Identifier>, value: Identifier, collection: Expression, range: Range },
}

impl Parser<'_> {
    /// The inside of `%{…}`.
    pub(super) fn directive(&mut self, open: Token) -> Parsed<Part> {
        let range = self.range(open);
        let token = self.peek();
        if token.kind != TokenKind::Identifier {
            let detail = "A template directive keyword (\"if\", \"for\", etc) is expected at the beginning of a %{ sequence.";
            return Err(self.fail(token, "Invalid template directive", detail));
        }
        let keyword = self.identifier();
        Ok(match &*keyword.name {
            "if" => Part::If(self.expression()?, range),
            "else" => Part::Else(range),
            "endif" => Part::EndIf(range),
            "for" => {
                let (key, value) = self.for_names("Invalid 'for' directive")?;
                let collection = self.expression()?;
                Part::For { key, value, collection, range }
            }
            "endfor" => Part::EndFor(range),
            other => {
                let detail =
                    format!("{other:?} is not a valid template control keyword. To write \"%{{\" as text, double the sign: \"%%{{\".");
                self.push(keyword.range, "Invalid template control keyword", detail);
                return Err(Failed);
            }
        })
    }

    /// Matches directives with their ends; also how deep they nest.
    pub(super) fn tree(&mut self, parts: Vec<Part>, whole: Range) -> Parsed<(Vec<TemplatePart>, u32)> {
        let mut stack: Vec<(Open, Vec<TemplatePart>)> = Vec::new();
        let mut row: Vec<TemplatePart> = Vec::new();
        let mut deepest = 0;
        let mut parts = parts.into_iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Text(mut text) => {
                    // A heredoc comes line by line.
                    while let Some(Part::Text(more)) = parts.next_if(|next| matches!(next, Part::Text(_))) {
                        text.push_str(&more);
                    }
                    if !text.is_empty() {
                        row.push(TemplatePart::Literal(text.into()));
                    }
                }
                Part::Interpolation(expression) => row.push(TemplatePart::Interpolation(expression)),
                Part::If(condition, range) => stack.push((Open::If { condition, yes: None, range }, std::mem::take(&mut row))),
                Part::For { key, value, collection, range } => {
                    stack.push((Open::For { key, value, collection, range }, std::mem::take(&mut row)));
                }
                Part::Else(range) => match stack.last_mut() {
                    Some((Open::If { yes: yes @ None, .. }, _)) => *yes = Some(std::mem::take(&mut row)),
                    _ => return Err(self.unexpected("else", range)),
                },
                Part::EndIf(range) => match stack.pop() {
                    Some((Open::If { condition, yes, .. }, before)) => {
                        let inside = std::mem::replace(&mut row, before);
                        let (yes, no) = match yes {
                            Some(yes) => (yes, inside),
                            None => (inside, Vec::new()),
                        };
                        row.push(TemplatePart::If { condition, yes, no });
                    }
                    _ => return Err(self.unexpected("endif", range)),
                },
                Part::EndFor(range) => match stack.pop() {
                    Some((Open::For { key, value, collection, .. }, before)) => {
                        let body = std::mem::replace(&mut row, before);
                        row.push(TemplatePart::For { key, value, collection, body });
                    }
                    _ => return Err(self.unexpected("endfor", range)),
                },
            }
            deepest = deepest.max(stack.len() as u32);
            if deepest > MAXIMUM_DEPTH {
                self.raise(deepest + 2, whole)?;
            }
        }
        match stack.pop() {
            None => Ok((row, deepest)),
            Some((open, _)) => Err(self.unclosed(&open)),
        }
    }

    fn unexpected(&mut self, keyword: &str, range: Range) -> Failed {
        self.push(range, &format!("Unexpected {keyword} directive"), "The control directives within this template are unbalanced.");
        Failed
    }

    fn unclosed(&mut self, open: &Open) -> Failed {
        let (name, range) = match open {
            Open::If { range, .. } => ("if", *range),
            Open::For { range, .. } => ("for", *range),
        };
        let detail = format!("The {name} directive at {} is missing its corresponding end{name} directive.", self.place(range));
        self.push(range, "Unexpected end of template", detail);
        Failed
    }
}
