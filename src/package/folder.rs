//! Folders of packages: copied, searched, cleaned of what git leaves.

use super::PackageError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Copies what a folder holds into a new one, without `.git`. Symbolic links stay links.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == ".git" {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            link(&fs::read_link(&source)?, &target)?;
        } else if kind.is_dir() {
            copy(&source, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// Makes a symbolic link.
#[cfg(unix)]
pub(super) fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Makes a symbolic link.
#[cfg(not(unix))]
pub(super) fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(to, at)
}

/// Removes every `.git` below a folder: history is not part of a module, and its settings may hold a password.
pub(super) fn remove_history(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_folder = entry.file_type()?.is_dir();
        match entry.file_name() == ".git" {
            true if is_folder => fs::remove_dir_all(entry.path())?,
            true => fs::remove_file(entry.path())?,
            false if is_folder => remove_history(&entry.path())?,
            false => {}
        }
    }
    Ok(())
}

/// The folder in a package that an address names. A `*` in a part stands for anything, as archives of forges have a folder with
/// the commit's name; it must fit one folder only.
///
/// # Errors
/// There is none, or there are several.
pub fn subfolder(package: &Path, path: &str) -> Result<PathBuf, PackageError> {
    let mut found = vec![PathBuf::new()];
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let mut next = Vec::new();
        for folder in &found {
            match part.contains('*') {
                false => next.push(folder.join(part)),
                true => {
                    next.extend(names(&package.join(folder))?.into_iter().filter(|name| fits(part, name)).map(|name| folder.join(name)))
                }
            }
        }
        next.retain(|folder| package.join(folder).is_dir());
        found = next;
    }
    match found.as_slice() {
        [] => Err(PackageError::new(format!("subdir {path:?} not found"))),
        [one] => Ok(one.clone()),
        several => Err(PackageError::new(format!("subdir {path:?} matches {} folders of the package", several.len()))),
    }
}

fn names(folder: &Path) -> Result<Vec<String>, PackageError> {
    let entries = fs::read_dir(folder).map_err(|error| PackageError::file(folder, error))?;
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    (0..=name.len()).any(|position| name.is_char_boundary(position) && fits(rest, &name[position..]))
}

#[cfg(test)]
mod tests {
    use super::{fits, subfolder};

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, expected) in [
            ("*", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*b*c", "axxbyc", true),
            ("a*b", "abc", false),
            ("a", "b", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_must_fit_one_folder() {
        let package = tempfile::tempdir().unwrap();
        for name in ["one-1/net", "two/net", "two/other"] {
            std::fs::create_dir_all(package.path().join(name)).unwrap();
        }
        let find =
            |path: &str| subfolder(package.path(), path).map(|folder| folder.display().to_string()).map_err(|error| error.to_string());
        assert_eq!(find("one-*/net"), Ok("one-1/net".to_owned()));
        assert_eq!(find("*/other"), Ok("two/other".to_owned()));
        assert_eq!(find("*/net"), Err("subdir \"*/net\" matches 2 folders of the package".to_owned()));
        assert_eq!(find("three"), Err("subdir \"three\" not found".to_owned()));
    }
}
