//! `terraform` and `provider` blocks.

use super::content::{NAME_RULE, Report, escaped, without};
use super::types::{Module, ProviderBlock, ProviderKey, RequiredProvider};
use super::versions::{COMPATIBLE_WITH, Constraint, allows};
use crate::diagnostic::{Diagnostic, Range};
use crate::syntax::ast::{Attribute, Block, Expression, ExpressionKind, ObjectItem};
use crate::syntax::is_identifier;
use std::sync::Arc;

const BAD_CONSTRAINT: &str =
    "This string does not use correct version constraint syntax. Write conditions such as \">= 1.2, < 2.0\" or \"~> 1.2\".";

impl Report<'_> {
    /// What `required_version` says; an unmet one is an error.
    pub(super) fn required_version(&mut self, block: &Block) -> Option<(Arc<str>, Range)> {
        let (text, range) = self.constant_string(&block.body, "required_version")?;
        match allows(&text, COMPATIBLE_WITH) {
            Some(true) => {}
            None => self.error(range, "Invalid version constraint", BAD_CONSTRAINT),
            Some(false) => {
                let detail = format!(
                    "Windlass is compatible with Terraform {COMPATIBLE_WITH}, which this configuration does not support ({text:?}). Version \
                     constraints are normally set for good reason, so updating the constraint may lead to other errors or unexpected behavior."
                );
                self.error(range, "Unsupported Terraform Core version", detail);
            }
        }
        Some((text, range))
    }

    pub(super) fn settings(&mut self, block: &Block, module: &mut Module, first_requirements: &mut Option<Range>) {
        self.check_labels(block, &[]);
        let body = &block.body;
        self.check_names(
            body,
            &["required_version", "experiments", "language"],
            &["backend", "cloud", "encryption", "required_providers", "provider_meta"],
        );
        if let Some(attribute) = body.attribute("experiments") {
            let detail = "Windlass has no experimental language features. Remove the argument.";
            self.error(attribute.range, "Experiments are not supported", detail);
        }
        if let Some(language) = body.attribute("language")
            && !matches!(&language.value.kind, ExpressionKind::Variable(edition) if &**edition == "TF2021")
        {
            let detail = "Windlass knows the language edition TF2021 only, written without quotes.";
            self.error(language.value.range, "Unsupported language edition", detail);
        }
        // An unmet or unreadable one has been reported before any other mistake.
        module.required_versions.extend(body.attribute("required_version").and_then(|attribute| match &attribute.value.kind {
            ExpressionKind::Literal(value) => Some((value.as_str()?.into(), attribute.value.range)),
            _ => None,
        }));
        for inner in &body.blocks {
            match &*inner.kind.name {
                "backend" | "cloud" => self.backend(inner, module),
                "encryption" => self.encryption(inner, module),
                "required_providers" => {
                    if let Some(first) = first_requirements.replace(inner.header) {
                        let detail = format!(
                            "A module may have only one required providers configuration. The required providers were previously configured at {}.",
                            self.sources.place(first)
                        );
                        self.error(inner.header, "Duplicate required providers configuration", detail);
                    }
                    inner.body.attributes.iter().for_each(|attribute| self.requirement(attribute, module));
                    for nested in &inner.body.blocks {
                        self.error(nested.header, format!("Unexpected {:?} block", nested.kind.name), "Blocks are not allowed here.");
                    }
                }
                "provider_meta" => {
                    let detail = "Windlass does not support \"provider_meta\" blocks yet. Remove the block: it only labels requests.";
                    self.error(inner.header, "Blocks of type \"provider_meta\" are not supported yet", detail);
                }
                _ => {}
            }
        }
    }

    fn backend(&mut self, block: &Block, module: &mut Module) {
        self.check_labels(block, if &*block.kind.name == "backend" { &["type"] } else { &[] });
        if let Some(first) = &module.backend {
            let (summary, place) = (format!("Duplicate {:?} configuration", block.kind.name), self.sources.place(first.header));
            let detail = format!("A module may have only one \"backend\" or \"cloud\" block. The first was at {place}.");
            return self.error(block.header, summary, detail);
        }
        module.backend = Some(block.clone());
    }

    fn encryption(&mut self, block: &Block, module: &mut Module) {
        self.check_labels(block, &[]);
        if let Some(first) = &module.encryption_block {
            let detail = format!(
                "A module may have only one encryption configuration. Encryption was previously configured at {}.",
                self.sources.place(first.header)
            );
            return self.error(block.header, "Duplicate encryption configuration", detail);
        }
        module.encryption_block = Some(block.clone());
    }

    fn requirement(&mut self, attribute: &Attribute, module: &mut Module) {
        let name = &attribute.name.name;
        if name.chars().any(char::is_uppercase) {
            let detail = format!("Provider names must be normalized. Replace {name:?} with {:?} to fix this error.", name.to_lowercase());
            self.error(attribute.name.range, "Invalid provider local name", detail);
        }
        let (mut source, mut version, mut aliases) = (None, None, Vec::new());
        match &attribute.value.kind {
            ExpressionKind::Object(items) => {
                for item in items {
                    match &item.key.kind {
                        ExpressionKind::Literal(key) if key.as_str() == Some("configuration_aliases") => {
                            aliases = self.configuration_aliases(name, &item.value);
                        }
                        _ => self.requirement_item(item, &mut source, &mut version),
                    }
                }
            }
            _ => version = self.constraint(&attribute.value),
        }
        let source = match source {
            Some((written, range)) => self.provider_source(&written, range),
            None => default_source(name),
        };
        module.required_providers.insert(name.clone(), RequiredProvider { source, version, aliases, range: attribute.range });
    }

    fn requirement_item(&mut self, item: &ObjectItem, source: &mut Option<(Arc<str>, Range)>, version: &mut Option<(Arc<str>, Range)>) {
        let key = match &item.key.kind {
            ExpressionKind::Literal(key) => key.as_str().unwrap_or_default(),
            _ => "",
        };
        match key {
            "source" => *source = self.string(&item.value).map(|text| (text, item.value.range)),
            "version" => *version = self.constraint(&item.value),
            _ => {
                let detail = "required_providers objects can only contain \"version\", \"source\" and \"configuration_aliases\" attributes. To \
                              configure a provider, use a \"provider\" block.";
                self.error(item.key.range, "Invalid required_providers object", detail);
            }
        }
    }

    fn constraint(&mut self, expression: &Expression) -> Option<(Arc<str>, Range)> {
        let text = self.string(expression)?;
        if Constraint::parse(&text).is_none() {
            self.error(expression.range, "Invalid version constraint", BAD_CONSTRAINT);
            return None;
        }
        Some((text, expression.range))
    }

    /// The full form of a source address.
    fn provider_source(&mut self, written: &str, range: Range) -> Arc<str> {
        let parts: Vec<&str> = written.split('/').collect();
        let valid = parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|character| character.is_alphanumeric() || ".-_:".contains(character)));
        match parts.as_slice() {
            _ if !valid => {}
            [name] => return default_source(name),
            [namespace, name] => return format!("registry.terraform.io/{}/{}", namespace.to_lowercase(), name.to_lowercase()).into(),
            [host, namespace, name] => return format!("{host}/{namespace}/{name}").to_lowercase().into(),
            _ => {}
        }
        self.error(
            range,
            "Invalid provider source string",
            "The \"source\" attribute must be in the format \"[hostname/][namespace/]name\"",
        );
        default_source("invalid")
    }

    pub(super) fn provider(&mut self, block: &Block) -> Option<ProviderBlock> {
        if !self.check_labels(block, &["name"]) {
            return None;
        }
        let (name, body) = (&block.labels[0], &block.body);
        if !self.check_name("provider", &name.name, name.range) {
            return None;
        }
        let alias = self.constant_string(body, "alias");
        if let Some((alias, range)) = &alias
            && !is_identifier(alias)
        {
            self.error(*range, "Invalid provider configuration alias", format!("An alias must be a valid name. {NAME_RULE}"));
        }
        let for_each = self.provider_for_each(body, alias.is_some());
        for attribute in &body.attributes {
            let name = &*attribute.name.name;
            match name {
                "count" | "depends_on" | "source" => {
                    let detail = format!("The provider argument name {name:?} is reserved for use by Terraform in a future version.");
                    self.error(attribute.name.range, "Reserved argument name in provider block", detail);
                }
                "version" => {
                    let detail =
                        "The version argument of a provider block is not used. Put the constraint into required_providers instead.";
                    let summary = "Version constraints inside provider configuration blocks are deprecated";
                    self.diagnostics.push(Diagnostic::warning(summary, detail).at(attribute.range));
                }
                _ => {}
            }
        }
        for inner in body.blocks.iter().filter(|inner| matches!(&*inner.kind.name, "lifecycle" | "locals")) {
            let detail = format!("The block type name {:?} is reserved for use by Terraform in a future version.", inner.kind.name);
            self.error(inner.kind.range, "Reserved block type name in provider block", detail);
        }
        Some(ProviderBlock {
            key: ProviderKey { name: name.name.clone(), alias: alias.map(|(alias, _)| alias) },
            for_each,
            body: escaped(body, without(body, &["alias", "for_each", "version"], &["_"])),
            range: block.header,
        })
    }
}

/// The source of a provider that `required_providers` does not list.
pub fn default_source(local_name: &str) -> Arc<str> {
    match local_name {
        "terraform" => "terraform.io/builtin/terraform".into(),
        _ => format!("registry.terraform.io/hashicorp/{local_name}").into(),
    }
}

/// The whole source address of a provider that may be written short, such as `hashicorp/aws`.
pub fn full_source(written: &str) -> String {
    let parts: Vec<String> = written.split('/').map(str::to_lowercase).collect();
    match parts.as_slice() {
        [name] => default_source(name).to_string(),
        [namespace, name] => format!("registry.terraform.io/{namespace}/{name}"),
        _ => parts.join("/"),
    }
}
