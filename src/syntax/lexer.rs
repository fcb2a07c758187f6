//! Text → tokens.
//!
//! One pass without recursion: what a byte means depends on a stack of modes (plain, quoted template, heredoc, bare
//! template), because templates hold expressions that hold templates.

use super::token::{Token, TokenKind};

/// Cuts a file or an expression into tokens, the last of which is [`TokenKind::End`].
pub fn lex(text: &str) -> Vec<Token> {
    Lexer::new(text, Mode::Plain { braces: 0 }).run()
}

/// Cuts a template without quotes into tokens.
pub fn lex_template(text: &str) -> Vec<Token> {
    Lexer::new(text, Mode::Bare).run()
}

/// Whether a text is an identifier of the language.
pub fn is_identifier(text: &str) -> bool {
    text.chars().next().is_some_and(begins_identifier) && text.chars().all(continues_identifier)
}

fn begins_identifier(character: char) -> bool {
    character == '_' || unicode_ident::is_xid_start(character)
}

fn continues_identifier(character: char) -> bool {
    character == '-' || unicode_ident::is_xid_continue(character)
}

#[derive(Clone, Copy, Debug)]
enum Mode<'a> {
    /// Expressions and bodies; `braces` are those open since the mode began.
    Plain { braces: u32 },
    /// Between quotes.
    Quoted,
    /// Between `<<NAME` and `NAME`.
    Heredoc { marker: &'a str, at_line_start: bool },
    /// A template that ends with the text.
    Bare,
}

struct Lexer<'a> {
    text: &'a str,
    position: usize,
    modes: Vec<Mode<'a>>,
    tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, mode: Mode<'a>) -> Lexer<'a> {
        Lexer { text, position: 0, modes: vec![mode], tokens: Vec::with_capacity(text.len() / 4 + 1) }
    }

    fn run(mut self) -> Vec<Token> {
        // A byte order mark is passed over, as Terraform does.
        if self.text.starts_with('\u{feff}') {
            self.position = 3;
        }
        while self.position < self.text.len() {
            match self.modes.last().copied() {
                Some(Mode::Quoted) => self.quoted(),
                Some(Mode::Heredoc { marker, at_line_start }) => self.heredoc(marker, at_line_start),
                Some(Mode::Bare) => self.bare(),
                Some(Mode::Plain { .. }) | None => self.plain(),
            }
        }
        self.emit(TokenKind::End, 0);
        self.tokens
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn emit(&mut self, kind: TokenKind, length: usize) {
        let start = self.position as u32;
        self.position += length;
        self.tokens.push(Token { kind, start, end: self.position as u32 });
    }

    fn plain(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        match bytes[0] {
            b' ' | b'\t' => self.position += 1,
            b'\r' if bytes.get(1) == Some(&b'\n') => self.emit(TokenKind::Newline, 2),
            b'\n' => self.emit(TokenKind::Newline, 1),
            b'#' => self.line_comment(),
            b'/' if bytes.get(1) == Some(&b'/') => self.line_comment(),
            b'/' if bytes.get(1) == Some(&b'*') => match rest[2..].find("*/") {
                Some(end) => self.emit(TokenKind::Comment, end + 4),
                None => self.emit(TokenKind::Unterminated, rest.len()),
            },
            b'"' => {
                self.emit(TokenKind::OpenQuote, 1);
                self.modes.push(Mode::Quoted);
            }
            b'0'..=b'9' => self.emit(TokenKind::Number, number_length(bytes)),
            b'<' if bytes.get(1) == Some(&b'<') => self.open_heredoc(),
            b'~' if bytes.get(1) == Some(&b'}') && self.closes_sequence() => {
                self.emit(TokenKind::CloseSequence, 2);
                self.modes.pop();
            }
            b'}' if self.closes_sequence() => {
                self.emit(TokenKind::CloseSequence, 1);
                self.modes.pop();
            }
            _ => self.word_or_punctuation(rest),
        }
    }

    /// Whether a closing brace here ends an interpolation or directive.
    fn closes_sequence(&self) -> bool {
        self.modes.len() > 1 && matches!(self.modes.last(), Some(Mode::Plain { braces: 0 }))
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let length = rest.find('\n').unwrap_or(rest.len());
        self.emit(TokenKind::Comment, rest[..length].trim_end_matches('\r').len());
    }

    fn open_heredoc(&mut self) {
        let rest = self.rest();
        let name = rest[2..].strip_prefix('-').unwrap_or(&rest[2..]);
        let marker = &name[..identifier_length(name)];
        let after = &name[marker.len()..];
        let line_end = if after.starts_with('\n') { 1 } else { 2 * usize::from(after.starts_with("\r\n")) };
        if marker.is_empty() || !is_identifier(marker) || line_end == 0 {
            return self.emit(TokenKind::Invalid, 2);
        }
        self.emit(TokenKind::OpenHeredoc, rest.len() - after.len() + line_end);
        self.modes.push(Mode::Heredoc { marker, at_line_start: true });
    }

    fn word_or_punctuation(&mut self, rest: &str) {
        let first = rest.chars().next().unwrap_or(' ');
        if begins_identifier(first) {
            return self.emit(TokenKind::Identifier, identifier_length(rest));
        }
        let (kind, length) = punctuation(rest.as_bytes());
        if let Some(Mode::Plain { braces }) = self.modes.last_mut() {
            match kind {
                TokenKind::OpenBrace => *braces += 1,
                TokenKind::CloseBrace => *braces = braces.saturating_sub(1),
                _ => {}
            }
        }
        self.emit(kind, if kind == TokenKind::Invalid { first.len_utf8() } else { length });
    }

    fn quoted(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut length = 0;
        while length < bytes.len() {
            match bytes[length] {
                b'"' | b'\n' => break,
                b'\\' if bytes.get(length + 1).is_some_and(|next| *next != b'\n' && *next != b'\r') => length += 2,
                b'$' | b'%' => match sequence(bytes, length) {
                    Sequence::Opens => break,
                    Sequence::Escaped => length += 3,
                    Sequence::None => length += 1,
                },
                _ => length += 1,
            }
        }
        while !rest.is_char_boundary(length) {
            length += 1;
        }
        if length > 0 {
            return self.emit(TokenKind::Text, length);
        }
        match bytes[0] {
            b'"' => {
                self.emit(TokenKind::CloseQuote, 1);
                self.modes.pop();
            }
            b'\n' => {
                self.emit(TokenKind::UnterminatedString, 0);
                self.abandon_quotes();
            }
            _ => self.open_sequence(),
        }
    }

    /// Leaves every quoted template, so that the lines after an unclosed quote are read as what they are.
    fn abandon_quotes(&mut self) {
        let outermost = self.modes.iter().position(|mode| matches!(mode, Mode::Quoted)).unwrap_or(self.modes.len() - 1);
        self.modes.truncate(outermost.max(1));
    }

    fn open_sequence(&mut self) {
        let bytes = self.rest().as_bytes();
        let kind = if bytes[0] == b'$' { TokenKind::OpenInterpolation } else { TokenKind::OpenDirective };
        self.emit(kind, if bytes.get(2) == Some(&b'~') { 3 } else { 2 });
        self.modes.push(Mode::Plain { braces: 0 });
    }

    fn heredoc(&mut self, marker: &'a str, at_line_start: bool) {
        let rest = self.rest();
        let line_end = rest.find('\n');
        // A marker that the text ends after, without the end of its line, closes nothing: so it is in Terraform.
        if let Some(end) = line_end.filter(|end| at_line_start && rest[..*end].trim() == marker) {
            self.emit(TokenKind::CloseHeredoc, rest[..end].trim_end_matches('\r').len());
            self.modes.pop();
            return;
        }
        let line = line_end.map_or(rest.len(), |end| end + 1);
        let length = text_length(&rest.as_bytes()[..line]);
        let ends_line = length == line;
        if let Some(Mode::Heredoc { at_line_start, .. }) = self.modes.last_mut() {
            *at_line_start = ends_line;
        }
        match length {
            0 => self.open_sequence(),
            _ => self.emit(TokenKind::Text, length),
        }
        if self.position == self.text.len() {
            self.emit(TokenKind::Unterminated, 0);
        }
    }

    fn bare(&mut self) {
        match text_length(self.rest().as_bytes()) {
            0 => self.open_sequence(),
            length => self.emit(TokenKind::Text, length),
        }
    }
}

