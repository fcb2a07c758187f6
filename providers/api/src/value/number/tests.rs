//! Numbers against small exact cases and against Terraform.

use super::*;
use proptest::prelude::*;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn prints_like_terraform() {
    for text in ["0", "-7", "0.1", "1.5", "-0.000125", "12345678901234567890123", "9223372036854775808", "-9223372036854775809"] {
        assert_eq!(number(text).to_string(), text);
    }
    assert_eq!(number("-9223372036854775808").as_i64(), Some(i64::MIN));
    assert_eq!((-number("9223372036854775808")).as_i64(), Some(i64::MIN));
    assert_eq!(number("123.456e-7").to_string(), "0.0000123456");
    assert_eq!(number("1e3").as_i64(), Some(1000));
    assert_eq!(number("1e400").to_string().len(), 401);
    let third = Number::Int(1).div(&Number::Int(3)).unwrap();
    assert!(third.to_string().starts_with("0.33333333333333333333") && third.to_string().len() > 150);
    assert_eq!(third.mul(&Number::Int(3)).unwrap(), Number::Int(1));
    assert_eq!(number("0.1").add(&number("0.2")).unwrap(), number("0.3"));
    assert_eq!(Number::from_f64(0.1_f64.powi(2)).unwrap().to_string(), "0.010000000000000002");
}

#[test]
fn refuses_what_terraform_refuses() {
    for text in ["", " 1", "0x10", "1_000", "-", ".", "e5", "1e", "--1", "1.2.3", "nan"] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
    for text in [".5", "1.", "+1", "1E5", "inf"] {
        assert!(Number::parse(text).is_some(), "{text}");
    }
}

#[test]
fn edges_of_arithmetic() {
    let infinity = Number::Infinite { negative: false };
    assert_eq!(Number::Int(1).div(&Number::ZERO), Some(infinity.clone()));
    assert_eq!(Number::ZERO.div(&Number::ZERO), None);
    assert_eq!(infinity.sub(&infinity), None);
    assert_eq!(Number::Int(-5).rem(&Number::Int(3)), Some(Number::Int(-2)));
    assert_eq!(Number::Int(i64::MIN).div(&Number::Int(-1)).unwrap().to_string(), "9223372036854775808");
    assert_eq!(number("1e1000000000").add(&Number::Int(1)), Some(number("1e1000000000")));
    assert_eq!(number("1e99999999999"), infinity);
    assert_eq!(number("-3.5").floor(), Number::Int(-4));
    assert_eq!(number("-3.5").ceil(), Number::Int(-3));
    assert_eq!(number("18446744073709551615").as_u64(), Some(u64::MAX));
}

proptest! {
    #[test]
    fn integers_behave_like_integers(left in any::<i64>(), right in any::<i64>()) {
        let (a, b) = (Number::Int(left), Number::Int(right));
        prop_assert_eq!(a.add(&b).unwrap().to_string(), (i128::from(left) + i128::from(right)).to_string());
        prop_assert_eq!(a.sub(&b).unwrap().to_string(), (i128::from(left) - i128::from(right)).to_string());
        prop_assert_eq!(a.mul(&b).unwrap().to_string(), (i128::from(left) * i128::from(right)).to_string());
        prop_assert_eq!(a.cmp(&b), left.cmp(&right));
        if right != 0 {
            prop_assert_eq!(a.rem(&b).unwrap().to_string(), (i128::from(left) % i128::from(right)).to_string());
            let quotient = a.div(&b).unwrap();
            prop_assert_eq!(quotient.trunc().to_string(), (i128::from(left) / i128::from(right)).to_string());
        }
    }

    #[test]
    fn doubles_survive(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        let exact = Number::from_f64(value).unwrap();
        prop_assert_eq!(exact.as_f64(), value);
        prop_assert_eq!(exact.to_string().parse::<f64>().unwrap(), value);
    }

    #[test]
    fn text_survives(whole in any::<i64>(), scale in -40i32..40) {
        let parsed = number(&format!("{whole}e{scale}"));
        prop_assert_eq!(number(&parsed.to_string()), parsed);
    }

    #[test]
    fn quotients_are_ordered_like_fractions(a in -1000i64..1000, b in 1i64..1000, c in -1000i64..1000, d in 1i64..1000) {
        let left = Number::Int(a).div(&Number::Int(b)).unwrap();
        let right = Number::Int(c).div(&Number::Int(d)).unwrap();
        prop_assert_eq!(left.cmp(&right), (a * d).cmp(&(c * b)));
    }
}

/// Left, operator, right, then what Terraform 1.11 prints for the result, `floor` and `ceil` of left, and `left < right`.
#[test]
fn agrees_with_terraform() {
    for line in include_str!("terraform.tsv").lines() {
        let [left, operator, right, result, floor, ceil, less] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (a, b) = (number(left), number(right));
        let found = match operator {
            "+" => a.add(&b),
            "-" => a.sub(&b),
            "*" => a.mul(&b),
            "/" => a.div(&b),
            _ => a.rem(&b),
        };
        assert_eq!(found.unwrap().to_string(), result, "{left} {operator} {right}");
        assert_eq!((a.floor().to_string(), a.ceil().to_string()), (floor.to_owned(), ceil.to_owned()), "{left}");
        assert_eq!((a < b).to_string(), less, "{left} < {right}");
    }
}
