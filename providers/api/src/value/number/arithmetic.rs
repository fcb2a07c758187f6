//! Arithmetic by the rules of Go's `big.Float` as Terraform uses it.

use super::Number;
use super::float::{Float, PRECISION_BITS};
use dashu_int::ops::BitTest;
use dashu_int::ops::DivRem;
use dashu_int::{IBig, UBig};
use std::ops::Neg;

/// Shifts beyond this many bits only decide about rounding, so that `1e1000000000 + 1` stays cheap.
const ALIGNMENT_BITS: i64 = 4 * PRECISION_BITS as i64;

impl Number {
    /// The sum; `None` for infinities of opposite signs.
    pub fn add(&self, other: &Number) -> Option<Number> {
        if let (Number::Int(left), Number::Int(right)) = (self, other)
            && let Some(sum) = left.checked_add(*right)
        {
            return Some(Number::Int(sum));
        }
        match (self.float(), other.float()) {
            (Some(left), Some(right)) => Some(Number::of_float(left.add(&right))),
            (Some(_), None) => Some(other.clone()),
            (None, Some(_)) => Some(self.clone()),
            (None, None) => (self == other).then(|| self.clone()),
        }
    }

    /// The difference; `None` for infinities of the same sign.
    pub fn sub(&self, other: &Number) -> Option<Number> {
        self.add(&-other)
    }

    /// The product; `None` for zero times infinity.
    pub fn mul(&self, other: &Number) -> Option<Number> {
        if let (Number::Int(left), Number::Int(right)) = (self, other)
            && let Some(product) = left.checked_mul(*right)
        {
            return Some(Number::Int(product));
        }
        match (self.float(), other.float()) {
            (Some(left), Some(right)) => Some(Number::of_float(left.mul(&right))),
            _ if self.is_zero() || other.is_zero() => None,
            _ => Some(Number::Infinite { negative: self.is_negative() != other.is_negative() }),
        }
    }

    /// The quotient; infinite when a number other than zero is divided by zero, `None` for 0/0 and ∞/∞.
    pub fn div(&self, other: &Number) -> Option<Number> {
        if let (Number::Int(left), Number::Int(right)) = (self, other)
            && let (Some(0), Some(quotient)) = (left.checked_rem(*right), left.checked_div(*right))
        {
            return Some(Number::Int(quotient));
        }
        let negative = self.is_negative() != other.is_negative();
        match (self.float(), other.float()) {
            (Some(_), Some(_)) if other.is_zero() => (!self.is_zero()).then_some(Number::Infinite { negative }),
            (Some(left), Some(right)) => Some(Number::of_float(left.div(&right))),
            (Some(_), None) => Some(Number::ZERO),
            (None, Some(_)) => Some(Number::Infinite { negative }),
            (None, None) => None,
        }
    }

    /// What `%` gives: `a − b × trunc(a / b)`, so it has the sign of `a`. By infinity or zero: `a`.
    pub fn rem(&self, other: &Number) -> Option<Number> {
        if !self.is_finite() || !other.is_finite() || other.is_zero() {
            return Some(self.clone());
        }
        if let (Number::Int(left), Number::Int(right)) = (self, other) {
            return Some(Number::Int(left.checked_rem(*right).unwrap_or(0)));
        }
        let whole = self.div(other)?.trunc();
        self.sub(&other.mul(&whole)?)
    }

    /// The absolute value.
    pub fn abs(&self) -> Number {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// The whole part, towards zero.
    pub fn trunc(&self) -> Number {
        match self {
            Number::Float(float) if !float.is_integer() => Number::from_big(&float.truncated()),
            _ => self.clone(),
        }
    }

    /// The greatest whole number not above it.
    pub fn floor(&self) -> Number {
        match self {
            Number::Float(float) if !float.is_integer() && float.is_negative() => Number::from_big(&(float.truncated() - IBig::ONE)),
            _ => self.trunc(),
        }
    }

    /// The least whole number not below it.
    pub fn ceil(&self) -> Number {
        match self {
            Number::Float(float) if !float.is_integer() && !float.is_negative() => Number::from_big(&(float.truncated() + IBig::ONE)),
            _ => self.trunc(),
        }
    }
}

impl Neg for &Number {
    type Output = Number;

    fn neg(self) -> Number {
        match self {
            Number::Int(value) => value.checked_neg().map_or_else(|| Number::from_big(&-IBig::from(*value)), Number::Int),
            // Through the constructor: the negative of 2^63 fits a machine word.
            Number::Float(float) => Number::of_float(Float { negative: !float.negative, ..Float::clone(float) }),
            Number::Infinite { negative } => Number::Infinite { negative: !negative },
        }
    }
}

impl Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        -&self
    }
}

impl Float {
    fn is_zero(&self) -> bool {
        self.mantissa == UBig::ZERO
    }

    /// The sum at the greater precision of the two.
    pub(super) fn add(&self, other: &Float) -> Float {
        let precision = self.precision.max(other.precision);
        if self.is_zero() {
            return Float { precision, ..other.clone() };
        }
        if other.is_zero() {
            return Float { precision, ..self.clone() };
        }
        let (large, small) = if self.top() >= other.top() { (self, other) } else { (other, self) };
        // What lies far below the last bit of the larger number is brought near it: it rounds the same way.
        let floor = large.exponent.min(large.top() - ALIGNMENT_BITS);
        let (small_mantissa, small_exponent) =
            if small.top() < floor { (UBig::ONE, floor - 1) } else { (small.mantissa.clone(), small.exponent) };
        let least = large.exponent.min(small_exponent);
        let signed = |negative: bool, mantissa: UBig| if negative { -IBig::from(mantissa) } else { IBig::from(mantissa) };
        let sum = signed(large.negative, &large.mantissa << (large.exponent - least) as usize)
            + signed(small.negative, small_mantissa << (small_exponent - least) as usize);
        let (sign, mantissa) = sum.into_parts();
        Float::rounded(sign == dashu_int::Sign::Negative, mantissa, least, precision, false)
    }

    /// The product in full precision, then in the greater precision of the two or what it needs.
    pub(super) fn mul(&self, other: &Float) -> Float {
        let negative = self.negative != other.negative;
        let product =
            Float::rounded(negative, &self.mantissa * &other.mantissa, self.exponent.saturating_add(other.exponent), PRECISION_BITS, false);
        let precision = self.precision.max(other.precision).max(product.mantissa.bit_len());
        Float { precision, ..product }
    }

    /// The quotient at the greater precision of the two; the divisor is not zero.
    pub(super) fn div(&self, other: &Float) -> Float {
        self.div_to(other, self.precision.max(other.precision))
    }

    /// The quotient at a precision; the divisor is not zero.
    pub(super) fn div_to(&self, other: &Float, precision: usize) -> Float {
        let shift = (precision + 2 + other.mantissa.bit_len()).saturating_sub(self.mantissa.bit_len());
        let (quotient, rest) = (&self.mantissa << shift).div_rem(&other.mantissa);
        let exponent = self.exponent.saturating_sub(other.exponent).saturating_sub(shift as i64);
        Float::rounded(self.negative != other.negative, quotient, exponent, precision, rest != UBig::ZERO)
    }

    /// The product at a precision.
    pub(super) fn mul_to(&self, other: &Float, precision: usize) -> Float {
        let exponent = self.exponent.saturating_add(other.exponent);
        Float::rounded(self.negative != other.negative, &self.mantissa * &other.mantissa, exponent, precision, false)
    }
}
