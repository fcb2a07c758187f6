//! Bodies: arguments and blocks, and going on after a mistake.

use super::{Failed, Parsed, Parser};
use crate::syntax::ast::{Attribute, Block, Body, Identifier};
use crate::syntax::token::{Token, TokenKind};
use std::collections::HashMap;
use std::sync::Arc;

/// Words that begin a top-level block. One at the beginning of a line, inside a block that is never closed, is where parsing
/// goes on.
const TOP_LEVEL: [&str; 16] = [
    "terraform",
    "provider",
    "variable",
    "locals",
    "output",
    "module",
    "resource",
    "data",
    "ephemeral",
    "moved",
    "removed",
    "import",
    "check",
    "action",
    "workload",
    "language",
];

/// How often a file is taken up again after a block that is never closed; bounds the cost of a hostile file.
const MAXIMUM_RESTARTS: usize = 20;

enum Item {
    Attribute(Attribute),
    Block(Block),
}

/// The content of a body while it is read.
#[derive(Default)]
struct Content {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    names: HashMap<Arc<str>, usize>,
}

impl Parser<'_> {
    pub(super) fn file(&mut self) -> Body {
        let mut content = Content::default();
        let mut restarts = 0;
        loop {
            self.skip_newlines();
            let (start, errors) = (self.position, self.diagnostics.0.len());
            if self.peek().kind == TokenKind::End {
                break;
            }
            match self.item() {
                Ok(item) => self.add(&mut content, item),
                Err(Failed) => match self.peek().kind == TokenKind::End && restarts < MAXIMUM_RESTARTS {
                    true => {
                        restarts += 1;
                        self.restart(start, errors);
                    }
                    false => self.recover(start, true),
                },
            }
        }
        let range = self.bytes(0, self.text.len() as u32);
        Body { attributes: content.attributes, blocks: content.blocks, undecided: Vec::new(), range }
    }

    /// After an item that ran to the end of the file: goes on at the next line that begins a top-level block.
    /// Of the errors found since, the last is kept, which ended the item, and those before that line.
    fn restart(&mut self, start: usize, errors: usize) {
        let anchor = (start + 1..self.tokens.len()).find(|position| self.is_anchor(*position));
        let Some(anchor) = anchor else { return };
        let from = self.range(self.tokens[anchor]).start;
        let last = self.diagnostics.0.pop();
        let mut index = 0;
        // What was found after that line will be found again.
        self.diagnostics.0.retain(|diagnostic| {
            index += 1;
            index <= errors || diagnostic.subject.is_none_or(|subject| subject.start < from)
        });
        self.diagnostics.0.extend(last);
        self.position = anchor;
    }

    fn is_anchor(&self, position: usize) -> bool {
        let token = self.tokens[position];
        let at_line_start = token.start == 0 || self.text.as_bytes()[token.start as usize - 1] == b'\n';
        let next = self.tokens.get(position + 1).map(|token| token.kind);
        at_line_start
            && token.kind == TokenKind::Identifier
            && TOP_LEVEL.contains(&token.text(self.text))
            && matches!(next, Some(TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Identifier))
    }

    fn add(&mut self, content: &mut Content, item: Item) {
        match item {
            Item::Block(block) => content.blocks.push(block),
            Item::Attribute(attribute) => match content.names.get(&attribute.name.name) {
                Some(first) => {
                    let name = &attribute.name.name;
                    let place = self.place(content.attributes[*first].name.range);
                    let detail = format!("The argument {name:?} was already set at {place}. Each argument may be set only once.");
                    self.push(attribute.name.range, "Attribute redefined", detail);
                }
                None => {
                    content.names.insert(attribute.name.name.clone(), content.attributes.len());
                    content.attributes.push(attribute);
                }
            },
        }
    }

    fn item(&mut self) -> Parsed<Item> {
        let token = self.peek();
        match token.kind {
            TokenKind::Identifier => {}
            TokenKind::OpenQuote => return Err(self.fail(token, "Invalid argument name", "Argument names must not be quoted.")),
            _ => {
                let detail = "An argument or block definition is required here.";
                return Err(self.fail(token, "Argument or block definition required", detail));
            }
        }
        let name = self.identifier();
        let token = self.peek();
        match token.kind {
            TokenKind::Assign => {
                let attribute = self.attribute(name)?;
                self.end_of_line(true)?;
                Ok(Item::Attribute(attribute))
            }
            TokenKind::OpenQuote | TokenKind::OpenBrace | TokenKind::Identifier => {
                let block = self.block(name)?;
                self.end_of_line(false)?;
                Ok(Item::Block(block))
            }
            _ => {
                let detail = match token.kind {
                    TokenKind::Dot => "An argument or block definition is required here. A dot is not allowed in the name of an argument.",
                    _ => {
                        "An argument or block definition is required here. To set an argument, use the equals sign \"=\" to introduce the argument value."
                    }
                };
                let range = name.range;
                match token.kind {
                    TokenKind::Invalid | TokenKind::Unterminated => Err(self.fail(token, "", "")),
                    _ => {
                        self.push(range, "Argument or block definition required", detail);
                        Err(Failed)
                    }
                }
            }
        }
    }

    fn attribute(&mut self, name: Identifier) -> Parsed<Attribute> {
        self.next();
        let value = self.expression()?;
        let range = name.range.to(value.range);
        Ok(Attribute { name, value: Arc::new(value), range })
    }

    fn end_of_line(&mut self, argument: bool) -> Parsed<()> {
        let token = self.peek();
        match (token.kind, argument) {
            (TokenKind::Newline, _) => {
                self.next();
                Ok(())
            }
            (TokenKind::End, _) => Ok(()),
            (TokenKind::Comma, true) => {
                let detail =
                    "Argument definitions must be separated by newlines, not commas. An argument definition must end with a newline.";
                Err(self.fail(token, "Unexpected comma after argument", detail))
            }
            (_, true) => Err(self.fail(token, "Missing newline after argument", "An argument definition must end with a newline.")),
            (_, false) => Err(self.fail(token, "Missing newline after block definition", "A block definition must end with a newline.")),
        }
    }

    fn block(&mut self, kind: Identifier) -> Parsed<Block> {
        let mut labels: Vec<Identifier> = Vec::new();
        let open = loop {
            let token = self.peek();
            match token.kind {
                TokenKind::OpenBrace => break self.next(),
                TokenKind::Identifier => labels.push(self.identifier()),
                TokenKind::OpenQuote => labels.push(self.plain_string()?),
                _ => return Err(self.invalid_header(token)),
            }
        };
        let header = labels.last().map_or(kind.range, |label| kind.range.to(label.range));
        let content = self.deeper(|parser| parser.block_content(open))?;
        let close = self.next();
        let inside = self.bytes(open.end, close.start);
        let range = kind.range.to(self.range(close));
        let body = Body { attributes: content.attributes, blocks: content.blocks, undecided: Vec::new(), range: inside };
        Ok(Block { kind, labels, body, header, range })
    }

    fn invalid_header(&mut self, token: Token) -> Failed {
        let detail = match token.kind {
            TokenKind::Assign => "The equals sign \"=\" indicates an argument definition, and must not be used when defining a block.",
            TokenKind::Newline | TokenKind::End => {
                "A block definition must have block content delimited by \"{\" and \"}\", starting on the same line as the block header."
            }
            _ => "Either a quoted string block label or an opening brace (\"{\") is expected here.",
        };
        self.fail(token, "Invalid block definition", detail)
    }

    /// Reads up to the closing brace, which is left.
    fn block_content(&mut self, open: Token) -> Parsed<Content> {
        if !matches!(self.peek().kind, TokenKind::Newline | TokenKind::CloseBrace | TokenKind::End) {
            return self.single_line(open);
        }
        let mut content = Content::default();
        loop {
            self.skip_newlines();
            match self.peek().kind {
                TokenKind::CloseBrace => return Ok(content),
                TokenKind::End => return Err(self.unclosed_block(open)),
                _ => {}
            }
            let start = self.position;
            match self.item() {
                Ok(item) => self.add(&mut content, item),
                Err(Failed) if self.peek().kind == TokenKind::End => return Err(Failed),
                Err(Failed) => self.recover(start, false),
            }
        }
    }

    fn unclosed_block(&mut self, open: Token) -> Failed {
        let range = self.range(open);
        let detail = "There is no closing brace for this block before the end of the file. This may be caused by incorrect brace nesting \
                      elsewhere in this file.";
        self.push(range, "Unclosed configuration block", detail);
        Failed
    }

    /// `{ name = value }` on one line.
    fn single_line(&mut self, open: Token) -> Parsed<Content> {
        const SUMMARY: &str = "Invalid single-argument block definition";
        let token = self.peek();
        if token.kind != TokenKind::Identifier {
            let detail = "A single-line block definition can contain only a single argument.";
            return Err(self.fail(token, "Argument or block definition required", detail));
        }
        let name = self.identifier();
        if self.peek().kind != TokenKind::Assign {
            let token = self.peek();
            let detail = format!(
                "A single-line block definition can contain only a single argument. If you meant to define argument {:?}, use an equals \
                 sign to assign it a value. To define a nested block, place it on a line of its own within its parent block.",
                &*name.name
            );
            return Err(self.fail(token, SUMMARY, detail));
        }
        let attribute = self.attribute(name)?;
        let token = self.peek();
        let detail = match token.kind {
            TokenKind::CloseBrace => {
                let mut content = Content::default();
                self.add(&mut content, Item::Attribute(attribute));
                return Ok(content);
            }
            TokenKind::Comma => {
                "Single-line block syntax can include only one argument definition. To define multiple arguments, use the multi-line block \
                 syntax with one argument definition per line."
            }
            TokenKind::Newline => {
                "An argument definition on the same line as its containing block creates a single-line block definition, which must also be \
                 closed on the same line. Place the block's closing brace immediately after the argument definition."
            }
            TokenKind::End => return Err(self.unclosed_block(open)),
            _ => "A single-line block definition must end with a closing brace immediately after its single argument definition.",
        };
        Err(self.fail(token, SUMMARY, detail))
    }

    /// Goes to where the item that began at `start` probably ends: the end of a line outside of its brackets, or the brace
    /// that closes the block around it.
    fn recover(&mut self, start: usize, top_level: bool) {
        use TokenKind as Kind;
        let failed_at = self.position;
        let mut open: Vec<Kind> = Vec::new();
        let mut position = start;
        while self.tokens[position].kind != Kind::End {
            if position > start && position >= failed_at && self.is_anchor(position) && top_level {
                break;
            }
            let kind = self.tokens[position].kind;
            match kind {
                Kind::Newline if open.is_empty() && position >= failed_at => break,
                Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParenthesis | Kind::OpenQuote | Kind::OpenHeredoc => open.push(kind),
                Kind::OpenInterpolation | Kind::OpenDirective => open.push(Kind::OpenInterpolation),
                Kind::UnterminatedString => {
                    let outermost = open.iter().position(|kind| *kind == Kind::OpenQuote).unwrap_or(open.len());
                    open.truncate(outermost);
                }
                _ => {
                    if let Some(opener) = opener(kind) {
                        match open.iter().rposition(|kind| *kind == opener) {
                            Some(found) => open.truncate(found),
                            None if kind == Kind::CloseBrace && !top_level => break,
                            None => {}
                        }
                    }
                }
            }
            position += 1;
        }
        self.position = position;
    }
}

fn opener(close: TokenKind) -> Option<TokenKind> {
    Some(match close {
        TokenKind::CloseBrace => TokenKind::OpenBrace,
        TokenKind::CloseBracket => TokenKind::OpenBracket,
        TokenKind::CloseParenthesis => TokenKind::OpenParenthesis,
        TokenKind::CloseQuote => TokenKind::OpenQuote,
        TokenKind::CloseHeredoc => TokenKind::OpenHeredoc,
        TokenKind::CloseSequence => TokenKind::OpenInterpolation,
        _ => return None,
    })
}
