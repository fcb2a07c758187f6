//! The terminal: its bytes as they come, and the line drawn over as many rows as it takes.

use super::keys::Keys;
use super::line::{Completion, Line, Step, complete};
use super::{History, Typed};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use std::collections::VecDeque;
use std::fmt::Write;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How long a read waits before it looks whether it shall end.
const WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Reads lines from the terminal.
pub struct Editor {
    keys: Keys,
    /// What was typed ahead.
    typed: VecDeque<u8>,
    /// What was typed before.
    pub history: History,
    /// What can be completed; sorted.
    pub names: Vec<String>,
}

/// The terminal as it was, put back when this ends.
struct Raw(Termios);

/// Where the drawn line stands.
struct Drawn {
    /// The row of the cursor, from the row of the prompt.
    row: usize,
}

/// How far back in the history one went, and what was typed before.
#[derive(Default)]
struct Recalled {
    back: usize,
    draft: String,
}

impl Recalled {
    fn go(&mut self, line: &mut Line, history: &History, earlier: bool) {
        if self.back == 0 {
            self.draft = line.text.iter().collect();
        }
        let wanted = if earlier { self.back + 1 } else { self.back.saturating_sub(1) };
        let text = if wanted == 0 { Some(self.draft.as_str()) } else { history.before(wanted) };
        if let Some(text) = text {
            line.replace(text);
            self.back = wanted;
        }
    }
}

impl Raw {
    fn enter() -> io::Result<Raw> {
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        // What others write meanwhile keeps its ends of lines.
        raw.output_modes |= OutputModes::OPOST;
        tcsetattr(stdin(), OptionalActions::Drain, &raw)?;
        Ok(Raw(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.0);
    }
}

impl Editor {
    /// An editor that knows these lines and names.
    pub fn new(history: History, mut names: Vec<String>) -> Editor {
        names.sort();
        names.dedup();
        Editor { keys: Keys::default(), typed: VecDeque::new(), history, names }
    }

    /// Reads a line. It gives up soon after `stop` is set.
    ///
    /// # Errors
    /// The terminal can't be read or set.
    pub fn read(&mut self, prompt: &str, stop: &AtomicBool) -> io::Result<Typed> {
        let _raw = Raw::enter()?;
        let mut line = Line::default();
        let mut drawn = Drawn { row: 0 };
        let mut recalled = Recalled::default();
        drawn.draw(prompt, &line)?;
        loop {
            let Some(byte) = self.byte(stop)? else {
                drawn.leave(prompt, &mut line)?;
                return Ok(if stop.load(Ordering::Relaxed) { Typed::Leave } else { Typed::EndOfInput });
            };
            let Some(key) = self.keys.push(byte) else { continue };
            match line.press(key) {
                Step::Edited => {}
                Step::Earlier => recalled.go(&mut line, &self.history, true),
                Step::Later => recalled.go(&mut line, &self.history, false),
                Step::Complete => self.complete(prompt, &mut line, &mut drawn)?,
                Step::Clear => {
                    write("\x1b[H\x1b[2J")?;
                    drawn.row = 0;
                }
                step => {
                    drawn.leave(prompt, &mut line)?;
                    return Ok(self.finish(step, &line));
                }
            }
            // What was pasted is drawn once.
            if self.typed.is_empty() {
                drawn.draw(prompt, &line)?;
            }
        }
    }

    fn finish(&mut self, step: Step, line: &Line) -> Typed {
        let text: String = line.text.iter().collect();
        match step {
            Step::Interrupted if text.is_empty() => Typed::Leave,
            // As in Terraform's: the first one gives up the line, and on an empty line it ends.
            Step::Interrupted => Typed::GivenUp,
            Step::EndOfInput => Typed::EndOfInput,
            _ => {
                self.history.push(&text);
                Typed::Line(text + "\n")
            }
        }
    }

