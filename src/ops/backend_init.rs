//! Setting up a back end: what `init` does before anything else is planned in a folder.
//!
//! ```text
//! block + -backend-config ─┐
//! record in .terraform ────┴→ nothing new · first time · changed · unset → migrate → record
//! ```

use super::backend::{Home, ignored, is_same, is_workspace_overridden, make_from, plain_local, record, sealed_local, select_workspace};
use super::backend_config::{Declared, declared_with};
use super::encryption::encryption;
use super::load::data_folder;
use super::migrate::Migration;
use super::whole_file::write_private;
use super::{Context, Failed, Loaded, LockOptions};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::backend::{Backend, DEFAULT_WORKSPACE, Record, Recorded};
use std::path::Path;
use std::sync::Arc;

/// How the back end is set up.
#[derive(Clone, Debug)]
pub struct BackendRequest {
    /// `-backend-config`: `NAME=VALUE`, or the name of a file; later ones win.
    pub overrides: Vec<String>,
    /// Whatever was set up before is passed over, and its states stay where they are.
    pub reconfigure: bool,
    /// States may be copied to where they are kept from now on.
    pub migrate: bool,
    /// They are, without asking.
    pub force_copy: bool,
    /// How the states are locked meanwhile.
    pub lock: LockOptions,
}

/// A question whose answer is yes or no.
#[derive(Clone, Debug)]
pub struct Question {
    /// In one line.
    pub title: String,
    /// What the answer means.
    pub text: String,
}

/// Talks with the user while a back end is set up.
#[async_trait::async_trait(?Send)]
pub trait Conversation {
    /// Says something; tools know it by the code.
    fn say(&self, code: &'static str, text: &str);

    /// Asks.
    ///
    /// # Errors
    /// Nobody can be asked.
    async fn ask(&self, question: &Question) -> Result<bool, Failed>;
}

/// Sets up the back end of a configuration, copies states if need be, and records it.
///
/// # Errors
/// The block is wrong, the back end has changed and nothing says what is to become of the states, nobody can be asked, or a back end
/// can't be reached.
pub async fn init_backend(
    context: &Context,
    loaded: &Loaded,
    request: &BackendRequest,
    conversation: &dyn Conversation,
) -> Result<Diagnostics, Failed> {
    let block = loaded.config.root.backend.as_ref();
    encryption(context, Some(&loaded.config))?;
    if context.sandbox() {
        return Ok(block.map_or_else(Diagnostics::none, |block| ignored(block).into()));
    }
    let before = record(context)?;
    if block.is_some() || before.backend.is_some() || !request.overrides.is_empty() {
        conversation.say("initializing_backend_message", "Initializing the backend...\n");
    }
    let declared = match block {
        Some(block) => Some(declared_with(context, block, &request.overrides, &loaded.sources)?),
        None => None,
    };
    let setting_up = SettingUp { context, request, conversation, was_recorded: before.exists };
    setting_up
        .run(declared, before.backend)
        .await
        .map_err(|failed| if failed.sources.files().is_empty() { failed.in_sources(&loaded.sources) } else { failed })
}

struct SettingUp<'a> {
    context: &'a Context,
    request: &'a BackendRequest,
    conversation: &'a dyn Conversation,
    was_recorded: bool,
}

