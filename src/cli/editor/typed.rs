//! What comes of waiting for a line.

/// What came of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// This line, with its end.
    Line(String),
    /// The user gave up what was typed.
    GivenUp,
    /// The input is at its end.
    EndOfInput,
    /// The user wants to leave.
    Leave,
}
