//! Tokens → a tree of JSON with ranges; several mistakes at once.

use super::lex::{Token, TokenKind, lex};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceId, nearest};
use crate::syntax::parse::MAXIMUM_DEPTH;
use crate::syntax::places::Places;
use windlass_api::Number;

/// Bytes of the source: first, and one past the last.
pub(super) type Span = (u32, u32);

/// A JSON value with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Json {
    pub(super) kind: JsonKind,
    pub(super) range: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum JsonKind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text),
    Array(Vec<Json>),
    Object(Vec<Member>),
    /// It can't be read; that has been said.
    Broken,
}

/// A member of an object, in source order; names may come more than once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) name: Text,
    /// The name with its quotes.
    pub(super) range: Span,
    pub(super) value: Json,
}

/// A string, escapes resolved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) places: Places,
}

/// Reads a text.
pub(super) fn read(source: SourceId, text: &str) -> (Json, Diagnostics) {
    let mut reader = Reader { source, text, tokens: lex(text), position: 0, depth: 0, diagnostics: Diagnostics::none() };
    let json = reader.value("value");
    let after = reader.peek();
    if after.kind != TokenKind::End && !reader.diagnostics.has_errors() {
        reader.error(after, "Extraneous data after value", "Extra characters appear after the JSON value.");
    }
    (json, reader.diagnostics)
}

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    tokens: Vec<Token>,
    position: usize,
    depth: u32,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn peek(&self) -> Token {
        self.tokens[self.position]
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::End {
            self.position += 1;
        }
        token
    }

    fn written(&self, token: Token) -> &str {
        &self.text[token.start as usize..token.end as usize]
    }

    fn error(&mut self, token: Token, summary: &str, detail: impl Into<String>) {
        self.error_at((token.start, token.end), summary, detail);
    }

    fn error_at(&mut self, (start, end): Span, summary: &str, detail: impl Into<String>) {
        let range = Range { source: self.source, start, end };
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    fn value(&mut self, what: &str) -> Json {
        let token = self.peek();
        let range = (token.start, token.end);
        let kind = match token.kind {
            TokenKind::OpenBrace | TokenKind::OpenBracket => return self.nested(token),
            TokenKind::Text | TokenKind::Unterminated => {
                self.next();
                self.string(token).map_or(JsonKind::Broken, JsonKind::Text)
            }
            TokenKind::Number => {
                self.next();
                self.number(token)
            }
            TokenKind::Word => {
                self.next();
                self.word(token)
            }
            TokenKind::Invalid => {
                self.next();
                self.error(token, "Invalid start of value", invalid(self.written(token)));
                self.skip();
                JsonKind::Broken
            }
            TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::Comma | TokenKind::Colon | TokenKind::End => {
                let detail = format!("A JSON {what} is expected here: an object, an array, a string, a number, true, false or null.");
                self.error(token, "Missing JSON value", detail);
                JsonKind::Broken
            }
        };
        Json { kind, range }
    }

    fn nested(&mut self, open: Token) -> Json {
        if self.depth >= MAXIMUM_DEPTH {
            self.error(open, "Nesting too deep", format!("Objects and arrays can be nested at most {MAXIMUM_DEPTH} levels deep."));
            self.skip();
            return Json { kind: JsonKind::Broken, range: (open.start, open.end) };
        }
        self.next();
        self.depth += 1;
        let (kind, close) = match open.kind {
            TokenKind::OpenBrace => {
                let mut members = Vec::new();
                let close = self.items(open, TokenKind::CloseBrace, "object", |reader| members.push(reader.member()));
                (JsonKind::Object(members), close)
            }
            _ => {
                let mut items = Vec::new();
                let close = self.items(open, TokenKind::CloseBracket, "array", |reader| items.push(reader.value("value")));
                (JsonKind::Array(items), close)
            }
        };
        self.depth -= 1;
        match close {
            Some(end) => Json { kind, range: (open.start, end) },
            None => Json { kind: JsonKind::Broken, range: (open.start, open.end) },
        }
    }

    /// Items with commas between them up to the closing token; returns where that ends.
    fn items(&mut self, open: Token, close: TokenKind, what: &str, mut item: impl FnMut(&mut Self)) -> Option<u32> {
        if self.peek().kind == close {
            return Some(self.next().end);
        }
        loop {
            item(self);
            let token = self.peek();
            match token.kind {
                TokenKind::Comma => {
                    self.next();
                    if self.peek().kind == close {
                        let detail = format!("JSON does not permit a trailing comma after the final item of an {what}. Remove it.");
                        self.error(token, &format!("Trailing comma in {what}"), detail);
                        return Some(self.next().end);
                    }
                }
                kind if kind == close => return Some(self.next().end),
                TokenKind::End => {
                    // What is unclosed inside has been told of already.
                    if !self.diagnostics.0.last().is_some_and(|last| last.summary.starts_with("Unclosed")) {
                        self.error(
                            open,
                            &format!("Unclosed {what}"),
                            format!("There is no closing bracket for this {what} before the end of the file."),
                        );
                    }
                    return None;
                }
                TokenKind::CloseBrace | TokenKind::CloseBracket => {
                    let detail = format!("This bracket does not close the {what} that is open here.");
                    self.error(token, "Mismatched brackets", detail);
                    return None;
                }
                _ => {
                    let detail = format!("The items of an {what} must be separated by commas.");
                    self.error(token, "Missing comma", detail);
                    if !matches!(token.kind, TokenKind::Text) || close != TokenKind::CloseBrace {
                        self.skip();
                    }
                }
            }
        }
    }

    fn member(&mut self) -> Member {
        let token = self.peek();
        self.property().unwrap_or_else(|| {
            let range = (token.start, token.end);
            let name = Text { text: String::new(), places: Places::at(token.start) };
            Member { name, range, value: Json { kind: JsonKind::Broken, range } }
        })
    }

    fn property(&mut self) -> Option<Member> {
        let token = self.peek();
        let range = (token.start, token.end);
        let name = match token.kind {
            TokenKind::Text | TokenKind::Unterminated => {
                self.next();
                self.string(token)
            }
            _ => {
                let mut detail = "A JSON object consists of names in double quotes with their values, such as \"name\": 1.".to_owned();
                if token.kind == TokenKind::Invalid {
                    detail = format!("{detail} {}", invalid(self.written(token)));
                }
                self.error(token, "Invalid object property name", detail);
                self.skip();
                return None;
            }
        };
        let colon = self.peek();
        if colon.kind != TokenKind::Colon {
            if name.is_some() {
                let detail = match self.written(colon) {
                    "=" => "JSON uses a colon between a name and its value, not an equals sign.",
                    _ => "A colon and a value must follow the name.",
                };
                self.error(colon, "Missing property value", detail);
            }
            self.skip();
            return None;
        }
        self.next();
        let value = self.value("value");
        Some(Member { name: name?, range, value })
    }

    /// Passes over everything up to the end of the item.
    fn skip(&mut self) {
        let mut open = 0_usize;
        loop {
            match self.peek().kind {
                TokenKind::OpenBrace | TokenKind::OpenBracket => open += 1,
                TokenKind::CloseBrace | TokenKind::CloseBracket | TokenKind::Comma if open == 0 => return,
                TokenKind::CloseBrace | TokenKind::CloseBracket => open -= 1,
                TokenKind::End => return,
                _ => {}
            }
            self.next();
        }
    }

    fn number(&mut self, token: Token) -> JsonKind {
        let written = self.written(token);
        match Number::parse(written).filter(|number| is_json_number(written) && number.is_finite()) {
            Some(number) => JsonKind::Number(number),
            None => {
                let detail = format!("{written:?} is not a number as JSON writes it, such as 12, -1.5 or 3e8.");
                self.error(token, "Invalid JSON number", detail);
                JsonKind::Broken
            }
        }
    }

    fn word(&mut self, token: Token) -> JsonKind {
        let written = self.written(token);
        match written {
            "null" => JsonKind::Null,
            "true" => JsonKind::Bool(true),
            "false" => JsonKind::Bool(false),
            _ => {
                let near = nearest(written, ["true", "false", "null"]);
                let more = near.map_or_else(|| "Strings must stand in double quotes.".to_owned(), |near| format!("Did you mean {near:?}?"));
                let detail = format!("{written:?} is not a valid JSON keyword. {more}");
                self.error(token, "Invalid JSON keyword", detail);
                JsonKind::Broken
            }
        }
    }

    fn string(&mut self, token: Token) -> Option<Text> {
        if token.kind == TokenKind::Unterminated {
            let detail = "There is no closing quote for this string on its line. A line break inside a string is written \\n.";
            self.error(token, "Unclosed string", detail);
            return None;
        }
        let written = &self.text[token.start as usize + 1..token.end as usize - 1];
        let mut text = Text { text: String::with_capacity(written.len()), places: Places::at(token.start + 1) };
        let (mut rest, mut at) = (written, token.start + 1);
        while let Some(special) = rest.find(|character: char| character == '\\' || character < ' ') {
            text.text.push_str(&rest[..special]);
            (rest, at) = (&rest[special..], at + special as u32);
            match escape(rest) {
                Ok((character, length)) => {
                    text.places.moved(text.text.len() as u32, at);
                    text.text.push(character);
                    (rest, at) = (&rest[length..], at + length as u32);
                    text.places.moved(text.text.len() as u32, at);
                }
                Err((length, detail)) => {
                    self.error_at((at, at + length as u32), "Invalid JSON string", detail);
                    return None;
                }
            }
        }
        text.text.push_str(rest);
        Some(text)
    }
}

