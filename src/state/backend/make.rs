//! Arguments → back end.

use super::contract::{Backend, BackendError};
use super::http::HttpBackend;
use super::local::{LocalBackend, StateFiles};
use super::pg::PgBackend;
use crate::state::Effects;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use windlass_api::Value;

/// What a back end may use besides its arguments.
#[derive(Clone)]
pub struct Surroundings {
    /// Relative paths start here.
    pub working_folder: PathBuf,
    /// Where a back end may keep something on this machine: `.terraform`.
    pub data_folder: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The environment's variables.
    pub variables: BTreeMap<String, String>,
    /// Who runs, such as `user@host`.
    pub who: String,
    /// Counts effects on the world.
    pub effects: Arc<Effects>,
    /// Other files than the back end's own; only the local one has any.
    pub files: StateFiles,
}

/// A back end with its arguments, which are those of its [`super::schema`].
///
/// # Errors
/// An argument can't be used, or the type is not known.
pub fn make(kind: &str, config: &Value, surroundings: &Surroundings) -> Result<Arc<dyn Backend>, BackendError> {
    let config = config.unmarked_deep();
    if kind != "local" && !surroundings.files.is_empty() {
        return Err(BackendError::other("The flags -state, -state-out and -backup name files, and only the back end \"local\" has such."));
    }
    let text = |name: &str| config.get_str(name);
    match kind {
        "local" => {
            let local = LocalBackend::new(&surroundings.working_folder, text("path"), text("workspace_dir"), surroundings.effects.clone());
            Ok(Arc::new(local.with_files(surroundings.files.clone())))
        }
        "http" => Ok(Arc::new(HttpBackend::new(&config, surroundings)?)),
        "pg" => Ok(Arc::new(PgBackend::new(&config, surroundings)?)),
        "s3" => Ok(Arc::new(super::s3::make(&config, surroundings)?)),
        "gcs" => Ok(Arc::new(super::gcs::make(&config, surroundings)?)),
        "oss" => Ok(Arc::new(super::oss::make(&config, surroundings)?)),
        _ => Err(BackendError::other(format!("There is no back end of the type {kind:?} in this build."))),
    }
}
