//! Finds the references of expressions and bodies.

use super::ast::{Body, Expression, ExpressionKind, Identifier, TemplatePart, Traversal, TraversalStep};
use crate::diagnostic::{Diagnostics, Range};
use std::sync::Arc;
use windlass_api::Value;

/// All references of an expression, in source order, without the names that its own `for` expressions bind.
///
/// A reference goes up to its first index that is no constant; references inside that index follow.
pub fn references(expression: &Expression) -> Vec<Traversal> {
    let mut walk = Walk::default();
    walk.expression(expression);
    walk.found
}

/// All references of a body and of the blocks in it, in source order, without the iterators of its `dynamic` blocks.
pub fn body_references(body: &Body) -> Vec<Traversal> {
    let mut walk = Walk::default();
    walk.body(body);
    walk.found
}

#[derive(Default)]
struct Walk {
    bound: Vec<Arc<str>>,
    found: Vec<Traversal>,
    first_call: Option<Range>,
}

impl Walk {
    fn body(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.expression(&attribute.value);
        }
        for undecided in &body.undecided {
            self.expression(&undecided.attribute(&mut Diagnostics::none()).value);
        }
        for block in &body.blocks {
            match &*block.kind.name == "dynamic" && block.labels.len() == 1 {
                true => self.dynamic(&block.labels[0], &block.body),
                false => self.body(&block.body),
            }
        }
    }

    fn dynamic(&mut self, label: &Identifier, body: &Body) {
        if let Some(for_each) = body.attribute("for_each") {
            self.expression(&for_each.value);
        }
        let iterator = body.attribute("iterator").and_then(|attribute| attribute.value.as_traversal());
        self.bound.push(iterator.map_or_else(|| label.name.clone(), |traversal| traversal.root.name));
        if let Some(labels) = body.attribute("labels") {
            self.expression(&labels.value);
        }
        for content in body.blocks_of("content") {
            self.body(&content.body);
        }
        self.bound.pop();
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Literal(_) | ExpressionKind::SplatItem => {}
            ExpressionKind::Variable(_) | ExpressionKind::Attribute(..) | ExpressionKind::Index(..) => self.chain(expression),
            ExpressionKind::Template(parts) => self.template(parts),
            ExpressionKind::Tuple(items) => items.iter().for_each(|item| self.expression(item)),
            ExpressionKind::Object(items) => items.iter().for_each(|item| {
                self.expression(&item.key);
                self.expression(&item.value);
            }),
            ExpressionKind::Splat { collection, each } => {
                self.expression(collection);
                self.expression(each);
            }
            ExpressionKind::Conditional { condition, yes, no } => {
                self.expression(condition);
                self.expression(yes);
                self.expression(no);
            }
            ExpressionKind::Binary(_, left, right) => {
                self.expression(left);
                self.expression(right);
            }
            ExpressionKind::Unary(_, inner) | ExpressionKind::Parenthesis(inner) => self.expression(inner),
            ExpressionKind::Call(call) => {
                self.first_call.get_or_insert(call.name.range);
                // The second argument of `convert` names a type: `string` in it is no reference.
                let count = if matches!(&*call.name.name, "convert" | "core::convert") { 1 } else { call.arguments.len() };
                call.arguments.iter().take(count).for_each(|argument| self.expression(argument));
            }
            ExpressionKind::For(for_expression) => {
                self.expression(&for_expression.collection);
                let bound = self.bind(for_expression.key.as_ref(), &for_expression.value);
                let parts = [for_expression.result_key.as_ref(), Some(&for_expression.result), for_expression.condition.as_ref()];
                parts.into_iter().flatten().for_each(|part| self.expression(part));
                self.bound.truncate(bound);
            }
        }
    }

    fn bind(&mut self, key: Option<&Identifier>, value: &Identifier) -> usize {
        let before = self.bound.len();
        self.bound.extend(key.map(|key| key.name.clone()));
        self.bound.push(value.name.clone());
        before
    }

    fn template(&mut self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Literal(_) => {}
                TemplatePart::Interpolation(expression) => self.expression(expression),
                TemplatePart::If { condition, yes, no } => {
                    self.expression(condition);
                    self.template(yes);
                    self.template(no);
                }
                TemplatePart::For { key, value, collection, body } => {
                    self.expression(collection);
                    let bound = self.bind(key.as_ref(), value);
                    self.template(body);
                    self.bound.truncate(bound);
                }
            }
        }
    }

    /// A chain of attributes and indexes down to its root.
    fn chain(&mut self, expression: &Expression) {
        let mut links = Vec::new();
        let mut root = expression;
        while let ExpressionKind::Attribute(inner, _) | ExpressionKind::Index(inner, _) = &root.kind {
            links.push(root);
            root = inner;
        }
        links.reverse();
        match &root.kind {
            ExpressionKind::Variable(name) if !self.bound.contains(name) => {
                self.found.push(prefix(Identifier { name: name.clone(), range: root.range }, &links));
            }
            ExpressionKind::Variable(_) => {}
            _ => self.expression(root),
        }
        for link in links {
            if let ExpressionKind::Index(_, key) = &link.kind {
                self.expression(key);
            }
        }
    }
}

fn prefix(root: Identifier, links: &[&Expression]) -> Traversal {
    let mut traversal = Traversal { range: root.range, root, steps: Vec::new() };
    for link in links {
        let step = match &link.kind {
            ExpressionKind::Attribute(_, name) => TraversalStep::Attribute(name.clone()),
            ExpressionKind::Index(_, key) => match constant(key) {
                Some(value) => TraversalStep::Index(value, key.range),
                None => break,
            },
            _ => break,
        };
        traversal.steps.push(step);
        traversal.range = link.range;
    }
    traversal
}

fn constant(key: &Expression) -> Option<Value> {
    match &key.kind {
        ExpressionKind::Literal(value) => Some(value.clone()),
        _ => None,
    }
}

/// The name of the first function call in an expression.
pub fn first_call(expression: &Expression) -> Option<Range> {
    let mut walk = Walk::default();
    walk.expression(expression);
    walk.first_call
}
