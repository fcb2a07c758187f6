//! Scripts with golden text, run through the built binary on the sandbox.
//!
//! A case is one file, `tests/cases/NAME.case`:
//!
//! ```text
//! # What it shows, in a sentence or two.
//! === main.tf
//! resource "terraform_data" "a" {}
//! === run
//! $ windlass plan
//! …everything that the command wrote, both streams…
//! [exit 1]
//! ```
//!
//! Commands run by `sh` in a folder of their own, with an emptied environment and `windlass` on the path. `[exit N]` stands only
//! when N is not 0. What differs from run to run (ids, ports, times) is replaced by names in brackets before comparing.
//! `WINDLASS_UPDATE_CASES=1 cargo test --test it cases` writes what was seen into the files: read the difference before you commit it.

use crate::sandbox::{Folder, tidy_output};
use crate::sources;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const UPDATE: &str = "WINDLASS_UPDATE_CASES";
/// Cases run side by side; two is what a small machine has.
const THREADS: usize = 2;

struct Case {
    path: PathBuf,
    head: String,
    files: Vec<(String, String)>,
    steps: Vec<Step>,
}

struct Step {
    command: String,
    expected: String,
}

#[test]
fn cases_say_what_they_said() {
    let filter = std::env::var("WINDLASS_CASE").unwrap_or_default();
    let mut paths: Vec<_> =
        std::fs::read_dir(sources::root().join("tests/cases")).expect("tests/cases").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "case") && path.display().to_string().contains(&filter));
    paths.sort();
    assert!(!paths.is_empty(), "no case was found");
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(difference) = run(path) {
                        failures.lock().expect("no panic").push(difference);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic");
    assert!(
        failures.is_empty(),
        "{} of {} cases differ; {UPDATE}=1 writes what was seen\n{}",
        failures.len(),
        paths.len(),
        failures.join("\n")
    );
}

fn run(path: &Path) -> Result<(), String> {
    let mut case = parse(path);
    let folder = Folder::new();
    for (name, text) in &case.files {
        folder.write(name, text);
    }
    let mut difference = String::new();
    for step in &mut case.steps {
        let output = folder.shell(&step.command);
        let mut seen = tidy_output(&output.text, folder.path());
        if output.code != 0 {
            let _ = writeln!(seen, "[exit {}]", output.code);
        }
        if seen.trim_end() != step.expected.trim_end() {
            let _ = write!(difference, "$ {}\n--- expected\n{}\n--- seen\n{seen}\n", step.command, step.expected);
            step.expected = seen;
        }
    }
    match (difference.is_empty(), std::env::var_os(UPDATE).is_some()) {
        (true, _) => Ok(()),
        (false, true) => {
            std::fs::write(&case.path, render(&case)).expect("the case can be written");
            Ok(())
        }
        (false, false) => Err(format!("=== {}\n{difference}", path.display())),
    }
}

fn parse(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).expect("a case");
    let mut case = Case { path: path.to_owned(), head: String::new(), files: Vec::new(), steps: Vec::new() };
    let mut in_run = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            in_run = name == "run";
            if !in_run {
                case.files.push((name.to_owned(), String::new()));
            }
        } else if in_run && line.starts_with("$ ") {
            case.steps.push(Step { command: line[2..].to_owned(), expected: String::new() });
        } else {
            let target = match (in_run, case.steps.last_mut(), case.files.last_mut()) {
                (true, Some(step), _) => &mut step.expected,
                (false, _, Some((_, text))) => text,
                _ => &mut case.head,
            };
            target.push_str(line);
            target.push('\n');
        }
    }
    assert!(case.head.starts_with('#'), "{}: a case begins with a comment that says what it shows", path.display());
    assert!(!case.steps.is_empty(), "{}: a case has a command", path.display());
    case
}

fn render(case: &Case) -> String {
    let mut text = case.head.clone();
    for (name, content) in &case.files {
        let _ = write!(text, "=== {name}\n{content}");
    }
    text.push_str("=== run\n");
    for step in &case.steps {
        let _ = write!(text, "$ {}\n{}", step.command, step.expected);
        if !step.expected.is_empty() && !step.expected.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}
