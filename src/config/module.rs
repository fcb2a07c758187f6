//! The files of one folder → a [`Module`], the modules that it calls still missing.

use super::content::Report;
use super::module_call::{PendingCall, SOURCE_ARGUMENTS};
use super::newer;
use super::statics::refers;
use super::types::{Module, WorkloadBlock};
use crate::address::Mode;
use crate::diagnostic::{Range, nearest};
use crate::syntax::ast::{Attribute, Block, Body};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Blocks that a file may hold.
const KNOWN: [&str; 13] = [
    "terraform",
    "provider",
    "variable",
    "locals",
    "output",
    "module",
    "resource",
    "data",
    "ephemeral",
    "moved",
    "removed",
    "import",
    "check",
];

/// A parsed file.
pub(super) struct ParsedFile {
    /// Whether it is a `*.wl.hcl` file.
    pub(super) workloads_allowed: bool,
    pub(super) body: Body,
}

/// A module while its files are read.
pub(super) struct Builder<'a> {
    pub(super) module: Module,
    pub(super) calls: Vec<PendingCall>,
    /// Calls whose source or version refers to something: they are read when the whole module is.
    pub(super) late_calls: Vec<Block>,
    pub(super) report: Report<'a>,
    root: bool,
    /// Where each thing was declared first, by kind and name.
    first: HashMap<(&'static str, String), Range>,
    first_requirements: Option<Range>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(module: Module, report: Report<'a>) -> Builder<'a> {
        let root = module.path.0.is_empty();
        Builder { module, calls: Vec::new(), late_calls: Vec::new(), report, root, first: HashMap::new(), first_requirements: None }
    }

    pub(super) fn file(&mut self, file: &ParsedFile) {
        for attribute in &file.body.attributes {
            self.stray_attribute(attribute);
        }
        if !file.workloads_allowed {
            self.report.refuse_workload_references(&file.body);
        }
        for block in &file.body.blocks {
            self.block(block, file.workloads_allowed);
        }
    }

    fn stray_attribute(&mut self, attribute: &Attribute) {
        let name = &*attribute.name.name;
        let hint = match nearest(name, KNOWN) {
            Some(near) => format!(" Did you mean to define a block of type {near:?}?"),
            None => " Values that are used in several places belong into a \"locals\" block.".to_owned(),
        };
        let detail = format!("An argument named {name:?} is not expected here.{hint}");
        self.report.error(attribute.name.range, "Unsupported argument", detail);
    }

    fn block(&mut self, block: &Block, workloads_allowed: bool) {
        match &*block.kind.name {
            "terraform" => self.report.settings(block, &mut self.module, &mut self.first_requirements),
            "provider" => self.provider(block),
            "variable" => {
                if let Some(variable) = self.report.variable(block)
                    && self.is_first("variable", &block.labels[0].name, block.header)
                {
                    self.module.variables.insert(block.labels[0].name.clone(), variable);
                }
            }
            "locals" => self.locals(block),
            "output" => {
                if let Some(output) = self.report.output(block, self.root)
                    && self.is_first("output", &block.labels[0].name, block.header)
                {
                    self.module.outputs.insert(block.labels[0].name.clone(), output);
                }
            }
            "resource" => self.resource(block, Mode::Managed),
            "data" => self.resource(block, Mode::Data),
            "ephemeral" => self.resource(block, Mode::Ephemeral),
            "module" if refers(block, &SOURCE_ARGUMENTS) => {
                if block.labels.first().is_none_or(|label| self.is_first("module call", &label.name, block.header)) {
                    self.late_calls.push(block.clone());
                }
            }
            "module" => {
                if let Some(call) = self.report.module_call(block)
                    && self.is_first("module call", &block.labels[0].name, block.header)
                {
                    self.calls.push(call);
                }
            }
            "moved" => self.module.moved.extend(self.report.moved(block)),
            "removed" => self.module.removed.extend(self.report.removed(block)),
            "import" => self.import(block),
            "check" => self.check(block),
            "workload" => self.workload(block, workloads_allowed),
            "language" => self.report.language(block),
            _ => self.unknown(block, workloads_allowed),
        }
    }

    /// Notes where a name is declared; a second declaration is an error that tells where the first is.
    fn is_first(&mut self, kind: &'static str, name: &str, range: Range) -> bool {
        let first = match self.first.entry((kind, name.to_owned())) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(free) => {
                free.insert(range);
                return true;
            }
        };
        let place = self.report.sources.place(first);
        let (summary, detail) = match kind {
            "resource" | "data" | "ephemeral" => {
                let what = match kind {
                    "data" => "data resource",
                    "ephemeral" => "ephemeral resource",
                    _ => "resource",
                };
                let (type_name, short) = name.split_once('.').unwrap_or(("", name));
                (
                    format!("Duplicate {kind} {type_name:?} configuration"),
                    format!(
                        "A {type_name} {what} named {short:?} was already declared at {place}. Resource names must be unique per type in each module."
                    ),
                )
            }
            "provider" => {
                let (local, alias) = name.split_once('.').unwrap_or((name, ""));
                let detail = match alias {
                    "" => format!(
                        "A default (non-aliased) provider configuration for {local:?} was already given at {place}. If multiple configurations \
                         are required, set the \"alias\" argument for alternative configurations."
                    ),
                    _ => format!(
                        "A provider configuration for {local:?} with alias {alias:?} was already given at {place}. Each configuration for the \
                         same provider must have a distinct alias."
                    ),
                };
                ("Duplicate provider configuration".to_owned(), detail)
            }
            "check" => (
                format!("Duplicate check {name:?} configuration"),
                format!("A check block named {name:?} was already declared at {place}. Check blocks must be unique within each module."),
            ),
            "variable" => (
                "Duplicate variable declaration".to_owned(),
                format!("A variable named {name:?} was already declared at {place}. Variable names must be unique within a module."),
            ),
            _ => {
                let title = kind[..1].to_uppercase() + &kind[1..];
                let article = if kind == "output" { "An" } else { "A" };
                (
                    if kind == "module call" { "Duplicate module call".to_owned() } else { format!("Duplicate {kind} definition") },
                    format!(
                        "{article} {kind} named {name:?} was already defined at {place}. {title} names must be unique within a module."
                    ),
                )
            }
        };
        self.report.error(range, summary, detail);
        false
    }

    fn provider(&mut self, block: &Block) {
        let Some(provider) = self.report.provider(block) else { return };
        let name = match &provider.key.alias {
            Some(alias) => format!("{}.{alias}", provider.key.name),
            None => provider.key.name.to_string(),
        };
        if self.is_first("provider", &name, block.header) {
            self.module.providers.insert(provider.key.clone(), provider);
        }
    }

    fn locals(&mut self, block: &Block) {
        self.report.check_labels(block, &[]);
        for attribute in &block.body.attributes {
            let name = attribute.name.name.clone();
            if self.is_first("local value", &name, attribute.name.range) {
                let local = self.report.local(attribute);
                self.module.locals.insert(name, local);
            }
        }
        for inner in &block.body.blocks {
            self.report.error(inner.header, format!("Unexpected {:?} block", inner.kind.name), "Blocks are not allowed here.");
        }
    }

    fn resource(&mut self, block: &Block, mode: Mode) {
        let Some(resource) = self.report.resource(block, mode) else { return };
        let name = format!("{}.{}", resource.address.type_name, resource.address.name);
        let kind = match mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        if self.is_first(kind, &name, block.header) {
            self.module.resources.insert(resource.address.clone(), resource);
        }
    }

    fn import(&mut self, block: &Block) {
        if self.root {
            return self.module.imports.extend(self.report.import(block));
        }
        let path = &self.module.path;
        let detail = format!("An import block was detected in \"{path}\". Import blocks are only allowed in the root module.");
        self.report.error(block.header, "Invalid import configuration", detail);
    }

    fn check(&mut self, block: &Block) {
        let Some((check, data)) = self.report.check(block) else { return };
        if let Some(data) = data {
            let name = format!("{}.{}", data.address.type_name, data.address.name);
            if self.is_first("data", &name, data.range) {
                self.module.resources.insert(data.address.clone(), data);
            }
        }
        if self.is_first("check", &check.name, check.range) {
            self.module.checks.insert(check.name.clone(), check);
        }
    }

    fn workload(&mut self, block: &Block, allowed: bool) {
        if !allowed {
            let detail = "Workloads can be declared in *.wl.hcl files only, so that *.tf files stay plain Terraform. Move this block to a file \
                          whose name ends in .wl.hcl.";
            return self.report.error(block.header, "Workload in a Terraform file", detail);
        }
        if !self.report.check_labels(block, &["name"]) {
            return;
        }
        let name = &block.labels[0];
        if !self.report.check_name("workload", &name.name, name.range) {
            return;
        }
        if !self.root {
            let detail = "Workloads can be declared in the root module only, because all of them are placed together.";
            return self.report.error(block.header, "Workload in a child module", detail);
        }
        if self.is_first("workload", &name.name, block.header) {
            let workload = WorkloadBlock { name: name.name.clone(), body: block.body.clone(), range: block.header };
            self.module.workloads.insert(name.name.clone(), workload);
        }
    }

    fn unknown(&mut self, block: &Block, workloads_allowed: bool) {
        let kind = &*block.kind.name;
        if let Some((_, since, advice)) = newer::BLOCKS.iter().find(|(newer, ..)| *newer == kind) {
            let detail = format!("Blocks of type {kind:?} are of {since}; Windlass does not support them yet. {advice}");
            return self.report.error(block.header, format!("Blocks of type {kind:?} are not supported yet"), detail);
        }
        if kind == "required_providers" {
            let detail = "A \"required_providers\" block must be nested inside a \"terraform\" block.";
            return self.report.error(block.header, "Invalid required_providers block", detail);
        }
        let names: Vec<&str> = KNOWN.into_iter().chain(workloads_allowed.then_some("workload")).collect();
        self.report.unsupported_block(block, &[], &names);
    }

    /// A workload becomes a module of its name, which no module block may have.
    pub(super) fn check_workload_names(&mut self) {
        for (name, workload) in &self.module.workloads {
            if let Some(first) = self.first.get(&("module call", name.to_string())) {
                let place = self.report.sources.place(*first);
                let detail = format!(
                    "The resources of a workload stand in a module of its name, and a module {name:?} is declared at {place}. Rename one of them."
                );
                self.report.error(workload.range, "Workload with the name of a module", detail);
            }
        }
    }

    /// Aliased provider configurations must be declared.
    pub(super) fn check_provider_references(&mut self) {
        if !self.root {
            return;
        }
        let declared: Vec<Arc<str>> = self.module.providers.keys().filter_map(|key| key.alias.clone()).collect();
        for resource in self.module.resources.values() {
            let Some(key) = resource.provider.as_ref().filter(|key| key.alias.is_some()) else { continue };
            if !self.module.providers.contains_key(key) {
                let (name, alias) = (&key.name, key.alias.as_deref().unwrap_or_default());
                let near = nearest(alias, declared.iter().map(|alias| &**alias));
                let hint = near.map_or(String::new(), |near| format!(" Did you mean {name}.{near}?"));
                let detail = format!(
                    "{} uses the provider configuration {name}.{alias}, but no provider {name:?} block with alias {alias:?} is declared.{hint}",
                    resource.address
                );
                self.report.error(resource.range, "Provider configuration not present", detail);
            }
        }
    }
}
