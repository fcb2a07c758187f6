//! Files → configuration.

use super::content::{MISSING_ARGUMENT, Report};
use super::encryption::encrypting;
use super::folders::{Folders, Found, PackageCall};
use super::merge::{is_override, merge};
use super::module::{Builder, ParsedFile};
use super::module_call::{PendingCall, SOURCE_ARGUMENTS};
use super::moves::removed_but_declared;
use super::statics::{EncryptionInput, Given, Inputs, Statics, refers};
use super::types::{Config, Installed, InstalledModule, Module, ModuleCall};
use crate::address::module_source::hide_secrets;
use crate::address::{ModulePath, ModuleSource};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
use crate::encryption::Encrypting;
use crate::syntax::ast::TraversalStep;
use crate::syntax::{self, Body};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

/// The files of one folder that Terraform would load (`*.tf`, `*.tf.json`) and `*.wl.hcl`: base name and text. Others are
/// passed over.
pub type Files = Vec<(String, String)>;

/// How deep module calls may nest.
const MAXIMUM_MODULE_DEPTH: usize = 64;

/// Loads the root module from its files, and the modules that it calls. `folder` is the root's folder as shown in messages,
/// `"."` for the working folder. `folders` is asked for the files of a called module's folder, and where modules from elsewhere are.
pub fn load(folder: &str, files: Files, folders: &dyn Folders) -> (Config, Diagnostics) {
    let nothing = |_: &Module| BTreeMap::new();
    load_with(
        folder,
        files,
        folders,
        &Inputs { variables: &nothing, workspace: "default", working_folder: "", encryption: EncryptionInput::Read(None) },
    )
}

/// The same with what the sources of modules and the arguments of the back end may be made of.
pub fn load_with(folder: &str, files: Files, folders: &dyn Folders, inputs: &Inputs<'_>) -> (Config, Diagnostics) {
    let mut loader = Loader {
        sources: SourceMap::default(),
        diagnostics: Diagnostics::none(),
        parsed: BTreeMap::new(),
        broken: BTreeMap::new(),
        installed: Installed::new(),
        folders,
        inputs,
    };
    let parsed = loader.parse(folder, files);
    let root = match loader.versions_allow(&parsed) {
        true => loader.module(ModulePath::default(), folder, &parsed, &Around::default().with(folder), Given::Outside),
        false => Module::default(),
    };
    let mut diagnostics = loader.diagnostics;
    let broken = loader.broken;
    // What can't be read is not missing.
    diagnostics.0.retain(|one| {
        let block = one.subject.and_then(|at| broken.range((at.source.0, 0)..=(at.source.0, at.start)).next_back().zip(Some(at)));
        one.summary != MISSING_ARGUMENT || block.is_none_or(|((_, end), at)| at.start > *end)
    });
    diagnostics.extend(removed_but_declared(&root));
    finish(&mut diagnostics);
    (Config { root: Arc::new(root), sources: loader.sources, installed: loader.installed }, diagnostics)
}

/// The module of one body that calls no other, such as a workload's.
pub fn read_module(path: ModulePath, folder: &str, body: Body, sources: &SourceMap) -> (Module, Diagnostics) {
    let module = Module { path, folder: folder.into(), ..Module::default() };
    let mut builder = Builder::new(module, Report { sources, diagnostics: Diagnostics::none() });
    builder.file(&ParsedFile { workloads_allowed: false, body });
    (builder.module, builder.report.diagnostics)
}

struct Loader<'a> {
    sources: SourceMap,
    diagnostics: Diagnostics,
    /// Parsed folders; a module called twice is parsed once.
    parsed: BTreeMap<String, Rc<Vec<ParsedFile>>>,
    /// Blocks in which something can't be read: source and start → end.
    broken: BTreeMap<(u32, u32), u32>,
    installed: Installed,
    folders: &'a dyn Folders,
    inputs: &'a Inputs<'a>,
}

