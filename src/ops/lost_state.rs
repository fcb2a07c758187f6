//! A state file that is gone while its backup is still there.

use crate::diagnostic::Diagnostic;
use crate::state::State;
use std::path::Path;

/// A warning if nothing is recorded at a path, but a backup beside it has content: everything would be made a second time.
pub(super) fn warn_of_lost_state(path: &Path, state: &State) -> Option<Diagnostic> {
    let mut name = path.file_name()?.to_owned();
    name.push(".backup");
    let backup = path.with_file_name(name);
    let has_content = |path: &Path| std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0);
    if state.serial > 0 || !state.instances.is_empty() || !state.outputs.is_empty() || has_content(path) || !has_content(&backup) {
        return None;
    }
    let detail = format!(
        "There is no state in {}, but there is a backup of one: {}. Windlass goes on as if nothing had ever been made, so what exists already \
         would be made again. If the state file was lost, copy the backup to its place; if all of this is meant to be new, remove the backup.",
        path.display(),
        backup.display()
    );
    Some(Diagnostic::warning("The state file may be lost", detail))
}
