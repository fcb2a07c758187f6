//! Laws of numbers, held against exact fractions.

use super::super::Number;
use super::generate::any_number;
use dashu_int::IBig;
use proptest::prelude::*;
use std::cmp::Ordering;

/// An exact fraction; the lower part is above zero.
#[derive(Clone, Debug)]
struct Fraction(IBig, IBig);

impl Fraction {
    /// `digits × 2^power`.
    fn binary(digits: i64, power: i32) -> Fraction {
        let scale = IBig::from(2).pow(power.unsigned_abs() as usize);
        if power < 0 { Fraction(digits.into(), scale) } else { Fraction(IBig::from(digits) * scale, 1.into()) }
    }

    fn cmp(&self, other: &Fraction) -> Ordering {
        (&self.0 * &other.1).cmp(&(&other.0 * &self.1))
    }

    fn floor(&self) -> IBig {
        let rest = ((&self.0 % &self.1) + &self.1) % &self.1;
        (&self.0 - rest) / &self.1
    }
}

/// A number that 512 bits hold exactly, as a number and as a fraction.
fn exact() -> impl Strategy<Value = (Number, Fraction)> {
    (prop_oneof![-9i64..9, any::<i64>()], -60i32..60).prop_map(|(digits, power)| {
        let two = Number::Int(2);
        let step = |number: Number, _| if power < 0 { number.div(&two) } else { number.mul(&two) }.unwrap_or(Number::ZERO);
        ((0..power.unsigned_abs()).fold(Number::Int(digits), step), Fraction::binary(digits, power))
    })
}

/// Whether a number is this fraction exactly.
fn is_exactly(number: &Number, fraction: &Fraction) -> bool {
    // Multiplied by a power of two it is whole: the lower part is one here, and at most 2^240.
    let scale = Number::from_big(&IBig::from(2).pow(240));
    let whole = number.mul(&scale).and_then(|whole| whole.to_big());
    whole.is_some_and(|whole| whole * &fraction.1 == &fraction.0 * IBig::from(2).pow(240))
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn sums_and_products_are_exact_where_they_fit((a, x) in exact(), (b, y) in exact()) {
        let sum = Fraction(&x.0 * &y.1 + &y.0 * &x.1, &x.1 * &y.1);
        let difference = Fraction(&x.0 * &y.1 - &y.0 * &x.1, &x.1 * &y.1);
        let product = Fraction(&x.0 * &y.0, &x.1 * &y.1);
        prop_assert!(a.add(&b).is_some_and(|found| is_exactly(&found, &sum)), "{} + {}", a, b);
        prop_assert!(a.sub(&b).is_some_and(|found| is_exactly(&found, &difference)), "{} - {}", a, b);
        prop_assert!(a.mul(&b).is_some_and(|found| is_exactly(&found, &product)), "{} * {}", a, b);
        prop_assert_eq!(a.cmp(&b), x.cmp(&y));
    }

    #[test]
    fn rounding_is_to_the_next_whole_number((a, x) in exact()) {
        let floor = x.floor();
        let ceil = -Fraction(-x.0.clone(), x.1.clone()).floor();
        prop_assert_eq!(a.floor().to_big(), Some(floor.clone()));
        prop_assert_eq!(a.ceil().to_big(), Some(ceil.clone()));
        prop_assert_eq!(a.trunc().to_big(), Some(if a.is_negative() { ceil } else { floor }));
        prop_assert_eq!(a.is_integer(), x.0 % x.1 == IBig::ZERO);
    }

    #[test]
    fn a_quotient_is_off_by_less_than_its_last_bit((a, x) in exact(), (b, y) in exact()) {
        prop_assume!(!b.is_zero());
        let quotient = a.div(&b).unwrap_or(Number::ZERO);
        let back = quotient.mul(&b).unwrap_or(Number::ZERO);
        let off = back.sub(&a).unwrap_or(Number::ZERO).abs();
        let bit = Number::from_big(&IBig::from(2).pow(510));
        prop_assert!(off.mul(&bit).is_some_and(|off| off <= a.abs()), "{} / {} = {}", a, b, quotient);
        let sign = x.0 * y.0;
        prop_assert_eq!(quotient.is_negative(), sign < IBig::ZERO);
    }

    #[test]
    fn the_rest_of_whole_numbers_completes_their_quotient(a in any::<i64>(), scale in 0usize..100, b in any::<i64>()) {
        prop_assume!(b != 0);
        let large = IBig::from(a) * IBig::from(3).pow(scale);
        let rest = Number::from_big(&large).rem(&Number::Int(b)).and_then(|rest| rest.to_big());
        prop_assert_eq!(rest, Some(large % IBig::from(b)));
    }

    #[test]
    fn order_of_operands_and_signs_do_not_matter(a in any_number(), b in any_number()) {
        prop_assert_eq!(a.add(&b), b.add(&a));
        prop_assert_eq!(a.mul(&b), b.mul(&a));
        prop_assert_eq!(a.sub(&b), b.sub(&a).map(|negative| -negative));
        prop_assert_eq!(-(-&a), a.clone());
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b), (-&b).cmp(&-&a));
    }

    #[test]
    fn texts_read_back(a in any_number()) {
        prop_assert_eq!(Number::parse(&a.to_string()), Some(a.clone()));
        prop_assert_eq!(a.floor() <= a && a <= a.ceil(), true);
    }

    #[test]
    fn decimals_are_read_as_near_as_can_be(digits in any::<i64>(), scale in 1u32..60) {
        let read = Number::parse(&format!("{digits}e-{scale}")).unwrap_or(Number::ZERO);
        let whole = read.mul(&Number::from_big(&IBig::from(10).pow(scale as usize))).unwrap_or(Number::ZERO);
        let off = whole.sub(&Number::Int(digits)).unwrap_or(Number::ZERO).abs();
        let bit = Number::from_big(&IBig::from(2).pow(509));
        prop_assert!(off.mul(&bit).is_some_and(|off| off <= Number::Int(digits).abs()), "{}e-{}", digits, scale);
    }
}
