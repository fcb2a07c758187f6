//! The file that generated configuration goes to.

use super::{Context, Failed};
use crate::diagnostic::{Diagnostic, SourceMap};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How plans call the file: they load it as a file of the root module, wherever it is written.
pub(super) fn source_name(path: &Path) -> Arc<str> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.ends_with(".tf") { name.into() } else { format!("{name}.tf").into() }
}

/// Refuses a file that is there: what stands in it would be lost.
pub(super) fn refuse_existing(context: &Context, path: Option<&Path>) -> Result<(), Failed> {
    match path.filter(|path| context.working_folder.join(path).exists()) {
        None => Ok(()),
        Some(_) => Err(Failed::from(exists())),
    }
}

fn exists() -> Diagnostic {
    let detail = "Windlass can only write generated config into a new file. Either choose a different target location or move all existing \
                  configuration out of the target file, delete it and try again.";
    Diagnostic::error("Target generated file already exists", detail)
}

/// Writes what planning generated. Returns where, if there was anything.
pub(super) fn write_generated(context: &Context, path: &Path, loaded: &SourceMap, sources: &SourceMap) -> Result<Option<PathBuf>, Failed> {
    let name = source_name(path);
    // A file of the configuration may have the same name in another folder.
    let named = |sources: &SourceMap| sources.files().iter().filter(|file| file.name == name).count();
    if named(sources) == named(loaded) {
        return Ok(None);
    }
    let Some(file) = sources.files().iter().rfind(|file| file.name == name) else { return Ok(None) };
    let place = context.working_folder.join(path);
    let written = std::fs::File::create_new(&place).and_then(|mut out| out.write_all(file.text.as_bytes()));
    match written {
        Ok(()) => Ok(Some(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failed::from(exists())),
        Err(error) => {
            // Half of it would be taken for all of it.
            let _ = std::fs::remove_file(&place);
            Err(Failed::from(Diagnostic::error("Generated configuration can't be written", format!("{}: {error}.", path.display()))))
        }
    }
}
