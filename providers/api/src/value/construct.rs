//! Making values.

use super::{Data, Fields, Marks, Number, Refinement, Type, Value};
use std::sync::Arc;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

impl Value {
    fn of(ty: Type, data: Data) -> Value {
        Value { ty, data, marks: Marks::NONE }
    }

    /// A string, normalised to form C.
    pub fn string(text: impl AsRef<str>) -> Value {
        let text = text.as_ref();
        let normal: Arc<str> = match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => text.into(),
            _ => text.nfc().collect::<String>().into(),
        };
        Value::of(Type::String, Data::String(normal))
    }

    /// A truth value.
    pub fn bool(value: bool) -> Value {
        Value::of(Type::Bool, Data::Bool(value))
    }

    /// A number.
    pub fn number(value: Number) -> Value {
        Value::of(Type::Number, Data::Number(value))
    }

    /// A whole number.
    pub fn int(value: i64) -> Value {
        Value::number(Number::Int(value))
    }

    /// The null of a type.
    pub fn null(ty: Type) -> Value {
        Value::of(ty, Data::Null)
    }

    /// An unknown value of a type, of which nothing else is known.
    pub fn unknown(ty: Type) -> Value {
        Value::of(ty, Data::Unknown(None))
    }

    /// An unknown value of a type, with what is known of it.
    pub fn unknown_refined(ty: Type, refinement: Refinement) -> Value {
        Value::of(ty, Data::Unknown(Some(Arc::new(refinement))))
    }

    /// A tuple of these elements.
    pub fn tuple(elements: Vec<Value>) -> Value {
        let ty = Type::tuple(elements.iter().map(|element| element.ty.clone()).collect());
        Value::of(ty, Data::Elements(elements.into()))
    }

    /// A list; each element must have the element type already.
    pub fn list(element: Type, elements: Vec<Value>) -> Value {
        debug_assert!(elements.iter().all(|value| value.ty.may_become(&element)));
        Value::of(Type::list(element), Data::Elements(elements.into()))
    }

    /// A map; each element must have the element type already.
    pub fn map(element: Type, fields: Fields) -> Value {
        debug_assert!(fields.values().all(|value| value.ty.may_become(&element)));
        Value::of(Type::map(element), Data::Fields(Arc::new(fields)))
    }

    /// An object of these attributes.
    pub fn object(fields: Fields) -> Value {
        let ty = Type::object(fields.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect());
        Value::of(ty, Data::Fields(Arc::new(fields)))
    }

    /// An object of these attributes with the marks of this one; where names and types are the same, the type is shared.
    pub(crate) fn with_attributes(&self, fields: Fields) -> Value {
        let is_same = |object: &super::ObjectType| {
            let mut pairs = object.attributes.values().zip(fields.values());
            object.optional.is_empty() && object.attributes.keys().eq(fields.keys()) && pairs.all(|(ty, value)| *ty == value.ty)
        };
        match &self.ty {
            Type::Object(object) if is_same(object) => {
                Value { ty: self.ty.clone(), data: Data::Fields(Arc::new(fields)), marks: self.marks }
            }
            _ => Value::object(fields).with_marks(self.marks),
        }
    }

    /// An object from name and value pairs.
    pub fn object_of<const N: usize>(fields: [(&str, Value); N]) -> Value {
        Value::object(fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())
    }

    /// The same value, with these marks added.
    #[must_use]
    pub fn with_marks(mut self, marks: Marks) -> Value {
        self.marks = self.marks.union(marks);
        self
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::string(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::int(value)
    }
}
