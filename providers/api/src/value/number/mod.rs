//! Numbers: binary floating point with 512 bits of mantissa, as Terraform has them.
//!
//! Terraform's numbers are Go's `big.Float`, rounded to the nearest even mantissa. Literals have 512 bits; what a function
//! computed in doubles has 53. The precision shows in the text: the shortest decimal that reads back as the same number *at that
//! precision*. So `pow(0.1, 2)` prints as `0.010000000000000002` and `1/3` with 155 digits.

mod arithmetic;
mod decimal;
mod float;

pub use float::Float;

use dashu_int::IBig;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A number. Small integers stand in a machine word.
#[derive(Clone, Debug)]
pub enum Number {
    /// An integer that fits a machine word; the only representation of such an integer.
    Int(i64),
    /// Any other finite number.
    Float(Arc<Float>),
    /// Beyond every finite number; the flag says whether below.
    Infinite {
        /// Minus infinity.
        negative: bool,
    },
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number::Int(0);

    /// Parses a decimal number with optional exponent, as in HCL, JSON and `tonumber`: also `.5`, `1.`, `+1`, `inf`.
    pub fn parse(text: &str) -> Option<Number> {
        decimal::parse(text)
    }

    /// The number that a double holds exactly, printed by the double's own precision; `None` for NaN.
    pub fn from_f64(value: f64) -> Option<Number> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Number::Infinite { negative: value < 0.0 });
        }
        Some(Number::of_float(Float::from_f64(value)))
    }

    /// Any whole number, rounded to 512 bits.
    pub fn from_big(value: &IBig) -> Number {
        Number::of_float(Float::rounded_integer(value))
    }

    /// A float in its only representation.
    pub(crate) fn of_float(float: Float) -> Number {
        match float.to_i64() {
            Some(value) => Number::Int(value),
            None if float.overflows() => Number::Infinite { negative: float.is_negative() },
            None => Number::Float(Arc::new(float)),
        }
    }

    /// The finite number as a float, in full precision.
    pub(crate) fn float(&self) -> Option<Float> {
        match self {
            Number::Int(value) => Some(Float::from_i64(*value)),
            Number::Float(float) => Some(Float::clone(float)),
            Number::Infinite { .. } => None,
        }
    }

    /// The number as a machine integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Number::Int(value) => Some(*value),
            Number::Float(_) | Number::Infinite { .. } => None,
        }
    }

    /// The number as an unsigned machine integer, if it is one.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Number::Int(value) => u64::try_from(*value).ok(),
            Number::Float(_) => u64::try_from(&self.to_big()?).ok(),
            Number::Infinite { .. } => None,
        }
    }

    /// The whole number, if it is one.
    pub fn to_big(&self) -> Option<IBig> {
        match self {
            Number::Int(value) => Some(IBig::from(*value)),
            Number::Float(float) if float.is_integer() => Some(float.truncated()),
            Number::Float(_) | Number::Infinite { .. } => None,
        }
    }

    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        match self {
            Number::Int(value) => *value as f64,
            Number::Float(float) => float.to_f64(),
            Number::Infinite { negative: false } => f64::INFINITY,
            Number::Infinite { negative: true } => f64::NEG_INFINITY,
        }
    }

    /// Whether it is whole.
    pub fn is_integer(&self) -> bool {
        match self {
            Number::Int(_) => true,
            Number::Float(float) => float.is_integer(),
            Number::Infinite { .. } => false,
        }
    }

    /// Whether it is neither infinity.
    pub fn is_finite(&self) -> bool {
        !matches!(self, Number::Infinite { .. })
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        match self {
            Number::Int(value) => *value < 0,
            Number::Float(float) => float.is_negative(),
            Number::Infinite { negative } => *negative,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Number::Int(0))
    }

    /// The text as Go prints a `big.Float` by `%.10g`; the order of sets of compound elements rests on it.
    pub(crate) fn short_text(&self) -> String {
        match self {
            Number::Int(value) if value.unsigned_abs() < 10_000_000_000 => value.to_string(),
            Number::Infinite { .. } => self.to_string(),
            _ => self.float().map_or_else(String::new, |float| decimal::general(&float, 10)),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Number {
        Number::Int(value)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Number {
        i64::try_from(value).map_or_else(|_| Number::from_big(&IBig::from(value)), Number::Int)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        /// Where a number stands against the finite ones.
        fn rank(number: &Number) -> i8 {
            match number {
                Number::Infinite { negative: true } => -1,
                Number::Infinite { negative: false } => 1,
                _ => 0,
            }
        }
        match (self, other) {
            (Number::Int(left), Number::Int(right)) => left.cmp(right),
            _ => match (self.float(), other.float()) {
                (Some(left), Some(right)) => left.compare(&right),
                _ => rank(self).cmp(&rank(other)),
            },
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Number::Int(value) => value.hash(state),
            Number::Float(float) => float.hash_value(state),
            Number::Infinite { negative } => (2u8, negative).hash(state),
        }
    }
}

/// The shortest decimal that reads back as the same number at its precision; never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Float(float) => f.write_str(&decimal::shortest(float)),
            Number::Infinite { negative: false } => f.write_str("+Inf"),
            Number::Infinite { negative: true } => f.write_str("-Inf"),
        }
    }
}

#[cfg(test)]
mod tests;
