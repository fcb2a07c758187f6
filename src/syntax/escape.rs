//! Text → what stands for it between quotes.

use regex::Regex;
use std::fmt::Write;
use std::sync::LazyLock;

/// What can't be seen: controls, format characters, and blanks other than the usual one.
static UNPRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{C}\p{Z}]$").ok());

/// The text as it stands between the quotes of a string without sequences.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '$' | '%' if characters.peek() == Some(&'{') => escaped.extend([character, character]),
            ' '..='~' => escaped.push(character),
            other if is_printable(other) => escaped.push(other),
            other => {
                let code = u32::from(other);
                let _ = if code < 0x10000 { write!(escaped, "\\u{code:04x}") } else { write!(escaped, "\\U{code:08x}") };
            }
        }
    }
    escaped
}

fn is_printable(character: char) -> bool {
    let mut buffer = [0; 4];
    !UNPRINTABLE.as_ref().is_some_and(|pattern| pattern.is_match(character.encode_utf8(&mut buffer)))
}
