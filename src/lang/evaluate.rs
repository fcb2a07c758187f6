//! Evaluation of expressions.

use super::Scope;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::ast::{Expression, ExpressionKind};
use windlass_api::{Type, Value};

/// The value of an expression.
///
/// Every part that fails is the unknown of no type in the result, so that one call finds several errors.
pub fn evaluate(expression: &Expression, _scope: &dyn Scope) -> (Value, Diagnostics) {
    match &expression.kind {
        ExpressionKind::Literal(value) => (value.clone(), Diagnostics::none()),
        _ => {
            let refusal = Diagnostic::error("Unsupported expression", "This form of expression is not available yet.");
            (Value::unknown(Type::Dynamic), refusal.at(expression.range).into())
        }
    }
}
