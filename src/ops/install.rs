//! Installs the modules that the configuration calls from elsewhere.
//!
//! ```text
//! (load → fetch what is missing → put)* → manifest, lock file
//! ```
//!
//! Each round of loading shows calls that the round before could not see, because they stand in modules that it fetched. What a
//! round misses is fetched side by side, each package once, and compared with the lock of modules before it is put in its place.

use super::load::{Loaded, data_folder, finish, fits, load_files, located, manifest};
use super::module_lock::{LOCK_FILE, Locked, ModuleLock, locked_source};
use super::releases::{Releases, Resolved, Resolving};
use super::{Context, Failed, read_folder};
use crate::address::ModuleSource;
use crate::address::module_source::Package;
use crate::config::versions::Constraint;
use crate::config::{Config, Files, Folders, Found, Module, PackageCall};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
use crate::event::Event;
use crate::package::{Entry, Fetcher, Hosts, Installation, Manifest, PackageError, Settings, hash_folder, subfolder};
use futures::StreamExt;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many packages are fetched side by side.
const FETCHES_MAX: usize = 8;

/// How modules are installed.
#[derive(Clone, Debug, Default)]
pub struct InstallOptions {
    /// Everything is fetched anew: the newest versions that will do, the newest commits of branches. What the lock says is replaced.
    pub upgrade: bool,
    /// The lock must fit as it is.
    pub lock_read_only: bool,
    /// What the user's settings say of registries.
    pub hosts: Hosts,
}

/// Installs what is missing and loads the configuration.
///
/// # Errors
/// The configuration is wrong, or a module can't be had.
pub async fn install(context: &Context, options: InstallOptions) -> Result<Loaded, Failed> {
    let files = read_folder(&context.working_folder)?;
    let settings =
        Settings { variables: context.environment.variables.clone(), home: context.environment.home.clone(), hosts: options.hosts.clone() };
    let mut run = Run {
        context,
        fetcher: Fetcher::new(settings),
        installation: None,
        before: manifest(context)?,
        lock: ModuleLock::read(context)?,
        options,
        releases: Releases::default(),
        present: BTreeMap::new(),
        hashes: BTreeMap::new(),
        warnings: Diagnostics::none(),
        said: BTreeSet::new(),
        fetched: 0,
    };
    loop {
        let (config, diagnostics, wanted) = run.load(&files);
        if wanted.is_empty() || diagnostics.has_errors() {
            let mut loaded = finish(context, config, diagnostics)?;
            run.announce(&loaded.config.root);
            loaded.diagnostics.extend(std::mem::take(&mut run.warnings));
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
    /// What was locked before.
    lock: ModuleLock,
    releases: Releases,
    /// What this run has found or put in its place.
    present: BTreeMap<String, Entry>,
    /// Hashes of the packages of modules, as far as they were needed.
    hashes: BTreeMap<String, String>,
    warnings: Diagnostics,
    /// The modules whose places the user was told.
    said: BTreeSet<String>,
    fetched: usize,
}

/// A call whose module is not there.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The names on the way to it, joined by dots.
    pub(super) key: String,
    pub(super) source: ModuleSource,
    pub(super) constraint: Option<Constraint>,
    pub(super) call_range: Range,
}

/// A package on its way: where it is put first, whose it is, and the folders of the modules in it.
struct Fetching<'a> {
    staged: PathBuf,
    calls: Vec<(&'a Wanted, Resolved)>,
}

/// Answers from what is installed, and notes what is not.
struct Installing<'a> {
    context: &'a Context,
    manifest: &'a Manifest,
    lock: &'a ModuleLock,
    present: RefCell<&'a mut BTreeMap<String, Entry>>,
    hashes: RefCell<&'a mut BTreeMap<String, String>>,
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
        if let Some(entry) = kept.filter(|entry| self.is_as_locked(&key, entry, call.source)) {
            let found = located(&key, entry);
            present.insert(key, entry.clone());
            return Found::Installed(found);
        }
        let (source, constraint) = (call.source.clone(), call.constraint.cloned());
        self.wanted.borrow_mut().push(Wanted { key, source, constraint, call_range: call.call_range });
        Found::Later
    }
}

impl Installing<'_> {
    /// Whether an installed module is there, and is what the lock says.
    fn is_as_locked(&self, key: &str, entry: &Entry, source: &ModuleSource) -> bool {
        if !self.context.working_folder.join(&entry.folder).is_dir() {
            return false;
        }
        let Some(locked) = self.lock.of(key, source) else { return true };
        let package = self.context.working_folder.join(&*located(key, entry).package);
        match hash_folder(&package) {
            Ok(hash) if hash == locked.hash && entry.version == locked.version => {
                self.hashes.borrow_mut().insert(key.to_owned(), hash);
                true
            }
            _ => false,
        }
    }
}

