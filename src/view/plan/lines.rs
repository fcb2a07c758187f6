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
        let mark = match mark {
            Mark::None => " ".to_owned(),
            Mark::Add => self.style.paint(Ink::Create, "+"),
            Mark::Change => self.style.paint(Ink::Update, "~"),
            Mark::Remove => self.style.paint(Ink::Delete, "-"),
        };
        self.raw(&format!("{}{mark} {text}", " ".repeat(indent)));
    }

    /// A line as it is.
    pub fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// The side remark that something is hidden.
    pub fn hidden(&mut self, indent: usize, count: usize, what: &str) {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let remark = self.style.paint(Ink::Faint, &format!("# ({count} unchanged {what}{plural} hidden)"));
            self.push(indent, Mark::None, &remark);
        }
    }

    /// All lines.
    pub fn finish(self) -> String {
        self.text
    }
}
