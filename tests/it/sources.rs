//! The project's Rust files, for the tests that read them.

use std::path::{Path, PathBuf};

/// A source file.
pub struct Source {
    /// Relative to the project's folder, with `/`.
    pub path: String,
    pub text: String,
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files of the workspace.
pub fn rust() -> Vec<Source> {
    let mut files = Vec::new();
    for folder in ["src", "providers", "tests"] {
        walk(&root().join(folder), &mut files);
    }
    files.sort();
    files.into_iter().map(|path| Source { text: std::fs::read_to_string(&path).expect("a source file"), path: relative(&path) }).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                walk(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("inside the project").display().to_string().replace('\\', "/")
}
