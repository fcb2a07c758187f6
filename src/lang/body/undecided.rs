//! JSON bodies by their schemas: which members are arguments and which are blocks.

use super::attribute::as_blocks;
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::syntax::Undecided;
use crate::syntax::ast::{Block, Body};
use std::collections::HashMap;
use windlass_api::{BlockSchema, Nesting};

/// The block of time limits, which no schema of a type lists.
const TIMEOUTS: &str = "timeouts";

/// Makes arguments and blocks of what is undecided in a body, as its schema says, and in the blocks inside. What the schema does not
/// know becomes an argument, so that decoding tells of it.
pub fn decide(body: &mut Body, schema: &BlockSchema) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    decide_body(body, schema, &mut diagnostics);
    diagnostics
}

fn decide_body(body: &mut Body, schema: &BlockSchema, diagnostics: &mut Diagnostics) {
    let mut first: HashMap<String, Range> = HashMap::new();
    for undecided in std::mem::take(&mut body.undecided) {
        let name = undecided.name();
        let added = body.blocks.len();
        match (nesting_of(&undecided, schema), name) {
            (Some(nesting), _) => {
                let labels: &[&str] = if nesting == Nesting::Map { &["key"] } else { &[] };
                body.blocks.extend(undecided.blocks(labels, diagnostics));
            }
            (None, "dynamic") if !schema.attributes.contains_key("dynamic") => body.blocks.extend(undecided.dynamic(diagnostics)),
            (None, TIMEOUTS) if !schema.attributes.contains_key(TIMEOUTS) => body.blocks.extend(undecided.blocks(&[], diagnostics)),
            (None, _) => {
                if first.insert(name.to_owned(), undecided.range()).is_some() {
                    let detail = format!("The argument {name:?} was already set in this block.");
                    diagnostics.push(Diagnostic::error("Duplicate argument", detail).at(undecided.range()));
                    continue;
                }
                let attribute = undecided.attribute(diagnostics);
                body.attributes.push(attribute);
            }
        }
        body.blocks[added..].iter_mut().for_each(|block| decide_block(block, schema, diagnostics));
    }
}

fn decide_block(block: &mut Block, schema: &BlockSchema, diagnostics: &mut Diagnostics) {
    let is_dynamic = &*block.kind.name == "dynamic" && !schema.blocks.contains_key("dynamic");
    let kind = match block.labels.first() {
        Some(label) if is_dynamic => label.name.clone(),
        _ => block.kind.name.clone(),
    };
    let derived = schema.attributes.get(&kind).and_then(as_blocks);
    let nested = schema.blocks.get(&kind).or(derived.as_ref()).map(|nested| &nested.block);
    let nothing = BlockSchema::default();
    let nested = nested.unwrap_or(&nothing);
    match is_dynamic {
        true => {
            for content in block.body.blocks.iter_mut().filter(|content| &*content.kind.name == "content") {
                decide_body(&mut content.body, nested, diagnostics);
            }
        }
        false => decide_body(&mut block.body, nested, diagnostics),
    }
}

/// How the blocks nest that a member stands for. Where both forms are possible, the shape of its value decides.
fn nesting_of(undecided: &Undecided, schema: &BlockSchema) -> Option<Nesting> {
    match (schema.blocks.get(undecided.name()), schema.attributes.get(undecided.name())) {
        (Some(nested), _) if !nested.computed || undecided.is_like_blocks() => Some(nested.nesting),
        (None, Some(attribute)) if undecided.is_like_blocks() => as_blocks(attribute).map(|nested| nested.nesting),
        _ => None,
    }
}
