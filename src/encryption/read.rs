//! An `encryption` block → settings. Everything that can be wrong with it without asking anybody is found here, at once.

use super::arguments::Arguments;
use super::read_providers::{method, provider};
use super::settings::{Method, Name, Pbkdf2, Provider, ProviderKind, Settings};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, nearest};
use crate::syntax::ast::Block;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long keys of AES may be, in bytes.
const AES_LENGTHS: [usize; 3] = [16, 24, 32];
const BLOCKS: [&str; 5] = ["key_provider", "method", "state", "plan", "remote_state_data_sources"];

/// Reads a block of which every argument is a literal, but for references between its blocks. An unknown value stands for one that could
/// not be had, which has been reported.
pub fn read(block: &Block) -> (Settings, Diagnostics) {
    let mut reading = Reading::default();
    reading.blocks(block);
    reading.check();
    let mut diagnostics = reading.diagnostics;
    diagnostics.0.sort_by_key(|one| one.subject.map(|at| (at.source.0, at.start)));
    (reading.settings, diagnostics)
}

#[derive(Default)]
struct Reading {
    settings: Settings,
    diagnostics: Diagnostics,
    /// Every block that is named, also those that could not be read, and where.
    declared: BTreeMap<Name, Range>,
    references: Vec<(Name, Range)>,
}