    fn complete(&self, prompt: &str, line: &mut Line, drawn: &mut Drawn) -> io::Result<()> {
        match complete(&line.name_before_cursor(), &self.names) {
            Completion::Next(text) => {
                line.insert(&text.chars().collect::<Vec<_>>());
                Ok(())
            }
            Completion::Choice(names) if names.is_empty() => write("\x07"),
            Completion::Choice(names) => {
                drawn.leave(prompt, line)?;
                write(&columns(&names))
            }
        }
    }

    /// The next byte; none at the end and when it shall stop.
    fn byte(&mut self, stop: &AtomicBool) -> io::Result<Option<u8>> {
        while self.typed.is_empty() {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let input = stdin();
            let mut waiting = [PollFd::new(&input, PollFlags::IN)];
            match poll(&mut waiting, Some(&WAIT)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                result => drop(result?),
            }
            let mut bytes = [0; 1024];
            match rustix::io::read(stdin(), &mut bytes) {
                Ok(0) => return Ok(None),
                Ok(count) => self.typed.extend(&bytes[..count]),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.typed.pop_front())
    }
}

impl Drawn {
    /// Draws the line over what was drawn before, with the cursor in its place.
    fn draw(&mut self, prompt: &str, line: &Line) -> io::Result<()> {
        let width = width();
        let mut text = String::new();
        if self.row > 0 {
            let _ = write!(text, "\x1b[{}A", self.row);
        }
        let shown: String = line.text.iter().map(|character| shown(*character)).collect();
        let _ = write!(text, "\r\x1b[J{prompt}{shown}");
        let end = place(prompt, &line.text, width);
        let cursor = place(prompt, &line.text[..line.cursor], width);
        // At the right edge a terminal waits with the next row until something comes.
        if end.1 == 0 && end.0 > 0 {
            text.push_str("\r\n");
        }
        if end.0 > cursor.0 {
            let _ = write!(text, "\x1b[{}A", end.0 - cursor.0);
        }
        text.push('\r');
        if cursor.1 > 0 {
            let _ = write!(text, "\x1b[{}C", cursor.1);
        }
        self.row = cursor.0;
        write(&text)
    }

    /// Goes below the line.
    fn leave(&mut self, prompt: &str, line: &mut Line) -> io::Result<()> {
        let cursor = std::mem::replace(&mut line.cursor, line.text.len());
        self.draw(prompt, line)?;
        line.cursor = cursor;
        self.row = 0;
        write("\r\n")
    }
}

/// What is not to be seen is shown as a space, so that it takes the room that it is counted for.
fn shown(character: char) -> char {
    if character.width().is_none() { ' ' } else { character }
}

/// Row and column after a prompt and a text.
fn place(prompt: &str, text: &[char], width: usize) -> (usize, usize) {
    let (mut row, mut column) = (0, prompt.width());
    for character in text {
        let wide = character.width().unwrap_or(1);
        // A wide character is not cut in two.
        if column + wide > width {
            row += 1;
            column = 0;
        }
        column += wide;
        if column == width {
            row += 1;
            column = 0;
        }
    }
    (row, column)
}

fn columns(names: &[String]) -> String {
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0) + 2;
    let in_row = (width() / widest).max(1);
    let mut text = String::new();
    for row in names.chunks(in_row) {
        let cells: Vec<String> = row.iter().map(|name| format!("{name:widest$}")).collect();
        let _ = write!(text, "{}\r\n", cells.concat().trim_end());
    }
    text
}

fn width() -> usize {
    tcgetwinsize(stdout()).map(|size| usize::from(size.ws_col)).ok().filter(|width| *width > 2).unwrap_or(80)
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    io::Write::write_all(&mut out, text.as_bytes())?;
    io::Write::flush(&mut out)
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn long_lines_take_more_rows() {
        let text = |text: &str| text.chars().collect::<Vec<_>>();
        for (typed, width, expected) in [
            ("", 10, (0, 2)),
            ("abc", 10, (0, 5)),
            ("12345678", 10, (1, 0)),
            ("123456789", 10, (1, 1)),
            ("1234567日x", 10, (1, 3)),
            ("日", 10, (0, 4)),
        ] {
            assert_eq!(place("> ", &text(typed), width), expected, "{typed}");
        }
    }
}
