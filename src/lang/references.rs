//! What expressions and bodies refer to.

use crate::syntax::ast::{Body, Expression, ExpressionKind, Traversal, TraversalStep};
use crate::syntax::walk::body_references;
use std::sync::Arc;
use windlass_api::BlockSchema;

/// The references of a body, `dynamic` blocks included, without the names of their iterators.
///
/// What the schema does not know is searched too: decoding reports it.
pub fn references_in_body(body: &Body, _schema: &BlockSchema) -> Vec<Traversal> {
    body_references(body)
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