impl Reading {
    fn error(&mut self, range: Range, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    fn blocks(&mut self, block: &Block) {
        for attribute in &block.body.attributes {
            let detail = format!("An argument named {:?} is not expected here.", attribute.name.name);
            self.error(attribute.name.range, "Unsupported argument", detail);
        }
        let (mut state, mut plan, mut remote) = (None, None, None);
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "key_provider" => self.provider(inner),
                "method" => self.method(inner),
                "state" if self.is_first(&mut state, inner) => {
                    (self.settings.state, self.settings.state_enforced) = self.target(inner, true);
                }
                "plan" if self.is_first(&mut plan, inner) => {
                    (self.settings.plan, self.settings.plan_enforced) = self.target(inner, true);
                }
                "remote_state_data_sources" if self.is_first(&mut remote, inner) => self.remote(inner),
                "state" | "plan" | "remote_state_data_sources" => {}
                other => {
                    let hint = nearest(other, BLOCKS).map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
                    let detail = format!("Blocks of type {other:?} are not expected here.{hint}");
                    self.error(inner.kind.range, "Unsupported block type", detail);
                }
            }
        }
    }

    /// Whether a block is the first of its kind; a second one is a mistake.
    fn is_first(&mut self, first: &mut Option<Range>, block: &Block) -> bool {
        self.labels(block, 0);
        let is_first = first.is_none();
        if !is_first {
            let kind = &block.kind.name;
            let detail = format!("Only one block of the type {kind:?} may stand in an encryption block.");
            self.error(block.header, &format!("Duplicate {kind} block"), detail);
        }
        *first = first.or(Some(block.header));
        is_first
    }

    fn labels(&mut self, block: &Block, count: usize) -> bool {
        if block.labels.len() == count {
            return true;
        }
        let kind = &block.kind.name;
        let (summary, detail) = match count {
            0 => (format!("Extraneous label for {kind}"), format!("No labels are expected for {kind} blocks.")),
            1 => (format!("Wrong labels for {kind}"), format!("A {kind} block has one label, its name.")),
            _ => (format!("Wrong labels for {kind}"), format!("A {kind} block has two labels: its type and its name.")),
        };
        self.error(block.header, &summary, detail);
        false
    }

    /// The name of a block that others may refer to, unless there is one of this name.
    fn declare(&mut self, block: &Block, kind: &'static str) -> Option<Name> {
        if !self.labels(block, 2) {
            return None;
        }
        let name = Name { block: kind, kind: block.labels[0].name.clone(), name: block.labels[1].name.clone() };
        if !crate::syntax::is_identifier(&name.name) {
            let detail = "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
            self.error(block.labels[1].range, &format!("Invalid {kind} name"), detail);
        }
        if self.declared.insert(name.clone(), block.header).is_some() {
            self.error(block.header, &format!("Duplicate {kind}"), format!("Found multiple instances of {name}."));
            return None;
        }
        Some(name)
    }

    fn provider(&mut self, block: &Block) {
        let Some(name) = self.declare(block, "key_provider") else { return };
        let mut arguments = Arguments::new(block, name.to_string());
        let alias = arguments.text("encrypted_metadata_alias").filter(|alias| !alias.is_empty());
        let kind = provider(&name.kind, &mut arguments, &mut self.references);
        let is_unknown = kind.is_none() && arguments.diagnostics.0.iter().any(|one| one.subject == Some(block.labels[0].range));
        if let Some(kind) = kind {
            self.settings.providers.insert(name.clone(), Provider { metadata_key: alias.unwrap_or_else(|| name.to_string()), kind });
        }
        let found = if is_unknown { arguments.diagnostics } else { arguments.finish_with_blocks(aws_blocks(&name.kind)) };
        self.diagnostics.extend(found);
    }

    fn method(&mut self, block: &Block) {
        let Some(name) = self.declare(block, "method") else { return };
        let mut arguments = Arguments::new(block, name.to_string());
        let read = method(&name.kind, &mut arguments, &mut self.references);
        let is_unknown = read.is_none() && arguments.diagnostics.0.iter().any(|one| one.subject == Some(block.labels[0].range));
        if let Some(method) = read {
            self.settings.methods.insert(name, method);
        }
        let found = if is_unknown { arguments.diagnostics } else { arguments.finish() };
        self.diagnostics.extend(found);
    }

    /// The methods of a block that says what is encrypted by what, the block's own first, then those of its fallbacks.
    fn target(&mut self, block: &Block, may_be_enforced: bool) -> (Option<Vec<Name>>, bool) {
        let mut methods = Vec::new();
        let mut arguments = Arguments::new(block, block.title());
        let enforced = may_be_enforced && arguments.flag("enforced").unwrap_or(false);
        let method = arguments.reference("method", "method");
        if method.is_none() && !arguments.is_broken {
            let detail = match enforced {
                true => {
                    "Encryption is enforced here, and therefore requires a method to be provided: method = method.<type>.<name>, in this block \
                     or in the variable TF_ENCRYPTION."
                }
                false => "The argument \"method\" is required, but no definition was found.",
            };
            self.error(block.header, "Missing required argument", detail);
        }
        self.references.extend(method.clone());
        methods.extend(method.map(|(name, _)| name));
        let found = arguments.finish_with_blocks(&["fallback"]);
        self.diagnostics.extend(found);
        let mut fallbacks = block.body.blocks_of("fallback");
        if let Some(fallback) = fallbacks.next() {
            let (more, _) = self.target(fallback, false);
            methods.extend(more.unwrap_or_default());
        }
        for second in fallbacks {
            self.error(second.header, "Duplicate fallback block", "Only one fallback may stand here; it may have a fallback itself.");
        }
        if enforced {
            self.refuse_unencrypted(block, &methods);
        }
        (Some(methods), enforced)
    }

    fn refuse_unencrypted(&mut self, block: &Block, methods: &[Name]) {
        if let Some(name) = methods.iter().find(|name| &*name.kind == "unencrypted") {
            let detail = format!(
                "Unable to use unencrypted method since the enforced flag is set: {name} would let this be without encryption. To take in what \
                 is not encrypted yet, set enforced when that is done."
            );
            self.error(block.header, "Unencrypted method is forbidden", detail);
        }
    }

    fn remote(&mut self, block: &Block) {
        let mut default = None;
        for inner in &block.body.blocks {
            match &*inner.kind.name {
                "default" if self.is_first(&mut default, inner) => self.settings.remote_default = self.target(inner, false).0,
                "default" => {}
                "remote_state_data_source" => {
                    if !self.labels(inner, 1) {
                        continue;
                    }
                    let (name, methods) = (inner.labels[0].name.clone(), self.target(inner, false).0.unwrap_or_default());
                    if self.settings.remote.insert(name.clone(), methods).is_some() {
                        let detail = format!("Found multiple instances of remote_state_data_source.{name}.");
                        self.error(inner.header, "Duplicate remote_state_data_source", detail);
                    }
                }
                other => {
                    let detail = format!("Blocks of type {other:?} are not expected here.");
                    self.error(inner.kind.range, "Unsupported block type", detail);
                }
            }
        }
    }

    /// What concerns several blocks.
    fn check(&mut self) {
        for (name, range) in std::mem::take(&mut self.references) {
            if self.declared.contains_key(&name) {
                continue;
            }
            let same = self.declared.keys().filter(|other| other.block == name.block).map(ToString::to_string).collect::<Vec<_>>();
            let text = name.to_string();
            let hint = nearest(&text, same.iter().map(String::as_str)).map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
            let what = if name.block == "method" { "encryption method" } else { "key provider" };
            let detail =
                format!("There is no {} {:?} {:?} block declared in the encryption block.{hint}", name.block, &*name.kind, &*name.name);
            self.error(range, &format!("Reference to undeclared {what}"), detail);
        }
        let circles = self.circles();
        if circles.is_empty() {
            self.check_metadata_keys();
            self.check_key_lengths();
        }
    }

    /// Refuses providers that need their own key.
    fn circles(&mut self) -> Vec<Name> {
        let mut circles: Vec<Name> = Vec::new();
        for name in self.settings.providers.keys() {
            let mut way = vec![name];
            if leads_back(&self.settings.providers, &mut way) && !circles.iter().any(|known| way.contains(&known)) {
                let stack: Vec<String> = way.iter().chain([&name]).map(ToString::to_string).collect();
                let detail =
                    format!("Cannot load {name} due to circular reference between key providers. Stack trace {}.", stack.join(" -> "));
                let error = Diagnostic::error("Circular reference detected", detail);
                self.diagnostics.push(match self.declared.get(name) {
                    Some(range) => error.at(*range),
                    None => error,
                });
                circles.push(name.clone());
            }
        }
        circles
    }

    /// Providers of one method that would keep what they need under the same name.
    fn check_metadata_keys(&mut self) {
        let mut wrong = Vec::new();
        for method in self.settings.methods.values() {
            let mut seen: BTreeMap<&str, &Name> = BTreeMap::new();
            for name in method.keys().into_iter().flat_map(|keys| with_sources(&self.settings.providers, keys)) {
                let Some(provider) = self.settings.providers.get(name) else { continue };
                if let Some(other) = seen.insert(&provider.metadata_key, name).filter(|other| *other != name) {
                    wrong.push((name.clone(), other.clone(), provider.metadata_key.clone()));
                }
            }
        }
        wrong.dedup();
        for (name, other, key) in wrong {
            let detail = format!(
                "The metadata key {key} is duplicated across multiple key providers for the same method ({other} and {name}); use the \
                 encrypted_metadata_alias option to specify unique metadata keys for each key provider in an encryption method."
            );
            let range = self.declared[&name];
            self.error(range, "Duplicate metadata key", detail);
        }
    }

    /// Keys whose length does not suit the method, as far as it is known before they are made.
    fn check_key_lengths(&mut self) {
        let mut wrong = Vec::new();
        for (name, method) in &self.settings.methods {
            let Method::AesGcm { keys, .. } = method else { continue };
            if let Some(length) = key_length(&self.settings.providers, keys).filter(|length| !AES_LENGTHS.contains(length)) {
                wrong.push((name.clone(), keys.clone(), length));
            }
        }
        for (name, keys, length) in wrong {
            let detail = format!(
                "{name} failed with error: AES-GCM requires the key length to be one of: 16, 24, 32 bytes; {keys} gives keys of {length}."
            );
            let range = self.declared[&name];
            self.error(range, "Encryption method configuration failed", detail);
        }
    }
}

