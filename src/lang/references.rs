//! What expressions and bodies refer to.

use crate::syntax::ast::{Block, Body, Expression, ExpressionKind, ForExpression, TemplatePart, Traversal, TraversalStep};
use std::sync::Arc;
use windlass_api::BlockSchema;

/// The references of an expression in source order, without the names that its own `for` parts declare.
pub fn references(expression: &Expression) -> Vec<Traversal> {
    let mut finder = Finder::default();
    finder.expression(expression);
    finder.found
}

/// The references of a body, `dynamic` blocks included, without the names of their iterators.
///
/// What the schema does not know is searched too: decoding reports it.
pub fn references_in_body(body: &Body, schema: &BlockSchema) -> Vec<Traversal> {
    let mut finder = Finder::default();
    finder.body(body, Some(schema));
    finder.found
}

/// Walks a tree; `bound` holds the names that hide a scope's.
#[derive(Default)]
struct Finder {
    bound: Vec<Arc<str>>,
    found: Vec<Traversal>,
}

impl Finder {
    fn expression(&mut self, expression: &Expression) {
        super::deep(|| self.shallow(expression));
    }

    fn all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expression>) {
        expressions.into_iter().for_each(|expression| self.expression(expression));
    }

    fn shallow(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Literal(_) | ExpressionKind::SplatItem => {}
            ExpressionKind::Variable(_) | ExpressionKind::Attribute(..) | ExpressionKind::Index(..) => self.chain(expression),
            ExpressionKind::Template(parts) => self.template(parts),
            ExpressionKind::Tuple(items) => self.all(items),
            ExpressionKind::Object(items) => self.all(items.iter().flat_map(|item| [&item.key, &item.value])),
            ExpressionKind::Splat { collection, each } => self.all([&**collection, each]),
            ExpressionKind::Conditional { condition, yes, no } => self.all([&**condition, yes, no]),
            ExpressionKind::Binary(_, left, right) => self.all([&**left, right]),
            ExpressionKind::Unary(_, inner) | ExpressionKind::Parenthesis(inner) => self.expression(inner),
            ExpressionKind::Call(call) => self.all(&call.arguments),
            ExpressionKind::For(each) => self.for_expression(each),
        }
    }

    /// A name and the steps after it; constant steps from the root on belong to the reference.
    fn chain(&mut self, expression: &Expression) {
        let mut keys = Vec::new();
        let mut rest = expression;
        // Where the constant steps that end at the root begin.
        let mut constant_from = expression;
        loop {
            match &rest.kind {
                ExpressionKind::Attribute(object, _) => rest = object,
                ExpressionKind::Index(collection, key) => {
                    if !matches!(key.kind, ExpressionKind::Literal(_)) {
                        keys.push(&**key);
                        constant_from = collection;
                    }
                    rest = collection;
                }
                _ => break,
            }
        }
        match &rest.kind {
            ExpressionKind::Variable(name) if self.bound.contains(name) => {}
            ExpressionKind::Variable(_) => self.found.extend(constant_from.as_traversal()),
            _ => self.expression(rest),
        }
        self.all(keys.into_iter().rev());
    }

    fn template(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(_) => {}
                TemplatePart::Interpolation(inner) => self.expression(inner),
                TemplatePart::If { condition, yes, no } => {
                    self.expression(condition);
                    self.template(yes);
                    self.template(no);
                }
                TemplatePart::For { key, value, collection, body } => {
                    self.expression(collection);
                    let names = key.iter().chain([value]).map(|identifier| identifier.name.clone()).collect();
                    self.binding(names, |finder| finder.template(body));
                }
            }
        }
    }

    fn for_expression(&mut self, each: &ForExpression) {
        self.expression(&each.collection);
        let names = each.key.iter().chain([&each.value]).map(|identifier| identifier.name.clone()).collect();
        self.binding(names, |finder| finder.all(each.result_key.iter().chain([&each.result]).chain(&each.condition)));
    }

    fn binding(&mut self, names: Vec<Arc<str>>, inside: impl FnOnce(&mut Finder)) {
        let before = self.bound.len();
        self.bound.extend(names);
        inside(self);
        self.bound.truncate(before);
    }

    fn body(&mut self, body: &Body, schema: Option<&BlockSchema>) {
        self.all(body.attributes.iter().map(|attribute| &*attribute.value));
        for block in &body.blocks {
            let nested = schema.and_then(|schema| schema.blocks.get(&block.kind.name)).map(|nested| &nested.block);
            match &*block.kind.name == "dynamic" && nested.is_none() {
                true => self.dynamic(block, schema),
                false => self.body(&block.body, nested),
            }
        }
    }

    fn dynamic(&mut self, block: &Block, schema: Option<&BlockSchema>) {
        let kind = block.labels.first().map(|label| label.name.clone());
        let nested = kind.as_ref().and_then(|kind| schema?.blocks.get(kind)).map(|nested| &nested.block);
        self.all(block.body.attribute("for_each").map(|attribute| &*attribute.value));
        let iterator = block.body.attribute("iterator").and_then(|attribute| iterator_name(&attribute.value)).or(kind);
        self.binding(iterator.into_iter().collect(), |finder| {
            finder.all(block.body.attribute("labels").map(|attribute| &*attribute.value));
            block.body.blocks_of("content").for_each(|content| finder.body(&content.body, nested));
        });
    }
}

/// The name that `iterator = name` declares.
pub(super) fn iterator_name(expression: &Expression) -> Option<Arc<str>> {
    match &expression.kind {
        ExpressionKind::Variable(name) => Some(name.clone()),
        _ => None,
    }
}

/// A reference as written, such as `var.hosts["a"]`.
pub(super) fn traversal_text(traversal: &Traversal) -> String {
    traversal.steps.iter().fold(traversal.root.name.to_string(), |text, step| match step {
        TraversalStep::Attribute(name) => format!("{text}.{}", name.name),
        TraversalStep::Index(key, _) => match (key.as_str(), key.as_number()) {
            (Some(key), _) => format!("{text}[{key:?}]"),
            (None, Some(number)) => format!("{text}[{number}]"),
            (None, None) => format!("{text}[null]"),
        },
    })
}
