//! Reading and printing decimals, digit for digit as Go's `big.Float` does.

use super::Number;
use super::float::{Float, PRECISION_BITS};
use dashu_int::UBig;
use dashu_int::ops::BitTest;

/// Decimal exponents beyond this can't be finite.
const EXPONENT_LIMIT: i64 = 1 << 31;

/// Parses what `big.ParseFloat(text, 10, 512, ToNearestEven)` takes, without digit separators.
pub(super) fn parse(text: &str) -> Option<Number> {
    if let Ok(value) = text.parse::<i64>() {
        return Some(Number::Int(value));
    }
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if matches!(body, "inf" | "Inf") {
        return Some(Number::Infinite { negative });
    }
    let (digits, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], parse_exponent(&body[at + 1..])?),
        None => (body, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mantissa = UBig::from_str_radix(&all, 10).ok()?;
    if mantissa == UBig::ZERO {
        return Some(Number::ZERO);
    }
    let exponent = exponent.saturating_sub(fraction.len() as i64);
    let scaled = Float::exact(negative, mantissa, 0, PRECISION_BITS);
    if exponent.abs() > EXPONENT_LIMIT {
        return Some(if exponent > 0 { Number::Infinite { negative } } else { Number::ZERO });
    }
    Some(Number::of_float(scale(&scaled, exponent)))
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// `value × 10^exponent`, rounded as Go rounds it: through a power of five with 64 bits more.
fn scale(value: &Float, exponent: i64) -> Float {
    if exponent == 0 {
        return Float::rounded(value.negative, value.mantissa.clone(), value.exponent, PRECISION_BITS, false);
    }
    let power = power_of_five(exponent.unsigned_abs(), PRECISION_BITS + 64);
    let shifted = Float { exponent: value.exponent.saturating_add(exponent), ..value.clone() };
    if exponent < 0 { shifted.div_to(&power, PRECISION_BITS) } else { shifted.mul_to(&power, PRECISION_BITS) }
}

/// `5^exponent` by repeated squaring, rounded at each step.
fn power_of_five(exponent: u64, precision: usize) -> Float {
    /// The highest power of five that Go takes from a table.
    const TABLE_MAXIMUM: u64 = 27;
    let start = exponent.min(TABLE_MAXIMUM);
    let mut result = Float::exact(false, UBig::from(5u8).pow(start as usize), 0, precision);
    let mut factor = Float::exact(false, UBig::from(5u8), 0, precision + 64);
    let mut rest = exponent - start;
    while rest > 0 {
        if rest & 1 != 0 {
            result = result.mul_to(&factor, precision);
        }
        factor = factor.mul_to(&factor, precision + 64);
        rest >>= 1;
    }
    result
}

/// Decimal digits, `0.d₁d₂d₃… × 10^point`, without zeros at the end.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// `mantissa × 2^exponent`, exactly.
    fn new(mantissa: &UBig, exponent: i64) -> Decimal {
        let (integer, shift) = if exponent >= 0 {
            (mantissa << exponent as usize, 0)
        } else {
            (mantissa * UBig::from(5u8).pow(exponent.unsigned_abs() as usize), exponent)
        };
        let digits = integer.to_string().into_bytes();
        let point = digits.len() as i64 + shift;
        let mut decimal = Decimal { digits, point };
        decimal.trim();
        decimal
    }

    fn trim(&mut self) {
        let length = self.digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        self.digits.truncate(length);
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn at(&self, position: usize) -> u8 {
        self.digits.get(position).copied().unwrap_or(b'0')
    }

    /// Keeps the first digits, rounding half to even.
    fn round(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        let exactly_half = self.digits[count] == b'5' && count + 1 == self.digits.len();
        let up = if exactly_half { count > 0 && (self.digits[count - 1] - b'0') & 1 != 0 } else { self.digits[count] >= b'5' };
        if up { self.round_up(count) } else { self.round_down(count) }
    }

    fn round_down(&mut self, count: usize) {
        self.digits.truncate(count);
        self.trim();
    }

    fn round_up(&mut self, count: usize) {
        if count >= self.digits.len() {
            return;
        }
        match self.digits[..count].iter().rposition(|digit| *digit < b'9') {
            Some(last) => {
                self.digits[last] += 1;
                self.digits.truncate(last + 1);
            }
            None => {
                self.digits = vec![b'1'];
                self.point += 1;
            }
        }
    }

    /// All digits, without an exponent.
    fn plain(&self, negative: bool) -> String {
        let mut text = String::from(if negative { "-" } else { "" });
        let digits = |range: &[u8]| range.iter().map(|digit| char::from(*digit)).collect::<String>();
        let point = usize::try_from(self.point).unwrap_or(0);
        match self.digits.len() {
            length if self.point <= 0 => {
                text.push('0');
                if length > 0 {
                    text.push('.');
                    text.extend(std::iter::repeat_n('0', self.point.unsigned_abs() as usize));
                    text.push_str(&digits(&self.digits));
                }
            }
            length if length <= point => {
                text.push_str(&digits(&self.digits));
                text.extend(std::iter::repeat_n('0', point - length));
            }
            _ => {
                text.push_str(&digits(&self.digits[..point]));
                text.push('.');
                text.push_str(&digits(&self.digits[point..]));
            }
        }
        text
    }

    /// One digit before the point, and an exponent.
    fn scientific(&self, negative: bool) -> String {
        let mantissa = Decimal { digits: self.digits.clone(), point: 1 }.plain(negative);
        let exponent = self.point - 1;
        format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }
}

/// The shortest decimal that reads back as the same float at its precision: Go's `Text('f', -1)`.
pub(super) fn shortest(float: &Float) -> String {
    let mut decimal = Decimal::new(&float.mantissa, float.exponent);
    round_shortest(&mut decimal, float);
    decimal.plain(float.negative)
}

/// Go's `Text('g', digits)`.
pub(super) fn general(float: &Float, digits: usize) -> String {
    let mut decimal = Decimal::new(&float.mantissa, float.exponent);
    decimal.round(digits);
    let exponent = decimal.point - 1;
    let mut limit = digits;
    if limit > decimal.digits.len() && decimal.digits.len() as i64 >= decimal.point {
        limit = decimal.digits.len();
    }
    if exponent < -4 || exponent >= limit as i64 { decimal.scientific(float.negative) } else { decimal.plain(float.negative) }
}

/// Go's `roundShortest`: stops at the first digit where the rest no longer matters. Digits of the bounds are compared by
/// position, as there, even where a bound has another decimal point.
fn round_shortest(decimal: &mut Decimal, float: &Float) {
    // A mantissa of one bit more than the precision: its last bit is half a unit in the last place.
    let width = float.precision + 1;
    let shift = width.saturating_sub(float.mantissa.bit_len());
    let mantissa = &float.mantissa << shift;
    let exponent = float.exponent - shift as i64;
    let lower = Decimal::new(&(&mantissa - UBig::ONE), exponent);
    let upper = Decimal::new(&(&mantissa + UBig::ONE), exponent);
    let inclusive = !mantissa.bit(1);
    for position in 0..decimal.digits.len() {
        let (digit, low, high) = (decimal.digits[position], lower.at(position), upper.at(position));
        let down = low != digit || inclusive && position + 1 == lower.digits.len();
        let up = digit != high && (inclusive || digit + 1 < high || position + 1 < upper.digits.len());
        match (down, up) {
            (true, true) => return decimal.round(position + 1),
            (true, false) => return decimal.round_down(position + 1),
            (false, true) => return decimal.round_up(position + 1),
            (false, false) => {}
        }
    }
}
