//! `[for …]`, `{for …}` and `%{ for … }`.

use super::{Evaluator, failed};
use crate::diagnostic::Severity;
use crate::syntax::ast::{Expression, ForExpression, Identifier};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::value::convert::convert;
use windlass_api::{Data, Marks, Type, Value};

/// What is walked: keys with elements, and the marks of the collection.
pub(super) struct Walk {
    items: Vec<(Value, Value)>,
    marks: Marks,
}

/// What stands before the walk can begin.
pub(super) enum Begin {
    Walk(Walk),
    /// The collection is not known, or an error was pushed: this is the result.
    Result(Value),
}

impl Evaluator<'_> {
    pub(super) fn for_expression(&mut self, each: &ForExpression) -> Value {
        let mut walk = match self.begin(&each.collection) {
            Begin::Walk(walk) => walk,
            Begin::Result(value) => return value,
        };
        if let Some(condition) = &each.condition
            && !self.condition_is_sound(each, condition)
        {
            return failed().with_marks(walk.marks);
        }
        let items = std::mem::take(&mut walk.items);
        let results = match &each.result_key {
            None => self.tuple_of(each, items, &mut walk.marks),
            Some(key) => self.object_of(each, key, items, &mut walk.marks),
        };
        results.unwrap_or_else(failed).with_marks(walk.marks)
    }

    /// The elements of a collection to walk over.
    pub(super) fn begin(&mut self, collection: &Expression) -> Begin {
        let value = self.value(collection);
        if value.is_null() {
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            self.error(collection, "Iteration over null value", detail);
            return Begin::Result(failed());
        }
        let marks = value.marks();
        match value.ty() {
            Type::Dynamic => return Begin::Result(failed().with_marks(marks)),
            Type::String | Type::Number | Type::Bool => {
                let name = value.ty().friendly_name();
                let detail = format!("A value of type {name} cannot be used as the collection in a 'for' expression.");
                self.error(collection, "Iteration over non-iterable value", detail);
                return Begin::Result(failed());
            }
            _ => {}
        }
        match items(&value) {
            Some(items) => Begin::Walk(Walk { items, marks }),
            None => Begin::Result(failed().with_marks(marks)),
        }
    }

    /// Tries the `if` clause on unknown elements, so that a plain mistake in it is told once and not for each element.
    fn condition_is_sound(&mut self, each: &ForExpression, condition: &Expression) -> bool {
        let names = names(each.key.as_ref(), &each.value, failed(), failed());
        let before = self.diagnostics.0.len();
        let result = self.with_locals(names, |evaluator| evaluator.value(condition));
        if result.is_null() {
            self.error(condition, "Condition is null", "The value of the 'if' clause must not be null.");
        } else if let Err(reason) = convert(&result, &Type::Bool) {
            self.error(condition, "Invalid 'for' condition", format!("The 'if' clause value is invalid: {reason}."));
        }
        !self.diagnostics.0[before..].iter().any(|message| message.severity == Severity::Error)
    }

    /// Whether an element is wanted; `None` when that is not known or an error was pushed.
    fn included(&mut self, condition: Option<&Expression>, marks: &mut Marks) -> Option<bool> {
        let Some(condition) = condition else { return Some(true) };
        let value = self.value(condition);
        if value.is_null() {
            self.error(condition, "Invalid 'for' condition", "The value of the 'if' clause must not be null.");
            return None;
        }
        match convert(&value, &Type::Bool) {
            Ok(truth) => {
                *marks = marks.union(truth.marks());
                truth.as_bool()
            }
            Err(reason) => {
                self.error(condition, "Invalid 'for' condition", format!("The 'if' clause value is invalid: {reason}."));
                None
            }
        }
    }

    fn tuple_of(&mut self, each: &ForExpression, items: Vec<(Value, Value)>, marks: &mut Marks) -> Option<Value> {
        let mut results = Some(Vec::with_capacity(items.len()));
        for (key, value) in items {
            self.with_locals(names(each.key.as_ref(), &each.value, key, value), |evaluator| {
                match evaluator.included(each.condition.as_ref(), marks) {
                    Some(false) => {}
                    None => results = None,
                    Some(true) => {
                        let result = evaluator.value(&each.result);
                        results.iter_mut().for_each(|results| results.push(result.clone()));
                    }
                }
            });
        }
        results.map(Value::tuple)
    }

    fn object_of(&mut self, each: &ForExpression, key: &Expression, items: Vec<(Value, Value)>, marks: &mut Marks) -> Option<Value> {
        let mut known = true;
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        for (item_key, item) in items {
            self.with_locals(names(each.key.as_ref(), &each.value, item_key, item), |evaluator| {
                match evaluator.included(each.condition.as_ref(), marks) {
                    Some(false) => {}
                    None => known = false,
                    Some(true) => match evaluator.result_key(key, marks) {
                        None => known = false,
                        Some(text) => {
                            let result = evaluator.value(&each.result);
                            let group = groups.entry(text.clone()).or_default();
                            match each.group || group.is_empty() {
                                true => group.push(result),
                                false => evaluator.error(key, "Duplicate object key", duplicate_key(&text, *marks)),
                            }
                        }
                    },
                }
            });
        }
        let gathered = |mut group: Vec<Value>| match each.group {
            true => Value::tuple(group),
            false => group.pop().unwrap_or_else(failed),
        };
        known.then(|| Value::object(groups.into_iter().map(|(key, group)| (key, gathered(group))).collect::<Fields>()))
    }

    fn result_key(&mut self, key: &Expression, marks: &mut Marks) -> Option<Arc<str>> {
        let value = self.value(key);
        if value.is_null() {
            self.error(key, "Invalid object key", "Key expression in 'for' expression must not produce a null value.");
            return None;
        }
        *marks = marks.union(value.marks());
        match convert(&value.unmarked(), &Type::String) {
            Ok(text) => match text.data() {
                Data::String(text) => Some(text.clone()),
                _ => None,
            },
            Err(reason) => {
                self.error(key, "Invalid object key", format!("The key expression produced an invalid result: {reason}."));
                None
            }
        }
    }

    /// What `%{ for }` repeats, joined; `body` renders one element.
    pub(super) fn joined(
        &mut self,
        key: Option<&Identifier>,
        value: &Identifier,
        collection: &Expression,
        mut body: impl FnMut(&mut Self) -> Value,
    ) -> Value {
        let walk = match self.begin(collection) {
            Begin::Walk(walk) => walk,
            Begin::Result(value) => return Value::unknown(Type::String).with_marks(value.marks()),
        };
        let mut marks = walk.marks;
        let mut text = Some(String::new());
        for (item_key, item) in walk.items {
            let part = self.with_locals(names(key, value, item_key, item), &mut body);
            marks = marks.union(part.marks());
            match part.as_str() {
                Some(part) => text.iter_mut().for_each(|text| text.push_str(part)),
                None => text = None,
            }
        }
        text.map_or_else(|| Value::unknown(Type::String).not_null(), Value::string).with_marks(marks)
    }
}

fn duplicate_key(key: &str, marks: Marks) -> String {
    let shown = if marks.is_secret() { "(sensitive value)".to_owned() } else { format!("{key:?}") };
    format!(
        "Two different items produced the key {shown} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
    )
}

fn names(key: Option<&Identifier>, value: &Identifier, key_value: Value, element: Value) -> Vec<(Arc<str>, Value)> {
    let key = key.map(|key| (key.name.clone(), key_value));
    key.into_iter().chain([(value.name.clone(), element)]).collect()
}

/// Keys and elements of a known value that can be walked: a set's elements are their own keys.
pub(in crate::lang) fn items(value: &Value) -> Option<Vec<(Value, Value)>> {
    let is_set = matches!(value.ty(), Type::Set(_));
    match value.data() {
        Data::Elements(elements) if is_set => Some(elements.iter().map(|element| (element.clone(), element.clone())).collect()),
        Data::Elements(elements) => {
            Some(elements.iter().enumerate().map(|(index, element)| (Value::int(index as i64), element.clone())).collect())
        }
        Data::Fields(fields) => Some(fields.iter().map(|(key, element)| (Value::string(key), element.clone())).collect()),
        _ => None,
    }
}
