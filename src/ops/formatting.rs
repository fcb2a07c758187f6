//! Files → the same files in canonical form.

use super::Failed;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::syntax;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of these names are formatted; JSON has no canonical form.
const ENDINGS: [&str; 5] = [".tf", ".tfvars", ".wl.hcl", ".tftest.hcl", ".tfmock.hcl"];

/// A file that is not in canonical form.
pub struct Unformatted {
    /// Where it is, relative to the working folder as it was named.
    pub path: PathBuf,
    /// What it holds.
    pub before: String,
    /// What it should hold.
    pub after: String,
}

/// What formatting found.
#[derive(Default)]
pub struct Formatting {
    /// Files that are not in canonical form, in order.
    pub files: Vec<Unformatted>,
    /// Files that can't be read or have mistakes.
    pub failed: Failed,
}

/// Formats a text that stands in no file.
///
/// # Errors
/// The text has mistakes.
pub fn format_text(name: &str, text: &str) -> Result<String, Failed> {
    let mut sources = SourceMap::default();
    let source = sources.add(name, text);
    syntax::format(source, text).map_err(|diagnostics| Failed { diagnostics, sources: Arc::new(sources) })
}

/// Formats files, and those in folders, without writing anything.
pub fn format_files(paths: &[PathBuf], recursive: bool) -> Formatting {
    let mut job = Job { recursive, sources: SourceMap::default(), diagnostics: Diagnostics::none(), files: Vec::new() };
    for path in paths {
        match path.is_dir() {
            true => job.folder(path),
            false if !path.exists() => job.problem(format!("No file or directory at {}", path.display())),
            false if is_formatted(&path.to_string_lossy()) => job.file(path.clone()),
            false => job.problem(format!("Only {} files can be formatted", ENDINGS.join(", "))),
        }
    }
    Formatting { files: job.files, failed: Failed { diagnostics: job.diagnostics, sources: Arc::new(job.sources) } }
}

/// Writes a file in canonical form.
///
/// # Errors
/// What the system said.
pub fn write_formatted(file: &Unformatted) -> Result<(), Failed> {
    super::whole_file::write_public(&file.path, file.after.as_bytes())
        .map_err(|error| Failed::from(Diagnostic::error(format!("Failed to write {}", file.path.display()), format!("{error}."))))
}

fn is_formatted(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

struct Job {
    recursive: bool,
    sources: SourceMap,
    diagnostics: Diagnostics,
    files: Vec<Unformatted>,
}

impl Job {
    fn problem(&mut self, summary: String) {
        self.diagnostics.push(Diagnostic::error(summary, ""));
    }

    fn folder(&mut self, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return self.problem(format!("Cannot read directory {}", folder.display()));
        };
        let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.retain(|name| !super::load::is_left_over(name));
        names.sort();
        for name in names {
            let path = if folder == Path::new(".") { PathBuf::from(&name) } else { folder.join(&name) };
            match path.is_dir() {
                true if self.recursive => self.folder(&path),
                false if is_formatted(&name) => self.file(path),
                _ => {}
            }
        }
    }

    fn file(&mut self, path: PathBuf) {
        let before = match std::fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return self.problem(format!("{} is not UTF-8", path.display())),
            Err(error) => return self.problem(format!("Failed to read file {}: {error}", path.display())),
        };
        let source = self.sources.add(path.to_string_lossy(), before.as_str());
        match syntax::format(source, &before) {
            Ok(after) if after == before => {}
            Ok(after) => self.files.push(Unformatted { path, before, after }),
            Err(found) => self.diagnostics.extend(found),
        }
    }
}
