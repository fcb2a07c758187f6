//! Folder → configuration.

use super::{Context, Failed};
use crate::config::{self, Config, Files};
use crate::desired;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use std::path::Path;
use std::sync::Arc;

/// A configuration without errors.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Its sources, for messages.
    pub sources: Arc<SourceMap>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// Reads and loads the configuration of the working folder.
///
/// # Errors
/// Files that can't be read, no file at all, and everything that is wrong with their content.
pub fn load(context: &Context) -> Result<Loaded, Failed> {
    let folder = &*context.working_folder;
    let files = read_folder(folder)?;
    if files.is_empty() {
        return Err(Failed::from(Diagnostic::error(
            "No configuration files",
            "The folder holds no *.tf, *.tf.json or *.wl.hcl file. Planning without a configuration would delete everything that the state holds. \
             If that is wanted, run destroy. Otherwise write a configuration, or name its folder with -chdir=FOLDER.",
        )));
    }
    let child = |name: &str| read_folder(&folder.join(name)).ok();
    let (mut config, mut diagnostics) = config::load(".", files, &child);
    diagnostics.extend(desired::decide_bodies(&mut config, &context.providers));
    let sources = Arc::new(config.sources.clone());
    match diagnostics.has_errors() {
        true => Err(Failed { diagnostics, sources }),
        false => Ok(Loaded { config, sources, diagnostics }),
    }
}

/// The configuration files of a folder, by name.
///
/// # Errors
/// The folder or one of the files can't be read, or is not UTF-8.
pub fn read_folder(folder: &Path) -> Result<Files, Failed> {
    let fail = |what: &Path, error: &dyn std::fmt::Display| {
        Failed::from(Diagnostic::error("Configuration can't be read", format!("{}: {error}.", what.display())))
    };
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fail(folder, &error))? {
        let entry = entry.map_err(|error| fail(folder, &error))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !is_configuration(&name) || entry.path().is_dir() {
            continue;
        }
        let bytes = std::fs::read(entry.path()).map_err(|error| fail(&entry.path(), &error))?;
        let text = String::from_utf8(bytes).map_err(|error| fail(&entry.path(), &error))?;
        files.push((name, text));
    }
    files.sort();
    Ok(files)
}

/// Whether a file of this name is part of the configuration.
fn is_configuration(name: &str) -> bool {
    !is_left_over(name) && [".tf", ".tf.json", ".wl.hcl"].iter().any(|ending| name.ends_with(ending))
}

/// Whether an editor has left a file of this name, or it is hidden.
pub(super) fn is_left_over(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}
