//! `collection.*.rest` and `collection[*].rest`.

use super::{Evaluator, failed};
use crate::diagnostic::Severity;
use crate::syntax::ast::Expression;
use windlass_api::value::convert::convert;
use windlass_api::{Refinement, Type, Value};

impl Evaluator<'_> {
    pub(super) fn splat(&mut self, collection: &Expression, each: &Expression) -> Value {
        let before = self.diagnostics.0.len();
        let source = self.value(collection);
        if self.has_errors_since(before) {
            return failed();
        }
        let marks = source.marks();
        let is_sequence = matches!(source.ty(), Type::Tuple(_) | Type::List(_) | Type::Set(_));
        if source.is_null() {
            if is_sequence {
                let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
                self.error(collection, "Splat of null value", detail);
                return failed();
            }
            return Value::tuple(Vec::new()).with_marks(marks);
        }
        if *source.ty() == Type::Dynamic {
            return failed().with_marks(marks);
        }
        if !is_sequence {
            return self.splat_of_one(source, each);
        }
        let source = source.unmarked();
        let Some(elements) = source.elements() else { return self.splat_of_unknown(&source, each).with_marks(marks) };
        let before = self.diagnostics.0.len();
        let results: Vec<Value> = elements.iter().map(|element| self.splat_item(element.clone(), each)).collect();
        let result = match source.ty() {
            _ if self.has_errors_since(before) => failed(),
            Type::Tuple(_) => Value::tuple(results),
            ty => match results.first() {
                Some(first) => list_of(first.ty().clone(), results),
                None => {
                    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
                    Value::list(self.splat_type(element, each), Vec::new())
                }
            },
        };
        result.with_marks(marks)
    }

    /// A value that is no sequence counts as the one element of a tuple; as none if it is null, so an unknown one says nothing.
    fn splat_of_one(&mut self, source: Value, each: &Expression) -> Value {
        let marks = source.marks();
        let may_be_null = !source.is_known() && !source.is_surely_not_null();
        let result = self.splat_item(source, each);
        match may_be_null {
            true => failed().with_marks(marks),
            false => Value::tuple(vec![result]),
        }
    }

    fn splat_of_unknown(&mut self, source: &Value, each: &Expression) -> Value {
        match source.ty() {
            Type::Tuple(types) => {
                Value::unknown(Type::tuple(types.iter().map(|ty| self.splat_type(ty.clone(), each)).collect())).not_null()
            }
            ty => {
                let element = self.splat_type(ty.element().cloned().unwrap_or(Type::Dynamic), each);
                let known = super::conditional::range(source);
                let length_minimum = known.length_minimum.map(|least| if matches!(ty, Type::Set(_)) { least.min(1) } else { least });
                Value::unknown_refined(Type::list(element), Refinement { not_null: true, length_minimum, ..known })
            }
        }
    }

    fn splat_item(&mut self, item: Value, each: &Expression) -> Value {
        self.splat_items.push(item);
        let result = self.value(each);
        self.splat_items.pop();
        result
    }

    /// The type that an element of a type yields.
    fn splat_type(&mut self, element: Type, each: &Expression) -> Type {
        let (value, messages) = self.apart(|evaluator| evaluator.splat_item(Value::unknown(element), each));
        self.diagnostics.extend(messages);
        value.ty().clone()
    }

    fn has_errors_since(&self, before: usize) -> bool {
        self.diagnostics.0[before..].iter().any(|message| message.severity == Severity::Error)
    }
}

/// A list of results; where their types differ, as with elements of no type, they stay a tuple.
fn list_of(element: Type, results: Vec<Value>) -> Value {
    match results.iter().map(|result| convert(result, &element)).collect::<Result<Vec<Value>, _>>() {
        Ok(converted) if element != Type::Dynamic => Value::list(element, converted),
        _ => Value::tuple(results),
    }
}
