//! House rules that no compiler knows: heads, lengths, dead files, stubs.

use crate::sources;

/// Longer files are where readers get lost.
const FILE_LINES_MAX: usize = 600;
/// Words that mark unfinished work, put together so that this file does not hold them.
const UNFINISHED: &[[&str; 2]] = &[["todo", "!("], ["unimplemented", "!("], ["#[ign", "ore"], ["FIX", "ME"], ["#[all", "ow("]];

#[test]
fn every_file_says_what_it_is() {
    let wrong: Vec<_> = sources::rust().into_iter().filter(|source| !source.text.starts_with("//! ")).map(|source| source.path).collect();
    assert!(wrong.is_empty(), "these files do not begin with a //! line:\n{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let long = sources::rust().into_iter().filter(|source| source.text.lines().count() > FILE_LINES_MAX);
    let wrong: Vec<_> = long.map(|source| format!("{}: {}", source.path, source.text.lines().count())).collect();
    assert!(wrong.is_empty(), "these files are longer than {FILE_LINES_MAX} lines:\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for source in sources::rust() {
        for (number, line) in source.text.lines().enumerate() {
            if UNFINISHED.iter().any(|mark| line.contains(&mark.concat())) {
                wrong.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file that no `mod` line names is never compiled.
#[test]
fn no_file_is_dead() {
    let sources = sources::rust();
    let mut wrong = Vec::new();
    for source in &sources {
        let (folder, file) = source.path.rsplit_once('/').expect("a folder");
        let stem = file.trim_end_matches(".rs");
        if ["lib", "main"].contains(&stem)
            || folder.ends_with("/examples")
            || folder.ends_with("/benches")
            || folder.ends_with("/bin")
            || folder.ends_with("/targets")
        {
            continue;
        }
        let (parent, name) = match stem {
            "mod" => folder.rsplit_once('/').expect("a folder"),
            _ => (folder, stem),
        };
        let parents = [format!("{parent}/mod.rs"), format!("{parent}/lib.rs"), format!("{parent}/main.rs"), format!("{parent}.rs")];
        let is_named = sources.iter().filter(|other| parents.contains(&other.path)).any(|other| {
            other.text.lines().any(|line| {
                let line = line.trim().trim_end_matches(" {");
                ["mod ", "pub mod ", "pub(crate) mod ", "pub(super) mod "].iter().any(|prefix| line == format!("{prefix}{name};"))
            })
        });
        if !is_named {
            wrong.push(source.path.clone());
        }
    }
    assert!(wrong.is_empty(), "no mod line names these files:\n{}", wrong.join("\n"));
}
