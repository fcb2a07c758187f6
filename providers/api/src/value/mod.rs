//! Values and types, by the rules of Terraform's type system.
//!
//! A [`Value`] has a [`Type`], [`Data`] and [`Marks`]. Data may be null or unknown at every depth. Compound data is
//! shared by reference count, so that cloning a value costs nothing whatever its size.
//!
//! Invariants, kept by the constructors:
//! - strings are in Unicode normalisation form C;
//! - the elements of a set are sorted in the set's iteration order and hold no duplicates;
//! - the elements of a list, set or map all have the element type; those of a tuple or object have their own types;
//! - an element's marks stand on the element, except in a set, whose elements' marks move to the set.

mod access;
mod construct;
pub mod convert;
mod equality;
mod marks;
mod names;
mod number;
mod order;
mod path;
mod refinement;
mod traverse;
mod types;
pub mod unify;
pub mod wire;

pub use convert::{ConversionError, convert};
pub use marks::Marks;
pub use number::Number;
pub use path::{Path, Step};
pub use refinement::Refinement;
pub use types::{ObjectType, Type};
pub use wire::digest;

use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

/// Attributes of an object or elements of a map, in the order of their keys' bytes.
pub type Fields = BTreeMap<Arc<str>, Value>;

/// A value of the language: a type, data and marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub(crate) ty: Type,
    pub(crate) data: Data,
    pub(crate) marks: Marks,
}

/// What a value holds.
///
/// `Eq` is more than a promise here: with it, shared parts are equal by their address and are not compared.
///
/// `PartialEq` on data and values is identity of structure (two unknowns with the same refinements are equal), which
/// tests and the diff want; the language's `==` is [`crate::value::Value::equals`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// The typed null.
    Null,
    /// Not known until something is applied; the refinement says what is known all the same.
    Unknown(Option<Arc<Refinement>>),
    /// A truth value.
    Bool(bool),
    /// A number with 512 bits of mantissa.
    Number(Number),
    /// A string in normalisation form C.
    String(Arc<str>),
    /// The elements of a list, set or tuple.
    Elements(Arc<[Value]>),
    /// The elements of a map or the attributes of an object.
    Fields(Arc<Fields>),
}
