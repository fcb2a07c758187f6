//! Tokens: what the lexer cuts a text into.

/// A token and the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What a token is. Blanks between tokens are no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Identifier,
    /// A decimal number.
    Number,
    /// `#…`, `//…` without the end of the line, or `/*…*/`.
    Comment,
    /// The end of a line, outside of templates.
    Newline,
    /// The `"` that opens a template.
    OpenQuote,
    /// The `"` that closes one.
    CloseQuote,
    /// `<<NAME` or `<<-NAME` with the end of its line.
    OpenHeredoc,
    /// The line with the closing name, without the end of the line.
    CloseHeredoc,
    /// Text of a template as written; in a heredoc never more than one line.
    Text,
    /// `${` or `${~`.
    OpenInterpolation,
    /// `%{` or `%{~`.
    OpenDirective,
    /// The `}` or `~}` that closes either.
    CloseSequence,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    Assign,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Arrow,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Not,
    And,
    Or,
    Question,
    Colon,
    DoubleColon,
    Comma,
    Dot,
    Ellipsis,
    /// A quoted template that its line ends before its closing quote; the template's modes end here.
    UnterminatedString,
    /// A heredoc or comment that the file ends within.
    Unterminated,
    /// A character that begins no token.
    Invalid,
    /// The end of the text.
    End,
}

impl Token {
    /// The text it covers.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start as usize..self.end as usize]
    }
}
