//! Evaluation of expressions, by the rules of HCL.
//!
//! A part that fails pushes its errors and yields the unknown of no type, so that evaluation goes on and one call finds
//! several mistakes.

mod call;
mod conditional;
mod loops;
mod operators;
mod splat;
mod template;
mod traverse;

pub(super) use conditional::range;
pub(super) use loops::items;
pub(super) use template::safe_prefix;

use super::Scope;
use super::references::traversal_text;
use crate::diagnostic::{Diagnostic, Diagnostics, ExpressionValue, Range};
use crate::syntax::ast::{Expression, ExpressionKind, ObjectItem, Traversal};
use crate::syntax::walk::references;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::value::convert::convert;
use windlass_api::{Marks, Type, Value};

/// The value of an expression.
///
/// Every part that fails is the unknown of no type in the result, so that one call finds several errors.
pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> (Value, Diagnostics) {
    let mut evaluator = Evaluator::new(scope);
    let value = evaluator.value(expression);
    (value, evaluator.finish())
}

/// The values of what an expression refers to, for a message about its result.
pub fn referenced_values(expression: &Expression, scope: &dyn Scope) -> Vec<ExpressionValue> {
    Evaluator::new(scope).values_of(expression)
}

/// What stands for a part that failed.
pub(super) fn failed() -> Value {
    Value::unknown(Type::Dynamic)
}

