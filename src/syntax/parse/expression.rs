//! Expressions: operators, traversals, terms, calls.

use super::{Failed, Parsed, Parser};
use crate::diagnostic::Range;
use crate::syntax::ast::{BinaryOperator, Call, Expression, ExpressionKind, Identifier, UnaryOperator};
use crate::syntax::token::{Token, TokenKind};
use windlass_api::{Number, Type, Value};

pub(super) fn make(kind: ExpressionKind, range: Range) -> Expression {
    Expression { kind, range }
}

impl Parser<'_> {
    /// An expression that is the whole text.
    pub(super) fn whole_expression(&mut self) -> Parsed<Expression> {
        let expression = self.expression()?;
        let token = self.peek();
        match token.kind {
            TokenKind::End => Ok(expression),
            _ => Err(self.fail(
                token,
                "Extra characters after expression",
                "An expression was successfully parsed, but extra characters were found after it.",
            )),
        }
    }

    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.deeper(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed<Expression> {
        let condition = self.binary(0)?;
        if self.take(TokenKind::Question).is_none() {
            return Ok(condition);
        }
        let mut height = self.height;
        let yes = self.expression()?;
        height = height.max(self.height);
        if self.take(TokenKind::Colon).is_none() {
            let token = self.peek();
            let detail = "The conditional operator (...?...:...) requires a false expression, delimited by a colon.";
            return Err(self.fail(token, "Missing false expression in conditional", detail));
        }
        let no = self.expression()?;
        let range = condition.range.to(no.range);
        self.raise(height.max(self.height) + 1, range)?;
        Ok(make(ExpressionKind::Conditional { condition: condition.into(), yes: yes.into(), no: no.into() }, range))
    }

    /// Operators that bind at least as tightly as `level`.
    fn binary(&mut self, level: u8) -> Parsed<Expression> {
        let mut left = self.unary()?;
        let mut height = self.height;
        while let Some((operator, tightness)) = binary_operator(self.peek().kind) {
            if tightness < level {
                break;
            }
            self.next();
            let right = self.binary(tightness + 1)?;
            let range = left.range.to(right.range);
            height = height.max(self.height) + 1;
            self.raise(height, range)?;
            left = make(ExpressionKind::Binary(operator, left.into(), right.into()), range);
        }
        self.height = height;
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expression> {
        let token = self.peek();
        let operator = match token.kind {
            TokenKind::Minus => UnaryOperator::Negate,
            TokenKind::Not => UnaryOperator::Not,
            _ => {
                let term = self.term()?;
                return self.traversals(term);
            }
        };
        self.next();
        let operand = self.deeper(Self::unary)?;
        let range = self.range(token).to(operand.range);
        self.raise(self.height + 1, range)?;
        Ok(make(ExpressionKind::Unary(operator, operand.into()), range))
    }

    fn traversals(&mut self, mut expression: Expression) -> Parsed<Expression> {
        loop {
            let height = self.height;
            expression = match self.peek().kind {
                TokenKind::Dot => self.after_dot(expression)?,
                TokenKind::OpenBracket => self.bracket(expression)?,
                _ => return Ok(expression),
            };
            let range = expression.range;
            self.raise(self.height.max(height) + 1, range)?;
        }
    }

    /// `.name`, `.0` or `.*`.
    fn after_dot(&mut self, object: Expression) -> Parsed<Expression> {
        self.next();
        if self.take(TokenKind::Star).is_some() {
            return self.attribute_splat(object);
        }
        self.step(object)
    }

    fn step(&mut self, object: Expression) -> Parsed<Expression> {
        let token = self.peek();
        let range = object.range.to(self.range(token));
        match token.kind {
            TokenKind::Identifier => {
                let name = self.identifier();
                Ok(make(ExpressionKind::Attribute(object.into(), name), range))
            }
            TokenKind::Number => {
                let key = self.legacy_index()?;
                Ok(make(ExpressionKind::Index(object.into(), key.into()), range))
            }
            TokenKind::Star => {
                let detail = "A splat expression (*) cannot be used inside another attribute-only splat expression.";
                Err(self.fail(token, "Nested splat expression not allowed", detail))
            }
            _ => Err(self.fail(token, "Invalid attribute name", "An attribute name is required after a dot.")),
        }
    }

    fn legacy_index(&mut self) -> Parsed<Expression> {
        let token = self.next();
        let written = token.text(self.text);
        if let Some((first, second)) = written.split_once('.') {
            let detail = format!(
                "When using the legacy index syntax, chaining two indexes together is not permitted. Use the proper index syntax \
                 instead, like [{first}][{second}]."
            );
            return Err(self.fail(token, "Invalid legacy index syntax", detail));
        }
        self.number(token)
    }

    /// What follows `.*`: names and old indexes only; a later bracket is applied to the whole.
    fn attribute_splat(&mut self, collection: Expression) -> Parsed<Expression> {
        let star = self.range(self.tokens[self.position - 1]);
        let mut each = make(ExpressionKind::SplatItem, star);
        let mut height = 0;
        while self.peek().kind == TokenKind::Dot {
            self.next();
            each = self.step(each)?;
            height += 1;
            self.raise(height, each.range)?;
        }
        let range = collection.range.to(each.range);
        Ok(make(ExpressionKind::Splat { collection: collection.into(), each: each.into() }, range))
    }

    fn bracket(&mut self, collection: Expression) -> Parsed<Expression> {
        let open = self.next();
        if self.peek().kind == TokenKind::Star && self.peek_second() == TokenKind::CloseBracket {
            self.next();
            let close = self.next();
            let item = make(ExpressionKind::SplatItem, self.range(open).to(self.range(close)));
            self.height = 0;
            let each = self.deeper(|parser| parser.traversals(item))?;
            let range = collection.range.to(each.range);
            return Ok(make(ExpressionKind::Splat { collection: collection.into(), each: each.into() }, range));
        }
        let (key, close) = self.with_newlines(false, |parser| {
            let key = parser.expression()?;
            match parser.peek() {
                token if token.kind == TokenKind::CloseBracket => Ok((key, parser.next())),
                token => {
                    Err(parser.fail(token, "Missing close bracket on index", "The index operator must end with a closing bracket (\"]\")."))
                }
            }
        })?;
        let range = collection.range.to(self.range(close));
        Ok(make(ExpressionKind::Index(collection.into(), key.into()), range))
    }

    fn term(&mut self) -> Parsed<Expression> {
        self.height = 0;
        let token = self.peek();
        match token.kind {
            TokenKind::Number => {
                self.next();
                self.number(token)
            }
            TokenKind::Identifier => self.word(),
            TokenKind::OpenQuote => self.quoted_template(),
            TokenKind::OpenHeredoc => self.heredoc(),
            TokenKind::OpenBracket => self.tuple(),
            TokenKind::OpenBrace => self.object(),
            TokenKind::OpenParenthesis => self.parenthesis(),
            TokenKind::End => {
                Err(self.fail(token, "Missing expression", "Expected the start of an expression, but found the end of the file."))
            }
            _ => Err(self.fail(token, "Invalid expression", "Expected the start of an expression, but found an invalid expression token.")),
        }
    }

    fn number(&mut self, token: Token) -> Parsed<Expression> {
        let range = self.range(token);
        match Number::parse(token.text(self.text)).filter(Number::is_finite) {
            Some(number) => Ok(make(ExpressionKind::Literal(Value::number(number)), range)),
            None => {
                self.push(range, "Invalid number literal", "Failed to recognize the value of this number literal.");
                Err(Failed)
            }
        }
    }

    /// Takes a token that is known to be an identifier.
    pub(super) fn identifier(&mut self) -> Identifier {
        let token = self.next();
        Identifier { name: token.text(self.text).into(), range: self.range(token) }
    }

    fn word(&mut self) -> Parsed<Expression> {
        let second = self.peek_second();
        let name = self.identifier();
        if matches!(second, TokenKind::OpenParenthesis | TokenKind::DoubleColon) {
            return self.call(name);
        }
        let kind = match &*name.name {
            "true" => ExpressionKind::Literal(Value::bool(true)),
            "false" => ExpressionKind::Literal(Value::bool(false)),
            "null" => ExpressionKind::Literal(Value::null(Type::Dynamic)),
            _ => ExpressionKind::Variable(name.name),
        };
        Ok(make(kind, name.range))
    }

    fn parenthesis(&mut self) -> Parsed<Expression> {
        let open = self.next();
        self.with_newlines(false, |parser| {
            let inner = parser.expression()?;
            let token = parser.peek();
            if token.kind != TokenKind::CloseParenthesis {
                return Err(parser.fail(token, "Unbalanced parentheses", "Expected a closing parenthesis to terminate the expression."));
            }
            let close = parser.next();
            let range = parser.range(open).to(parser.range(close));
            parser.raise(parser.height + 1, range)?;
            Ok(make(ExpressionKind::Parenthesis(inner.into()), range))
        })
    }

    fn call(&mut self, mut name: Identifier) -> Parsed<Expression> {
        let start = name.range;
        while self.take(TokenKind::DoubleColon).is_some() {
            let token = self.peek();
            if token.kind != TokenKind::Identifier {
                return Err(self.fail(
                    token,
                    "Missing function name",
                    "Function scope resolution symbol :: must be followed by a function name in this scope.",
                ));
            }
            let part = self.identifier();
            name = Identifier { name: format!("{}::{}", name.name, part.name).into(), range: start.to(part.range) };
        }
        let token = self.peek();
        if token.kind != TokenKind::OpenParenthesis {
            let detail = "Function selector must be followed by an open parenthesis to begin the function call.";
            return Err(self.fail(token, "Missing open parenthesis", detail));
        }
        let open = self.next();
        self.with_newlines(false, |parser| parser.arguments(name, open))
    }

    fn arguments(&mut self, name: Identifier, open: Token) -> Parsed<Expression> {
        let (mut arguments, mut expand_last, mut height) = (Vec::new(), false, 0);
        let close = loop {
            if let Some(close) = self.take(TokenKind::CloseParenthesis) {
                break close;
            }
            if self.peek().kind == TokenKind::End {
                let range = name.range.to(self.range(open));
                let detail = "There is no closing parenthesis for this function call before the end of the file. This may be caused by \
                              incorrect parenthesis nesting elsewhere in this file.";
                self.push(range, "Unterminated function call", detail);
                return Err(Failed);
            }
            arguments.push(self.expression()?);
            height = height.max(self.height);
            let token = self.peek();
            match token.kind {
                TokenKind::Comma => drop(self.next()),
                TokenKind::CloseParenthesis => {}
                TokenKind::Ellipsis => {
                    self.next();
                    expand_last = true;
                    let token = self.peek();
                    if token.kind != TokenKind::CloseParenthesis {
                        let detail = "An expanded function argument (with ...) must be immediately followed by closing parentheses.";
                        return Err(self.fail(token, "Missing closing parenthesis", detail));
                    }
                }
                TokenKind::End => {}
                _ => {
                    let detail = "A comma is required to separate each function argument from the next.";
                    return Err(self.fail(token, "Missing argument separator", detail));
                }
            }
        };
        let range = name.range.to(self.range(close));
        self.raise(height + 1, range)?;
        Ok(make(ExpressionKind::Call(Call { name, arguments, expand_last }.into()), range))
    }
}

fn binary_operator(kind: TokenKind) -> Option<(BinaryOperator, u8)> {
    Some(match kind {
        TokenKind::Or => (BinaryOperator::Or, 0),
        TokenKind::And => (BinaryOperator::And, 1),
        TokenKind::Equal => (BinaryOperator::Equal, 2),
        TokenKind::NotEqual => (BinaryOperator::NotEqual, 2),
        TokenKind::Less => (BinaryOperator::Less, 3),
        TokenKind::LessOrEqual => (BinaryOperator::LessOrEqual, 3),
        TokenKind::Greater => (BinaryOperator::Greater, 3),
        TokenKind::GreaterOrEqual => (BinaryOperator::GreaterOrEqual, 3),
        TokenKind::Plus => (BinaryOperator::Add, 4),
        TokenKind::Minus => (BinaryOperator::Subtract, 4),
        TokenKind::Star => (BinaryOperator::Multiply, 5),
        TokenKind::Slash => (BinaryOperator::Divide, 5),
        TokenKind::Percent => (BinaryOperator::Modulo, 5),
        _ => return None,
    })
}
