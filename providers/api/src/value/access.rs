//! Looking into values.

use super::{Data, Fields, Marks, Number, Type, Value};
use std::sync::Arc;

impl Value {
    /// The value's type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// What the value holds.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The marks of the value itself, not of its parts.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The marks of the value and of all its parts.
    pub fn marks_deep(&self) -> Marks {
        self.children().fold(self.marks, |marks, child| marks.union(child.marks_deep()))
    }

    /// The value without the marks of its own; its parts keep theirs.
    pub fn unmarked(&self) -> Value {
        Value { marks: Marks::NONE, ..self.clone() }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// Whether it is known, whatever its parts are.
    pub fn is_known(&self) -> bool {
        !matches!(self.data, Data::Unknown(_))
    }

    /// Whether it and all its parts are known.
    pub fn is_wholly_known(&self) -> bool {
        self.is_known() && self.children().all(Value::is_wholly_known)
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// A known truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.data {
            Data::Number(value) => Some(value),
            _ => None,
        }
    }

    /// A known whole number that fits a machine word.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().and_then(Number::as_i64)
    }

    /// The elements of a known list, set or tuple.
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.data {
            Data::Elements(elements) => Some(elements),
            _ => None,
        }
    }

    /// The elements of a known map or the attributes of a known object.
    pub fn fields(&self) -> Option<&Fields> {
        match &self.data {
            Data::Fields(fields) => Some(fields),
            _ => None,
        }
    }

    /// The field of a known map or object, if there is one of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields()?.get(name)
    }

    /// The text of a field that is a known string.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The same map or object with one field set; other values are returned unchanged.
    #[must_use]
    pub fn with_field(&self, name: &str, value: Value) -> Value {
        self.clone().with_fields([(name, value)])
    }

    /// The same map or object with several fields set; other values are returned unchanged.
    #[must_use]
    pub fn with_fields<const N: usize>(mut self, changed: [(&str, Value); N]) -> Value {
        let mut fields = match std::mem::replace(&mut self.data, Data::Null) {
            // What nobody else holds is changed where it is.
            Data::Fields(shared) => Arc::unwrap_or_clone(shared),
            data => return Value { data, ..self },
        };
        for (name, value) in changed {
            match fields.get_mut(name) {
                Some(field) => *field = value,
                None => drop(fields.insert(Arc::from(name), value)),
            }
        }
        match &self.ty {
            Type::Object(_) => self.with_attributes(fields),
            _ => Value { data: Data::Fields(Arc::new(fields)), ..self },
        }
    }

    /// The direct parts of a value, in order.
    pub fn children(&self) -> impl Iterator<Item = &Value> {
        // Values are walked all the time: neither iterator is worth an allocation.
        let (elements, fields) = match &self.data {
            Data::Elements(elements) => (Some(elements.iter()), None),
            Data::Fields(fields) => (None, Some(fields.values())),
            _ => (None, None),
        };
        elements.into_iter().flatten().chain(fields.into_iter().flatten())
    }
}