/// One evaluation: the scope, the names that expressions declare themselves, and the messages so far.
pub(super) struct Evaluator<'a> {
    pub(super) scope: &'a dyn Scope,
    pub(super) diagnostics: Diagnostics,
    /// Names that the scope does not know. Not for `try` to swallow, nor for the other branch of a conditional: they are mistakes
    /// of the configuration, whatever its values are.
    undeclared: Diagnostics,
    /// Names of `for` parts, iterators and template variables; the last one of a name counts.
    locals: Vec<(Arc<str>, Value)>,
    /// Elements of the splats around, innermost last.
    splat_items: Vec<Value>,
    /// How many template files are being evaluated inside one another.
    pub(super) template_depth: usize,
    /// Only what is in `locals` can be seen: inside a template file.
    closed: bool,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(scope: &'a dyn Scope) -> Evaluator<'a> {
        Evaluator {
            scope,
            diagnostics: Diagnostics::none(),
            undeclared: Diagnostics::none(),
            locals: Vec::new(),
            splat_items: Vec::new(),
            template_depth: 0,
            closed: false,
        }
    }

    /// All messages.
    pub(super) fn finish(self) -> Diagnostics {
        let mut all = self.undeclared;
        all.extend(self.diagnostics);
        all
    }

    /// The value of an expression; errors are pushed.
    pub(super) fn value(&mut self, expression: &Expression) -> Value {
        crate::lang::deep(|| self.dispatch(expression))
    }

    fn dispatch(&mut self, expression: &Expression) -> Value {
        match &expression.kind {
            ExpressionKind::Literal(value) => value.clone(),
            ExpressionKind::Template(parts) => self.template(parts),
            ExpressionKind::Tuple(items) => Value::tuple(items.iter().map(|item| self.value(item)).collect()),
            ExpressionKind::Object(items) => self.object(items),
            ExpressionKind::Variable(_) | ExpressionKind::Attribute(..) | ExpressionKind::Index(..) => self.chain(expression),
            ExpressionKind::Splat { collection, each } => self.splat(collection, each),
            ExpressionKind::SplatItem => self.splat_items.last().cloned().unwrap_or_else(failed),
            ExpressionKind::Conditional { condition, yes, no } => self.conditional(condition, yes, no),
            ExpressionKind::Binary(operator, left, right) => self.binary(*operator, left, right, expression),
            ExpressionKind::Unary(operator, inner) => self.unary(*operator, inner, expression),
            ExpressionKind::Call(call) => self.call(call, expression),
            ExpressionKind::For(each) => self.for_expression(each),
            ExpressionKind::Parenthesis(inner) => self.value(inner),
        }
    }

    /// An object expression: keys become strings, their marks go to the object, and a later item with an equal key wins.
    fn object(&mut self, items: &[ObjectItem]) -> Value {
        let mut fields = Fields::new();
        let mut marks = Marks::NONE;
        let mut known = true;
        for item in items {
            if item.key.as_traversal().is_some() {
                let detail = "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a \
                              literal name containing periods, wrap it in quotes to create a string literal.";
                self.error(&item.key, "Ambiguous attribute key", detail);
                known = false;
                continue;
            }
            let key = self.value(&item.key);
            let value = self.value(&item.value);
            if key.is_null() {
                self.error(&item.key, "Null value as key", "Can't use a null value as a key.");
                known = false;
                continue;
            }
            marks = marks.union(key.marks());
            match convert(&key.unmarked(), &Type::String) {
                Ok(text) => match text.as_str() {
                    Some(text) => drop(fields.insert(Arc::from(text), value)),
                    None => known = false,
                },
                Err(reason) => {
                    self.error(&item.key, "Incorrect key type", format!("Can't use this value as a key: {reason}."));
                    known = false;
                }
            }
        }
        match known {
            true => Value::object(fields).with_marks(marks),
            false => failed().with_marks(marks),
        }
    }

    /// The value that a name declared by the expression itself has.
    fn local(&self, name: &str) -> Option<&Value> {
        self.locals.iter().rev().find(|(local, _)| &**local == name).map(|(_, value)| value)
    }

    /// Evaluates with more names declared.
    pub(super) fn with_locals<T>(&mut self, names: Vec<(Arc<str>, Value)>, inside: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.locals.len();
        self.locals.extend(names);
        let result = inside(self);
        self.locals.truncate(before);
        result
    }

    /// Evaluates and keeps the messages apart.
    pub(super) fn apart<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> (T, Diagnostics) {
        let outer = std::mem::take(&mut self.diagnostics);
        let result = inside(self);
        (result, std::mem::replace(&mut self.diagnostics, outer))
    }

    /// Pushes an error about an expression, with the values of what it refers to.
    pub(super) fn error(&mut self, about: &Expression, summary: &str, detail: impl Into<String>) {
        self.error_at(about.range, about, summary, detail);
    }

    /// The same with the caret elsewhere.
    pub(super) fn error_at(&mut self, at: Range, about: &Expression, summary: &str, detail: impl Into<String>) {
        let values = self.values_of(about);
        self.diagnostics.push(Diagnostic { values, ..Diagnostic::error(summary, detail).at(at) });
    }

    /// The values of what an expression refers to, each once.
    fn values_of(&mut self, expression: &Expression) -> Vec<ExpressionValue> {
        let mut values: Vec<ExpressionValue> = Vec::new();
        for traversal in references(expression) {
            let Some((known, value)) = self.longest_sound(traversal) else { continue };
            let traversal = traversal_text(&known);
            if values.iter().all(|other| other.traversal != traversal) {
                values.push(ExpressionValue { traversal, value: shown(value) });
            }
        }
        values
    }

    /// As much of a reference as has a value: where the error lies in its last step, what stands before it tells why.
    fn longest_sound(&mut self, mut traversal: Traversal) -> Option<(Traversal, Value)> {
        loop {
            if let Some(value) = self.quiet_value(&traversal) {
                return Some((traversal, value));
            }
            traversal.steps.pop()?;
        }
    }

    fn quiet_value(&mut self, traversal: &Traversal) -> Option<Value> {
        let undeclared = self.undeclared.0.len();
        let (value, messages) = self.apart(|evaluator| evaluator.traversal(traversal));
        let declared = self.undeclared.0.len() == undeclared;
        self.undeclared.0.truncate(undeclared);
        (declared && !messages.has_errors()).then_some(value)
    }
}

impl Evaluator<'_> {
    /// The text of a template file, with its messages apart: their ranges are not of the configuration's sources.
    pub(super) fn rendered_apart(&mut self, names: Vec<(Arc<str>, Value)>, template: &Expression) -> (Value, Diagnostics) {
        let outer = (std::mem::replace(&mut self.locals, names), std::mem::replace(&mut self.closed, true));
        self.template_depth += 1;
        let result = self.apart(|evaluator| evaluator.value(template));
        self.template_depth -= 1;
        (self.locals, self.closed) = outer;
        result
    }
}

/// What a message may hold of a value: nothing of a part that is sensitive or ephemeral.
fn shown(value: Value) -> Value {
    let secret = value.marks_deep();
    match secret.is_secret() {
        true => Value::null(value.ty().clone()).with_marks(secret),
        false => value,
    }
}
