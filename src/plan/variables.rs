//! Values of root variables: see [`crate::desired`].

pub use crate::desired::variables::{Origin, check_given, parse_text, undeclared, value_of};
