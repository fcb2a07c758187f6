//! Values → YAML text, as Terraform's emitter lays it out: strings and keys in double quotes, blocks indented by two, texts of
//! several lines as literal blocks where YAML can hold them so.

use std::fmt::Write;
use windlass_api::{Data, Value};

/// Quoted texts go on in the next line at the first blank beyond this column.
const WIDTH: usize = 80;
/// Longer keys stand after a question mark.
const SIMPLE_KEY_BYTES: usize = 128;

/// A document with one value.
pub(super) fn encode(value: &Value) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0, after_space: true, after_indent: true };
    emitter.node(value, None, false);
    if emitter.column > 0 {
        emitter.line_break();
    }
    if is_plain(value) {
        emitter.out.push_str("...\n");
    }
    emitter.out
}

/// Whether it is written without quotes or brackets.
fn is_plain(value: &Value) -> bool {
    matches!(value.data(), Data::Null | Data::Unknown(_) | Data::Bool(_) | Data::Number(_))
}

struct Emitter {
    out: String,
    column: usize,
    /// A blank or nothing stands before the cursor in its line.
    after_space: bool,
    /// Only blanks and block marks stand before the cursor, so that a block may begin in this line.
    after_indent: bool,
}

impl Emitter {
    /// `indent` is that of the block around, `in_mapping` whether that is a mapping.
    fn node(&mut self, value: &Value, indent: Option<usize>, in_mapping: bool) {
        let inner = indent.map_or(2, |indent| indent + 2);
        match value.data() {
            Data::Null | Data::Unknown(_) => self.plain("null"),
            Data::Bool(truth) => self.plain(if *truth { "true" } else { "false" }),
            Data::Number(number) => self.plain(&number.to_string()),
            Data::String(text) => self.text(text, inner, false),
            Data::Elements(elements) if elements.is_empty() => self.plain("[]"),
            Data::Fields(fields) if fields.is_empty() => self.plain("{}"),
            Data::Elements(elements) => {
                // A sequence below its key stands as far left as the key.
                let below_key = in_mapping && !self.after_indent;
                let own = indent.map_or(0, |indent| if below_key { indent } else { indent + 2 });
                for element in elements.iter() {
                    self.indent(own);
                    self.mark("-");
                    crate::lang::deep(|| self.node(element, Some(own), false));
                }
            }
            Data::Fields(fields) => {
                let own = indent.map_or(0, |indent| indent + 2);
                for (key, element) in fields.iter() {
                    self.indent(own);
                    self.key(key, own);
                    crate::lang::deep(|| self.node(element, Some(own), true));
                }
            }
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        if key.len() <= SIMPLE_KEY_BYTES && !key.contains(is_break) {
            self.text(key, indent + 2, true);
            self.put(":");
            (self.after_space, self.after_indent) = (false, false);
            return;
        }
        self.mark("?");
        self.text(key, indent + 2, false);
        self.indent(indent);
        self.mark(":");
    }

    /// `-`, `?` or `:` that a block may follow in the same line.
    fn mark(&mut self, mark: &str) {
        self.space();
        self.put(mark);
        self.after_space = false;
    }

    fn plain(&mut self, text: &str) {
        self.space();
        self.put(text);
        (self.after_space, self.after_indent) = (false, false);
    }

    fn text(&mut self, text: &str, indent: usize, is_key: bool) {
        match !is_key && text.contains(is_break) && fits_literal(text) {
            true => self.literal(text, indent),
            false => self.quoted(text, indent, !is_key),
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.space();
        self.put("|");
        if text.starts_with([' ', '\n']) {
            self.put("2");
        }
        self.put(match text {
            _ if !text.ends_with(is_break) => "-",
            "\n" => "+",
            _ if text.ends_with("\n\n") => "+",
            _ => "",
        });
        self.line_break();
        let mut at_line_start = true;
        for character in text.chars() {
            match character {
                '\n' => self.line_break(),
                _ => {
                    if at_line_start {
                        self.indent(indent);
                    }
                    self.character(character);
                    (self.after_space, self.after_indent) = (false, false);
                }
            }
            at_line_start = character == '\n';
        }
    }

    fn quoted(&mut self, text: &str, indent: usize, may_break: bool) {
        self.space();
        self.put("\"");
        let mut after_blank = false;
        for (position, character) in text.char_indices() {
            let is_inside = position > 0 && position < text.len() - 1;
            match character {
                ' ' if may_break && !after_blank && self.column > WIDTH && is_inside => {
                    self.indent(indent);
                    if text[position + 1..].starts_with(' ') {
                        self.put("\\");
                    }
                    after_blank = true;
                }
                ' ' => {
                    self.character(' ');
                    after_blank = true;
                }
                other => {
                    self.escaped(other);
                    after_blank = false;
                }
            }
        }
        self.put("\"");
        (self.after_space, self.after_indent) = (false, false);
    }

    fn escaped(&mut self, character: char) {
        (self.after_space, self.after_indent) = (false, false);
        let short = match character {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{b}' => "\\v",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{1b}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            other if is_printable(other) => return self.character(other),
            other => {
                let code = u32::from(other);
                let before = self.out.len();
                let _ = match code {
                    0..=0xff => write!(self.out, "\\x{code:02X}"),
                    0x100..=0xffff => write!(self.out, "\\u{code:04X}"),
                    _ => write!(self.out, "\\U{code:08X}"),
                };
                self.column += self.out.len() - before;
                return;
            }
        };
        self.put(short);
    }

    fn character(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    fn space(&mut self) {
        if !self.after_space {
            self.put(" ");
        }
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        (self.column, self.after_space, self.after_indent) = (0, true, true);
    }

    /// Goes to a column, in a new line unless nothing but block marks stands before it.
    fn indent(&mut self, indent: usize) {
        if !self.after_indent || self.column > indent || (self.column == indent && !self.after_space) {
            self.line_break();
        }
        while self.column < indent {
            self.put(" ");
        }
        (self.after_space, self.after_indent) = (true, true);
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that Terraform's emitter takes for printable: those beyond the basic plane are not.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        && !matches!(character, '\u{2028}' | '\u{2029}')
}

/// Whether a literal block holds the text: no unprintable characters, no blank at a line's end.
fn fits_literal(text: &str) -> bool {
    text.chars().all(|character| character == '\n' || is_printable(character)) && !text.ends_with(' ') && !text.contains(" \n")
}
