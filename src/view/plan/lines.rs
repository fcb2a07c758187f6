//! Lines with a symbol in the margin.

use crate::view::style::{Ink, Style};

/// What the margin says of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// `+`
    Add,
    /// `~`
    Change,
    /// `-`
    Remove,
}

/// Lines gathered.
pub struct Lines {
    style: Style,
    text: String,
}

impl Lines {
    /// None yet.
    pub fn new(style: Style) -> Lines {
        Lines { style, text: String::new() }
    }

    /// How text is painted.
    pub fn style(&self) -> Style {
        self.style
    }

    /// A line: `indent` spaces, the mark, a space, the text.
    pub fn push(&mut self, indent: usize, mark: Mark, text: &str) {
        write_line(&mut self.text, self.style, indent, mark, &[text]);
    }

    /// `label = value` as a line.
    pub fn assignment(&mut self, indent: usize, mark: Mark, label: &str, value: &str) {
        write_line(&mut self.text, self.style, indent, mark, &[label, " = ", value]);
    }

    /// A line as it is.
    pub fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// The side remark that something is hidden.
    pub fn hidden(&mut self, indent: usize, count: usize, what: &str) {
        self.text += &hidden(self.style, indent, count, what);
    }

    /// All lines.
    pub fn finish(self) -> String {
        self.text
    }
}

/// A line of its own: `indent` spaces, the mark, a space, the text.
pub fn line(style: Style, indent: usize, mark: Mark, text: &str) -> String {
    let mut line = String::with_capacity(indent + text.len() + 3);
    write_line(&mut line, style, indent, mark, &[text]);
    line
}

/// Writes such a line, its text given in parts.
fn write_line(into: &mut String, style: Style, indent: usize, mark: Mark, parts: &[&str]) {
    let start = into.len();
    into.extend(std::iter::repeat_n(' ', indent));
    let (ink, mark) = match mark {
        Mark::None => (None, " "),
        Mark::Add => (Some(Ink::Create), "+"),
        Mark::Change => (Some(Ink::Update), "~"),
        Mark::Remove => (Some(Ink::Delete), "-"),
    };
    match ink.filter(|_| style.color) {
        Some(ink) => into.push_str(&style.paint(ink, mark)),
        None => into.push_str(mark),
    }
    into.push(' ');
    parts.iter().for_each(|part| into.push_str(part));
    let end = start + into[start..].trim_end().len();
    into.truncate(end);
    into.push('\n');
}

/// The side remark that something is hidden; nothing when nothing is.
pub fn hidden(style: Style, indent: usize, count: usize, what: &str) -> String {
    if count == 0 {
        return String::new();
    }
    let plural = if count == 1 { "" } else { "s" };
    line(style, indent, Mark::None, &style.paint(Ink::Faint, &format!("# ({count} unchanged {what}{plural} hidden)")))
}
