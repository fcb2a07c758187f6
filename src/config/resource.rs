//! `resource` and `data` blocks, and their `lifecycle`.

use super::content::{Report, escaped, without};
use super::newer;
use super::types::{IgnoreChanges, Lifecycle, ProviderKey, ResourceBlock, Trigger};
use crate::address::{Mode, Resource};
use crate::syntax::ast::{Attribute, Block, Body, Expression, ExpressionKind, Traversal, TraversalStep};
use crate::syntax::{parse_expression, walk};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "depends_on", "provider"];
const META_BLOCKS: [&str; 5] = ["lifecycle", "provisioner", "connection", "locals", "_"];

impl Report<'_> {
    pub(super) fn resource(&mut self, block: &Block, mode: Mode) -> Option<ResourceBlock> {
        if !self.check_labels(block, &["type", "name"]) {
            return None;
        }
        let (kind, labels) = (&block.kind.name, &block.labels);
        let type_valid = self.check_name(&format!("{kind} type"), &labels[0].name, labels[0].range);
        let what = match mode {
            Mode::Managed => "resource",
            Mode::Data => "data resource",
            Mode::Ephemeral => "ephemeral resource",
        };
        let name_valid = self.check_name(what, &labels[1].name, labels[1].range);
        let body = &block.body;
        self.check_repetition(body, "resources");
        self.refuse_meta_blocks(body);
        let lifecycle = self.lifecycle_of(body, mode);
        type_valid.then_some(())?;
        name_valid.then_some(())?;
        let provider = body.attribute("provider").and_then(|attribute| self.provider_reference(&attribute.value));
        Some(ResourceBlock {
            address: Resource { mode, type_name: labels[0].name.clone(), name: labels[1].name.clone() },
            provider: provider.as_ref().map(|(key, _)| key.clone()),
            provider_index: provider.and_then(|(_, index)| index),
            count: expression(body, "count"),
            for_each: expression(body, "for_each"),
            depends_on: self.reference_list(body, "depends_on"),
            lifecycle,
            check: None,
            generated: None,
            enabled: self.enabled(body),
            body: escaped(body, without(body, &META_ARGUMENTS, &META_BLOCKS)),
            variants: Vec::new(),
            accepted_live: BTreeMap::new(),
            range: block.header,
        })
    }

    /// `enabled` of a block's `lifecycle`, which excludes `count` and `for_each`.
    pub(super) fn enabled(&mut self, body: &Body) -> Option<Arc<Expression>> {
        let enabled = body.blocks_of("lifecycle").find_map(|block| block.body.attribute("enabled"))?;
        for other in ["count", "for_each"] {
            if body.attribute(other).is_some() {
                let detail =
                    format!("The \"enabled\" argument and {other:?} are mutually exclusive: a block is either enabled or repeated.");
                self.error(enabled.name.range, format!("Invalid combination of \"enabled\" and {other:?}"), detail);
            }
        }
        Some(enabled.value.clone())
    }

    /// `count` and `for_each` exclude each other.
    pub(super) fn check_repetition(&mut self, body: &Body, things: &str) {
        if let (Some(_), Some(for_each)) = (body.attribute("count"), body.attribute("for_each")) {
            let detail = format!(
                "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the \
                 number of {things} to be created."
            );
            self.error(for_each.name.range, "Invalid combination of \"count\" and \"for_each\"", detail);
        }
    }

    fn refuse_meta_blocks(&mut self, body: &Body) {
        for block in &body.blocks {
            match &*block.kind.name {
                "provisioner" | "connection" => {
                    let kind = &block.kind.name;
                    let detail = format!(
                        "Windlass does not run {kind} blocks yet. Set the machine up by user data or by its image, or remove the block."
                    );
                    self.error(block.header, format!("Blocks of type {kind:?} are not supported yet"), detail);
                }
                "locals" => {
                    let detail = "The block type name \"locals\" is reserved for use by Terraform in a future version.";
                    self.error(block.kind.range, "Reserved block type name in resource block", detail);
                }
                _ => {}
            }
        }
    }

    /// `aws`, `aws.west` or `aws.by_region[each.key]`: the configuration and the expression of the key.
    pub(super) fn provider_reference(&mut self, expression: &Expression) -> Option<(ProviderKey, Option<Arc<Expression>>)> {
        // In JSON the whole of it stands in quotes.
        let unquoted = match &expression.kind {
            ExpressionKind::Literal(value) => value.as_str().filter(|text| text.contains('[')),
            _ => None,
        };
        let unquoted = unquoted.and_then(|text| parse_expression(expression.range.source, text, expression.range.start + 1).ok());
        let (expression, index) = match unquoted.as_ref().unwrap_or(expression) {
            Expression { kind: ExpressionKind::Index(collection, key), .. } if matches!(collection.kind, ExpressionKind::Attribute(..)) => {
                (&**collection, Some(Arc::new(Expression::clone(key))))
            }
            _ => (expression, None),
        };
        let literal = matches!(&expression.kind, ExpressionKind::Literal(value) if value.as_str().is_none());
        let traversal = if literal { None } else { self.reference_or_none(expression) };
        let key = traversal.and_then(|traversal| match traversal.steps.as_slice() {
            [] => Some(ProviderKey { name: traversal.root.name, alias: None }),
            [TraversalStep::Attribute(alias)] => Some(ProviderKey { name: traversal.root.name, alias: Some(alias.name.clone()) }),
            _ => None,
        });
        if key.is_none() {
            let detail =
                "The provider argument requires a provider type name, optionally followed by a period and then a configuration alias.";
            self.error(expression.range, "Invalid provider configuration reference", detail);
        }
        key.map(|key| (key, index))
    }

    fn reference_or_none(&mut self, expression: &Expression) -> Option<Traversal> {
        match &expression.kind {
            ExpressionKind::Literal(_) => self.reference(expression),
            _ => expression.as_traversal(),
        }
    }

    fn lifecycle_of(&mut self, body: &Body, mode: Mode) -> Lifecycle {
        let mut blocks = body.blocks_of("lifecycle");
        let Some(block) = blocks.next() else { return Lifecycle::default() };
        for second in blocks {
            let place = self.sources.place(block.header);
            self.error(second.header, "Duplicate lifecycle block", format!("This resource already has a lifecycle block at {place}."));
        }
        self.check_labels(block, &[]);
        const ARGUMENTS: [&str; 5] = ["create_before_destroy", "prevent_destroy", "destroy", "ignore_changes", "replace_triggered_by"];
        let body = &block.body;
        self.refuse_newer(body, &newer::LIFECYCLE);
        let arguments = ARGUMENTS.into_iter().chain(["enabled"]).chain(newer::LIFECYCLE.map(|(name, ..)| name));
        self.check_names(body, &arguments.collect::<Vec<_>>(), &["precondition", "postcondition", "action_trigger"]);
        if mode != Mode::Managed {
            let (what, plural) =
                if mode == Mode::Data { ("data resource", "data resources") } else { ("ephemeral resource", "ephemeral resources") };
            for attribute in body.attributes.iter().filter(|attribute| ARGUMENTS.contains(&&*attribute.name.name)) {
                let detail = format!(
                    "The lifecycle argument {:?} is defined only for managed resources (\"resource\" blocks), and is not valid for {plural}.",
                    attribute.name.name
                );
                self.error(attribute.name.range, format!("Invalid {what} lifecycle argument"), detail);
            }
        }
        if body.attribute("prevent_destroy").is_some_and(|attribute| walk::references(&attribute.value).is_empty()) {
            self.constant_bool(body, "prevent_destroy", false);
        }
        Lifecycle {
            create_before_destroy: body
                .attribute("create_before_destroy")
                .map(|_| self.constant_bool(body, "create_before_destroy", false)),
            prevent_destroy: expression(body, "prevent_destroy"),
            destroy: self.constant_bool(body, "destroy", true),
            ignore_changes: body.attribute("ignore_changes").map_or(IgnoreChanges::None, |attribute| self.ignore_changes(attribute)),
            replace_triggered_by: self.triggers(body),
            preconditions: body.blocks_of("precondition").filter_map(|block| self.condition(block)).collect(),
            postconditions: body.blocks_of("postcondition").filter_map(|block| self.condition(block)).collect(),
        }
    }

    fn triggers(&mut self, body: &Body) -> Vec<Trigger> {
        let mut triggers = Vec::new();
        for item in self.static_list(body, "replace_triggered_by") {
            let written = self.unquoted(&item).unwrap_or(item);
            let reference = written.as_traversal_with(&mut |key| is_own_key(key).then(|| Value::int(0)));
            match reference.filter(names_resource) {
                Some(reference) => triggers.push(Trigger { expression: Arc::new(written), reference }),
                None => {
                    let detail = "Only references to resources and their attributes are allowed here, with constants, count.index or each.key \
                                  as keys.";
                    self.error(written.range, "Invalid replace_triggered_by expression", detail);
                }
            }
        }
        triggers
    }

    fn ignore_changes(&mut self, attribute: &Attribute) -> IgnoreChanges {
        match &attribute.value.kind {
            ExpressionKind::Variable(name) if &**name == "all" => IgnoreChanges::All,
            ExpressionKind::Tuple(items) => IgnoreChanges::Attributes(items.iter().filter_map(|item| self.ignored(item)).collect()),
            _ => {
                let detail = "The ignore_changes argument requires the keyword \"all\" or a list of attribute names.";
                self.error(attribute.value.range, "Invalid ignore_changes", detail);
                IgnoreChanges::None
            }
        }
    }

    fn ignored(&mut self, item: &Expression) -> Option<Traversal> {
        if matches!(&item.kind, ExpressionKind::Literal(value) if value.as_str() == Some("*")) {
            let detail = "The [\"*\"] form of ignore_changes is invalid. Use \"ignore_changes = all\" to ignore changes to all attributes.";
            self.error(item.range, "Invalid ignore_changes wildcard", detail);
            return None;
        }
        self.reference(item)
    }
}

pub(super) fn expression(body: &Body, name: &str) -> Option<Arc<Expression>> {
    body.attribute(name).map(|attribute| attribute.value.clone())
}

/// Whether the root of a reference can be a type of managed resources.
fn names_resource(reference: &Traversal) -> bool {
    const OTHERS: [&str; 9] = ["var", "local", "module", "data", "each", "count", "path", "terraform", "self"];
    !OTHERS.contains(&&*reference.root.name)
}

/// `count.index` and `each.key`.
fn is_own_key(key: &Expression) -> bool {
    let Some(traversal) = key.as_traversal() else { return false };
    let [TraversalStep::Attribute(name)] = traversal.steps.as_slice() else { return false };
    matches!((&*traversal.root.name, &*name.name), ("count", "index") | ("each", "key"))
}
