//! A finite binary floating-point number that rounds to the nearest even mantissa.

use dashu_int::ops::BitTest;
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Bits of the mantissa of a number that was written down.
pub const PRECISION_BITS: usize = 512;
/// Bits of the mantissa of a double.
pub(super) const DOUBLE_BITS: usize = 53;
/// The largest binary exponent, that of Go's `big.Float`; a number beyond it is infinite.
const EXPONENT_MAXIMUM: i64 = i32::MAX as i64;

/// `±mantissa × 2^exponent`; the mantissa is odd, or zero with exponent zero.
#[derive(Clone, Debug)]
pub struct Float {
    pub(super) negative: bool,
    pub(super) mantissa: UBig,
    pub(super) exponent: i64,
    pub(super) precision: usize,
}

impl Float {
    /// Zero.
    pub(super) fn zero() -> Float {
        Float { negative: false, mantissa: UBig::ZERO, exponent: 0, precision: PRECISION_BITS }
    }

    /// `±mantissa × 2^exponent` as it is, brought to its only form.
    pub(super) fn exact(negative: bool, mantissa: UBig, exponent: i64, precision: usize) -> Float {
        match mantissa.trailing_zeros() {
            None => Float { precision, ..Float::zero() },
            Some(zeros) => Float { negative, mantissa: mantissa >> zeros, exponent: exponent.saturating_add(zeros as i64), precision },
        }
    }

    /// `±mantissa × 2^exponent` rounded to the precision. `inexact` says that the true mantissa is a little more than this one.
    pub(super) fn rounded(negative: bool, mantissa: UBig, exponent: i64, precision: usize, inexact: bool) -> Float {
        let excess = mantissa.bit_len().saturating_sub(precision);
        if excess == 0 {
            debug_assert!(!inexact, "a cut mantissa must be longer than the precision");
            return Float::exact(negative, mantissa, exponent, precision);
        }
        let half = mantissa.bit(excess - 1);
        let beyond_half = inexact || mantissa.trailing_zeros().is_some_and(|zeros| zeros < excess - 1);
        let mut cut = mantissa >> excess;
        if half && (beyond_half || cut.bit(0)) {
            cut += UBig::ONE;
        }
        Float::exact(negative, cut, exponent.saturating_add(excess as i64), precision)
    }

    /// A machine integer.
    pub(super) fn from_i64(value: i64) -> Float {
        Float::exact(value < 0, UBig::from(value.unsigned_abs()), 0, PRECISION_BITS)
    }

    /// A whole number, rounded to full precision.
    pub(super) fn rounded_integer(value: &IBig) -> Float {
        let (sign, mantissa) = value.clone().into_parts();
        Float::rounded(sign == dashu_int::Sign::Negative, mantissa, 0, PRECISION_BITS, false)
    }

    /// What a finite double holds.
    pub(super) fn from_f64(value: f64) -> Float {
        let bits = value.to_bits();
        let field = ((bits >> 52) & 0x7ff) as i64;
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
        Float::exact(value < 0.0, UBig::from(mantissa), exponent, DOUBLE_BITS)
    }

    /// The nearest double.
    pub(super) fn to_f64(&self) -> f64 {
        // A subnormal double has fewer bits: its last bit is 2^-1074.
        let top = self.top();
        let bits = usize::try_from((top + 1074).clamp(0, DOUBLE_BITS as i64)).unwrap_or(0);
        let short = match bits {
            0 if top == -1074 && self.mantissa != UBig::ONE => Float { mantissa: UBig::ONE, exponent: -1074, ..self.clone() },
            0 => Float::zero(),
            _ => Float::rounded(self.negative, self.mantissa.clone(), self.exponent, bits, false),
        };
        let mantissa = u64::try_from(&short.mantissa).unwrap_or(0) as f64;
        let magnitude = if short.exponent > 1100 {
            if mantissa == 0.0 { 0.0 } else { f64::INFINITY }
        } else {
            // Two steps, since 2^-1074 × 2^53 is representable and 2^-1127 is not.
            let exponent = short.exponent as i32;
            let first = exponent.clamp(-1000, 1000);
            mantissa * f64::powi(2.0, first) * f64::powi(2.0, exponent - first)
        };
        if self.negative { -magnitude } else { magnitude }
    }

    /// The machine integer, if it is one.
    pub(super) fn to_i64(&self) -> Option<i64> {
        if self.exponent < 0 || self.top() > 64 {
            return None;
        }
        i64::try_from(&self.truncated()).ok()
    }

    /// The position after the highest bit: the number is in `[2^(top-1), 2^top)`.
    pub(super) fn top(&self) -> i64 {
        self.exponent.saturating_add(self.mantissa.bit_len() as i64)
    }

    /// Whether Go would call it infinite.
    pub(super) fn overflows(&self) -> bool {
        self.top() > EXPONENT_MAXIMUM
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it is whole.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The whole part.
    pub(super) fn truncated(&self) -> IBig {
        let magnitude = if self.exponent >= 0 {
            &self.mantissa << self.exponent as usize
        } else {
            &self.mantissa >> usize::try_from(-self.exponent).unwrap_or(usize::MAX).min(self.mantissa.bit_len())
        };
        if self.negative { -IBig::from(magnitude) } else { IBig::from(magnitude) }
    }

    /// The order of the values, whatever the precisions.
    pub(super) fn compare(&self, other: &Float) -> Ordering {
        let sign = |float: &Float| match (float.mantissa == UBig::ZERO, float.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        match sign(self).cmp(&sign(other)) {
            Ordering::Equal if sign(self) == 0 => Ordering::Equal,
            Ordering::Equal => {
                let order = self.compare_magnitude(other);
                if self.negative { order.reverse() } else { order }
            }
            order => order,
        }
    }

    /// The order of the absolute values, neither of which is zero.
    fn compare_magnitude(&self, other: &Float) -> Ordering {
        self.top().cmp(&other.top()).then_with(|| {
            // Equal tops: the exponents differ by no more than the mantissas' lengths.
            let least = self.exponent.min(other.exponent);
            let left = &self.mantissa << (self.exponent - least) as usize;
            let right = &other.mantissa << (other.exponent - least) as usize;
            left.cmp(&right)
        })
    }

    /// Feeds the value, not the precision, to a hasher.
    pub(super) fn hash_value<H: Hasher>(&self, state: &mut H) {
        (self.negative, &self.mantissa, self.exponent).hash(state);
    }
}
