//! Text → tokens of JSON.

/// A token and the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    /// A string with its quotes.
    Text,
    /// A string that its line ends within.
    Unterminated,
    /// Anything that begins like a number.
    Number,
    /// `true`, `false`, `null`, or a word that is none of them.
    Word,
    /// A character that begins nothing.
    Invalid,
    End,
}

/// Cuts a text into tokens; the last is [`TokenKind::End`].
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut position = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(character) = text[position..].chars().next() {
        let start = position;
        if matches!(character, ' ' | '\t' | '\r' | '\n') {
            position += 1;
            continue;
        }
        let (kind, length) = match character {
            '{' => (TokenKind::OpenBrace, 1),
            '}' => (TokenKind::CloseBrace, 1),
            '[' => (TokenKind::OpenBracket, 1),
            ']' => (TokenKind::CloseBracket, 1),
            ',' => (TokenKind::Comma, 1),
            ':' => (TokenKind::Colon, 1),
            '"' => string(&text[start..]),
            '-' | '+' | '.' | '0'..='9' => {
                (TokenKind::Number, run(&text[start..], |next| next.is_ascii_alphanumeric() || "+-.".contains(next)))
            }
            _ if character.is_alphabetic() || character == '_' => {
                (TokenKind::Word, run(&text[start..], |next| next.is_alphanumeric() || next == '_'))
            }
            _ => (TokenKind::Invalid, character.len_utf8()),
        };
        position += length;
        tokens.push(Token { kind, start: start as u32, end: position as u32 });
    }
    tokens.push(Token { kind: TokenKind::End, start: text.len() as u32, end: text.len() as u32 });
    tokens
}

fn string(text: &str) -> (TokenKind, usize) {
    let mut escaped = false;
    for (position, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'\n' => return (TokenKind::Unterminated, position - usize::from(text[..position].ends_with('\r'))),
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return (TokenKind::Text, position + 1),
            _ => {}
        }
    }
    (TokenKind::Unterminated, text.len())
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}
