//! The parser's view of the tokens: significance of line ends, depth, errors.

use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceId};
use crate::syntax::places::Places;
use crate::syntax::token::{Token, TokenKind};

/// A mistake was found and pushed; parsing can go on after the argument or block around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

pub(super) type Parsed<T> = Result<T, Failed>;

/// How many levels a tree may have, nesting and chained operators together.
pub(in crate::syntax) const MAXIMUM_DEPTH: u32 = 500;

pub(super) struct Parser<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    places: Places,
    pub(super) tokens: Vec<Token>,
    pub(super) position: usize,
    /// Whether line ends are significant, innermost last.
    newlines: Vec<bool>,
    depth: u32,
    /// The height of the tree parsed last.
    pub(super) height: u32,
    pub(super) diagnostics: Diagnostics,
}

impl<'a> Parser<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, places: Places, tokens: &[Token], newlines: bool) -> Parser<'a> {
        let tokens = tokens.iter().copied().filter(|token| token.kind != TokenKind::Comment).collect();
        let (newlines, diagnostics) = (vec![newlines], Diagnostics::none());
        Parser { source, text, places, tokens, position: 0, newlines, depth: 0, height: 0, diagnostics }
    }

    /// The result of a parse: the value, if there was no error at all.
    pub(super) fn finish<T>(self, parsed: Parsed<T>) -> Result<T, Diagnostics> {
        match parsed {
            Ok(value) if self.diagnostics.is_empty() => Ok(value),
            _ => Err(self.diagnostics),
        }
    }

    /// The next token, line ends passed over where they mean nothing.
    pub(super) fn peek(&mut self) -> Token {
        if self.newlines.last() == Some(&false) {
            while self.tokens[self.position].kind == TokenKind::Newline {
                self.position += 1;
            }
        }
        self.tokens[self.position]
    }

    /// The token after the next.
    pub(super) fn peek_second(&mut self) -> TokenKind {
        self.peek();
        self.tokens.get(self.position + 1).map_or(TokenKind::End, |token| token.kind)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.position += 1;
        }
        token
    }

    /// Takes the next token if it is of a kind.
    pub(super) fn take(&mut self, kind: TokenKind) -> Option<Token> {
        (self.peek().kind == kind).then(|| self.next())
    }

    /// Whether the next token is this word.
    pub(super) fn at_word(&mut self, word: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Identifier && token.text(self.text) == word
    }

    pub(super) fn skip_newlines(&mut self) {
        while self.peek().kind == TokenKind::Newline {
            self.position += 1;
        }
    }

    /// Runs a part of the grammar with line ends significant or not.
    pub(super) fn with_newlines<T>(&mut self, significant: bool, part: impl FnOnce(&mut Self) -> T) -> T {
        self.newlines.push(significant);
        let result = part(self);
        self.newlines.pop();
        result
    }

    /// Runs a part of the grammar one level deeper.
    pub(super) fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let token = self.peek();
        if self.depth >= MAXIMUM_DEPTH {
            return Err(self.too_deep(self.range(token)));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    /// Notes the height of a tree just built.
    pub(super) fn raise(&mut self, height: u32, range: Range) -> Parsed<()> {
        self.height = height;
        match height + self.depth > MAXIMUM_DEPTH + 1 {
            true => Err(self.too_deep(range)),
            false => Ok(()),
        }
    }

    fn too_deep(&mut self, range: Range) -> Failed {
        let detail = format!("Expressions and blocks can be nested, and operators chained, at most {MAXIMUM_DEPTH} levels deep.");
        let hint = "split it into local values";
        self.diagnostics.push(Diagnostic::error("Nesting too deep", detail).at(range).hint(hint));
        Failed
    }

    pub(super) fn range(&self, token: Token) -> Range {
        // An error at the end of a line points to its end, not into the next line.
        let end = if token.kind == TokenKind::Newline { token.start } else { token.end };
        self.bytes(token.start, end)
    }

    pub(super) fn bytes(&self, start: u32, end: u32) -> Range {
        Range { source: self.source, start: self.places.in_source(start), end: self.places.in_source(end) }
    }

    /// Line and column of a token, as messages give them.
    pub(super) fn place(&self, range: Range) -> String {
        let before = &self.text[..self.places.in_text(range.start) as usize];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        format!("line {line}, column {column}")
    }

    pub(super) fn push(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    /// An error at a token; a token that the lexer could not read explains itself instead.
    pub(super) fn fail(&mut self, token: Token, summary: &str, detail: impl Into<String>) -> Failed {
        if !self.lexical(token) {
            let range = self.range(token);
            self.push(range, summary, detail);
        }
        Failed
    }

    fn lexical(&mut self, token: Token) -> bool {
        let range = self.range(token);
        let written = token.text(self.text);
        match token.kind {
            TokenKind::UnterminatedString => {
                let line_start = self.text[..token.start as usize].rfind('\n').map_or(0, |position| position + 1);
                let open = self.tokens[..self.position].iter().rfind(|earlier| earlier.kind == TokenKind::OpenQuote);
                let start = open.map_or(token.start, |open| open.start).max(line_start as u32);
                let detail = "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use the \\n escape \
                              to represent a newline character or use the \"heredoc\" multi-line template syntax.";
                let range = self.bytes(start, token.end);
                self.diagnostics.push(Diagnostic::error("Invalid multi-line string", detail).at(range).hint("close the quote on its line"));
            }
            TokenKind::Unterminated if written.starts_with("/*") => {
                let range = self.bytes(token.start, token.start + 2);
                self.push(range, "Unterminated comment", "There is no \"*/\" for this comment before the end of the file.");
            }
            TokenKind::Unterminated => {
                let open = self.tokens[..self.position].iter().rfind(|earlier| earlier.kind == TokenKind::OpenHeredoc).copied();
                let name = open.map_or("", |open| open.text(self.text)).trim_start_matches(['<', '-']).trim().to_owned();
                let range = open.map_or(range, |open| self.range(open));
                let detail = format!("No closing marker was found for the string. A line that holds only {name} must end it.");
                self.push(range, "Unterminated template string", detail);
            }
            TokenKind::Invalid => {
                let (summary, detail) = invalid(written, &self.text[token.start as usize..]);
                self.push(range, summary, detail);
            }
            _ => return false,
        }
        true
    }
}

/// What to say of a character that begins no token.
fn invalid(written: &str, rest: &str) -> (&'static str, &'static str) {
    match written {
        "&" => ("Unsupported operator", "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?"),
        "|" => ("Unsupported operator", "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?"),
        "^" => ("Unsupported operator", "Bitwise operators are not supported."),
        "~" => ("Unsupported operator", "Bitwise operators are not supported. Did you mean boolean NOT (\"!\")?"),
        "'" => ("Invalid character", "Single quotes are not valid. Use double quotes (\") to enclose strings."),
        "`" => (
            "Invalid character",
            "The \"`\" character is not valid. To create a multi-line string, use the \"heredoc\" syntax, like \"<<EOT\".",
        ),
        ";" => (
            "Invalid character",
            "The \";\" character is not valid. Use newlines to separate arguments and blocks, and commas to separate items in collection values.",
        ),
        "<<" if rest.starts_with("<<") => {
            ("Invalid heredoc", "The marker of a heredoc is a name directly after \"<<\" or \"<<-\", and its line must end there.")
        }
        _ => ("Invalid character", "This character is not used within the language."),
    }
}
