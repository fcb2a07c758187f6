//! Override files: `override.tf`, `*_override.tf` and their JSON forms are merged over the other files, block by block, in the order
//! of their names. Merged are bodies as parsed, so that whatever reads them after that knows nothing of overriding; ranges go on
//! pointing to where each argument was written.

use super::content::Report;
use super::module::ParsedFile;
use crate::diagnostic::{Diagnostics, Range, SourceMap};
use crate::syntax::ast::{Block, Body, ExpressionKind};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of blocks that add to a configuration and have no name to override them by.
const NEVER: [&str; 6] = ["moved", "removed", "import", "check", "action", "language"];

/// Whether a file of this name overrides others.
pub(super) fn is_override(name: &str) -> bool {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    stem.strip_suffix(".tf").is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Merges override files over the others.
pub(super) fn merge(base: &mut Vec<ParsedFile>, overrides: Vec<ParsedFile>, sources: &SourceMap) -> Diagnostics {
    if overrides.is_empty() {
        return Diagnostics::none();
    }
    let mut merging = Merging { index: BTreeMap::new(), base, report: Report { sources, diagnostics: Diagnostics::none() } };
    merging.index();
    for file in overrides {
        for block in file.body.blocks {
            merging.block(block);
        }
        // What stands outside of blocks is refused where it is read.
        if !file.body.attributes.is_empty() {
            let stray = Body { blocks: Vec::new(), ..file.body };
            merging.base.push(ParsedFile { workloads_allowed: false, body: stray });
        }
    }
    merging.report.diagnostics
}

/// Where a block stands: file and position.
type Place = (usize, usize);

struct Merging<'a> {
    base: &'a mut Vec<ParsedFile>,
    /// The first block of each name.
    index: BTreeMap<String, Place>,
    report: Report<'a>,
}

/// By what a block is known: its kind and labels, and the alias of a provider.
fn key_of(block: &Block) -> String {
    let mut key = block.title();
    if &*block.kind.name == "provider"
        && let Some(ExpressionKind::Literal(alias)) = block.body.attribute("alias").map(|alias| &alias.value.kind)
    {
        key = format!("{key} {}", alias.as_str().unwrap_or_default());
    }
    key
}

impl Merging<'_> {
    fn index(&mut self) {
        for (file, parsed) in self.base.iter().enumerate() {
            for (position, block) in parsed.body.blocks.iter().enumerate() {
                match &*block.kind.name {
                    "locals" => {
                        for attribute in &block.body.attributes {
                            self.index.entry(format!("locals {}", attribute.name.name)).or_insert((file, position));
                        }
                    }
                    _ => drop(self.index.entry(key_of(block)).or_insert((file, position))),
                }
            }
        }
    }

    fn at(&mut self, (file, position): Place) -> &mut Block {
        &mut self.base[file].body.blocks[position]
    }

    /// Adds a block that has nothing to merge with.
    fn add(&mut self, block: Block) {
        if self.base.is_empty() {
            self.base.push(ParsedFile { workloads_allowed: false, body: Body::empty(block.range) });
        }
        let key = key_of(&block);
        self.base[0].body.blocks.push(block);
        self.index.insert(key, (0, self.base[0].body.blocks.len() - 1));
    }

    fn block(&mut self, block: Block) {
        let kind = block.kind.name.clone();
        match &*kind {
            "terraform" => self.settings(block),
            "locals" => self.locals(block),
            kind if NEVER.contains(&kind) => {
                let detail = format!("Blocks of type {kind:?} can stand in normal files only, not in override files.");
                self.report.error(block.header, format!("Cannot override '{kind}' blocks"), detail);
            }
            "variable" | "output" | "module" | "resource" | "data" | "ephemeral" | "provider" => self.named(block),
            // Unknown kinds are refused where they are read.
            _ => self.add(block),
        }
    }

    fn named(&mut self, block: Block) {
        match self.index.get(&key_of(&block)).copied() {
            Some(place) => {
                if self.may_override(&block) {
                    merge_body(&mut self.at(place).body, block.body);
                }
            }
            // Without a block a default configuration is an empty one, which can be overridden.
            None if &*block.kind.name == "provider" && block.body.attribute("alias").is_none() => self.add(block),
            None => self.missing(&block),
        }
    }

    /// Refuses what can't be merged: dependencies and conditions only ever add up.
    fn may_override(&mut self, block: &Block) -> bool {
        let before = self.report.diagnostics.0.len();
        if let Some(attribute) = block.body.attribute("depends_on") {
            self.report.error(attribute.range, "Unsupported override", "The depends_on argument may not be overridden.");
        }
        let lifecycles = block.body.blocks_of("lifecycle").map(|lifecycle| &lifecycle.body);
        for body in lifecycles.chain([&block.body]) {
            for inner in &body.blocks {
                let kind = &*inner.kind.name;
                let is_condition = match &*block.kind.name {
                    "variable" => kind == "validation",
                    _ => matches!(kind, "precondition" | "postcondition" | "action_trigger"),
                };
                if is_condition {
                    let detail = format!("Override files cannot override {kind:?} blocks.");
                    self.report.error(inner.header, format!("Can't override {kind} blocks"), detail);
                }
            }
        }
        self.report.diagnostics.0.len() == before
    }

    fn missing(&mut self, block: &Block) {
        let label = |position: usize| block.labels.get(position).map_or("", |label| &*label.name);
        let (name, kind) = (label(0), &*block.kind.name);
        let (summary, what, only) = match kind {
            "variable" => (
                "Missing base variable declaration to override",
                format!("variable named {name:?}"),
                "a variable that was already declared",
            ),
            "output" => {
                ("Missing base output definition to override", format!("output named {name:?}"), "an output that was already defined")
            }
            "module" => ("Missing module call to override", format!("module call named {name:?}"), "a module call that was defined"),
            "provider" => {
                let alias = key_of(block).rsplit(' ').next().unwrap_or_default().to_owned();
                let what = format!("{name} provider configuration with the alias {alias:?}");
                ("Missing base provider configuration for override", what, "an aliased provider configuration that was already defined")
            }
            "data" => ("Missing data resource to override", format!("{name} data resource named {:?}", label(1)), "a data block defined"),
            _ => ("Missing resource to override", format!("{name} resource named {:?}", label(1)), "a resource block defined"),
        };
        let detail = format!("There is no {what}. An override file can only override {only} in a primary configuration file.");
        self.report.error(block.header, summary, detail);
    }

    fn locals(&mut self, block: Block) {
        for attribute in block.body.attributes {
            let name = attribute.name.name.clone();
            match self.index.get(&format!("locals {name}")).copied() {
                Some(place) => replace(&mut self.at(place).body, attribute),
                None => {
                    let detail = format!(
                        "There is no local value named {name:?}. An override file can only override a local value that was already defined in a \
                         primary configuration file."
                    );
                    self.report.error(attribute.range, "Missing base local value definition to override", detail);
                }
            }
        }
        for inner in block.body.blocks {
            let summary = format!("Unexpected {:?} block", inner.kind.name);
            self.report.error(inner.header, summary, "Blocks are not allowed here.");
        }
    }

    /// `terraform`: versions and the back end replace those of all other files, providers are overridden one by one.
    fn settings(&mut self, mut block: Block) {
        let overrides_version = block.body.attribute("required_version").is_some();
        let kinds: BTreeSet<String> = block.body.blocks.iter().map(|inner| inner.kind.name.to_string()).collect();
        let stores = |kind: &str| matches!(kind, "backend" | "cloud" | "state_store");
        let overrides_store = kinds.iter().any(|kind| stores(kind));
        let mut providers = None;
        for (file, parsed) in self.base.iter_mut().enumerate() {
            for (position, base) in parsed.body.blocks.iter_mut().enumerate().filter(|(_, base)| &*base.kind.name == "terraform") {
                base.body.attributes.retain(|attribute| !overrides_version || &*attribute.name.name != "required_version");
                base.body.blocks.retain(|inner| match &*inner.kind.name {
                    kind if stores(kind) => !overrides_store,
                    "encryption" => !kinds.contains("encryption"),
                    _ => true,
                });
                let own = base.body.blocks.iter().position(|inner| &*inner.kind.name == "required_providers");
                providers = providers.or(own.map(|own| (file, position, own)));
            }
        }
        if let Some((file, position, own)) = providers {
            let base = &mut self.base[file].body.blocks[position].body.blocks[own].body;
            let (requirements, others): (Vec<Block>, Vec<Block>) =
                block.body.blocks.into_iter().partition(|inner| &*inner.kind.name == "required_providers");
            requirements.into_iter().flat_map(|inner| inner.body.attributes).for_each(|attribute| replace(base, attribute));
            block.body.blocks = others;
        }
        self.add(block);
    }
}