/// The character of the escape that a text begins with, and how long it is written; else how much of it is wrong, and why.
fn escape(rest: &str) -> Result<(char, usize), (usize, String)> {
    let selector = rest[1..].chars().next();
    if !rest.starts_with('\\') {
        return Err((1, "A control character can't stand in a string as it is. Write it as an escape, such as \\t.".to_owned()));
    }
    let character = match selector {
        Some('"') => '"',
        Some('\\') => '\\',
        Some('/') => '/',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode(rest),
        _ => {
            let length = 1 + selector.map_or(0, char::len_utf8);
            return Err((
                length,
                format!("{:?} is not an escape of JSON: those are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX.", &rest[..length]),
            ));
        }
    };
    Ok((character, 2))
}

fn unicode(rest: &str) -> Result<(char, usize), (usize, String)> {
    let unit = |rest: &str| {
        let digits = rest.strip_prefix("\\u")?.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(rest) else { return Err((2, "\\u must be followed by four hexadecimal digits.".to_owned())) };
    if let Some(character) = char::from_u32(first) {
        return Ok((character, 6));
    }
    // Half of a pair: with its other half it is one character, alone it is none.
    match unit(&rest[6..]) {
        Some(second) if (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(&second) => {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            Ok((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12))
        }
        _ => Ok((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// Whether a number is written by JSON's grammar, which is narrower than that of native syntax.
fn is_json_number(written: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = written.strip_prefix('-').unwrap_or(written);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    digits(whole) && digits(fraction) && digits(exponent) && !leading_zero
}

fn invalid(written: &str) -> &'static str {
    match written {
        "'" => "JSON strings must stand in double quotes.",
        "/" | "#" => "JSON has no comments. A property named \"//\" is ignored in blocks, so a remark can be its value.",
        _ => "This character begins no JSON value.",
    }
}
