//! The JSON form of the language: `*.tf.json`.
//!
//! ```text
//! text ─lex→ tokens ─read→ Json ─translate (by shapes)→ ast::Body
//! ```
//!
//! A JSON object does not say whether a member is an argument or a block. For blocks of the language itself `shapes` says so, and also
//! which strings are templates, which are plain, and which hold a reference or a type. What belongs to the schema of a provider
//! stays [`Undecided`] in the body until `lang` resolves it by that schema; above that, nothing knows that a file was JSON.

mod lex;
mod read;
mod shapes;
#[cfg(test)]
mod tests;
mod translate;

use super::ast::{Attribute, Block, Body};
use crate::diagnostic::{Diagnostics, Range, SourceId};
use read::{Json, JsonKind, Member};
use shapes::{DYNAMIC, Form, Shape};
use std::sync::Arc;
use translate::Translation;

/// Reads a `*.tf.json` file. Blocks with mistakes of JSON inside are left out.
pub fn parse_json_file(source: SourceId, text: &str) -> (Body, Diagnostics) {
    let (json, diagnostics) = read::read(source, text);
    let mut translation = Translation::new(source, text, diagnostics);
    let body = translation.file(&json, &shapes::FILE);
    (body, translation.diagnostics)
}

/// Reads the content of an `encryption` block.
pub fn parse_json_encryption(source: SourceId, text: &str) -> (Body, Diagnostics) {
    let (json, diagnostics) = read::read(source, text);
    let mut translation = Translation::new(source, text, diagnostics);
    let body = translation.file(&json, &shapes::ENCRYPTION);
    (body, translation.diagnostics)
}

/// Reads a `*.tfvars.json` file: one object of plain values.
pub fn parse_json_values(source: SourceId, text: &str) -> (Body, Diagnostics) {
    let (json, diagnostics) = read::read(source, text);
    let mut translation = Translation::new(source, text, diagnostics);
    let body = translation.file(&json, &shapes::VALUES);
    (body, translation.diagnostics)
}

/// A member of a JSON object that is an argument or stands for blocks, as the schema says.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    source: SourceId,
    member: Arc<Member>,
}

impl Undecided {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.member.name.text
    }

    /// Where the name stands.
    pub fn range(&self) -> Range {
        Range { source: self.source, start: self.member.range.0, end: self.member.range.1 }
    }

    /// The names in it, if it is an object or a list of objects.
    pub fn members(&self) -> Vec<String> {
        let names = |json: &Json| match &json.kind {
            JsonKind::Object(members) => members.iter().map(|member| member.name.text.clone()).collect(),
            _ => Vec::new(),
        };
        match &self.member.value.kind {
            JsonKind::Array(items) => items.iter().flat_map(names).collect(),
            _ => names(&self.member.value),
        }
    }

    /// Whether it is an object or a list of nothing but objects, at least one.
    pub fn is_like_blocks(&self) -> bool {
        let is_object = |json: &Json| matches!(json.kind, JsonKind::Object(_));
        match &self.member.value.kind {
            JsonKind::Array(items) => !items.is_empty() && items.iter().all(is_object),
            _ => is_object(&self.member.value),
        }
    }

    /// It as an argument.
    pub fn attribute(&self, diagnostics: &mut Diagnostics) -> Attribute {
        self.translate(diagnostics, |translation| translation.attribute(&self.member, Form::Template))
    }

    /// It as blocks, whose bodies are undecided again. `labels` names the labels of such blocks.
    pub fn blocks(&self, labels: &'static [&'static str], diagnostics: &mut Diagnostics) -> Vec<Block> {
        self.shaped(&Shape { labels, ..Shape::OPEN }, diagnostics)
    }

    /// It as `dynamic` blocks, the bodies of their `content` undecided.
    pub fn dynamic(&self, diagnostics: &mut Diagnostics) -> Vec<Block> {
        self.shaped(&DYNAMIC, diagnostics)
    }

    fn shaped(&self, shape: &Shape, diagnostics: &mut Diagnostics) -> Vec<Block> {
        self.translate(diagnostics, |translation| {
            let mut blocks = Vec::new();
            translation.blocks(&self.member, shape, &mut blocks);
            blocks
        })
    }

    fn translate<T>(&self, diagnostics: &mut Diagnostics, part: impl FnOnce(&mut Translation) -> T) -> T {
        let mut translation = Translation::new(self.source, "", Diagnostics::none());
        let result = part(&mut translation);
        diagnostics.extend(translation.diagnostics);
        result
    }
}
