//! Questions about files, asked of the real disk.

use crate::lang::{FileAnswer, FileQuestion};
use regex::Regex;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// How deep folders are searched: a bound against links that lead in circles.
const DEPTH_MAX: usize = 64;

/// Answers one question. Relative paths count from the working folder.
pub(super) fn answer_file(question: &FileQuestion, working_folder: &Path, home: Option<&Path>) -> FileAnswer {
    match question {
        FileQuestion::Content(path) => match fs::read(working_folder.join(&**path)) {
            Ok(bytes) => FileAnswer::Content(bytes.into()),
            Err(error) => failed(&error),
        },
        FileQuestion::Exists(path) => match fs::metadata(working_folder.join(&**path)) {
            Ok(found) if found.is_dir() => FileAnswer::Failed(format!("{path} is a directory, not a file").into()),
            Ok(found) => FileAnswer::Exists(found.is_file()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => FileAnswer::Exists(false),
            Err(error) => failed(&error),
        },
        FileQuestion::Matching(folder, pattern) => matching(&working_folder.join(&**folder), pattern),
        FileQuestion::Absolute(path) => FileAnswer::Path(clean(&working_folder.join(&**path)).to_string_lossy().into()),
        FileQuestion::Expanded(path) => expanded(path, home),
    }
}

fn failed(error: &std::io::Error) -> FileAnswer {
    FileAnswer::Failed(error.to_string().into())
}

/// Without `.` and `..`, by the text alone, as Go's `filepath.Clean`.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(cleaned.pop()),
            other => cleaned.push(other),
        }
    }
    cleaned
}

fn expanded(path: &str, home: Option<&Path>) -> FileAnswer {
    let Some(rest) = path.strip_prefix('~') else { return FileAnswer::Path(path.into()) };
    match (home, rest.strip_prefix('/')) {
        (None, _) => FileAnswer::Failed("the home folder is not known".into()),
        (Some(home), _) if rest.is_empty() => FileAnswer::Path(home.to_string_lossy().into()),
        (Some(home), Some(rest)) => FileAnswer::Path(home.join(rest).to_string_lossy().into()),
        (Some(_), None) => FileAnswer::Failed("cannot expand user-specific home dir".into()),
    }
}

fn matching(folder: &Path, pattern: &str) -> FileAnswer {
    let Some(expression) = glob(pattern).and_then(|expression| Regex::new(&expression).ok()) else {
        return FileAnswer::Failed(format!("failed to glob pattern ({pattern}): syntax error in pattern").into());
    };
    let depth = if pattern.contains("**") { DEPTH_MAX } else { pattern.matches('/').count() };
    let mut found = Vec::new();
    match search(folder, "", depth, &expression, &mut found) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => failed(&error),
        _ => {
            found.sort();
            FileAnswer::Paths(found.into())
        }
    }
}

fn search(folder: &Path, prefix: &str, depth: usize, expression: &Regex, found: &mut Vec<Arc<str>>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let relative = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // Follows links; one that leads nowhere is no file.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        if metadata.is_dir() && depth > 0 {
            search(&entry.path(), &format!("{relative}/"), depth - 1, expression, found)?;
        } else if metadata.is_file() && expression.is_match(&relative) {
            found.push(relative.into());
        }
    }
    Ok(())
}

/// The pattern of `fileset` as a regular expression: `*`, `**`, `?`, `[…]`, `{a,b}` and `\`.
fn glob(pattern: &str) -> Option<String> {
    let mut out = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    let mut braces = 0;
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.next_if_eq(&'*').is_some() => match rest.next_if_eq(&'/') {
                Some(_) => out.push_str("(?:[^/]+/)*"),
                None => out.push_str(".*"),
            },
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => {
                out.push('[');
                if rest.next_if(|next| matches!(next, '!' | '^')).is_some() {
                    out.push('^');
                }
                loop {
                    match rest.next()? {
                        ']' => break,
                        '-' => out.push('-'),
                        '\\' => out.push_str(&regex::escape(&rest.next()?.to_string())),
                        inside => out.push_str(&regex::escape(&inside.to_string())),
                    }
                }
                out.push(']');
            }
            '{' => {
                braces += 1;
                out.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                out.push(')');
            }
            ',' if braces > 0 => out.push('|'),
            '\\' => out.push_str(&regex::escape(&rest.next()?.to_string())),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push('$');
    (braces == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_fileset() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["x.txt", "y.md", "a/x.txt", "a/b/z.txt"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let paths = |pattern: &str| match matching(folder.path(), pattern) {
            FileAnswer::Paths(paths) => paths.join(" "),
            other => format!("{other:?}"),
        };
        assert_eq!(paths("*"), "x.txt y.md");
        assert_eq!(paths("**"), "a/b/z.txt a/x.txt x.txt y.md");
        assert_eq!(paths("**/*.txt"), "a/b/z.txt a/x.txt x.txt");
        assert_eq!(paths("*.{md,rs}"), "y.md");
        assert_eq!(paths("a/[!y].txt"), "a/x.txt");
        assert!(paths("a/[").contains("syntax error"));
    }

    #[test]
    fn paths_expand_and_become_absolute() {
        let ask = |question| answer_file(&question, Path::new("/base/dir"), Some(Path::new("/home/me")));
        assert_eq!(ask(FileQuestion::Absolute("../x/./y".into())), FileAnswer::Path("/base/x/y".into()));
        assert_eq!(ask(FileQuestion::Expanded("~/k".into())), FileAnswer::Path("/home/me/k".into()));
        assert!(matches!(ask(FileQuestion::Content("none".into())), FileAnswer::Failed(_)));
    }
}
