//! Calls of modules from elsewhere → packages: which version of a registry's module, and where its package is.
//!
//! A registry is asked once for the versions of a module and once for the place of each version that is wanted. A version that the
//! lock names is taken without asking which there are.

use super::install::Wanted;
use super::module_lock::{LOCK_FILE, ModuleLock};
use crate::address::ModuleSource;
use crate::address::module_source::{Package, PackageSource, RegistrySource, nested_subfolder};
use crate::config::versions::Version;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::package::{Fetcher, RegistryError};
use futures::StreamExt;
use std::collections::BTreeMap;

/// How many questions are asked side by side.
const QUESTIONS_MAX: usize = 8;

/// Where the module of a call is.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    /// The package.
    pub(super) package: Package,
    /// The folder of the module in it.
    pub(super) subfolder: Option<String>,
    /// The version, of modules of registries.
    pub(super) version: Option<String>,
    /// What the user is told that is being fetched.
    pub(super) shown: String,
}

/// What registries have answered in this run.
#[derive(Default)]
pub(super) struct Releases {
    /// By the module's address.
    versions: BTreeMap<String, Result<Vec<String>, RegistryError>>,
    /// By the module's address and version.
    locations: BTreeMap<(String, String), Result<PackageSource, RegistryError>>,
}

/// What calls are resolved with.
pub(super) struct Resolving<'a> {
    pub(super) fetcher: &'a Fetcher,
    pub(super) lock: &'a ModuleLock,
    /// Take the newest, whatever the lock says.
    pub(super) upgrade: bool,
    pub(super) sources: &'a SourceMap,
}

impl Releases {
    /// Where the modules of these calls are; none for calls whose mistakes were told.
    pub(super) async fn resolve(
        &mut self,
        with: &Resolving<'_>,
        wanted: &[Wanted],
        warnings: &mut Diagnostics,
    ) -> (Vec<Option<Resolved>>, Diagnostics) {
        let mut errors = Diagnostics::none();
        self.ask_versions(with, wanted).await;
        let mut versions: Vec<Option<String>> = Vec::new();
        for call in wanted {
            let ModuleSource::Registry(module) = &call.source else {
                versions.push(None);
                continue;
            };
            let chosen = match with.locked_version(call) {
                Some(version) => Ok(version.to_owned()),
                None => self.choose(with, call, module, warnings),
            };
            versions.push(chosen.map_err(|error| errors.push(error)).ok());
        }
        self.ask_locations(with, wanted, &versions).await;
        let mut resolved = Vec::new();
        for (call, version) in wanted.iter().zip(versions) {
            resolved.push(match (&call.source, version) {
                (ModuleSource::Package(source), _) => Some(Resolved {
                    package: source.package.clone(),
                    subfolder: source.subfolder.clone(),
                    version: None,
                    shown: source.package.shown(),
                }),
                (ModuleSource::Registry(module), Some(version)) => {
                    self.located(with, call, module, version).map_err(|error| errors.push(error)).ok()
                }
                _ => None,
            });
        }
        (resolved, errors)
    }

    async fn ask_versions(&mut self, with: &Resolving<'_>, wanted: &[Wanted]) {
        let mut modules: BTreeMap<String, &RegistrySource> = BTreeMap::new();
        for call in wanted {
            if let ModuleSource::Registry(module) = &call.source
                && with.locked_version(call).is_none()
                && !self.versions.contains_key(&module.package())
            {
                modules.insert(module.package(), module);
            }
        }
        let questions = modules.into_iter().map(|(name, module)| async move { (name, with.fetcher.versions(module).await) });
        let answers: Vec<_> = futures::stream::iter(questions).buffer_unordered(QUESTIONS_MAX).collect().await;
        self.versions.extend(answers);
    }

    async fn ask_locations(&mut self, with: &Resolving<'_>, wanted: &[Wanted], versions: &[Option<String>]) {
        let mut releases: BTreeMap<(String, String), &RegistrySource> = BTreeMap::new();
        for (call, version) in wanted.iter().zip(versions) {
            if let (ModuleSource::Registry(module), Some(version)) = (&call.source, version) {
                let key = (module.package(), version.clone());
                if !self.locations.contains_key(&key) {
                    releases.insert(key, module);
                }
            }
        }
        let questions = releases.into_iter().map(|(key, module)| async move {
            let location = with.fetcher.location(module, &key.1).await;
            (key, location)
        });
        let answers: Vec<_> = futures::stream::iter(questions).buffer_unordered(QUESTIONS_MAX).collect().await;
        self.locations.extend(answers);
    }

