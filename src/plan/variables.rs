//! Values of root variables: see [`crate::desired`].

pub use crate::desired::variables::{Origin, parse_text, undeclared, value_of};
