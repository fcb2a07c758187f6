//! Colours, or none.

/// Whether text is painted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// ANSI escapes are written.
    pub color: bool,
}

/// What a text means; decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Created.
    Create,
    /// Changed in place.
    Update,
    /// Deleted.
    Delete,
    /// Read.
    Read,
    /// An error's label.
    Error,
    /// A warning's label.
    Warning,
    /// Headings.
    Bold,
    /// Side remarks.
    Faint,
    /// The part of a snippet that is meant.
    Underline,
}

impl Style {
    /// Without colours.
    pub const PLAIN: Style = Style { color: false };

    /// Paints a text.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Create => "32",
            Ink::Update => "33",
            Ink::Delete => "31",
            Ink::Read => "36",
            Ink::Error => "1;31",
            Ink::Warning => "1;33",
            Ink::Bold => "1",
            Ink::Faint => "90",
            Ink::Underline => "4",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
