//! Which back end a run uses, and which workspace.

use super::backend_config::{Declared, declared};
use super::encryption::{encryption, left_out};
use super::load::data_folder;
use super::state_access::SANDBOX_FOLDER;
use super::whole_file::{advice, write_public};
use super::{Context, Failed};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::encryption::Target;
use crate::state::backend::{
    Backend, DEFAULT_WORKSPACE, LocalBackend, Record, Recorded, SealedBackend, StateFiles, Surroundings, is_workspace_name, make, schema,
};
use crate::state::store::Store;
use crate::syntax::Block;
use std::path::PathBuf;
use std::sync::Arc;
use windlass_api::Value;

/// The variable that names a workspace, whatever is selected.
const WORKSPACE: &str = "TF_WORKSPACE";
/// The file of the data folder that names the selected workspace.
const ENVIRONMENT: &str = "environment";

/// Where the state of a run is.
#[derive(Clone)]
pub struct Home {
    /// The back end.
    pub backend: Arc<dyn Backend>,
    /// The workspace in it.
    pub workspace: Arc<str>,
}

impl Home {
    /// The workspace's state.
    pub(super) fn store(&self) -> Arc<dyn Store> {
        self.backend.store(&self.workspace)
    }
}

/// Where the state of a configuration is: under the sandbox always in the sandbox's folder; else in the back end that `init` has set up.
/// Without a configuration, because it can't be loaded, what `init` has recorded counts.
///
/// # Errors
/// The back end is not set up as the configuration says, or can't be made.
pub fn home(context: &Context, config: Option<&Config>) -> Result<(Home, Diagnostics), Failed> {
    home_in(context, config, context.workspace.clone())
}

/// The same for another workspace than the selected one.
pub(super) fn home_in(context: &Context, config: Option<&Config>, workspace: Arc<str>) -> Result<(Home, Diagnostics), Failed> {
    find_home(context, config, workspace).map_err(|failed| match config {
        Some(config) => failed.in_sources(&Arc::new(config.sources.clone())),
        None => failed,
    })
}

fn find_home(context: &Context, config: Option<&Config>, workspace: Arc<str>) -> Result<(Home, Diagnostics), Failed> {
    let block = config.and_then(|config| config.root.backend.as_ref());
    // Made known before anything reads or writes a state.
    encryption(context, config)?;
    if context.sandbox() {
        let mut notices = block.map_or_else(Diagnostics::none, |block| ignored(block).into());
        notices.extend(left_out(context, config));
        return Ok((Home { backend: sealed(context, sandbox_backend(context)), workspace }, notices));
    }
    let backend = match (block, record(context)?.backend) {
        (None, None) => sealed(context, local_backend(context)),
        (Some(block), recorded) => initialised(context, block, recorded)?,
        (None, Some(recorded)) if config.is_none() => make_from(context, &recorded.kind, &recorded.config, None)?,
        (None, Some(recorded)) => {
            return Err(required(&format!("Unsetting the previously set backend {:?}", recorded.kind)).into());
        }
    };
    if !backend.has_workspaces() && &*workspace != DEFAULT_WORKSPACE {
        let detail = format!(
            "The back end {:?} has no workspaces, and the workspace {:?} is selected. Select the one that it has: \"windlass workspace select \
             default\", or unset {WORKSPACE}.",
            backend.kind(),
            &*workspace
        );
        return Err(Diagnostic::error("workspaces not supported", detail).into());
    }
    Ok((Home { backend, workspace }, Diagnostics::none()))
}

fn initialised(context: &Context, block: &Block, recorded: Option<Recorded>) -> Result<Arc<dyn Backend>, Failed> {
    let declared = declared(block)?;
    let Some(recorded) = recorded else {
        return Err(required(&format!("Initial configuration of the requested backend {:?}", &*declared.kind)).at(block.header).into());
    };
    if *recorded.kind != *declared.kind {
        let reason = format!("Backend type changed from {:?} to {:?}", recorded.kind, &*declared.kind);
        return Err(required(&reason).at(block.header).into());
    }
    if recorded.hash != declared.hash && !is_same(&recorded, &declared) {
        return Err(required("Backend configuration block has changed").at(block.header).into());
    }
    make_from(context, &recorded.kind, &recorded.config, Some(block.header))
}

/// Whether a block means the back end that is set up.
pub(super) fn is_same(recorded: &Recorded, declared: &Declared) -> bool {
    *recorded.kind == *declared.kind && recorded.config.unmarked_deep() == declared.config.unmarked_deep()
}

/// What is said where `init` must run first.
fn required(reason: &str) -> Diagnostic {
    let detail = format!(
        "Reason: {reason}\n\nThe \"backend\" is the interface that Windlass uses to store state, perform operations, etc. If this message is \
         showing up, it means that the configuration you're using has a backend that is not set up in this folder, or not as it says now.\n\n\
         Changes to backend configurations require reinitialization. This allows Windlass to set up the new configuration, copy existing state, \
         etc. Please run \"windlass init\" with either the \"-reconfigure\" or \"-migrate-state\" flags to use the current configuration.\n\nIf the \
         change reason above is incorrect, please verify your configuration hasn't changed and try again. At this point, no changes to your \
         existing configuration or state have been made."
    );
    Diagnostic::error("Backend initialization required, please run \"windlass init\"", detail)
}

