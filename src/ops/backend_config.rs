//! What a `backend` block says, with what `-backend-config` puts over it.

use super::{Context, Failed};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap, nearest};
use crate::lang::{NothingInScope, decode_body};
use crate::state::backend::{config_hash, is_known, is_removed, schema};
use crate::syntax::ast::{Attribute, Block, Expression, ExpressionKind, Identifier};
use crate::syntax::{self, Body};
use std::sync::Arc;
use windlass_api::{BlockSchema, Type, Value};

/// The back ends of this build, for messages.
const AVAILABLE: &[&str] = &["local", "http", "pg", "s3", "gcs", "oss"];

/// A block that was read.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    /// The back end's type.
    pub(super) kind: Arc<str>,
    /// All its arguments, those of `-backend-config` included; what is not set is null.
    pub(super) config: Value,
    /// The hash of what the block alone says.
    pub(super) hash: u64,
    /// The block's first line.
    pub(super) header: Range,
}

/// Reads a block by itself.
///
/// # Errors
/// There is no such back end, or its arguments are wrong.
pub(super) fn declared(block: &Block) -> Result<Declared, Diagnostics> {
    let schema = schema_of(block)?;
    let config = decode(&block.body, &without_required(&schema))?;
    let kind = block.labels[0].name.clone();
    let hash = config_hash(&kind, &config);
    Ok(Declared { kind, config, hash, header: block.header })
}

/// Reads a block with what `-backend-config` puts over it: `NAME=VALUE`, or the name of a file of arguments. Later ones win.
///
/// # Errors
/// The same, and overrides that can't be read or name no argument.
pub(super) fn declared_with(context: &Context, block: &Block, overrides: &[String], sources: &SourceMap) -> Result<Declared, Failed> {
    let mut reading = Overrides { sources: sources.clone(), diagnostics: Diagnostics::none(), attributes: Vec::new() };
    let read = reading.read(context, block, overrides);
    let finished = read.map_err(|errors| Failed { diagnostics: errors, sources: Arc::new(reading.sources) })?;
    Ok(finished)
}

struct Overrides {
    /// Those of the configuration, and what was read here.
    sources: SourceMap,
    diagnostics: Diagnostics,
    attributes: Vec<Attribute>,
}

impl Overrides {
    fn read(&mut self, context: &Context, block: &Block, overrides: &[String]) -> Result<Declared, Diagnostics> {
        let schema = schema_of(block)?;
        let alone = declared(block)?;
        for given in overrides {
            match given.split_once('=') {
                Some((name, text)) => self.pair(&schema, name.trim(), text),
                None => self.file(context, given),
            }
        }
        if self.diagnostics.has_errors() {
            return Err(std::mem::take(&mut self.diagnostics));
        }
        let mut body = block.body.clone();
        for attribute in std::mem::take(&mut self.attributes) {
            body.attributes.retain(|before| before.name.name != attribute.name.name);
            body.attributes.push(attribute);
        }
        let config = decode(&body, &schema)?;
        Ok(Declared { config, ..alone })
    }

    fn pair(&mut self, schema: &BlockSchema, name: &str, text: &str) {
        let Some(attribute) = schema.attributes.get(name) else {
            let near = nearest(name, schema.attributes.keys().map(|name| &**name));
            let hint = near.map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
            let detail = format!(
                "The backend configuration argument {name:?} given on the command line is not expected for the selected backend type.{hint}"
            );
            return self.diagnostics.push(Diagnostic::error("Invalid backend configuration argument", detail));
        };
        let shown = if attribute.sensitive { "(sensitive value)" } else { text };
        let source = self.sources.add(format!("<value for -backend-config={name}>"), shown);
        let range = Range { source, start: 0, end: shown.len() as u32 };
        let value = match attribute.ty {
            Type::String | Type::Number | Type::Bool => Arc::new(Expression { kind: ExpressionKind::Literal(Value::string(text)), range }),
            // What is not plain text is written as in a configuration.
            _ => match syntax::parse_expression(source, text, 0) {
                Ok(expression) => Arc::new(expression),
                Err(errors) => return self.diagnostics.extend(errors),
            },
        };
        self.attributes.push(Attribute { name: Identifier { name: name.into(), range }, value, range });
    }

    fn file(&mut self, context: &Context, name: &str) {
        let text = match std::fs::read_to_string(context.working_folder.join(name)) {
            Ok(text) => text,
            Err(_) => {
                let detail = format!("The file {name:?} could not be read.");
                return self.diagnostics.push(Diagnostic::error("Failed to read file", detail));
            }
        };
        let source = self.sources.add(name, text.as_str());
        let read = if name.ends_with(".json") { syntax::parse_json_values } else { syntax::parse_file };
        let (body, problems) = read(source, &text);
        self.diagnostics.extend(problems);
        for block in &body.blocks {
            let summary = format!("Unexpected {:?} block", &*block.kind.name);
            self.diagnostics.push(Diagnostic::error(summary, "Blocks are not allowed here.").at(block.header));
        }
        self.attributes.extend(body.attributes);
    }
}

fn decode(body: &Body, schema: &BlockSchema) -> Result<Value, Diagnostics> {
    let (value, mut found) = decode_body(body, schema, &NothingInScope);
    found.0.sort_by_key(|one| one.subject.map(|at| (at.source.0, at.start)));
    match found.has_errors() {
        true => Err(found),
        false => Ok(value),
    }
}

fn without_required(schema: &BlockSchema) -> BlockSchema {
    let mut schema = schema.clone();
    for attribute in schema.attributes.values_mut() {
        attribute.required = false;
        attribute.optional = true;
    }
    schema
}

/// The arguments that a block may have.
fn schema_of(block: &Block) -> Result<BlockSchema, Diagnostics> {
    let Some(label) = block.labels.first().filter(|_| &*block.kind.name == "backend") else {
        let detail = format!(
            "HCP Terraform and Terraform Enterprise are not available in Windlass. Remove the {:?} block, or keep the state in one of these back \
             ends: {}.",
            block.kind.name,
            AVAILABLE.join(", ")
        );
        return Err(Diagnostic::error("Back end not available", detail).at(block.header).into());
    };
    let kind = &*label.name;
    if let Some(schema) = schema(kind) {
        return Ok(schema);
    }
    let error = if is_removed(kind) {
        Diagnostic::error("Unsupported backend type", format!("The {kind:?} backend is not supported in Terraform v1.3 or later."))
    } else if is_known(kind) {
        let detail =
            format!("Terraform has a back end {kind:?}, but this build of Windlass has not. It has these: {}.", AVAILABLE.join(", "));
        Diagnostic::error("Back end not available", detail)
    } else {
        let hint = nearest(kind, AVAILABLE.iter().copied()).map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
        Diagnostic::error("Unsupported backend type", format!("There is no backend type named {kind:?}.{hint}"))
    };
    Err(error.at(label.range).into())
}
