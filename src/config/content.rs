//! What every kind of block needs while it is read: allowed names, required arguments, constants.

use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceMap, nearest};
use crate::lang;
use crate::syntax::ast::{Attribute, Block, Body, Expression, ExpressionKind, Traversal};
use crate::syntax::{is_identifier, parse_expression};
use std::sync::Arc;
use windlass_api::{Type, Value};

/// What Terraform says of an argument that is not there.
pub(super) const MISSING_ARGUMENT: &str = "Missing required argument";

/// What Terraform says of a bad name.
pub(super) const NAME_RULE: &str =
    "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";

/// Where messages go while files are read.
pub(super) struct Report<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) diagnostics: Diagnostics,
}

impl Report<'_> {
    pub(super) fn error(&mut self, range: Range, summary: impl Into<String>, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    /// Refuses attributes and blocks that are not listed.
    pub(super) fn check_names(&mut self, body: &Body, attributes: &[&str], blocks: &[&str]) {
        for attribute in &body.attributes {
            let name = &*attribute.name.name;
            if attributes.contains(&name) {
                continue;
            }
            let hint = match nearest(name, attributes.iter().copied()) {
                _ if blocks.contains(&name) => format!(" Did you mean to define a block of type {name:?}?"),
                Some(near) => format!(" Did you mean {near:?}?"),
                None => String::new(),
            };
            let detail = format!("An argument named {name:?} is not expected here.{hint}");
            self.error(attribute.name.range, "Unsupported argument", detail);
        }
        for block in &body.blocks {
            let name = &*block.kind.name;
            if !blocks.contains(&name) {
                self.unsupported_block(block, attributes, blocks);
            }
        }
    }

    pub(super) fn unsupported_block(&mut self, block: &Block, attributes: &[&str], blocks: &[&str]) {
        let name = &*block.kind.name;
        let hint = match nearest(name, blocks.iter().copied()) {
            _ if attributes.contains(&name) => {
                format!(" Did you mean to define argument {name:?}? If so, use the equals sign to assign it a value.")
            }
            Some(near) => format!(" Did you mean {near:?}?"),
            None => String::new(),
        };
        self.error(block.kind.range, "Unsupported block type", format!("Blocks of type {name:?} are not expected here.{hint}"));
    }

    /// An argument that must be there.
    pub(super) fn required<'b>(&mut self, body: &'b Body, name: &str, header: Range) -> Option<&'b Attribute> {
        let found = body.attribute(name);
        if found.is_none() {
            let detail = format!("The argument {name:?} is required, but no definition was found.");
            self.error(header, MISSING_ARGUMENT, detail);
        }
        found
    }

    /// Refuses what can't be a name.
    pub(super) fn check_name(&mut self, kind: &str, name: &str, range: Range) -> bool {
        let valid = is_identifier(name);
        if !valid {
            self.error(range, format!("Invalid {kind} name"), NAME_RULE);
        }
        valid
    }

    /// Refuses a block with another number of labels than `names` has.
    pub(super) fn check_labels(&mut self, block: &Block, names: &[&str]) -> bool {
        let kind = &block.kind.name;
        let (count, list) = (names.len(), names.join(", "));
        if let Some(extra) = block.labels.get(count) {
            let (summary, detail) = match count {
                0 => (format!("Extraneous label for {kind}"), format!("No labels are expected for {kind} blocks.")),
                _ => (format!("Extraneous label for {kind}"), format!("Only {count} labels ({list}) are expected for {kind} blocks.")),
            };
            self.error(extra.range, summary, detail);
            return false;
        }
        if let Some(missing) = names.get(block.labels.len()) {
            let detail = format!("All {kind} blocks must have {count} labels ({list}).");
            self.error(block.header, format!("Missing {missing} for {kind}"), detail);
            return false;
        }
        true
    }

    /// The value of an expression that may refer to nothing.
    pub(super) fn constant(&mut self, expression: &Expression) -> Option<Value> {
        lang::constant(expression, &mut self.diagnostics)
    }

    /// A constant truth value; `default` when it is absent or wrong.
    pub(super) fn constant_bool(&mut self, body: &Body, name: &str, default: bool) -> bool {
        let Some(attribute) = body.attribute(name) else { return default };
        let Some(value) = self.constant(&attribute.value) else { return default };
        match value.as_bool().or_else(|| value.as_str().and_then(|text| text.parse().ok())) {
            Some(value) => value,
            None => {
                self.error(attribute.value.range, "Unsuitable value type", "Unsuitable value: bool required");
                default
            }
        }
    }

    /// A constant string.
    pub(super) fn constant_string(&mut self, body: &Body, name: &str) -> Option<(Arc<str>, Range)> {
        let attribute = body.attribute(name)?;
        self.string(&attribute.value).map(|text| (text, attribute.value.range))
    }

    /// The text of an expression that must be a constant string.
    pub(super) fn string(&mut self, expression: &Expression) -> Option<Arc<str>> {
        let value = self.constant(expression)?;
        match value.as_str() {
            Some(text) => Some(text.into()),
            None => {
                self.error(expression.range, "Unsuitable value type", "Unsuitable value: string required");
                None
            }
        }
    }

    /// A list of references, as `depends_on` holds it.
    pub(super) fn reference_list(&mut self, body: &Body, name: &str) -> Vec<Traversal> {
        self.static_list(body, name).iter().filter_map(|item| self.reference(item)).collect()
    }

    /// The items of an argument that must be written as a list.
    pub(super) fn static_list(&mut self, body: &Body, name: &str) -> Vec<Expression> {
        body.attribute(name).map_or_else(Vec::new, |attribute| self.static_items(&attribute.value).to_vec())
    }

    /// The items of an expression that must be written as a list.
    pub(super) fn static_items<'e>(&mut self, list: &'e Expression) -> &'e [Expression] {
        let ExpressionKind::Tuple(items) = &list.kind else {
            self.error(list.range, "Invalid expression", "A static list expression is required.");
            return &[];
        };
        items
    }

    /// An expression that must be a reference with constant keys; in quotes it is accepted with a warning.
    pub(super) fn reference(&mut self, expression: &Expression) -> Option<Traversal> {
        let quoted = self.unquoted(expression);
        self.static_reference(quoted.as_ref().unwrap_or(expression), expression.range)
    }

    /// The same where nothing may stand in quotes; `range` is what messages point to.
    pub(super) fn static_reference(&mut self, expression: &Expression, range: Range) -> Option<Traversal> {
        let traversal = expression.as_traversal();
        if traversal.is_none() {
            let detail = "A single static variable reference is required: only attribute access and indexing with constant keys. No \
                          calculations, function calls, template expressions, etc are allowed here.";
            self.error(range, "Invalid expression", detail);
        }
        traversal
    }

    /// The expression inside quotes, with a warning.
    pub(super) fn unquoted(&mut self, expression: &Expression) -> Option<Expression> {
        let ExpressionKind::Literal(value) = &expression.kind else { return None };
        let text = value.as_str()?;
        let inner = parse_expression(expression.range.source, text, expression.range.start + 1).ok()?;
        let detail = "In this context, references are expected literally rather than in quotes. Terraform 0.11 and earlier required \
                      quotes, but quoted references are now deprecated. Remove the quotes surrounding this reference to silence this warning.";
        self.diagnostics.push(Diagnostic::warning("Quoted references are deprecated", detail).at(expression.range));
        Some(inner)
    }
}

/// A body without some of its arguments and blocks.
pub(super) fn without(body: &Body, attributes: &[&str], blocks: &[&str]) -> Body {
    Body {
        attributes: body.attributes.iter().filter(|attribute| !attributes.contains(&&*attribute.name.name)).cloned().collect(),
        blocks: body.blocks.iter().filter(|block| !blocks.contains(&&*block.kind.name)).cloned().collect(),
        undecided: body.undecided.clone(),
        range: body.range,
    }
}

/// A null of no type means that an argument was not given.
pub(super) fn is_untyped_null(value: &Value) -> bool {
    value.is_null() && value.ty() == &Type::Dynamic
}

/// The body with the content of its `_` blocks, which escapes names that would be meta-arguments.
pub(super) fn escaped(body: &Body, mut rest: Body) -> Body {
    for block in body.blocks_of("_") {
        rest.attributes.extend(block.body.attributes.iter().cloned());
        rest.blocks.extend(block.body.blocks.iter().cloned());
        rest.undecided.extend(block.body.undecided.iter().cloned());
    }
    rest
}