impl Wanted {
    /// The name of the module block.
    pub(super) fn name(&self) -> &str {
        self.key.rsplit('.').next().unwrap_or_default()
    }

    /// File and line of the module block.
    pub(super) fn place(&self, sources: &SourceMap) -> String {
        let file = &sources.file(self.call_range.source).name;
        format!("{file}:{}", sources.position(self.call_range.source, self.call_range.start).line)
    }
}

impl Run<'_> {
    fn load(&mut self, files: &Files) -> (Config, Diagnostics, Vec<Wanted>) {
        let installing = Installing {
            context: self.context,
            manifest: &self.before,
            lock: &self.lock,
            present: RefCell::new(&mut self.present),
            hashes: RefCell::new(&mut self.hashes),
            upgrade: self.options.upgrade,
            wanted: RefCell::default(),
        };
        let (config, diagnostics) = load_files(self.context, files.clone(), &installing);
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
        let with = Resolving { fetcher: &self.fetcher, lock: &self.lock, upgrade: self.options.upgrade, sources };
        let resolving = self.releases.resolve(&with, &wanted, &mut self.warnings);
        let (resolved, mut found) = interruptible(self.context, resolving).await?;
        let packages = self.packages(&wanted, resolved);
        let fetcher = &self.fetcher;
        let fetches =
            packages.iter().map(|(package, fetching)| async move { (package, fetch_one(fetcher, package, &fetching.staged).await) });
        let all = futures::stream::iter(fetches).buffer_unordered(FETCHES_MAX).collect::<Vec<_>>();
        let mut results: BTreeMap<&Package, Result<String, PackageError>> = interruptible(self.context, all).await?.into_iter().collect();
        for (package, fetching) in &packages {
            let fetched = results.remove(package).unwrap_or_else(|| Err(PackageError::new("it was not fetched")));
            for (call, resolved) in &fetching.calls {
                match self.found(call, resolved, &fetched, &fetching.staged, sources) {
                    Ok(entry) => drop(self.present.insert(call.key.clone(), entry)),
                    Err(diagnostic) => found.push(diagnostic),
                }
            }
        }
        if found.has_errors() {
            return Err(Failed::from(found).after(std::mem::take(&mut self.warnings)));
        }
        self.put(&packages)
    }

    /// What is to be fetched, each package once.
    fn packages<'w>(&mut self, wanted: &'w [Wanted], resolved: Vec<Option<Resolved>>) -> BTreeMap<Package, Fetching<'w>> {
        let mut packages: BTreeMap<Package, Fetching> = BTreeMap::new();
        let Some(installation) = &self.installation else { return packages };
        for (call, resolved) in wanted.iter().zip(resolved) {
            let Some(resolved) = resolved else { continue };
            let event = Event::ModuleFetching { module: call.key.clone(), source: resolved.shown.clone() };
            self.context.listener.on_event(&event);
            let number = self.fetched;
            let new = || Fetching { staged: installation.staging(number), calls: Vec::new() };
            packages.entry(resolved.package.clone()).or_insert_with(new).calls.push((call, resolved));
            self.fetched += 1;
        }
        packages
    }

    /// What was fetched for a call, as the manifest will name it, if it is what was locked.
    fn found(
        &mut self,
        call: &Wanted,
        resolved: &Resolved,
        fetched: &Result<String, PackageError>,
        staged: &Path,
        sources: &SourceMap,
    ) -> Result<Entry, Diagnostic> {
        let folder = fetched.as_ref().map_err(Clone::clone).and_then(|hash| match &resolved.subfolder {
            Some(path) => subfolder(staged, path).map(|path| (hash, format!("/{}", path.display()))),
            None => Ok((hash, String::new())),
        });
        let (hash, subfolder) = folder.map_err(|error| not_fetched(call, &resolved.package, &error, sources))?;
        let locked = self.lock.of(&call.key, &call.source).filter(|locked| !self.options.upgrade && locked.version == resolved.version);
        if let Some(locked) = locked.filter(|locked| locked.hash != *hash) {
            return Err(not_as_locked(call, resolved, locked, hash, sources));
        }
        self.hashes.insert(call.key.clone(), hash.clone());
        let place = self.installation.as_ref().map(|installation| installation.place(&call.key)).unwrap_or_default();
        let folder = shown(self.context, &place) + &subfolder;
        Ok(Entry { source: call.source.to_string(), version: resolved.version.clone(), folder })
    }

    /// Puts packages at the places of their modules.
    fn put(&mut self, packages: &BTreeMap<Package, Fetching<'_>>) -> Result<(), Failed> {
        let Some(installation) = &mut self.installation else { return Ok(()) };
        let keys: BTreeSet<&str> = packages.values().flat_map(|fetching| &fetching.calls).map(|(call, _)| call.key.as_str()).collect();
        installation.forget(keys.iter().copied()).map_err(failed)?;
        for fetching in packages.values() {
            for (position, (call, _)) in fetching.calls.iter().enumerate() {
                installation.put(&fetching.staged, &call.key, position + 1 < fetching.calls.len()).map_err(failed)?;
            }
        }
        let present = &self.present;
        installation.record(keys.iter().filter_map(|key| Some(((*key).to_owned(), present.get(*key)?.clone())))).map_err(failed)
    }

    /// Writes the manifest and the lock of all that the configuration calls; none where it calls nothing and never did.
    fn write(mut self, root: &Module) -> Result<(), Failed> {
        let lock = self.new_lock(root)?;
        let all = Manifest(self.entries(root));
        if all != self.before && (all.0.len() > 1 || !self.before.0.is_empty()) {
            let installation = match self.installation.take() {
                Some(installation) => installation,
                None => Installation::begin(&data_folder(self.context)).map_err(failed)?,
            };
            installation.finish(&all).map_err(failed)?;
        }
        if lock == self.lock {
            return Ok(());
        }
        if self.options.lock_read_only {
            let changed = |(key, locked): &(&String, &Locked)| self.lock.0.get(*key) != Some(*locked);
            let mut names: BTreeSet<&str> = lock.0.iter().filter(changed).map(|(key, _)| key.as_str()).collect();
            names.extend(self.lock.0.keys().filter(|key| !lock.0.contains_key(*key)).map(String::as_str));
            let detail = format!(
                "The modules of the configuration are not those of {LOCK_FILE}, but the lock file is read-only: {}. To use and record these modules, run \"windlass init\" without the \"-lockfile=readonly\" flag.",
                names.into_iter().collect::<Vec<_>>().join(", ")
            );
            return Err(Diagnostic::error("Module changes detected", detail).into());
        }
        lock.write(self.context)
    }

    /// The lock of all that the configuration calls.
    fn new_lock(&mut self, root: &Module) -> Result<ModuleLock, Failed> {
        let mut lock = ModuleLock::default();
        for call in root.with_called().into_iter().flat_map(|module| module.module_calls.values()) {
            let key = call.module.path.0.join(".");
            let source = ModuleSource::parse(&call.source).ok().and_then(|source| locked_source(&source));
            let (Some(source), Some(entry)) = (source, self.present.get(&key)) else { continue };
            let hash = match self.hashes.remove(&key) {
                Some(hash) => hash,
                None => hash_folder(&self.context.working_folder.join(&*located(&key, entry).package)).map_err(failed)?,
            };
            lock.0.insert(key, Locked { source, version: entry.version.clone(), hash });
        }
        Ok(lock)
    }
}

