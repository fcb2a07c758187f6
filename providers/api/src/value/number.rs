//! Numbers: binary floating point with 512 bits of mantissa, as Terraform has them.

use std::fmt;

/// A number. Small integers stand in a machine word.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// An integer that fits a machine word; the only representation of such an integer.
    Int(i64),
    // Replaced by the 512-bit representation.
    /// Any other number.
    Float(f64),
}

impl Number {
    /// Parses a decimal number with optional exponent, as in HCL, JSON and `tonumber`.
    pub fn parse(text: &str) -> Option<Number> {
        text.parse::<i64>().ok().map(Number::Int).or_else(|| text.parse::<f64>().ok().map(Number::Float))
    }

    /// The number as a machine integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Number::Int(value) => Some(*value),
            Number::Float(_) => None,
        }
    }

    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        match self {
            Number::Int(value) => *value as f64,
            Number::Float(value) => *value,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Float(value) => write!(f, "{value}"),
        }
    }
}
