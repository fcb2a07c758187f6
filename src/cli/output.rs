//! Writing to the user. A closed pipe is no reason to panic.

use crate::diagnostic::{Diagnostics, Severity, SourceMap};
use crate::ops::Failed;
use crate::view::diagnostic;
use crate::view::style::Style;
use std::io::Write;
use tokio::sync::{oneshot, watch};

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

/// What came of a question.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// This line, without spaces around it.
    Line(String),
    /// The input is at its end: nobody is there.
    EndOfInput,
    /// The user pressed Ctrl-C instead.
    Interrupted,
}

/// Asks a question and reads the answer. An interrupt ends the waiting: the thread that reads is left behind, for a read of a
/// terminal can't be called off.
pub async fn ask(question: &str, mut interrupt: watch::Receiver<u32>) -> Answer {
    print(question);
    let (sender, answer) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        // Nobody waits any more after an interrupt.
        drop(sender.send(read.is_ok_and(|count| count > 0).then(|| line.trim().to_owned())));
    });
    tokio::select! {
        answer = answer => answer.ok().flatten().map_or(Answer::EndOfInput, Answer::Line),
        _ = interrupt.changed() => Answer::Interrupted,
    }
}
