//! Installs the modules that the configuration calls from elsewhere.
//!
//! ```text
//! (load → fetch what is missing → put)* → manifest, lock file
//! ```
//!
//! Each round of loading shows calls that the round before could not see, because they stand in modules that it fetched. What a
//! round misses is fetched side by side, each package once.

use super::load::{Loaded, data_folder, finish, fits, located, manifest, read_root};
use super::{Context, Failed, read_folder};
use crate::address::ModuleSource;
use crate::address::module_source::Package;
use crate::config::{self, Config, Files, Folders, Found, Module, PackageCall};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
use crate::event::Event;
use crate::package::{Entry, Fetcher, Installation, Manifest, PackageError, Settings, subfolder};
use futures::StreamExt;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many packages are fetched side by side.
const FETCHES_MAX: usize = 8;

/// How modules are installed.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstallOptions {
    /// Everything is fetched anew: the newest versions that will do, the newest commits of branches.
    pub upgrade: bool,
}

/// Installs what is missing and loads the configuration.
///
/// # Errors
/// The configuration is wrong, or a module can't be had.
pub async fn install(context: &Context, options: InstallOptions) -> Result<Loaded, Failed> {
    let files = read_root(context)?;
    let settings = Settings { variables: context.environment.variables.clone() };
    let before = manifest(context)?;
    let mut run = Run {
        context,
        options,
        fetcher: Fetcher::new(settings),
        installation: None,
        before,
        present: BTreeMap::new(),
        said: BTreeSet::new(),
        fetched: 0,
    };
    loop {
        let (config, diagnostics, wanted) = run.load(&files);
        if wanted.is_empty() || diagnostics.has_errors() {
            let loaded = finish(context, config, diagnostics)?;
            run.announce(&loaded.config.root);
            run.write(&loaded.config.root)?;
            return Ok(loaded);
        }
        run.announce(&config.root);
        let sources = Arc::new(config.sources);
        run.fetch(wanted, &sources).await.map_err(|failed| failed.in_sources(&sources))?;
    }
}

struct Run<'a> {
    context: &'a Context,
    options: InstallOptions,
    fetcher: Fetcher,
    /// Taken when something is to be written.
    installation: Option<Installation>,
    /// What was installed before.
    before: Manifest,
    /// What this run has found or put in its place.
    present: BTreeMap<String, Entry>,
    /// The modules whose places the user was told.
    said: BTreeSet<String>,
    fetched: usize,
}

/// A call whose module is not there.
#[derive(Clone, Debug)]
struct Wanted {
    key: String,
    source: ModuleSource,
    call_range: Range,
}

/// Answers from what is installed, and notes what is not.
struct Installing<'a> {
    context: &'a Context,
    manifest: &'a Manifest,
    present: RefCell<&'a mut BTreeMap<String, Entry>>,
    upgrade: bool,
    wanted: RefCell<Vec<Wanted>>,
}

impl Folders for Installing<'_> {
    fn files(&self, folder: &str) -> Option<Files> {
        read_folder(&self.context.working_folder.join(folder)).ok()
    }

    fn package(&self, call: &PackageCall) -> Found {
        let key = call.path.0.join(".");
        let mut present = self.present.borrow_mut();
        if let Some(entry) = present.get(&key) {
            return Found::Installed(located(&key, entry));
        }
        let kept = self.manifest.0.get(&key).filter(|entry| !self.upgrade && fits(entry, call));
        if let Some(entry) = kept.filter(|entry| self.context.working_folder.join(&entry.folder).is_dir()) {
            let found = located(&key, entry);
            present.insert(key, entry.clone());
            return Found::Installed(found);
        }
        self.wanted.borrow_mut().push(Wanted { key, source: call.source.clone(), call_range: call.call_range });
        Found::Later
    }
}

