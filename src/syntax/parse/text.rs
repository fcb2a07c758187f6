//! Text of templates: escapes.

use super::Parser;
use crate::syntax::token::Token;

impl Parser<'_> {
    /// The text of a quoted template, escapes resolved.
    pub(super) fn quoted_text(&mut self, token: Token) -> String {
        let written = token.text(self.text);
        let mut text = String::with_capacity(written.len());
        let mut rest = written;
        while let Some(special) = rest.find(['\\', '$', '%']) {
            text.push_str(&rest[..special]);
            rest = &rest[special..];
            let length = match rest.as_bytes()[0] {
                b'\\' => self.escape(rest, token.end - rest.len() as u32, &mut text),
                _ => doubled(rest, &mut text),
            };
            rest = &rest[length..];
        }
        text.push_str(rest);
        text
    }

    /// Resolves the escape that `rest` begins with and returns its length.
    fn escape(&mut self, rest: &str, start: u32, text: &mut String) -> usize {
        let selector = rest[1..].chars().next();
        let digits = match selector {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('"') => '"',
            Some('\\') => '\\',
            Some('u') => return self.unicode_escape(rest, 4, "four", start, text),
            Some('U') => return self.unicode_escape(rest, 8, "eight", start, text),
            _ => {
                let length = 1 + selector.map_or(0, char::len_utf8);
                let detail = format!("The symbol {:?} is not a valid escape sequence selector.", &rest[1..length]);
                let range = self.bytes(start, start + length as u32);
                self.push(range, "Invalid escape sequence", detail);
                return length;
            }
        };
        text.push(digits);
        2
    }

    fn unicode_escape(&mut self, rest: &str, digits: usize, count: &str, start: u32, text: &mut String) -> usize {
        let letter = &rest[1..2];
        let written: &str = rest.get(2..2 + digits).unwrap_or("");
        let all_digits = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u32::from_str_radix(written, 16).ok().and_then(char::from_u32) {
            Some(character) if all_digits => {
                text.push(character);
                2 + digits
            }
            _ if all_digits => {
                text.push(char::REPLACEMENT_CHARACTER);
                2 + digits
            }
            _ => {
                let range = self.bytes(start, start + 2);
                let detail = format!("The \\{letter} escape sequence must be followed by {count} hexadecimal digits.");
                self.push(range, "Invalid escape sequence", detail);
                2
            }
        }
    }
}

/// The text of a template without quotes: only `$${` and `%%{` mean something else than they show.
pub(super) fn plain_text(written: &str) -> String {
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(special) = rest.find(['$', '%']) {
        text.push_str(&rest[..special]);
        rest = &rest[special..];
        rest = &rest[doubled(rest, &mut text)..];
    }
    text.push_str(rest);
    text
}

/// `$${` and `%%{` stand for `${` and `%{`; any other `$` or `%` for itself. Returns how many bytes were read.
fn doubled(rest: &str, text: &mut String) -> usize {
    match rest.as_bytes() {
        [first, second, b'{', ..] if first == second => {
            text.push_str(&rest[1..3]);
            3
        }
        _ => {
            text.push_str(&rest[..1]);
            1
        }
    }
}
