//! States in files: `terraform.tfstate`, and `terraform.tfstate.d/NAME/terraform.tfstate` for other workspaces.

use super::contract::{Backend, DEFAULT_WORKSPACE};
use crate::state::Effects;
use crate::state::store::{LocalStore, Store, StoreError};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const STATE_FILE: &str = "terraform.tfstate";
const WORKSPACES_FOLDER: &str = "terraform.tfstate.d";

/// Other files than the back end's own, from the flags `-state`, `-state-out` and `-backup`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateFiles {
    /// Where the state is read from, and written to if nothing else is said.
    pub state: Option<PathBuf>,
    /// Where it is written to.
    pub out: Option<PathBuf>,
    /// Where the state before goes; `-` for nowhere.
    pub backup: Option<PathBuf>,
}

impl StateFiles {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        *self == StateFiles::default()
    }
}

/// States in files of this machine.
pub struct LocalBackend {
    folder: PathBuf,
    path: PathBuf,
    workspaces_folder: PathBuf,
    files: StateFiles,
    effects: Arc<Effects>,
}

impl LocalBackend {
    /// With the back end's arguments, relative to a folder; without them, `terraform.tfstate` and `terraform.tfstate.d` in it.
    pub fn new(folder: &Path, path: Option<&str>, workspaces_folder: Option<&str>, effects: Arc<Effects>) -> LocalBackend {
        let given = |text: Option<&str>, default: &str| folder.join(text.filter(|text| !text.is_empty()).unwrap_or(default));
        LocalBackend {
            folder: folder.to_owned(),
            path: given(path, STATE_FILE),
            workspaces_folder: given(workspaces_folder, WORKSPACES_FOLDER),
            files: StateFiles::default(),
            effects,
        }
    }

    /// With other files than its own.
    #[must_use]
    pub fn with_files(self, files: StateFiles) -> LocalBackend {
        LocalBackend { files, ..self }
    }

    /// The file of a workspace's state.
    pub fn path(&self, workspace: &str) -> PathBuf {
        match workspace {
            DEFAULT_WORKSPACE => self.path.clone(),
            _ => self.workspaces_folder.join(workspace).join(STATE_FILE),
        }
    }

    /// Moves a state that is kept elsewhere now over its backup, so that nobody takes it for the one that counts.
    ///
    /// # Errors
    /// It can't be moved.
    pub async fn set_aside(&self, workspace: &str) -> Result<(), StoreError> {
        let path = self.path(workspace);
        let mut backup = path.clone().into_os_string();
        backup.push(".backup");
        match fs::rename(&path, backup) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("moving", &path)(error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, action: &'static str, place: &Path) -> impl Fn(io::Error) -> StoreError {
        let place = place.display().to_string();
        move |error| StoreError::Io { action, place: place.clone(), message: error.to_string() }
    }
}

#[async_trait::async_trait]
impl Backend for LocalBackend {
    fn kind(&self) -> &'static str {
        "local"
    }

    async fn workspaces(&self) -> Result<Vec<String>, StoreError> {
        let failed = self.failed("reading", &self.workspaces_folder);
        let mut names = Vec::new();
        let entries = match fs::read_dir(&self.workspaces_folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![DEFAULT_WORKSPACE.to_owned()]),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(&failed)?;
            if entry.path().is_dir() {
                names.extend(entry.file_name().into_string().ok().filter(|name| name != DEFAULT_WORKSPACE));
            }
        }
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.to_owned());
        Ok(names)
    }

    fn store(&self, workspace: &str) -> Arc<dyn Store> {
        let absolute = |path: &PathBuf| self.folder.join(path);
        let StateFiles { state, out, backup } = &self.files;
        let own = self.path(workspace);
        let source = state.as_ref().map_or_else(|| own.clone(), absolute);
        let target = out.as_ref().or(state.as_ref()).map_or(own, absolute);
        let mut store = LocalStore::new(target.clone(), self.effects.clone());
        if source != target {
            store = store.reading(source);
        }
        if let Some(backup) = backup {
            store = store.with_backup((backup.as_os_str() != "-").then(|| absolute(backup)));
        }
        Arc::new(store)
    }

    async fn create(&self, workspace: &str, _empty: &[u8]) -> Result<(), StoreError> {
        let path = self.path(workspace);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(self.failed("making", folder))
    }

    async fn delete(&self, workspace: &str) -> Result<(), StoreError> {
        let folder = self.workspaces_folder.join(workspace);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed("removing", &folder)(error)),
            _ => Ok(()),
        }
    }
}
