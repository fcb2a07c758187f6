//! Configuration + inputs → instances, and the values that expressions see.

mod validate;

pub use validate::validate;
