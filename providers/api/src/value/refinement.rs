//! What is known of an unknown value.

use super::Number;
use std::sync::Arc;

/// What is known of an unknown value. Every field narrows; the default says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// It is a string that begins so.
    pub prefix: Option<Arc<str>>,
    /// It is a number not below this; the flag says whether the bound itself is possible.
    pub minimum: Option<(Number, bool)>,
    /// It is a number not above this; the flag says whether the bound itself is possible.
    pub maximum: Option<(Number, bool)>,
    /// It is a collection of at least so many elements.
    pub length_minimum: Option<u64>,
    /// It is a collection of at most so many elements.
    pub length_maximum: Option<u64>,
}
