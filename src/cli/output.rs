//! Writing to the user. A closed pipe is no reason to panic.

use crate::diagnostic::{Diagnostics, Severity, SourceMap};
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

/// Writes to standard error.
pub fn print_error(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Writes a problem that arose before anything could be set up.
pub fn problem(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "Error: {text}");
}

/// Writes a warning about what nothing depends on.
pub fn warning(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "[WARN] {text}");
}

/// Writes warnings to standard output and errors to standard error.
pub fn diagnostics(diagnostics: &Diagnostics, sources: &SourceMap, style: Style, width: usize) {
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics.0.iter().cloned().partition(|one| one.severity == Severity::Error);
    print(&diagnostic::render_all(&Diagnostics(warnings), sources, style, width));
    let _ = std::io::stderr().lock().write_all(diagnostic::render_all(&Diagnostics(errors), sources, style, width).as_bytes());
}

/// What came of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// This line.
    Line(String),
    /// The input is at its end: nobody is there.
    EndOfInput,
    /// The user pressed Ctrl-C instead.
    Interrupted,
}

/// Reads a line of standard input, with its end. An interrupt ends the waiting: the thread that reads is left behind, for a read of a
/// terminal can't be called off.
///
/// # Errors
/// The input can't be read, or is not UTF-8.
pub async fn read_line(mut interrupt: watch::Receiver<u32>) -> std::io::Result<Answer> {
    let (sender, read) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        // Nobody waits any more after an interrupt.
        drop(sender.send(read.map(|count| if count > 0 { Answer::Line(line) } else { Answer::EndOfInput })));
    });
    tokio::select! {
        read = read => read.unwrap_or(Ok(Answer::EndOfInput)),
        _ = interrupt.changed() => Ok(Answer::Interrupted),
    }
}

/// Asks a question and reads the answer, without spaces around it. An input that can't be read is one at its end.
pub async fn ask(question: &str, interrupt: watch::Receiver<u32>) -> Answer {
    print(question);
    match read_line(interrupt).await {
        Ok(Answer::Line(line)) => Answer::Line(line.trim().to_owned()),
        Ok(answer) => answer,
        Err(_) => Answer::EndOfInput,
    }
}

/// Asks a question whose answer is not shown while it is typed.
pub async fn ask_secretly(question: &str, interrupt: watch::Receiver<u32>) -> Answer {
    let _hidden = Hidden::begin();
    let answer = ask(question, interrupt).await;
    // The end of the line was not shown either.
    print("\n");
    answer
}

/// A terminal that does not show what is typed; as before when it is dropped, however the waiting ended.
struct Hidden {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl Hidden {
    fn begin() -> Hidden {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(before) = &before {
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent);
        }
        Hidden { before }
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Flush, before);
        }
    }
}

#[cfg(not(unix))]
impl Hidden {
    fn begin() -> Hidden {
        Hidden {}
    }
}
