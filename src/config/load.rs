//! Files → configuration.

use super::content::Report;
use super::merge::{is_override, merge};
use super::module::{Builder, ParsedFile};
use super::types::{Config, Module, ModuleCall};
use crate::address::ModulePath;
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap};
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
/// `"."` for the working folder. `child` is asked for the files of a called module's folder (relative to the same place as
/// `folder`, without `.` parts); `None` when there is no such folder.
pub fn load(folder: &str, files: Files, child: &dyn Fn(&str) -> Option<Files>) -> (Config, Diagnostics) {
    let mut loader = Loader { sources: SourceMap::default(), diagnostics: Diagnostics::none(), folders: BTreeMap::new(), child };
    let parsed = loader.parse(folder, files);
    let root = match loader.versions_allow(&parsed) {
        true => loader.module(ModulePath::default(), folder, &parsed, &mut vec![folder.to_owned()]),
        false => Module::default(),
    };
    let mut diagnostics = loader.diagnostics;
    finish(&mut diagnostics);
    (Config { root, sources: loader.sources }, diagnostics)
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
    folders: BTreeMap<String, Rc<Vec<ParsedFile>>>,
    child: &'a dyn Fn(&str) -> Option<Files>,
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
            self.diagnostics.extend(diagnostics);
            let file = ParsedFile { workloads_allowed, body };
            if is_override(&name) { overrides.push(file) } else { parsed.push(file) }
        }
        self.diagnostics.extend(merge(&mut parsed, overrides, &self.sources));
        let parsed = Rc::new(parsed);
        self.folders.insert(folder.to_owned(), parsed.clone());
        parsed
    }

    /// Checks `required_version` before anything else: a configuration for another version may have other mistakes for it.
    fn versions_allow(&mut self, files: &[ParsedFile]) -> bool {
        let mut report = Report { sources: &self.sources, diagnostics: Diagnostics::none() };
        for block in files.iter().flat_map(|file| file.body.blocks_of("terraform")) {
            report.required_version(block);
        }
        let unmet = report.diagnostics;
        let allowed = !unmet.has_errors();
        if !allowed && self.folders.len() == 1 {
            self.diagnostics = unmet;
        } else {
            self.diagnostics.extend(unmet);
        }
        allowed
    }

    fn module(&mut self, path: ModulePath, folder: &str, files: &[ParsedFile], around: &mut Vec<String>) -> Module {
        let module = Module { path, folder: folder.into(), ..Module::default() };
        let mut builder = Builder::new(module, Report { sources: &self.sources, diagnostics: Diagnostics::none() });
        files.iter().for_each(|file| builder.file(file));
        builder.check_workload_names();
        builder.check_provider_references();
        let (mut module, calls, diagnostics) = (builder.module, builder.calls, builder.report.diagnostics);
        self.diagnostics.extend(diagnostics);
        if !module.path.0.is_empty()
            && let Some(backend) = module.backend.take()
        {
            let detail = "Any selected backend applies to the entire configuration, so Windlass expects backend configurations only in the root module.";
            self.diagnostics.push(Diagnostic::warning("Backend configuration ignored", detail).at(backend.header));
        }
        for pending in calls {
            if let Some(call) = self.call(&module, pending.call, pending.source_range, around) {
                module.module_calls.insert(call.name.clone(), call);
            }
        }
        module
    }

    fn call(&mut self, caller: &Module, mut call: ModuleCall, source: Range, around: &mut Vec<String>) -> Option<ModuleCall> {
        let Some(folder) = join(&caller.folder, &call.source) else {
            let detail = format!("{:?} leads out of the file system.", call.source);
            self.diagnostics.push(Diagnostic::error("Unreadable module directory", detail).at(source));
            return None;
        };
        if around.contains(&folder) || around.len() > MAXIMUM_MODULE_DEPTH {
            let detail = format!("The module in {folder} calls itself: {} -> {folder}.", around.join(" -> "));
            self.diagnostics.push(Diagnostic::error("Module calls itself", detail).at(source));
            return None;
        }
        let files = match self.folders.get(&folder) {
            Some(files) => files.clone(),
            None => {
                let Some(files) = (self.child)(&folder).filter(|files| !files.is_empty()) else {
                    let detail = format!("There is no folder {folder} with *.tf files for the module {:?}.", call.name);
                    self.diagnostics.push(Diagnostic::error("Unreadable module directory", detail).at(source));
                    return None;
                };
                let parsed = self.parse(&folder, files);
                self.versions_allow(&parsed).then_some(parsed)?
            }
        };
        let mut path = caller.path.clone();
        path.0.push(call.name.clone());
        around.push(folder.clone());
        let module = self.module(path, &folder, &files, around);
        around.pop();
        let mut report = Report { sources: &self.sources, diagnostics: Diagnostics::none() };
        report.check_inputs(&call, &module);
        let diagnostics = report.diagnostics;
        self.diagnostics.extend(diagnostics);
        call.module = Arc::new(module);
        Some(call)
    }
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
