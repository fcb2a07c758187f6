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
        self.text += &line(self.style, indent, mark, text);
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
    let mark = match mark {
        Mark::None => " ".to_owned(),
        Mark::Add => style.paint(Ink::Create, "+"),
        Mark::Change => style.paint(Ink::Update, "~"),
        Mark::Remove => style.paint(Ink::Delete, "-"),
    };
    let line = format!("{:indent$}{mark} {text}", "");
    format!("{}\n", line.trim_end())
}

/// The side remark that something is hidden; nothing when nothing is.
pub fn hidden(style: Style, indent: usize, count: usize, what: &str) -> String {
    if count == 0 {
        return String::new();
    }
    let plural = if count == 1 { "" } else { "s" };
    line(style, indent, Mark::None, &style.paint(Ink::Faint, &format!("# ({count} unchanged {what}{plural} hidden)")))
}