fn replace(body: &mut Body, attribute: crate::syntax::ast::Attribute) {
    match body.attributes.iter_mut().find(|own| own.name.name == attribute.name.name) {
        Some(own) => *own = attribute,
        None => body.attributes.push(attribute),
    }
}

/// What a body's parts are called; `dynamic` blocks as what they make.
fn block_name(block: &Block) -> &str {
    match block.labels.as_slice() {
        [kind, ..] if &*block.kind.name == "dynamic" => &kind.name,
        _ => &block.kind.name,
    }
}

/// Puts the arguments of one body over another's. Blocks replace all blocks of their type, but for `lifecycle`, whose arguments are
/// merged one by one.
fn merge_body(base: &mut Body, over: Body) {
    let mut names: BTreeSet<String> = over.blocks.iter().map(|block| block_name(block).to_owned()).collect();
    for undecided in &over.undecided {
        match undecided.name() {
            "dynamic" => names.extend(undecided.members()),
            name => drop(names.insert(name.to_owned())),
        }
    }
    let lifecycle = base.blocks_of("lifecycle").next().map(|block| block.header);
    names.remove("lifecycle");
    base.attributes.retain(|attribute| !names.contains(&*attribute.name.name));
    let given: BTreeSet<String> = over.attributes.iter().map(|attribute| attribute.name.name.to_string()).collect();
    base.undecided.retain(|undecided| !names.contains(undecided.name()) && !given.contains(undecided.name()));
    base.blocks.retain(|block| !names.contains(block_name(block)) && !given.contains(block_name(block)));
    for attribute in over.attributes {
        replace(base, attribute);
    }
    base.undecided.extend(over.undecided);
    for block in over.blocks {
        match (&*block.kind.name, lifecycle) {
            ("lifecycle", Some(header)) => merge_lifecycle(base, header, block),
            _ => base.blocks.push(block),
        }
    }
}

fn merge_lifecycle(base: &mut Body, header: Range, block: Block) {
    if let Some(own) = base.blocks.iter_mut().find(|own| own.header == header && &*own.kind.name == "lifecycle") {
        block.body.attributes.into_iter().for_each(|attribute| replace(&mut own.body, attribute));
        own.body.blocks.extend(block.body.blocks);
    }
}