    /// The newest version that the call accepts. A prerelease is taken only where it is named.
    fn choose(
        &self,
        with: &Resolving<'_>,
        call: &Wanted,
        module: &RegistrySource,
        warnings: &mut Diagnostics,
    ) -> Result<String, Diagnostic> {
        let (name, place, host) = (call.name(), call.place(with.sources), &module.host);
        let listed = match self.versions.get(&module.package()) {
            Some(Ok(listed)) => listed,
            Some(Err(RegistryError::Unusable(error))) => {
                let detail = format!("Failed to retrieve available versions for module {name:?} ({place}) from {host}: {error}.");
                return Err(Diagnostic::error("Error accessing remote module registry", detail).at(call.call_range));
            }
            Some(Err(RegistryError::NotFound)) | None => {
                let detail = format!("Module {name:?} (from {place}) cannot be found in the module registry at {host}.");
                return Err(Diagnostic::error("Module not found", detail).at(call.call_range));
            }
        };
        let mut versions = Vec::new();
        for text in listed {
            match Version::parse(text) {
                Some(version) => versions.push(version),
                None => {
                    let detail = format!(
                        "The registry at {host} returned an invalid version string {text:?} for module {name:?} ({place}), which Windlass ignored."
                    );
                    warnings.push(Diagnostic::warning("Invalid response from remote module registry", detail).at(call.call_range));
                }
            }
        }
        versions.sort();
        let accepted =
            |version: &&Version| call.constraint.as_ref().map_or(!version.is_prerelease(), |constraint| constraint.allows(version));
        if let Some(version) = versions.iter().rev().find(accepted) {
            return Ok(version.to_string());
        }
        Err(match versions.iter().rev().find(|version| !version.is_prerelease()) {
            Some(newest) => {
                let detail = format!(
                    "There is no available version of module \"{}\" ({place}) which matches the given version constraint. The newest \
                     available version is {newest}.",
                    call.source
                );
                Diagnostic::error("Unresolvable module version constraint", detail)
            }
            None => Diagnostic::error(
                "Module has no versions",
                format!("Module \"{}\" ({place}) has no versions available on {host}.", call.source),
            ),
        }
        .at(call.call_range))
    }

    fn located(&self, with: &Resolving<'_>, call: &Wanted, module: &RegistrySource, version: String) -> Result<Resolved, Diagnostic> {
        let (package, host) = (module.package(), &module.host);
        match self.locations.get(&(package.clone(), version.clone())) {
            Some(Ok(source)) => Ok(Resolved {
                package: source.package.clone(),
                subfolder: nested_subfolder(source.subfolder.clone(), module.subfolder.clone()),
                shown: format!("{package} {version}"),
                version: Some(version),
            }),
            Some(Err(RegistryError::Unusable(error))) => {
                let detail = format!("Failed to retrieve a download URL for {package} {version} from {host}: {error}.");
                Err(Diagnostic::error("Error accessing remote module registry", detail).at(call.call_range))
            }
            Some(Err(RegistryError::NotFound)) | None => {
                let advice = match with.locked_version(call) {
                    Some(_) => format!(
                        ": {LOCK_FILE} names this version, and the registry has it no longer. To take the newest version that the \
                         constraint allows, run \"windlass init -upgrade\"."
                    ),
                    None => ", though it lists this version.".to_owned(),
                };
                let detail = format!("Version {version} of {package} cannot be found in the module registry at {host}{advice}");
                Err(Diagnostic::error("Module version not found", detail).at(call.call_range))
            }
        }
    }
}

impl Resolving<'_> {
    /// The version that the lock names, if the call accepts it.
    fn locked_version(&self, call: &Wanted) -> Option<&str> {
        let locked = self.lock.of(&call.key, &call.source).filter(|_| !self.upgrade)?;
        let version = locked.version.as_deref()?;
        let parsed = Version::parse(version)?;
        call.constraint.as_ref().is_none_or(|constraint| constraint.allows(&parsed)).then_some(version)
    }
}