/// The blocks that a provider of this type may have.
fn aws_blocks(kind: &str) -> &'static [&'static str] {
    match kind {
        "aws_kms" => &["endpoints", "assume_role", "assume_role_with_web_identity"],
        _ => &[],
    }
}

/// Whether the sources of the last provider of a way lead to its first one; then the way is that one.
fn leads_back<'a>(providers: &'a BTreeMap<Name, Provider>, way: &mut Vec<&'a Name>) -> bool {
    let Some(provider) = way.last().and_then(|last| providers.get(*last)) else { return false };
    for source in provider.sources() {
        if *source == *way[0] {
            return true;
        }
        if way.contains(&source) {
            continue;
        }
        way.push(source);
        if leads_back(providers, way) {
            return true;
        }
        way.pop();
    }
    false
}

/// A provider and all that it takes keys of.
fn with_sources<'a>(providers: &'a BTreeMap<Name, Provider>, name: &'a Name) -> Vec<&'a Name> {
    let mut found = vec![name];
    let mut next = 0;
    while let Some(name) = found.get(next).copied() {
        let sources = providers.get(name).map(Provider::sources).unwrap_or_default();
        let new: Vec<&Name> = sources.into_iter().filter(|source| !found.contains(source)).collect();
        found.extend(new);
        next += 1;
    }
    found
}

fn key_length(providers: &BTreeMap<Name, Provider>, name: &Name) -> Option<usize> {
    match &providers.get(name)?.kind {
        ProviderKind::Pbkdf2(Pbkdf2 { key_length, .. }) => Some(*key_length),
        ProviderKind::AwsKms(kms) => Some(if kms.key_spec == "AES_128" { 16 } else { 32 }),
        ProviderKind::GcpKms(kms) => Some(kms.key_length),
        ProviderKind::OpenBao(bao) => Some(bao.key_length),
        ProviderKind::External(_) => None,
        ProviderKind::Xor(one, _) => key_length(providers, one),
    }
}

/// The name by which a data source's methods are looked up: `module.a.data.terraform_remote_state.b[0]` is `a.b[0]`.
pub(super) fn remote_name(address: &str) -> Option<Arc<str>> {
    let (modules, name) = address.split_once("data.terraform_remote_state.")?;
    let modules = modules.split("module.").filter(|part| !part.is_empty()).collect::<String>();
    Some(format!("{modules}{name}").into())
}