impl Run<'_> {
    fn load(&mut self, files: &Files) -> (Config, Diagnostics, Vec<Wanted>) {
        let installing = Installing {
            context: self.context,
            manifest: &self.before,
            present: RefCell::new(&mut self.present),
            upgrade: self.options.upgrade,
            wanted: RefCell::default(),
        };
        let (config, diagnostics) = config::load(".", files.clone(), &installing);
        let wanted = installing.wanted.into_inner();
        (config, diagnostics, wanted)
    }

    /// Tells the places of modules that were not there before.
    fn announce(&mut self, root: &Module) {
        for (key, entry) in self.entries(root) {
            if !key.is_empty() && self.said.insert(key.clone()) && self.before.0.get(&key) != Some(&entry) {
                self.context.listener.on_event(&Event::ModuleInstalled { module: key, folder: entry.folder });
            }
        }
    }

    /// What the manifest says of the root and all that is called.
    fn entries(&self, root: &Module) -> BTreeMap<String, Entry> {
        let mut all = BTreeMap::new();
        all.insert(String::new(), Entry { source: String::new(), version: None, folder: root.folder.to_string() });
        for call in root.with_called().into_iter().flat_map(|module| module.module_calls.values()) {
            let key = call.module.path.0.join(".");
            let source = ModuleSource::parse(&call.source).map_or_else(|_| call.source.to_string(), |source| source.to_string());
            let local = Entry { source, version: None, folder: call.module.folder.to_string() };
            let entry = self.present.get(&key).cloned().unwrap_or(local);
            all.insert(key, entry);
        }
        all
    }

    /// Fetches every package once, and puts it at the places of all the modules that want it.
    async fn fetch(&mut self, wanted: Vec<Wanted>, sources: &SourceMap) -> Result<(), Failed> {
        if self.installation.is_none() {
            self.installation = Some(Installation::begin(&data_folder(self.context)).map_err(failed)?);
        }
        let Some(installation) = &mut self.installation else { return Ok(()) };
        let mut packages: BTreeMap<Package, (PathBuf, Vec<&Wanted>)> = BTreeMap::new();
        for call in &wanted {
            let package = package_of(call)?;
            let event = Event::ModuleFetching { module: call.key.clone(), source: package.shown() };
            self.context.listener.on_event(&event);
            let number = self.fetched;
            packages.entry(package).or_insert_with(|| (installation.staging(number), Vec::new())).1.push(call);
            self.fetched += 1;
        }
        let fetcher = &self.fetcher;
        let fetches = packages.iter().map(|(package, (into, _))| async move { (package, fetcher.fetch(package, into).await) });
        let all = futures::stream::iter(fetches).buffer_unordered(FETCHES_MAX).collect::<Vec<_>>();
        let mut interrupt = self.context.interrupt.clone();
        let results = tokio::select! {
            results = all => results,
            _ = interrupt.wait_for(|times| *times > 0) => {
                return Err(Diagnostic::error("Interrupted", "Modules were being downloaded; what is not complete was removed.").into());
            }
        };
        let results: BTreeMap<&Package, Result<(), PackageError>> = results.into_iter().collect();
        let mut found = Diagnostics::none();
        for (package, (staged, calls)) in &packages {
            let fetched = results.get(package).cloned().unwrap_or(Ok(()));
            for call in calls {
                let subfolder = fetched.clone().and_then(|()| match subfolder_of(call) {
                    Some(path) => subfolder(staged, &path).map(|path| format!("/{}", path.display())),
                    None => Ok(String::new()),
                });
                match subfolder {
                    Ok(subfolder) => {
                        let entry = Entry {
                            source: call.source.to_string(),
                            version: None,
                            folder: shown(self.context, &installation.place(&call.key)) + &subfolder,
                        };
                        self.present.insert(call.key.clone(), entry);
                    }
                    Err(error) => found.push(not_fetched(call, package, &error, sources)),
                }
            }
        }
        if found.has_errors() {
            return Err(found.into());
        }
        let keys: Vec<&str> = wanted.iter().map(|call| call.key.as_str()).collect();
        installation.forget(keys.iter().copied()).map_err(failed)?;
        for (staged, calls) in packages.values() {
            for (position, call) in calls.iter().enumerate() {
                installation.put(staged, &call.key, position + 1 < calls.len()).map_err(failed)?;
            }
        }
        let present = &self.present;
        installation.record(keys.iter().filter_map(|key| Some(((*key).to_owned(), present.get(*key)?.clone())))).map_err(failed)
    }

    /// Writes the manifest of all that the configuration calls; none where it calls nothing and never did.
    fn write(self, root: &Module) -> Result<(), Failed> {
        let all = Manifest(self.entries(root));
        if all == self.before || (all.0.len() <= 1 && self.before.0.is_empty()) {
            return Ok(());
        }
        let installation = match self.installation {
            Some(installation) => installation,
            None => Installation::begin(&data_folder(self.context)).map_err(failed)?,
        };
        installation.finish(&all).map_err(failed)
    }
}

/// A folder as the manifest names it.
fn shown(context: &Context, place: &Path) -> String {
    place.strip_prefix(&context.working_folder).unwrap_or(place).display().to_string()
}

fn subfolder_of(call: &Wanted) -> Option<String> {
    match &call.source {
        ModuleSource::Package(source) => source.subfolder.clone(),
        _ => None,
    }
}

fn package_of(call: &Wanted) -> Result<Package, Failed> {
    match &call.source {
        ModuleSource::Package(source) => Ok(source.package.clone()),
        other => {
            let detail = format!(
                "Modules of registries can't be fetched yet ({other}). Name the git repository of the module, such as \
                 \"git::https://github.com/owner/repository.git?ref=v1.2.0\"."
            );
            Err(Diagnostic::error("Module registries are not supported yet", detail).at(call.call_range).into())
        }
    }
}

fn failed(error: PackageError) -> Failed {
    Diagnostic::error("Modules can't be installed", format!("{error}.")).into()
}

fn not_fetched(call: &Wanted, package: &Package, error: &PackageError, sources: &SourceMap) -> Diagnostic {
    let file = &sources.file(call.call_range.source).name;
    let line = sources.position(call.call_range.source, call.call_range.start).line;
    let name = call.key.rsplit('.').next().unwrap_or_default();
    let detail = format!("Could not download module {name:?} ({file}:{line}) source code from {:?}: {error}.", package.shown());
    Diagnostic::error("Failed to download module", detail).at(call.call_range)
}