enum Sequence {
    Opens,
    Escaped,
    None,
}

/// What a `$` or `%` at a position begins.
fn sequence(bytes: &[u8], position: usize) -> Sequence {
    let sign = bytes[position];
    match (bytes.get(position + 1), bytes.get(position + 2)) {
        (Some(b'{'), _) => Sequence::Opens,
        (Some(second), Some(b'{')) if *second == sign => Sequence::Escaped,
        _ => Sequence::None,
    }
}

/// How many bytes stand before the next template sequence.
fn text_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while length < bytes.len() {
        length += match bytes[length] {
            b'$' | b'%' => match sequence(bytes, length) {
                Sequence::Opens => break,
                Sequence::Escaped => 3,
                Sequence::None => 1,
            },
            _ => 1,
        };
    }
    length
}

fn identifier_length(text: &str) -> usize {
    text.find(|character| !continues_identifier(character)).unwrap_or(text.len())
}

fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        if bytes.len() > length + 1 + sign && digits(length + 1 + sign) > 0 {
            length += 1 + sign + digits(length + 1 + sign);
        }
    }
    length
}

fn punctuation(bytes: &[u8]) -> (TokenKind, usize) {
    use TokenKind as Kind;
    match bytes {
        [b'.', b'.', b'.', ..] => (Kind::Ellipsis, 3),
        [b'=', b'=', ..] => (Kind::Equal, 2),
        [b'=', b'>', ..] => (Kind::Arrow, 2),
        [b'!', b'=', ..] => (Kind::NotEqual, 2),
        [b'<', b'=', ..] => (Kind::LessOrEqual, 2),
        [b'>', b'=', ..] => (Kind::GreaterOrEqual, 2),
        [b'&', b'&', ..] => (Kind::And, 2),
        [b'|', b'|', ..] => (Kind::Or, 2),
        [b':', b':', ..] => (Kind::DoubleColon, 2),
        [b'{', ..] => (Kind::OpenBrace, 1),
        [b'}', ..] => (Kind::CloseBrace, 1),
        [b'[', ..] => (Kind::OpenBracket, 1),
        [b']', ..] => (Kind::CloseBracket, 1),
        [b'(', ..] => (Kind::OpenParenthesis, 1),
        [b')', ..] => (Kind::CloseParenthesis, 1),
        [b'=', ..] => (Kind::Assign, 1),
        [b'<', ..] => (Kind::Less, 1),
        [b'>', ..] => (Kind::Greater, 1),
        [b'+', ..] => (Kind::Plus, 1),
        [b'-', ..] => (Kind::Minus, 1),
        [b'*', ..] => (Kind::Star, 1),
        [b'/', ..] => (Kind::Slash, 1),
        [b'%', ..] => (Kind::Percent, 1),
        [b'!', ..] => (Kind::Not, 1),
        [b'?', ..] => (Kind::Question, 1),
        [b':', ..] => (Kind::Colon, 1),
        [b',', ..] => (Kind::Comma, 1),
        [b'.', ..] => (Kind::Dot, 1),
        _ => (Kind::Invalid, 1),
    }
}