/// What is said of a back end under the sandbox.
pub(super) fn ignored(block: &Block) -> Diagnostic {
    let detail = "Under -sandbox the state lives in .windlass/sandbox, whatever the configuration says of a back end.";
    Diagnostic::warning("Back end ignored", detail).at(block.header)
}

/// The back end of a type with its arguments.
pub(super) fn make_from(context: &Context, kind: &str, config: &Value, at: Option<Range>) -> Result<Arc<dyn Backend>, Failed> {
    make(kind, config, &surroundings(context)).map(|backend| sealed(context, backend)).map_err(|error| {
        let diagnostic = error.diagnostic(kind);
        match at {
            Some(range) => diagnostic.at(range).into(),
            None => diagnostic.into(),
        }
    })
}

/// A back end behind the encryption of this run.
fn sealed(context: &Context, backend: Arc<dyn Backend>) -> Arc<dyn Backend> {
    let target = context.encryption.get().map_or_else(Target::none, |encryption| encryption.state());
    Arc::new(SealedBackend::new(backend, target))
}

fn surroundings(context: &Context) -> Surroundings {
    Surroundings {
        working_folder: context.working_folder.clone(),
        data_folder: data_folder(context),
        home: context.environment.home.clone(),
        variables: context.environment.variables.clone(),
        who: context.who.clone(),
        effects: context.effects.clone(),
        files: context.state_files.clone(),
    }
}

/// The local back end that counts where no block stands, without the encryption.
pub(super) fn plain_local(context: &Context) -> LocalBackend {
    LocalBackend::new(&context.working_folder, None, None, context.effects.clone())
}

/// The same behind the encryption.
pub(super) fn sealed_local(context: &Context) -> Arc<dyn Backend> {
    sealed(context, Arc::new(plain_local(context)))
}

fn local_backend(context: &Context) -> Arc<dyn Backend> {
    Arc::new(plain_local(context).with_files(context.state_files.clone()))
}

fn sandbox_backend(context: &Context) -> Arc<dyn Backend> {
    let folder = context.working_folder.join(SANDBOX_FOLDER);
    // Flags name files of the working folder.
    let from_here = |path: &Option<PathBuf>| path.as_ref().map(|path| context.working_folder.join(path));
    let StateFiles { state, out, backup } = &context.state_files;
    let backup = backup.as_ref().map(|path| if path.as_os_str() == "-" { path.clone() } else { context.working_folder.join(path) });
    let files = StateFiles { state: from_here(state), out: from_here(out), backup };
    Arc::new(LocalBackend::new(&folder, None, None, context.effects.clone()).with_files(files))
}

/// What `init` has set up.
pub(super) fn record(context: &Context) -> Result<Record, Failed> {
    Record::read(&data_folder(context), schema).map_err(|error| {
        let detail = format!("{error}. Remove the file and run \"windlass init\".");
        Failed::from(Diagnostic::error("The record of the back end can't be read", detail))
    })
}

fn environment_file(context: &Context) -> PathBuf {
    let folder = if context.sandbox() { context.working_folder.join(SANDBOX_FOLDER) } else { data_folder(context) };
    folder.join(ENVIRONMENT)
}

/// Whether the environment names the workspace, so that none can be selected.
pub fn is_workspace_overridden(context: &Context) -> bool {
    context.environment.variables.get(WORKSPACE).is_some_and(|name| !name.is_empty())
}

/// The workspace that the environment or an earlier `workspace select` says.
///
/// # Errors
/// The environment's is no name of a workspace, or the selection can't be read.
pub fn selected_workspace(context: &Context) -> Result<Arc<str>, Failed> {
    if let Some(name) = context.environment.variables.get(WORKSPACE).filter(|name| !name.is_empty()) {
        if is_workspace_name(name) {
            return Ok(name.as_str().into());
        }
        let detail =
            format!("{WORKSPACE} is {name:?}. The name of a workspace must contain only URL safe characters, and no path separators.");
        return Err(Diagnostic::error(format!("Invalid workspace name set using {WORKSPACE}"), detail).into());
    }
    let path = environment_file(context);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim()).filter(|name| !name.is_empty()).unwrap_or(DEFAULT_WORKSPACE).into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(DEFAULT_WORKSPACE.into()),
        Err(error) => Err(Diagnostic::error("The selected workspace can't be read", format!("{}: {error}.", path.display())).into()),
    }
}

/// Remembers which workspace is selected.
///
/// # Errors
/// The file can't be written.
pub(super) fn select_workspace(context: &Context, name: &str) -> Result<(), Failed> {
    let path = environment_file(context);
    let written = std::fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| write_public(&path, name.as_bytes()));
    written.map_err(|error| {
        let problem = Diagnostic::error("Failed to select workspace", format!("{}: {error}.", path.display()));
        Diagnostic { hint: advice(&error).map(str::to_owned), ..problem }.into()
    })
}