/// What stands around a module while it is loaded.
#[derive(Clone, Default)]
struct Around {
    /// The folders and sources of the modules on the way to it, outermost first.
    way: Vec<String>,
    /// The package that it is part of: its folder and address. None for the root's.
    package: Option<(Arc<str>, Arc<str>)>,
}

impl Around {
    fn with(&self, place: &str) -> Around {
        let mut inner = self.clone();
        inner.way.push(place.to_owned());
        inner
    }

    /// Refuses a module that stands already on the way to itself.
    fn check(&self, place: &str) -> Result<(), String> {
        if !self.way.iter().any(|outer| outer == place) && self.way.len() <= MAXIMUM_MODULE_DEPTH {
            return Ok(());
        }
        Err(format!("The module in {place} calls itself: {} -> {place}.", self.way.join(" -> ")))
    }
}

impl Loader<'_> {
    fn parse(&mut self, folder: &str, mut files: Files) -> Rc<Vec<ParsedFile>> {
        files.sort();
        let (mut parsed, mut overrides) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let shown = if folder == "." { name.clone() } else { format!("{folder}/{name}") };
            let (workloads_allowed, is_json) = (name.ends_with(".wl.hcl"), name.ends_with(".tf.json"));
            if !workloads_allowed && !is_json && !name.ends_with(".tf") {
                continue;
            }
            let source = self.sources.add(shown.as_str(), text.as_str());
            if u32::try_from(text.len()).is_err() {
                self.diagnostics.push(Diagnostic::error("File too large", format!("{shown} is larger than 4 GiB.")));
                continue;
            }
            let (body, diagnostics) = if is_json { syntax::parse_json_file(source, &text) } else { syntax::parse_file(source, &text) };
            for block in &body.blocks {
                self.sources.note_block(block.range, if is_json { block.path() } else { block.title() });
            }
            self.note_broken(&body, &diagnostics);
            self.diagnostics.extend(diagnostics);
            let file = ParsedFile { workloads_allowed, body };
            if is_override(&name) { overrides.push(file) } else { parsed.push(file) }
        }
        self.diagnostics.extend(merge(&mut parsed, overrides, &self.sources));
        let parsed = Rc::new(parsed);
        self.parsed.insert(folder.to_owned(), parsed.clone());
        parsed
    }

    /// Notes the blocks in which something can't be read.
    fn note_broken(&mut self, body: &Body, mistakes: &Diagnostics) {
        for mistake in mistakes.0.iter().filter_map(|mistake| mistake.subject) {
            let after = body.blocks.partition_point(|block| block.range.start <= mistake.start);
            if let Some(block) = after.checked_sub(1).and_then(|position| body.blocks.get(position)) {
                self.broken.insert((mistake.source.0, block.range.start), block.range.end);
            }
        }
    }

    /// Checks `required_version` before anything else: a configuration for another version may have other mistakes for it.
    fn versions_allow(&mut self, files: &[ParsedFile]) -> bool {
        let mut report = Report { sources: &self.sources, diagnostics: Diagnostics::none() };
        for block in files.iter().flat_map(|file| file.body.blocks_of("terraform")) {
            report.required_version(block);
        }
        let unmet = report.diagnostics;
        let allowed = !unmet.has_errors();
        if !allowed && self.parsed.len() == 1 {
            self.diagnostics = unmet;
        } else {
            self.diagnostics.extend(unmet);
        }
        allowed
    }

    fn module(&mut self, path: ModulePath, folder: &str, files: &[ParsedFile], around: &Around, given: Given<'_>) -> Module {
        let module = Module { path, folder: folder.into(), ..Module::default() };
        let mut builder = Builder::new(module, Report { sources: &self.sources, diagnostics: Diagnostics::none() });
        files.iter().for_each(|file| builder.file(file));
        builder.check_workload_names();
        builder.check_provider_references();
        builder.report.check_imports(&builder.module.imports);
        let (mut module, mut calls, late) = (builder.module, builder.calls, builder.late_calls);
        self.diagnostics.extend(builder.report.diagnostics);
        if !module.path.0.is_empty()
            && let Some(backend) = module.backend.take()
        {
            let detail = "Any selected backend applies to the entire configuration, so Windlass expects backend configurations only in the root module.";
            self.diagnostics.push(Diagnostic::warning("Backend configuration ignored", detail).at(backend.header));
        }
        if !module.path.0.is_empty()
            && let Some(block) = module.encryption_block.take()
        {
            let detail = "Encryption applies to the state of the entire configuration, so Windlass expects it only in the root module.";
            self.diagnostics.push(Diagnostic::warning("Encryption configuration ignored", detail).at(block.header));
        }
        let statics = Statics::new(&module, given, self.inputs);
        let mut report = Report { sources: &self.sources, diagnostics: Diagnostics::none() };
        for block in &late {
            calls.extend(statics.settled(block, &SOURCE_ARGUMENTS, &mut report).and_then(|block| report.module_call(&block)));
        }
        let backend = module.backend.as_ref().filter(|block| refers(block, &[]));
        let backend = backend.and_then(|block| statics.settled(block, &[], &mut report));
        let diagnostics = report.diagnostics;
        self.diagnostics.extend(diagnostics);
        let encryption = match self.inputs.encryption {
            EncryptionInput::Read(over) if module.path.0.is_empty() => {
                let (encryption, found) = encrypting(&module, over, &statics, &mut self.sources);
                self.diagnostics.extend(found);
                encryption
            }
            _ => Encrypting::Nothing,
        };
        let called: Vec<ModuleCall> = calls.into_iter().filter_map(|pending| self.call(&module, pending, around, &statics)).collect();
        module.backend = backend.or(module.backend);
        module.encryption = encryption;
        module.module_calls.extend(called.into_iter().map(|call| (call.name.clone(), call)));
        self.warn_of_deprecated_outputs(&module, files);
        module
    }

    /// Warns where a module uses an output that the author of the called module marked as deprecated.
    fn warn_of_deprecated_outputs(&mut self, module: &Module, files: &[ParsedFile]) {
        let has_deprecated = |call: &ModuleCall| call.module.outputs.values().any(|output| output.deprecated.is_some());
        if !module.module_calls.values().any(has_deprecated) {
            return;
        }
        for reference in files.iter().flat_map(|file| syntax::walk::body_references(&file.body)) {
            let rest = match reference.steps.as_slice() {
                [TraversalStep::Attribute(call), rest @ ..] if &*reference.root.name == "module" => Some((call, rest)),
                _ => None,
            };
            let Some((call, rest)) = rest else { continue };
            let output = match rest {
                [TraversalStep::Attribute(output), ..] | [TraversalStep::Index(..), TraversalStep::Attribute(output), ..] => output,
                _ => continue,
            };
            let found = module.module_calls.get(&call.name).and_then(|call| call.module.outputs.get(&output.name));
            if let Some(why) = found.and_then(|output| output.deprecated.as_ref()) {
                let detail = format!("The output {:?} of module.{} is marked as deprecated: {why}", &*output.name, &*call.name);
                let warning = Diagnostic::warning("Output marked as deprecated by the module author", detail);
                self.diagnostics.push(warning.at(reference.range));
            }
        }
    }

    fn call(&mut self, caller: &Module, pending: PendingCall, around: &Around, statics: &Statics<'_>) -> Option<ModuleCall> {
        let mut path = caller.path.clone();
        path.0.push(pending.call.name.clone());
        let (folder, inner) = match &pending.source {
            ModuleSource::Local(local) => self.local(caller, &path, local, &pending, around)?,
            _ => self.elsewhere(&path, &pending, around)?,
        };
        let mut call = pending.call;
        let files = match self.parsed.get(&folder) {
            Some(files) => files.clone(),
            None => {
                let Some(files) = self.folders.files(&folder).filter(|files| !files.is_empty()) else {
                    let detail = format!("There is no folder {folder} with *.tf files for the module {:?}.", call.name);
                    self.fail(pending.source_range, "Unreadable module directory", detail);
                    return None;
                };
                let parsed = self.parse(&folder, files);
                self.versions_allow(&parsed).then_some(parsed)?
            }
        };
        let module = self.module(path, &folder, &files, &inner, Given::Call(&call.inputs, statics));
        let mut report = Report { sources: &self.sources, diagnostics: Diagnostics::none() };
        report.check_inputs(&call, &module);
        report.check_passed(&call, &module);
        let diagnostics = report.diagnostics;
        self.diagnostics.extend(diagnostics);
        call.module = Arc::new(module);
        Some(call)
    }

    /// The folder of a module that is called by a relative path, which must not lead out of its caller's package.
    fn local(&mut self, caller: &Module, path: &ModulePath, local: &str, call: &PendingCall, around: &Around) -> Option<(String, Around)> {
        let Some(folder) = join(&caller.folder, local) else {
            let detail = format!("{:?} leads out of the file system.", call.call.source);
            self.fail(call.source_range, "Unreadable module directory", detail);
            return None;
        };
        if let Some((package, address)) = &around.package
            && !is_inside(&folder, package)
        {
            let detail = format!(
                "The given source directory for {path} would be outside of its containing package {address:?}. Local source addresses \
                 starting with \"../\" must stay within the same package that the calling module belongs to."
            );
            self.fail(call.source_range, "Local module path escapes module package", detail);
            return None;
        }
        match around.check(&folder) {
            Ok(()) => Some((folder.clone(), around.with(&folder))),
            Err(detail) => {
                self.fail(call.source_range, "Module calls itself", detail);
                None
            }
        }
    }

    /// The folder of a module from elsewhere.
    fn elsewhere(&mut self, path: &ModulePath, call: &PendingCall, around: &Around) -> Option<(String, Around)> {
        let source = call.source.to_string();
        if let Err(detail) = around.check(&source) {
            self.fail(call.source_range, "Module calls itself", detail);
            return None;
        }
        let request = PackageCall {
            path,
            source: &call.source,
            constraint: call.constraint.as_ref(),
            call_range: call.call.range,
            source_range: call.source_range,
        };
        match self.folders.package(&request) {
            Found::Installed(InstalledModule { folder, package }) => {
                self.installed.insert(path.0.join(".").into(), InstalledModule { folder: folder.clone(), package: package.clone() });
                let mut inner = around.with(&source);
                inner.package = Some((package, hide_secrets(&package_of(&call.source)).into()));
                Some((folder.to_string(), inner))
            }
            Found::Missing(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
            Found::Later => None,
        }
    }

    fn fail(&mut self, range: Range, summary: &str, detail: String) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }
}

/// The address of a module's package.
fn package_of(source: &ModuleSource) -> String {
    match source {
        ModuleSource::Local(path) => path.clone(),
        ModuleSource::Registry(source) => source.package(),
        ModuleSource::Package(source) => source.package.to_string(),
    }
}

fn is_inside(folder: &str, package: &str) -> bool {
    folder == package || folder.strip_prefix(package).is_some_and(|rest| rest.starts_with('/'))
}

/// A folder relative to another, without `.` parts; `None` above an absolute root.
fn join(folder: &str, relative: &str) -> Option<String> {
    let absolute = folder.starts_with('/');
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    for part in relative.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            ("..", None) if absolute => return None,
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    Some(if absolute {
        format!("/{joined}")
    } else if joined.is_empty() {
        ".".to_owned()
    } else {
        joined
    })
}

/// Drops what a module called twice has said twice.
fn finish(diagnostics: &mut Diagnostics) {
    let mut seen = HashSet::new();
    diagnostics.0.retain(|diagnostic| seen.insert((diagnostic.subject, diagnostic.summary.clone(), diagnostic.detail.clone())));
}
