//! Lines typed before, in this run and earlier ones.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How many lines are kept.
const LINES_MAX: usize = 1_000;

/// Lines typed before; the last is the newest.
#[derive(Default)]
pub struct History {
    lines: Vec<String>,
    file: Option<PathBuf>,
}

impl History {
    /// Reads the lines of earlier runs. A file that is not there or can't be read is an empty one: it is a convenience.
    pub fn read(file: Option<PathBuf>) -> History {
        let text = file.as_deref().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.drain(..lines.len().saturating_sub(LINES_MAX));
        History { lines, file }
    }

    /// A line by how long ago it was: 1 is the last.
    pub(super) fn before(&self, count: usize) -> Option<&str> {
        self.lines.len().checked_sub(count).and_then(|index| self.lines.get(index)).map(String::as_str)
    }

    /// Keeps a line, unless it is blank or the same as the last.
    pub fn push(&mut self, line: &str) {
        let line = line.trim_end();
        if line.is_empty() || self.lines.last().is_some_and(|last| last == line) {
            return;
        }
        self.lines.push(line.to_owned());
        self.lines.drain(..self.lines.len().saturating_sub(LINES_MAX));
        // What can't be kept is not worth a message at every line.
        drop(self.file.as_deref().map(|file| write(file, &self.lines)));
    }
}

/// Replaces the file; it is for its owner's eyes, for values may be secrets.
fn write(file: &Path, lines: &[String]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new().prefix(".history-").tempfile_in(folder)?;
    for line in lines {
        writeln!(new, "{line}")?;
    }
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn lines_are_kept_for_the_next_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/history");
        let mut history = History::read(Some(file.clone()));
        ["one", "two", "two", " ", "three"].iter().for_each(|line| history.push(line));
        let again = History::read(Some(file));
        assert_eq!([1, 2, 3, 4].map(|count| again.before(count)), [Some("three"), Some("two"), Some("one"), None]);
        assert_eq!(again.before(0), None);
    }
}
