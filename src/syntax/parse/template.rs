//! Templates: from tokens to a flat row of parts; `directive` makes a tree of them.

use super::expression::make;
use super::text::plain_text;
use super::{Failed, Parsed, Parser};
use crate::diagnostic::Range;
use crate::syntax::ast::{Expression, ExpressionKind, Identifier, TemplatePart};
use crate::syntax::token::{Token, TokenKind};
use std::sync::Arc;
use windlass_api::Value;

/// A part of a template before directives are matched.
#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Interpolation(Expression),
    If(Expression, Range),
    Else(Range),
    EndIf(Range),
    For { key: Option<Identifier>, value: Identifier, collection: Expression, range: Range },
    EndFor(Range),
}

/// The parts and the height of the expressions in them.
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    pub(super) height: u32,
}

impl Parser<'_> {
    pub(super) fn quoted_template(&mut self) -> Parsed<Expression> {
        let open = self.next();
        let mut parts = self.parts(TokenKind::CloseQuote)?;
        let close = self.next();
        let range = self.range(open).to(self.range(close));
        self.assemble(&mut parts, range)
    }

    pub(super) fn bare_template(&mut self) -> Parsed<Expression> {
        let mut parts = self.parts(TokenKind::End)?;
        let range = self.bytes(0, self.text.len() as u32);
        self.assemble(&mut parts, range)
    }

    /// The string between quotes where no sequence is allowed, such as a block's label; quotes are not part of the range.
    pub(super) fn plain_string(&mut self) -> Parsed<Identifier> {
        let open = self.next();
        let mut name = String::new();
        loop {
            let token = self.next();
            match token.kind {
                TokenKind::Text => name.push_str(&self.quoted_text(token)),
                TokenKind::CloseQuote => return Ok(Identifier { name: name.into(), range: self.range(open).to(self.range(token)) }),
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    let sign = &token.text(self.text)[..1];
                    let detail = format!(
                        "Template sequences are not allowed in this string. To include a literal {sign:?}, double it (as \"{sign}{sign}\") to escape it."
                    );
                    return Err(self.fail(token, "Invalid string literal", detail));
                }
                _ => return Err(self.fail(token, "Invalid string literal", "No closing quote was found for the string.")),
            }
        }
    }

    /// Reads the parts up to the token that ends the template, which is left.
    pub(super) fn parts(&mut self, end: TokenKind) -> Parsed<Parts> {
        let mut parts: Vec<Part> = Vec::new();
        let (mut trim_next, mut height) = (false, 0);
        loop {
            let token = self.tokens[self.position];
            let trim = std::mem::take(&mut trim_next);
            match token.kind {
                kind if kind == end => return Ok(Parts { parts, height }),
                TokenKind::Text => {
                    self.next();
                    let text = if end == TokenKind::CloseQuote { self.quoted_text(token) } else { plain_text(token.text(self.text)) };
                    parts.push(Part::Text(if trim { text.trim_start().to_owned() } else { text }));
                }
                TokenKind::OpenInterpolation | TokenKind::OpenDirective => {
                    self.next();
                    if let (true, Some(Part::Text(text))) = (token.end - token.start == 3, parts.last_mut()) {
                        text.truncate(text.trim_end().len());
                    }
                    let (part, trims) = self.with_newlines(false, |parser| parser.sequence(token))?;
                    height = height.max(self.height);
                    trim_next = trims;
                    parts.push(part);
                }
                _ => return Err(self.fail(token, "Unterminated template string", "No closing marker was found for the string.")),
            }
        }
    }

    /// The inside of `${…}` or `%{…}` and whether its end trims what follows.
    fn sequence(&mut self, open: Token) -> Parsed<(Part, bool)> {
        self.height = 0;
        let mut part = match open.kind {
            TokenKind::OpenInterpolation => Part::Interpolation(self.expression()?),
            _ => self.directive(open)?,
        };
        let token = self.peek();
        if token.kind != TokenKind::CloseSequence {
            return Err(self.extra_characters(open, token));
        }
        let close = self.next();
        let whole = self.range(open).to(self.range(close));
        match &mut part {
            Part::If(_, range) | Part::Else(range) | Part::EndIf(range) | Part::For { range, .. } | Part::EndFor(range) => *range = whole,
            Part::Text(_) | Part::Interpolation(_) => {}
        }
        Ok((part, close.end - close.start == 2))
    }

    fn extra_characters(&mut self, open: Token, token: Token) -> Failed {
        match (open.kind, token.kind) {
            (_, TokenKind::End) => {
                let range = self.range(open);
                let detail = "There is no closing brace for this interpolation sequence before the end of the file. This might be caused by \
                              incorrect nesting inside the given expression.";
                self.push(range, "Unclosed template interpolation sequence", detail);
                Failed
            }
            (TokenKind::OpenInterpolation, TokenKind::Colon) => {
                let detail = "Template interpolation doesn't expect a colon at this location. Did you intend this to be a literal sequence to be \
                              processed as part of another language? If so, you can escape it by starting with \"$${\" instead of just \"${\".";
                self.fail(token, "Extra characters after interpolation expression", detail)
            }
            (TokenKind::OpenInterpolation, _) => {
                let detail = "Expected a closing brace to end the interpolation expression, but found extra characters.\n\nThis can happen when \
                              you include interpolation syntax for another language, such as shell scripting, but forget to escape the \
                              interpolation start token. If this is an embedded sequence for another language, escape it by starting with \
                              \"$${\" instead of just \"${\".";
                self.fail(token, "Extra characters after interpolation expression", detail)
            }
            _ => self.fail(token, "Extra characters in template directive", "Expected a closing brace to mark the end of the directive."),
        }
    }

    /// The expression of the parts: a literal if they are only text.
    pub(super) fn assemble(&mut self, parts: &mut Parts, range: Range) -> Parsed<Expression> {
        let (tree, height) = self.tree(std::mem::take(&mut parts.parts), range)?;
        self.raise(height + parts.height + 1, range)?;
        Ok(match tree.as_slice() {
            [] => make(ExpressionKind::Literal(Value::string("")), range),
            [TemplatePart::Literal(text)] => {
                let text: Arc<str> = text.clone();
                make(ExpressionKind::Literal(Value::string(text)), range)
            }
            _ => make(ExpressionKind::Template(tree), range),
        })
    }
}
