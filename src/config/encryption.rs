//! The `encryption` block of the root module with what `TF_ENCRYPTION` puts over it → settings.

use super::content::Report;
use super::statics::Statics;
use super::types::Module;
use crate::diagnostic::{Diagnostics, Range, SourceId, SourceMap};
use crate::encryption::{self, Encrypting};
use crate::syntax::ast::{Block, Body, Identifier};
use crate::syntax::{parse_file, parse_json_encryption};
use std::sync::Arc;

/// Arguments that refer to blocks beside them.
const REFERENCES: &[&str] = &["keys", "chain", "method", "a", "b"];
/// How the variable is called where messages point into it.
const VARIABLE: &str = "<TF_ENCRYPTION>";

/// What a module and the variable say of encryption. The variable's text is added to the sources, its secrets blacked out.
pub(super) fn encrypting(
    module: &Module,
    variable: Option<&str>,
    statics: &Statics<'_>,
    sources: &mut SourceMap,
) -> (Encrypting, Diagnostics) {
    let mut diagnostics = Diagnostics::none();
    let mut block = module.encryption_block.clone();
    if let Some(text) = variable.filter(|text| !text.trim().is_empty()) {
        let (over, found) = of_variable(text, sources);
        diagnostics.extend(found);
        match &mut block {
            Some(base) => encryption::merge(base, over),
            None => block = Some(over),
        }
    }
    let Some(block) = block else { return (Encrypting::Nothing, diagnostics) };
    let mut report = Report { sources, diagnostics };
    let settled = statics.settled_secretly(&block, REFERENCES, &mut report);
    let mut diagnostics = report.diagnostics;
    let (settings, found) = encryption::read(&settled);
    diagnostics.extend(found);
    match diagnostics.has_errors() {
        true => (Encrypting::Broken, diagnostics),
        false => (Encrypting::By(Arc::new(settings)), diagnostics),
    }
}

/// The content of the variable as a block.
fn of_variable(text: &str, sources: &mut SourceMap) -> (Block, Diagnostics) {
    let parse = |source| match text.trim_start().starts_with('{') {
        true => parse_json_encryption(source, text),
        false => parse_file(source, text),
    };
    let source = SourceId(sources.files().len() as u32);
    let (body, found) = parse(source);
    sources.add(VARIABLE, blackened(text, &body, found.has_errors()));
    let range = Range { source, start: 0, end: 0 };
    let kind = Identifier { name: "encryption".into(), range };
    (Block { kind, labels: Vec::new(), body, header: range, range }, found)
}

/// The text without its secrets: what stands on the right side of arguments, or, where it can't be parsed, everything in quotes.
fn blackened(text: &str, body: &Body, is_broken: bool) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut blacken = |start: usize, end: usize| {
        for byte in bytes.iter_mut().take(end).skip(start).filter(|byte| **byte != b'\n') {
            *byte = b'*';
        }
    };
    match is_broken {
        true => {
            let quotes: Vec<usize> = text.match_indices('"').map(|(position, _)| position).collect();
            quotes.chunks(2).for_each(|pair| blacken(pair[0] + 1, pair.get(1).copied().unwrap_or(text.len())));
        }
        false => {
            let mut open: Vec<&Body> = vec![body];
            while let Some(body) = open.pop() {
                for attribute in body.attributes.iter().filter(|attribute| !REFERENCES.contains(&&*attribute.name.name)) {
                    blacken(attribute.value.range.start as usize, attribute.value.range.end as usize);
                }
                open.extend(body.blocks.iter().map(|block| &block.body));
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