/// Waits for work unless the user interrupts it.
async fn interruptible<T>(context: &Context, work: impl Future<Output = T>) -> Result<T, Failed> {
    let mut interrupt = context.interrupt.clone();
    tokio::select! {
        done = work => Ok(done),
        _ = interrupt.wait_for(|times| *times > 0) => {
            Err(Diagnostic::error("Interrupted", "Modules were being downloaded; what is not complete was removed.").into())
        }
    }
}

/// Fetches a package and tells its hash.
async fn fetch_one(fetcher: &Fetcher, package: &Package, staged: &Path) -> Result<String, PackageError> {
    fetcher.fetch(package, staged).await?;
    let staged = staged.to_owned();
    tokio::task::spawn_blocking(move || hash_folder(&staged)).await.unwrap_or_else(|error| Err(PackageError::new(error.to_string())))
}

/// A folder as the manifest names it.
fn shown(context: &Context, place: &Path) -> String {
    place.strip_prefix(&context.working_folder).unwrap_or(place).display().to_string()
}

fn failed(error: PackageError) -> Failed {
    Diagnostic::error("Modules can't be installed", format!("{error}.")).into()
}

fn not_fetched(call: &Wanted, package: &Package, error: &PackageError, sources: &SourceMap) -> Diagnostic {
    let (name, place) = (call.name(), call.place(sources));
    let detail = format!("Could not download module {name:?} ({place}) source code from {:?}: {error}.", package.shown());
    Diagnostic::error("Failed to download module", detail).at(call.call_range)
}

fn not_as_locked(call: &Wanted, resolved: &Resolved, locked: &Locked, hash: &str, sources: &SourceMap) -> Diagnostic {
    let (name, place, shown) = (call.name(), call.place(sources), &resolved.shown);
    let hashes = format!("  locked:     {}\n  downloaded: {hash}", locked.hash);
    let detail = format!(
        "What was downloaded for module {name:?} ({place}) from {shown} is not what {LOCK_FILE} names for module {:?}:\n\n{hashes}\n\nIt \
         was published anew with other content, the branch or tag has moved, or somebody has tampered with it. Find out what has changed; \
         to accept it, run \"windlass init -upgrade\".",
        call.key
    );
    Diagnostic::error("Module does not match the lock file", detail).at(call.call_range)
}
