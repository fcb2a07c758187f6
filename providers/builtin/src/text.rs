//! Random texts of `random_string` and `random_password`.

use rand::Rng;
use rand::seq::SliceRandom;
use windlass_api::{Error, ErrorKind, Number, Value};

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// A whole number among an object's attributes; 0 where there is none.
pub(crate) fn count(object: &Value, name: &str) -> usize {
    object.get(name).and_then(Value::as_number).and_then(Number::as_u64).and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

/// Draws a text by the attributes of an object: so many of each kind at least, the rest from all allowed kinds, shuffled.
pub(crate) fn draw(object: &Value) -> Result<String, Error> {
    let special = object.get_str("override_special").filter(|text| !text.is_empty()).unwrap_or(SPECIAL);
    let kinds = [("upper", UPPER), ("lower", LOWER), ("numeric", DIGITS), ("special", special)];
    let is_allowed = |name: &str| object.get(name).and_then(Value::as_bool).unwrap_or(true);
    let all: Vec<char> = kinds.iter().filter(|(name, _)| is_allowed(name)).flat_map(|(_, letters)| letters.chars()).collect();
    let mut random = rand::rng();
    let mut drawn: Vec<char> = Vec::new();
    for (name, letters) in kinds {
        let letters: Vec<char> = letters.chars().collect();
        let minimum = count(object, &format!("min_{name}"));
        drawn.extend((0..minimum).map(|_| letters[random.random_range(0..letters.len())]));
    }
    let rest = count(object, "length").saturating_sub(drawn.len());
    if rest > 0 && all.is_empty() {
        let message = "the character set specified is empty";
        return Err(Error::new(ErrorKind::Invalid, message).with_hint("Allow at least one of upper, lower, numeric and special."));
    }
    drawn.extend((0..rest).map(|_| all[random.random_range(0..all.len())]));
    drawn.shuffle(&mut random);
    Ok(drawn.into_iter().collect())
}
