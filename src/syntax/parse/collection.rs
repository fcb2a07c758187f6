//! Tuples, objects and `for` expressions.

use super::expression::make;
use super::{Failed, Parsed, Parser};
use crate::syntax::ast::{Expression, ExpressionKind, ForExpression, Identifier, ObjectItem};
use crate::syntax::token::{Token, TokenKind};
use windlass_api::{Type, Value};

impl Parser<'_> {
    pub(super) fn tuple(&mut self) -> Parsed<Expression> {
        let open = self.next();
        self.with_newlines(false, |parser| match parser.at_word("for") {
            true => parser.for_expression(open, false),
            false => parser.tuple_items(open),
        })
    }

    fn tuple_items(&mut self, open: Token) -> Parsed<Expression> {
        let (mut items, mut height) = (Vec::new(), 0);
        let close = loop {
            if let Some(close) = self.take(TokenKind::CloseBracket) {
                break close;
            }
            if self.peek().kind == TokenKind::End {
                let range = self.range(open);
                let detail = "There is no corresponding closing bracket before the end of the file. This may be caused by incorrect bracket \
                              nesting elsewhere in this file.";
                self.push(range, "Unterminated tuple constructor expression", detail);
                return Err(Failed);
            }
            items.push(self.expression()?);
            height = height.max(self.height);
            let token = self.peek();
            match token.kind {
                TokenKind::Comma => drop(self.next()),
                TokenKind::CloseBracket | TokenKind::End => {}
                _ => return Err(self.fail(token, "Missing item separator", "Expected a comma to mark the beginning of the next item.")),
            }
        };
        let range = self.range(open).to(self.range(close));
        self.raise(height + 1, range)?;
        Ok(make(ExpressionKind::Tuple(items), range))
    }

    pub(super) fn object(&mut self) -> Parsed<Expression> {
        let open = self.next();
        // A for expression may begin on a later line; an object's items are separated by line ends.
        if self.with_newlines(false, |parser| parser.at_word("for")) {
            return self.with_newlines(false, |parser| parser.for_expression(open, true));
        }
        self.with_newlines(true, |parser| parser.object_items(open))
    }

    fn object_items(&mut self, open: Token) -> Parsed<Expression> {
        let (mut items, mut height) = (Vec::new(), 0);
        let close = loop {
            self.skip_newlines();
            if let Some(close) = self.take(TokenKind::CloseBrace) {
                break close;
            }
            if self.peek().kind == TokenKind::End {
                return Err(self.unterminated_object(open));
            }
            let key = self.object_key()?;
            height = height.max(self.height);
            self.object_separator(open)?;
            let value = self.expression()?;
            height = height.max(self.height);
            items.push(ObjectItem { key, value });
            let token = self.peek();
            match token.kind {
                TokenKind::Comma | TokenKind::Newline => drop(self.next()),
                TokenKind::CloseBrace => {}
                TokenKind::End => return Err(self.unterminated_object(open)),
                _ => {
                    let detail = "Expected a newline or comma to mark the beginning of the next attribute.";
                    return Err(self.fail(token, "Missing attribute separator", detail));
                }
            }
        };
        let range = self.range(open).to(self.range(close));
        self.raise(height + 1, range)?;
        Ok(make(ExpressionKind::Object(items), range))
    }

    fn unterminated_object(&mut self, open: Token) -> Failed {
        let range = self.range(open);
        let detail = "There is no corresponding closing brace before the end of the file. This may be caused by incorrect brace nesting \
                      elsewhere in this file.";
        self.push(range, "Unterminated object constructor expression", detail);
        Failed
    }

    /// A bare name, `true`, `false` and `null` included, is a string. A bare reference is no key where the object is evaluated, but the
    /// `providers` of a module block have such keys.
    fn object_key(&mut self) -> Parsed<Expression> {
        let key = self.expression()?;
        let word = match &key.kind {
            ExpressionKind::Variable(name) => Some(name.clone()),
            ExpressionKind::Literal(value) if value.ty() == &Type::Bool => Some(value.as_bool().unwrap_or(false).to_string().into()),
            ExpressionKind::Literal(value) if value.is_null() => Some("null".into()),
            _ => None,
        };
        Ok(match word {
            Some(word) => make(ExpressionKind::Literal(Value::string(word)), key.range),
            None => key,
        })
    }

    fn object_separator(&mut self, open: Token) -> Parsed<()> {
        let token = self.peek();
        let detail = match token.kind {
            TokenKind::Assign | TokenKind::Colon => {
                self.next();
                return Ok(());
            }
            TokenKind::Newline | TokenKind::CloseBrace => "Expected an attribute value, introduced by an equals sign (\"=\").",
            TokenKind::Comma => "Expected an attribute value, introduced by an equals sign (\"=\"), before the comma.",
            TokenKind::Identifier => "Expected an attribute value, introduced by an equals sign (\"=\"), after the attribute name.",
            TokenKind::End => return Err(self.unterminated_object(open)),
            _ => {
                "Expected an equals sign (\"=\") to mark the beginning of the attribute value. An attribute name with other characters than letters, digits, underscores and dashes must be written in quotes."
            }
        };
        let summary = if token.kind == TokenKind::CloseBrace { "Missing key/value separator" } else { "Missing attribute value" };
        Err(self.fail(token, summary, detail))
    }

    fn for_expression(&mut self, open: Token, object: bool) -> Parsed<Expression> {
        const SUMMARY: &str = "Invalid 'for' expression";
        self.next();
        let (key, value) = self.for_names(SUMMARY)?;
        let collection = self.expression()?;
        let mut height = self.height;
        if self.take(TokenKind::Colon).is_none() {
            let token = self.peek();
            return Err(self.fail(token, SUMMARY, "For expression requires a colon after the collection expression."));
        }
        let mut result = self.expression()?;
        height = height.max(self.height);
        let mut result_key = None;
        if let Some(arrow) = self.take(TokenKind::Arrow) {
            if !object {
                return Err(self.fail(arrow, SUMMARY, "Key expression is not valid when building a tuple."));
            }
            result_key = Some(std::mem::replace(&mut result, self.expression()?));
            height = height.max(self.height);
        } else if object {
            let token = self.peek();
            return Err(self.fail(token, SUMMARY, "Key expression is required when building an object."));
        }
        let group = match self.take(TokenKind::Ellipsis) {
            Some(token) if !object => {
                return Err(self.fail(token, SUMMARY, "Grouping ellipsis (...) cannot be used when building a tuple."));
            }
            ellipsis => ellipsis.is_some(),
        };
        let mut condition = None;
        if self.at_word("if") {
            self.next();
            condition = Some(self.expression()?);
            height = height.max(self.height);
        }
        let token = self.peek();
        if token.kind != if object { TokenKind::CloseBrace } else { TokenKind::CloseBracket } {
            return Err(self.fail(token, SUMMARY, "Extra characters after the end of the 'for' expression."));
        }
        self.next();
        let range = self.range(open).to(self.range(token));
        self.raise(height + 1, range)?;
        let parts = ForExpression { key, value, collection, result_key, result, group, condition };
        Ok(make(ExpressionKind::For(parts.into()), range))
    }

    /// `value in` or `key, value in`.
    pub(super) fn for_names(&mut self, summary: &str) -> Parsed<(Option<Identifier>, Identifier)> {
        let mut name = self.for_name(summary, "For expression requires variable name after 'for'.")?;
        let mut key = None;
        if self.take(TokenKind::Comma).is_some() {
            let value = self.for_name(summary, "For expression requires value variable name after comma.")?;
            key = Some(std::mem::replace(&mut name, value));
        }
        if !self.at_word("in") {
            let token = self.peek();
            let detail = match key {
                None => "For expression requires 'in' keyword after its variable name, or a comma and a second name.",
                Some(_) => "For expression requires 'in' keyword after its names.",
            };
            return Err(self.fail(token, summary, detail));
        }
        self.next();
        Ok((key, name))
    }

    fn for_name(&mut self, summary: &str, detail: &str) -> Parsed<Identifier> {
        let token = self.peek();
        match token.kind {
            TokenKind::Identifier => Ok(self.identifier()),
            _ => Err(self.fail(token, summary, detail)),
        }
    }
}
