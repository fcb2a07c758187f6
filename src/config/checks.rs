//! `check` blocks: assertions about what is there, that warn and stop nothing.

use super::content::Report;
use super::types::{Condition, ResourceBlock};
use crate::address::{Mode, Resource};
use crate::diagnostic::Range;
use crate::syntax::ast::{Block, Body};
use std::sync::Arc;

/// A `check` block.
#[derive(Clone, Debug)]
pub struct CheckBlock {
    /// Its name.
    pub name: Arc<str>,
    /// The data source inside, which only its own assertions may name.
    pub data: Option<Resource>,
    /// `assert` blocks, at least one.
    pub asserts: Vec<Condition>,
    /// The header.
    pub range: Range,
}

impl Report<'_> {
    /// A check, and the data source inside.
    pub(super) fn check(&mut self, block: &Block) -> Option<(CheckBlock, Option<ResourceBlock>)> {
        if !self.check_labels(block, &["name"]) {
            return None;
        }
        let name = &block.labels[0];
        if !self.check_name("check", &name.name, name.range) {
            return None;
        }
        let body = &block.body;
        self.check_names(body, &[], &["data", "assert"]);
        let data = self.nested_data(body, &name.name);
        let asserts: Vec<Condition> = body.blocks_of("assert").filter_map(|block| self.condition(block)).collect();
        if body.blocks_of("assert").next().is_none() {
            self.error(block.header, "Zero assert blocks", "Check blocks must have at least one assert block.");
        }
        let resource = data.as_ref().map(|data| data.address.clone());
        Some((CheckBlock { name: name.name.clone(), data: resource, asserts, range: block.header }, data))
    }

    fn nested_data(&mut self, body: &Body, check: &Arc<str>) -> Option<ResourceBlock> {
        let mut blocks = body.blocks_of("data");
        let block = blocks.next()?;
        for second in blocks {
            let place = self.sources.place(block.header);
            let detail = format!("This check block already has a data resource defined at {place}.");
            self.error(second.header, "Multiple data resource blocks", detail);
        }
        for name in ["count", "for_each"] {
            if let Some(attribute) = block.body.attribute(name) {
                let detail = "The \"count\" and \"for_each\" meta-arguments are not supported within nested data blocks.";
                self.error(attribute.name.range, format!("Invalid {name:?} attribute"), detail);
            }
        }
        if let Some(lifecycle) = block.body.blocks_of("lifecycle").next() {
            let detail = "Nested data blocks do not support \"lifecycle\" blocks as the lifecycle is managed by the containing block.";
            self.error(lifecycle.header, "Invalid lifecycle block", detail);
        }
        let data = self.resource(block, Mode::Data)?;
        Some(ResourceBlock { check: Some(check.clone()), count: None, for_each: None, enabled: None, ..data })
    }
}
