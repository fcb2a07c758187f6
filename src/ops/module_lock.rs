//! The lock of modules: what was fetched for which call, in `.windlass.lock.hcl` beside the configuration.
//!
//! ```hcl
//! module "network.subnets" {
//!   source  = "registry.terraform.io/owner/subnets/aws"
//!   version = "1.2.0"
//!   hash    = "h1:…"
//! }
//! ```
//!
//! A block a module from elsewhere, named by the names on the way to it, in order. Folders of this machine are not locked: they are
//! meant to change. Terraform's own `.terraform.lock.hcl` has no place for modules, so it is left alone.

use super::{Context, Failed};
use crate::address::ModuleSource;
use crate::address::module_source::{Protocol, hide_secrets};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::syntax::{Attribute, Block, ExpressionKind, escape, format_generated, parse_file};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

/// The file's name.
pub(super) const LOCK_FILE: &str = ".windlass.lock.hcl";

const HEAD: &str = "# This file is maintained by \"windlass init\". Keep it under version control, beside the configuration.\n";

/// What was fetched for which call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ModuleLock(pub(super) BTreeMap<String, Locked>);

/// What was fetched for one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Locked {
    /// The normalised source, its secrets hidden.
    pub(super) source: String,
    /// The version, of modules of registries.
    pub(super) version: Option<String>,
    /// Of the whole package: see [`crate::package::hash_folder`].
    pub(super) hash: String,
}

/// A source as the lock names it; `None` when it is not locked.
pub(super) fn locked_source(source: &ModuleSource) -> Option<String> {
    match source {
        ModuleSource::Local(_) => None,
        ModuleSource::Package(package) if package.package.protocol == Protocol::File => None,
        _ => Some(hide_secrets(&source.to_string())),
    }
}

impl ModuleLock {
    /// Reads the lock of a working folder; without the file, an empty one.
    ///
    /// # Errors
    /// The file can't be read, or is not of this form.
    pub(super) fn read(context: &Context) -> Result<ModuleLock, Failed> {
        let text = match std::fs::read_to_string(path(context)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ModuleLock::default()),
            Err(error) => return Err(Diagnostic::error("Module lock can't be read", format!("{LOCK_FILE}: {error}.")).into()),
        };
        ModuleLock::parse(&text)
    }

    fn parse(text: &str) -> Result<ModuleLock, Failed> {
        let mut sources = SourceMap::default();
        let (body, mut found) = parse_file(sources.add(LOCK_FILE, text), text);
        let mut lock = ModuleLock::default();
        for attribute in &body.attributes {
            found.push(wrong("Only module blocks stand in this file.").at(attribute.name.range));
        }
        for block in &body.blocks {
            if let Some((name, locked)) = read_block(block, &mut found)
                && lock.0.insert(name.clone(), locked).is_some()
            {
                found.push(wrong(&format!("A block for module {name:?} stands above already.")).at(block.header));
            }
        }
        match found.has_errors() {
            true => Err(Failed { diagnostics: found, sources: Arc::new(sources) }),
            false => Ok(lock),
        }
    }

    /// What was locked for a call, if it was for this source.
    pub(super) fn of(&self, key: &str, source: &ModuleSource) -> Option<&Locked> {
        let locked = self.0.get(key)?;
        (locked_source(source)? == locked.source).then_some(locked)
    }

    /// Writes the lock; one of nothing is no file.
    ///
    /// # Errors
    /// The file can't be written.
    pub(super) fn write(&self, context: &Context) -> Result<(), Failed> {
        let path = path(context);
        let written = match self.0.is_empty() {
            true => std::fs::remove_file(&path),
            false => crate::package::replace_file(&path, self.text().as_bytes()),
        };
        written.map_err(|error| Diagnostic::error("Module lock can't be written", format!("{LOCK_FILE}: {error}.")).into())
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (name, locked) in &self.0 {
            text.push_str(&format!("\nmodule \"{}\" {{\n  source = \"{}\"\n", escape(name), escape(&locked.source)));
            if let Some(version) = &locked.version {
                text.push_str(&format!("  version = \"{}\"\n", escape(version)));
            }
            text.push_str(&format!("  hash = \"{}\"\n}}\n", escape(&locked.hash)));
        }
        format_generated(&text)
    }
}

fn path(context: &Context) -> PathBuf {
    context.working_folder.join(LOCK_FILE)
}

fn wrong(reason: &str) -> Diagnostic {
    let advice = "\"windlass init\" writes it; after a merge gone wrong, remove the block and run \"windlass init\" again.";
    Diagnostic::error("Invalid module lock", format!("{reason} {advice}"))
}

fn read_block(block: &Block, found: &mut Diagnostics) -> Option<(String, Locked)> {
    let (kind, labels) = (&*block.kind.name, block.labels.as_slice());
    let ("module", [name], []) = (kind, labels, block.body.blocks.as_slice()) else {
        found.push(wrong("Only blocks of the form module \"NAME\" { … } stand in this file.").at(block.header));
        return None;
    };
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    for attribute in &block.body.attributes {
        let known = ["source", "version", "hash"].contains(&&*attribute.name.name);
        match text_of(attribute).filter(|_| known) {
            Some(text) => drop(values.insert(&attribute.name.name, text)),
            None => found.push(wrong("A block has the arguments source, version and hash, all of them texts.").at(attribute.range)),
        }
    }
    let (Some(source), Some(hash)) = (values.remove("source"), values.remove("hash")) else {
        found.push(wrong("The block must have the arguments source and hash.").at(block.header));
        return None;
    };
    Some((name.name.to_string(), Locked { source, version: values.remove("version"), hash }))
}

fn text_of(attribute: &Attribute) -> Option<String> {
    match &attribute.value.kind {
        ExpressionKind::Literal(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Locked, ModuleLock};

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let one = Locked { source: "git::https://x/y.git?ref=${a}\"".to_owned(), version: None, hash: "h1:a=".to_owned() };
        let two = Locked { source: "registry.terraform.io/a/b/c".to_owned(), version: Some("1.2.0".to_owned()), hash: "h1:b=".to_owned() };
        let lock = ModuleLock([("z".to_owned(), one), ("a.b".to_owned(), two)].into());
        let text = lock.text();
        assert!(
            text.contains(
                "module \"a.b\" {\n  source  = \"registry.terraform.io/a/b/c\"\n  version = \"1.2.0\"\n  hash    = \"h1:b=\"\n}\n"
            )
        );
        assert_eq!(ModuleLock::parse(&text).map_err(|failed| failed.diagnostics), Ok(lock));
    }

    #[test]
    fn every_mistake_is_told() {
        let text = "a = 1\nprovider \"x\" {}\nmodule \"m\" {\n  source = 1\n  extra = \"a\"\n}\nmodule \"n\" {\n  source = \"s\"\n  hash = \"h\"\n}\nmodule \"n\" {\n  source = \"s\"\n  hash = \"h\"\n}\n";
        let failed = ModuleLock::parse(text).expect_err("mistakes");
        assert_eq!(failed.diagnostics.0.len(), 6, "{:?}", failed.diagnostics);
        assert!(failed.diagnostics.0.iter().all(|one| one.subject.is_some()));
    }
}
