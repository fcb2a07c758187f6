//! Folder → configuration.

use super::module_lock::{LOCK_FILE, ModuleLock};
use super::variables::given_values;
use super::{Context, Failed};
use crate::config::versions::Version;
use crate::config::{self, Config, EncryptionInput, Files, Folders, Found, InstalledModule, Module, PackageCall};
use crate::desired;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::package::{Entry, Manifest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The variable that names another folder than `.terraform`, relative to the working folder.
const DATA_FOLDER: &str = "TF_DATA_DIR";

/// The variable whose content is put over the `encryption` block.
const ENCRYPTION: &str = "TF_ENCRYPTION";

/// A configuration without errors.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Its sources, for messages.
    pub sources: Arc<SourceMap>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// Reads and loads the configuration of the working folder, which may hold none.
///
/// # Errors
/// Files that can't be read, and everything that is wrong with their content.
pub fn load(context: &Context) -> Result<Loaded, Failed> {
    load_read(context, read_folder(&context.working_folder)?)
}

/// Reads and loads the configuration of the working folder.
///
/// # Errors
/// As [`load`]; and there is no file.
pub fn load_declared(context: &Context) -> Result<Loaded, Failed> {
    let files = read_folder(&context.working_folder)?;
    match files.is_empty() {
        true => Err(Failed::from(Diagnostic::error(
            "No configuration files",
            "The folder holds no *.tf, *.tf.json or *.wl.hcl file. Planning without a configuration would delete everything that the state holds. \
             If that is wanted, run destroy. Otherwise write a configuration, or name its folder with -chdir=FOLDER.",
        ))),
        false => load_read(context, files),
    }
}

fn load_read(context: &Context, files: Files) -> Result<Loaded, Failed> {
    let (config, diagnostics) = load_files(context, files, &present(context)?);
    finish(context, config, diagnostics)
}

/// Answers from what is installed.
pub(super) fn present(context: &Context) -> Result<impl Folders + use<'_>, Failed> {
    Ok(Present { context, manifest: manifest(context)?, lock: ModuleLock::read(context)? })
}

/// Loads with the values of variables that flags, files and environment give.
pub(super) fn load_files(context: &Context, files: Files, folders: &dyn Folders) -> (Config, Diagnostics) {
    let variables = |root: &Module| given_values(context, root);
    let folder = context.working_folder.display().to_string();
    let inputs = config::Inputs {
        variables: &variables,
        workspace: &context.workspace,
        working_folder: &folder,
        encryption: EncryptionInput::Read(context.environment.variables.get(ENCRYPTION).map(String::as_str)),
    };
    config::load_with(".", files, folders, &inputs)
}

/// What was loaded, if nothing in it is wrong.
pub(super) fn finish(context: &Context, mut config: Config, mut diagnostics: Diagnostics) -> Result<Loaded, Failed> {
    diagnostics.extend(desired::decide_bodies(&mut config, &context.providers));
    let sources = Arc::new(config.sources.clone());
    match diagnostics.has_errors() {
        true => Err(Failed { diagnostics, sources }),
        false => Ok(Loaded { config, sources, diagnostics }),
    }
}

/// The folder of what init keeps.
pub(super) fn data_folder(context: &Context) -> PathBuf {
    data_folder_of(&context.working_folder, &context.environment.variables)
}

/// The same of a working folder.
pub fn data_folder_of(working_folder: &Path, variables: &BTreeMap<String, String>) -> PathBuf {
    working_folder.join(variables.get(DATA_FOLDER).filter(|name| !name.is_empty()).map_or(".terraform", |name| name))
}

/// What is installed.
pub(super) fn manifest(context: &Context) -> Result<Manifest, Failed> {
    Manifest::read(&data_folder(context)).map_err(|error| {
        let detail = format!("{error}. Remove the file and run \"windlass init\".");
        Failed::from(Diagnostic::error("Failed to read module manifest file", detail))
    })
}

/// Answers from what is installed.
struct Present<'a> {
    context: &'a Context,
    manifest: Manifest,
    lock: ModuleLock,
}

impl Folders for Present<'_> {
    fn files(&self, folder: &str) -> Option<Files> {
        read_folder(&self.context.working_folder.join(folder)).ok()
    }

    fn package(&self, call: &PackageCall) -> Found {
        let key = call.path.0.join(".");
        let Some(entry) = self.manifest.0.get(&key) else { return call.not_installed() };
        if let Some(locked) = self.lock.of(&key, call.source).filter(|locked| locked.version != entry.version) {
            let of = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
            let detail = format!(
                "{LOCK_FILE} names version {} of this module, but version {} is installed. Run \"windlass init\" to install all modules \
                 required by this configuration.",
                of(&locked.version),
                of(&entry.version)
            );
            return Found::Missing(Box::new(Diagnostic::error("Module is not the locked one", detail).at(call.source_range)));
        }
        if fits(entry, call) {
            return Found::Installed(located(&key, entry));
        }
        let advice = "Run \"windlass init\" to install all modules required by this configuration.";
        let (summary, detail) = match (entry.source == call.source.to_string(), &entry.version) {
            (false, _) => {
                ("Module source has changed", format!("The source address was changed since this module was installed. {advice}"))
            }
            (true, Some(version)) => (
                "Module version requirements have changed",
                format!(
                    "The version requirements have changed since this module was installed and the installed version ({version}) is no \
                     longer acceptable. {advice}"
                ),
            ),
            (true, None) => (
                "Module version requirements have changed",
                format!("The version requirements have changed since this module was installed. {advice}"),
            ),
        };
        Found::Missing(Box::new(Diagnostic::error(summary, detail).at(call.source_range)))
    }
}

/// Whether an installed module is the one that a call means.
pub(super) fn fits(entry: &Entry, call: &PackageCall) -> bool {
    let version = entry.version.as_deref().map(Version::parse);
    entry.source == call.source.to_string()
        && match (version, call.constraint) {
            (_, None) => true,
            (Some(Some(version)), Some(constraint)) => constraint.allows(&version),
            _ => false,
        }
}

/// The folders of an installed module and its package.
pub(super) fn located(key: &str, entry: &Entry) -> InstalledModule {
    // The package's folder has the key's name; the module may stand deeper.
    let end = format!("modules/{key}");
    let package = match entry.folder.split_once(&format!("{end}/")) {
        Some((before, _)) => format!("{before}{end}"),
        None => entry.folder.clone(),
    };
    InstalledModule { folder: entry.folder.as_str().into(), package: package.into() }
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