impl SettingUp<'_> {
    async fn run(&self, declared: Option<Declared>, before: Option<Recorded>) -> Result<Diagnostics, Failed> {
        let before = before.filter(|_| !self.request.reconfigure);
        match (declared, before) {
            (None, None) => {
                if self.was_recorded {
                    self.write(None)?;
                }
                Ok(if self.request.overrides.is_empty() { Diagnostics::none() } else { without_block().into() })
            }
            (None, Some(before)) => self.unset(&before).await,
            (Some(declared), None) => self.first(declared).await,
            (Some(declared), Some(before)) if is_same(&before, &declared) => {
                let backend = make_from(self.context, &declared.kind, &declared.config, Some(declared.header))?;
                if before.hash != declared.hash {
                    self.write(Some(&declared))?;
                }
                self.check_workspace(&backend).await
            }
            (Some(declared), Some(before)) => self.change(declared, &before).await,
        }
    }

    /// From the files that count where no block stands.
    async fn first(&self, declared: Declared) -> Result<Diagnostics, Failed> {
        let to = make_from(self.context, &declared.kind, &declared.config, Some(declared.header))?;
        let local = plain_local(self.context);
        let mut full = Vec::new();
        for name in local.workspaces().await.map_err(|error| unreadable("local", &error))? {
            if local.store(&name).get().await.map_err(|error| unreadable("local", &error))?.is_some() {
                full.push(name);
            }
        }
        if !full.is_empty() {
            let from = sealed_local(self.context);
            self.migration(from.clone(), to.clone(), full.clone()).run().await?;
            for name in full.iter().filter(|name| to.store(name).place() != local.store(name).place()) {
                self.seal_file(&from, &local.path(name), name).await?;
                local.set_aside(name).await.map_err(|error| unreadable("local", &error))?;
            }
        }
        self.write(Some(&declared))?;
        self.conversation.say("backend_configured_success", &configured(&declared.kind));
        self.check_workspace(&to).await
    }

    /// Encrypts a file that is set aside, if it is to be and is not yet.
    async fn seal_file(&self, local: &Arc<dyn Backend>, path: &Path, name: &str) -> Result<(), Failed> {
        let store = local.store(name);
        let Some(snapshot) = store.get().await.map_err(|error| unreadable("local", &error))? else { return Ok(()) };
        if store.is_current() {
            return Ok(());
        }
        let sealed = store.as_written(snapshot.bytes).await.map_err(|error| unreadable("local", &error))?;
        write_private(path, &sealed).map_err(|error| {
            Diagnostic::error("The state that is set aside can't be encrypted", format!("{}: {error}.", path.display())).into()
        })
    }

    async fn change(&self, declared: Declared, before: &Recorded) -> Result<Diagnostics, Failed> {
        if !self.may_migrate() {
            return Err(changed().at(declared.header).into());
        }
        let text = match *before.kind == *declared.kind {
            true => {
                "Backend configuration changed!\n\nWindlass has detected that the configuration specified for the backend\nhas changed. \
                     Windlass will now check for existing state in the backends.\n\n"
                    .to_owned()
            }
            false => format!("Windlass detected that the backend type changed from {:?} to {:?}.\n\n", before.kind, &*declared.kind),
        };
        self.conversation.say("backend_changed", &text);
        let from = make_from(self.context, &before.kind, &before.config, None)?;
        let to = make_from(self.context, &declared.kind, &declared.config, Some(declared.header))?;
        self.migrate(from, to.clone()).await?;
        self.write(Some(&declared))?;
        self.conversation.say("backend_configured_success", &configured(&declared.kind));
        self.check_workspace(&to).await
    }

    async fn unset(&self, before: &Recorded) -> Result<Diagnostics, Failed> {
        if !self.may_migrate() {
            return Err(changed().into());
        }
        let text = format!("Windlass has detected you're unconfiguring your previously set {:?} backend.\n", before.kind);
        self.conversation.say("backend_changed", &text);
        let from = make_from(self.context, &before.kind, &before.config, None)?;
        let to = sealed_local(self.context);
        self.migrate(from, to.clone()).await?;
        self.write(None)?;
        let text = format!("\nSuccessfully unset the backend {:?}. Windlass will now operate locally.\n\n", before.kind);
        self.conversation.say("backend_configured_unset", &text);
        self.check_workspace(&to).await
    }

    fn may_migrate(&self) -> bool {
        self.request.migrate || self.request.force_copy
    }

    async fn migrate(&self, from: Arc<dyn Backend>, to: Arc<dyn Backend>) -> Result<(), Failed> {
        let names = from.workspaces().await.map_err(|error| unreadable(from.kind(), &error))?;
        self.migration(from, to, names).run().await
    }

    fn migration(&self, from: Arc<dyn Backend>, to: Arc<dyn Backend>, names: Vec<String>) -> Migration<'_> {
        Migration { context: self.context, from, to, names, request: self.request, conversation: self.conversation }
    }

    fn write(&self, declared: Option<&Declared>) -> Result<(), Failed> {
        let backend =
            declared.map(|declared| Recorded { kind: declared.kind.to_string(), config: declared.config.clone(), hash: declared.hash });
        let folder = data_folder(self.context);
        let bytes = Record { backend, exists: true }.to_bytes(crate::config::versions::COMPATIBLE_WITH);
        let written = std::fs::create_dir_all(&folder).and_then(|()| write_private(&Record::path(&folder), &bytes));
        written.map_err(|error| {
            let detail = format!("{}: {error}.", Record::path(&folder).display());
            Diagnostic::error("The record of the back end can't be written", detail).into()
        })
    }

    /// Sees to it that the selected workspace is one that the back end has.
    async fn check_workspace(&self, backend: &Arc<dyn Backend>) -> Result<Diagnostics, Failed> {
        let current = super::backend::selected_workspace(self.context)?;
        if *current == *DEFAULT_WORKSPACE || is_workspace_overridden(self.context) {
            return Ok(Diagnostics::none());
        }
        let known = match backend.has_workspaces() {
            true => backend.workspaces().await.map_err(|error| unreadable(backend.kind(), &error))?,
            false => vec![DEFAULT_WORKSPACE.to_owned()],
        };
        if known.iter().any(|name| **name == *current) {
            return Ok(Diagnostics::none());
        }
        if let [only] = known.as_slice() {
            select_workspace(self.context, only)?;
            let detail =
                format!("The workspace {:?} that was selected does not exist in this backend; {only:?} is selected now.", &*current);
            return Ok(Diagnostic::warning("Another workspace is selected", detail).into());
        }
        let detail = format!(
            "The currently selected workspace ({}) does not exist. This is expected behavior when the selected workspace did not have an existing \
             non-empty state. There are these: {}.",
            &*current,
            known.join(", ")
        );
        Err(Diagnostic::error("The selected workspace does not exist", detail)
            .hint("Run windlass workspace select with one of them.")
            .into())
    }
}

