//! `fmt`.

use super::Outcome;
use crate::cli::arguments;
use crate::cli::output::print;
use crate::cli::process::Process;
use crate::ops::{self, Failed, Formatting, Unformatted};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// Files could not be formatted.
const MISTAKES: u8 = 2;
/// With `-check`: files are not in canonical form.
const UNFORMATTED: u8 = 3;

/// Formats files; with `-` as the only path, standard input.
pub fn run(process: &Process, flags: &arguments::Format) -> Outcome {
    let formatting = match flags.paths.as_slice() {
        [] => ops::format_files(&[PathBuf::from(".")], flags.recursive),
        [first, ..] if first.as_os_str() == "-" => return standard_input(process, flags),
        paths => ops::format_files(paths, flags.recursive),
    };
    for file in &formatting.files {
        report(flags, file);
        if flags.write && !flags.check {
            ops::write_formatted(file)?;
        }
    }
    Ok(finish(process, flags, &formatting))
}

/// `-check` lists too, for what else would it say; without anything else to say, the formatted text itself is shown.
fn report(flags: &arguments::Format, file: &Unformatted) {
    if flags.list {
        print(&format!("{}\n", file.path.display()));
    }
    if flags.diff {
        print(&difference(file));
    }
    if !flags.list && !flags.write && !flags.diff && !flags.check {
        print(&file.after);
    }
}

fn standard_input(process: &Process, flags: &arguments::Format) -> Outcome {
    let mut before = String::new();
    std::io::stdin()
        .read_to_string(&mut before)
        .map_err(|error| Failed::from(crate::diagnostic::Diagnostic::error("Failed to read <stdin>", format!("{error}."))))?;
    let path = PathBuf::from("<stdin>");
    let mut formatting = Formatting::default();
    match ops::format_text("<stdin>", &before) {
        Ok(after) => {
            if !flags.diff && !flags.check {
                let end = if after.ends_with('\n') { "" } else { "\n" };
                print(&format!("{after}{end}"));
            }
            if after != before {
                formatting.files.push(Unformatted { path, before, after });
            }
        }
        Err(error) => formatting.failed = error,
    }
    if flags.diff {
        formatting.files.iter().for_each(|file| print(&difference(file)));
    }
    Ok(finish(process, flags, &formatting))
}

fn finish(process: &Process, flags: &arguments::Format, formatting: &Formatting) -> ExitCode {
    process.report(&formatting.failed.diagnostics, &formatting.failed.sources);
    match () {
        () if formatting.failed.diagnostics.has_errors() => ExitCode::from(MISTAKES),
        () if flags.check && !formatting.files.is_empty() => ExitCode::from(UNFORMATTED),
        () => ExitCode::SUCCESS,
    }
}

/// The difference in the form of `diff -u`.
fn difference(file: &Unformatted) -> String {
    let (old, new) = (format!("old/{}", file.path.display()), format!("new/{}", file.path.display()));
    similar::TextDiff::from_lines(&file.before, &file.after).unified_diff().header(&old, &new).to_string()
}
