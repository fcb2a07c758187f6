//! Writing to the user. A closed pipe is no reason to panic.

use crate::diagnostic::{Diagnostics, Severity, SourceMap};
use crate::ops::Failed;
use crate::view::diagnostic;
use crate::view::style::Style;
use std::io::Write;

/// Writes to standard output.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Writes a problem that arose before anything could be set up.
pub fn problem(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "Error: {text}");
}

/// Writes warnings to standard output and errors to standard error.
pub fn diagnostics(diagnostics: &Diagnostics, sources: &SourceMap, style: Style, width: usize) {
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics.0.iter().cloned().partition(|one| one.severity == Severity::Error);
    print(&diagnostic::render_all(&Diagnostics(warnings), sources, style, width));
    let _ = std::io::stderr().lock().write_all(diagnostic::render_all(&Diagnostics(errors), sources, style, width).as_bytes());
}

/// Writes why an operation ended early.
pub fn failed(failed: &Failed, style: Style, width: usize) {
    diagnostics(&failed.diagnostics, &failed.sources, style, width);
}

/// Asks a question and reads the answer; `None` at the end of the input.
pub fn ask(question: &str) -> Option<String> {
    print(question);
    let mut answer = String::new();
    match std::io::stdin().read_line(&mut answer) {
        Ok(count) if count > 0 => Some(answer.trim().to_owned()),
        _ => None,
    }
}