fn unreadable(kind: &str, error: &crate::state::store::StoreError) -> Failed {
    Diagnostic::error("Failed to get existing workspaces", format!("The back end {kind:?} can't be used. Error {error}.")).into()
}

fn configured(kind: &str) -> String {
    format!(
        "\nSuccessfully configured the backend {kind:?}! Windlass will automatically\nuse this backend unless the backend configuration changes.\n\n"
    )
}

fn changed() -> Diagnostic {
    Diagnostic::error(
        "Backend configuration changed",
        "A change in the backend configuration has been detected, which may require migrating existing state.\n\nIf you wish to attempt automatic \
         migration of the state, use \"windlass init -migrate-state\".\nIf you wish to store the current configuration with no changes to the state, \
         use \"windlass init -reconfigure\".",
    )
}

fn without_block() -> Diagnostic {
    Diagnostic::warning(
        "Missing backend configuration",
        "-backend-config was used without a \"backend\" block in the configuration.\n\nIf you intended to override the default local backend \
         configuration, add an explicit backend block to your configuration:\n\nterraform {\n  backend \"local\" {}\n}\n\nHowever, if you intended \
         to override a defined backend, please verify that the backend configuration is present and valid.",
    )
}

/// The state of a workspace, for migrations.
pub(super) fn home_of(backend: &Arc<dyn Backend>, workspace: &str) -> Home {
    Home { backend: backend.clone(), workspace: workspace.into() }
}
