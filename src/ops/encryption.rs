//! Which encryption a run uses, and files that are encrypted by it.

use super::load::{load_files, present, read_folder};
use super::{Context, Failed};
use crate::bucket::Surroundings;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::encryption::{Encrypting, Encryption, EncryptionError, Settings, is_sealed};
use crate::state::{State, wire};
use std::path::Path;
use std::sync::Arc;

/// The word without which no configuration says anything of encryption.
const WORD: &str = "encryption";

/// The encryption that a configuration and the environment ask for; what was found first counts for the whole run.
///
/// Without a configuration, because it can't be loaded, what can be read of it counts: a mistake elsewhere must neither keep anybody from
/// looking, nor leave a state without the encryption that it is to have.
///
/// # Errors
/// What it says of encryption can't be used.
pub(super) fn encryption(context: &Context, config: Option<&Config>) -> Result<Arc<Encryption>, Failed> {
    if let Some(known) = context.encryption.get() {
        return Ok(known);
    }
    let settings = match config {
        Some(config) => match &config.root.encryption {
            Encrypting::Nothing => None,
            Encrypting::By(settings) => Some(settings.clone()),
            Encrypting::Broken => return Err(broken(Diagnostics::none()).in_sources(&Arc::new(config.sources.clone()))),
        },
        None => of_unloadable(context)?,
    };
    let settings = match settings {
        Some(settings) if context.sandbox() => in_sandbox(&settings)?.then_some(settings),
        settings => settings,
    };
    let environment = &context.environment;
    let surroundings = Surroundings { variables: environment.variables.clone(), home: environment.home.clone() };
    Ok(context.encryption.set(settings.map_or_else(Encryption::none, |settings| Encryption::new(settings, surroundings))))
}

fn of_unloadable(context: &Context) -> Result<Option<Arc<Settings>>, Failed> {
    let files = read_folder(&context.working_folder).unwrap_or_default();
    let has_word = files.iter().any(|(_, text)| text.contains(WORD));
    let (config, diagnostics) = load_files(context, files, &present(context)?);
    match &config.root.encryption {
        Encrypting::By(settings) => Ok(Some(settings.clone())),
        Encrypting::Nothing if !has_word => Ok(None),
        Encrypting::Nothing if !diagnostics.has_errors() => Ok(None),
        Encrypting::Nothing | Encrypting::Broken => Err(broken(diagnostics).in_sources(&Arc::new(config.sources.clone()))),
    }
}

fn broken(mut diagnostics: Diagnostics) -> Failed {
    let detail = "The configuration can't be loaded, and it may say how the state is encrypted. Correct it first.";
    diagnostics.push(Diagnostic::error("Encryption can't be told", detail));
    diagnostics.into()
}

/// Whether encryption is used under the sandbox: with keys that this machine makes alone. Nothing real is asked there, and no program run.
fn in_sandbox(settings: &Settings) -> Result<bool, Failed> {
    let Some(elsewhere) = settings.asks_elsewhere() else { return Ok(true) };
    if !settings.is_enforced() {
        return Ok(false);
    }
    let detail = format!(
        "Encryption is enforced, and under -sandbox {elsewhere} is not asked, for nothing real is. Put a key provider \"pbkdf2\" in its place \
         there by the variable TF_ENCRYPTION."
    );
    Err(Diagnostic::error("Encryption not available under -sandbox", detail).into())
}

/// What is said where encryption is left out under the sandbox.
pub(super) fn left_out(context: &Context, config: Option<&Config>) -> Diagnostics {
    let Some(Encrypting::By(settings)) = config.map(|config| &config.root.encryption) else { return Diagnostics::none() };
    match settings.asks_elsewhere() {
        Some(elsewhere) if context.sandbox() => {
            let detail = format!("Under -sandbox nothing real is asked, so {elsewhere} is not either: state and plans are not encrypted.");
            Diagnostic::warning("Encryption left out", detail).into()
        }
        _ => Diagnostics::none(),
    }
}

pub(super) fn unsealed(name: &str, error: &EncryptionError) -> Failed {
    Diagnostic::error("Failed to decrypt", format!("Error decrypting {name}: {error}.")).into()
}

/// The state that a file holds, encrypted or not.
///
/// # Errors
/// The file can't be read or decrypted, or holds no state.
pub async fn read_state_file(context: &Context, config: Option<&Config>, path: &Path) -> Result<State, Failed> {
    let bytes = std::fs::read(context.working_folder.join(path))
        .map_err(|error| Failed::from(Diagnostic::error("File can't be read", format!("{}: {error}.", path.display()))))?;
    state_of(context, config, bytes, &path.display().to_string()).await
}

/// The state that these bytes are, encrypted or not; `name` is for messages.
///
/// # Errors
/// They can't be decrypted, or are no state.
pub async fn state_of(context: &Context, config: Option<&Config>, bytes: Vec<u8>, name: &str) -> Result<State, Failed> {
    let bytes = match is_sealed(&bytes) {
        true => encryption(context, config)?.state().open_given(bytes).await.map_err(|error| unsealed(name, &error))?,
        false => bytes,
    };
    Ok(wire::read(&bytes, name)?)
}
