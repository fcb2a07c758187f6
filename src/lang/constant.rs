//! Expressions that may refer to nothing.

use super::scope::{FileAnswer, FileQuestion, Resolved, Scope};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::ast::{Expression, ExpressionKind, Traversal};
use crate::syntax::walk;
use windlass_api::Value;

/// What expressions without references see: nothing.
pub struct NothingInScope;

impl Scope for NothingInScope {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        Err(Box::new(Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(traversal.range)))
    }

    fn file(&self, _question: &FileQuestion) -> FileAnswer {
        FileAnswer::Failed("functions that read files may not be used here".into())
    }
}

/// The value of an expression that may neither refer to anything nor call a function; `None` after an error, which is pushed.
pub fn constant(expression: &Expression, diagnostics: &mut Diagnostics) -> Option<Value> {
    if let ExpressionKind::Literal(value) = &expression.kind {
        return Some(value.clone());
    }
    let references = walk::references(expression);
    for reference in &references {
        diagnostics.push(Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(reference.range));
    }
    if let Some(range) = walk::first_call(expression) {
        diagnostics.push(Diagnostic::error("Function calls not allowed", "Functions may not be called here.").at(range));
        return None;
    }
    if !references.is_empty() {
        return None;
    }
    let (value, found) = super::evaluate(expression, &NothingInScope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    (!failed).then_some(value)
}
