//! A line being edited.

use super::keys::Key;

/// A line being edited.
#[derive(Default)]
pub(super) struct Line {
    pub(super) text: Vec<char>,
    /// Before which character the cursor stands.
    pub(super) cursor: usize,
    /// What was cut last.
    cut: Vec<char>,
}

/// What a key asks for beyond the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The line may have changed.
    Edited,
    /// The line is finished.
    Finished,
    /// The line is given up.
    Interrupted,
    /// Nothing will come any more.
    EndOfInput,
    Complete,
    Earlier,
    Later,
    Clear,
}

impl Line {
    pub(super) fn press(&mut self, key: Key) -> Step {
        match key {
            Key::Enter => return Step::Finished,
            Key::Interrupt => return Step::Interrupted,
            Key::EndOfInput if self.text.is_empty() => return Step::EndOfInput,
            Key::Tab => return Step::Complete,
            Key::Up => return Step::Earlier,
            Key::Down => return Step::Later,
            Key::Clear => return Step::Clear,
            Key::Text(character) => self.insert(&[character]),
            Key::Backspace => {
                if self.cursor > 0 {
                    self.cursor -= 1;
                    self.text.remove(self.cursor);
                }
            }
            Key::Delete | Key::EndOfInput => {
                if self.cursor < self.text.len() {
                    self.text.remove(self.cursor);
                }
            }
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = self.text.len().min(self.cursor + 1),
            Key::WordLeft => self.cursor = self.word_start(),
            Key::WordRight => self.cursor = self.word_end(),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::CutToEnd => self.cut = self.text.split_off(self.cursor),
            Key::CutToStart => self.cut_from(0),
            Key::CutWord => self.cut_from(self.word_start()),
            Key::Paste => self.insert(&self.cut.clone()),
        }
        Step::Edited
    }

    /// Makes it another line, with the cursor at the end.
    pub(super) fn replace(&mut self, text: &str) {
        self.text = text.chars().collect();
        self.cursor = self.text.len();
    }

    pub(super) fn insert(&mut self, characters: &[char]) {
        self.text.splice(self.cursor..self.cursor, characters.iter().copied());
        self.cursor += characters.len();
    }

    /// The name before the cursor, with its dots.
    pub(super) fn name_before_cursor(&self) -> String {
        let is_part = |character: &char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ':');
        let before = &self.text[..self.cursor];
        let length = before.iter().rev().take_while(|character| is_part(character)).count();
        before[before.len() - length..].iter().collect()
    }

    fn cut_from(&mut self, start: usize) {
        self.cut = self.text.drain(start..self.cursor).collect();
        self.cursor = start;
    }

    fn word_start(&self) -> usize {
        let mut position = self.cursor;
        while position > 0 && !self.text[position - 1].is_alphanumeric() {
            position -= 1;
        }
        while position > 0 && self.text[position - 1].is_alphanumeric() {
            position -= 1;
        }
        position
    }

    fn word_end(&self) -> usize {
        let mut position = self.cursor;
        while position < self.text.len() && !self.text[position].is_alphanumeric() {
            position += 1;
        }
        while position < self.text.len() && self.text[position].is_alphanumeric() {
            position += 1;
        }
        position
    }
}

/// What a name can be completed to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Completion {
    /// These characters come next, whatever is meant.
    Next(String),
    /// It can be any of these.
    Choice(Vec<String>),
}

/// Completes a name from sorted ones.
pub(super) fn complete(start: &str, names: &[String]) -> Completion {
    let fitting: Vec<&String> = names.iter().filter(|name| name.starts_with(start)).collect();
    let Some(first) = fitting.first().filter(|_| !start.is_empty()) else { return Completion::Choice(Vec::new()) };
    let common = fitting.iter().fold(first.len(), |length, name| {
        let same = first.char_indices().zip(name.chars()).take_while(|((_, one), other)| one == other);
        length.min(same.last().map_or(0, |((position, character), _)| position + character.len_utf8()))
    });
    match common > start.len() {
        true => Completion::Next(first[start.len()..common].to_owned()),
        false if fitting.len() == 1 => Completion::Choice(Vec::new()),
        false => Completion::Choice(fitting.into_iter().cloned().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Completion, Line, Step, complete};
    use crate::cli::editor::keys::Keys;

    /// Presses keys; `|` shows the cursor.
    fn typed(bytes: &str) -> (String, Step) {
        let (mut keys, mut line, mut step) = (Keys::default(), Line::default(), Step::Edited);
        for key in bytes.bytes().filter_map(|byte| keys.push(byte)) {
            step = line.press(key);
        }
        let (before, after) = line.text.split_at(line.cursor);
        (before.iter().chain(&['|']).chain(after).collect(), step)
    }

    #[test]
    fn keys_edit_the_line() {
        for (bytes, expected) in [
            ("ab\x02c", "ac|b"),
            ("ab\x01c\x05d", "cabd|"),
            ("abc\x7f\x08", "a|"),
            ("abc\x01\x04\x1b[3~", "|c"),
            ("one two.x\x1bb\x1bb", "one |two.x"),
            ("one two\x01\x1bf", "one| two"),
            ("one two\x17x\x19", "one xtwo|"),
            ("one two\x01\x1bf\x0b\x01\x19", " two|one"),
            ("one\x15\x19\x19", "oneone|"),
            ("\x7f\x02\x06\x17", "|"),
        ] {
            assert_eq!(typed(bytes), (expected.to_owned(), Step::Edited), "{bytes:?}");
        }
        for (bytes, expected) in [
            ("\x04", Step::EndOfInput),
            ("a\x03", Step::Interrupted),
            ("a\r", Step::Finished),
            ("\t", Step::Complete),
            ("\x10", Step::Earlier),
        ] {
            assert_eq!(typed(bytes).1, expected, "{bytes:?}");
        }
    }

    #[test]
    fn names_are_completed_as_far_as_they_are_certain() {
        let names: Vec<String> = ["local.one", "var.number", "var.numbers", "var.secret"].map(str::to_owned).into();
        let next = |text: &str| Completion::Next(text.to_owned());
        for (start, expected) in [
            ("l", next("ocal.one")),
            ("var.n", next("umber")),
            ("var.s", next("ecret")),
            ("var.number", Completion::Choice(names[1..3].to_vec())),
            ("var.", Completion::Choice(names[1..].to_vec())),
            ("x", Completion::Choice(Vec::new())),
            ("", Completion::Choice(Vec::new())),
            ("local.one", Completion::Choice(Vec::new())),
        ] {
            assert_eq!(complete(start, &names), expected, "{start}");
        }
    }
}
