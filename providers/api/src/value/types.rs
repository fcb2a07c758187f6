//! Types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The type of a value, or a constraint on it where it holds [`Type::Dynamic`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Any type; of an unknown value: the type is not known either.
    Dynamic,
    /// Text.
    String,
    /// Number.
    Number,
    /// Truth value.
    Bool,
    /// Ordered elements of one type.
    List(Arc<Type>),
    /// Unordered distinct elements of one type.
    Set(Arc<Type>),
    /// Elements of one type, by string.
    Map(Arc<Type>),
    /// Ordered elements, each of its own type.
    Tuple(Arc<[Type]>),
    /// Named attributes, each of its own type.
    Object(Arc<ObjectType>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectType {
    /// The attributes' types.
    pub attributes: BTreeMap<Arc<str>, Type>,
    /// Names of attributes that a conversion may find missing; they become null.
    pub optional: BTreeSet<Arc<str>>,
}

impl Type {
    /// `list(element)`.
    pub fn list(element: Type) -> Type {
        Type::List(Arc::new(element))
    }

    /// `set(element)`.
    pub fn set(element: Type) -> Type {
        Type::Set(Arc::new(element))
    }

    /// `map(element)`.
    pub fn map(element: Type) -> Type {
        Type::Map(Arc::new(element))
    }

    /// `tuple([…])`.
    pub fn tuple(elements: Vec<Type>) -> Type {
        Type::Tuple(elements.into())
    }

    /// `object({…})` without optional attributes.
    pub fn object(attributes: BTreeMap<Arc<str>, Type>) -> Type {
        Type::Object(Arc::new(ObjectType { attributes, optional: BTreeSet::new() }))
    }

    /// The element type of a list, set or map.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List(element) | Type::Set(element) | Type::Map(element) => Some(element),
            _ => None,
        }
    }
}
