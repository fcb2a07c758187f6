//! `format` and the verbs that it shares with `formatlist`.

use super::encoding::{quote, write_json};
use super::format_list::formatted_list;
use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, fail_argument, parameter, pure, text};
use crate::lang::evaluate::{range, safe_prefix};
use dashu_int::IBig;
use std::cmp::Ordering;
use unicode_segmentation::UnicodeSegmentation;
use windlass_api::value::convert::convert;
use windlass_api::{Number, Refinement, Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    pure("format", &[parameter("format", Accepts::String)], Returns::Always(Accepts::String), |arguments| {
        formatted(text(arguments, 0), &arguments[1..])
    })
    .and(parameter("args", Accepts::Any).late().nullable()),
    pure("formatlist", &[parameter("format", Accepts::String)], Returns::Always(Accepts::ListOfString), |arguments| {
        formatted_list(text(arguments, 0), &arguments[1..])
    })
    .and(parameter("args", Accepts::Any).late().nullable()),
];

/// One verb with its flags.
#[derive(Debug, Default)]
struct Verb<'a> {
    /// As written, for messages.
    raw: &'a str,
    /// Where it stands.
    offset: usize,
    sharp: bool,
    zero: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

/// The text; unknown, with its known beginning, from the first unknown argument on.
pub(super) fn formatted(format: &str, arguments: &[Value]) -> Outcome {
    let mut out = String::new();
    let mut next = 0;
    let mut highest = 0;
    let mut rest = format;
    let mut unknown = false;
    while let Some(position) = rest.find('%') {
        if !unknown {
            out.push_str(&rest[..position]);
        }
        let offset = format.len() - rest.len() + position;
        let (verb, index, after) = parse_verb(&rest[position..], offset)?;
        rest = after;
        if verb.letter == '%' {
            if !unknown {
                out.push('%');
            }
            continue;
        }
        next = index.unwrap_or(next + 1);
        highest = highest.max(next);
        let Some(argument) = next.checked_sub(1).and_then(|index| arguments.get(index)) else {
            let (raw, total) = (verb.raw, arguments.len());
            return fail(format!("not enough arguments for {raw:?} at {offset}: need index {next} but have {total} total"));
        };
        if !argument.is_wholly_known() {
            if !unknown && matches!(verb.letter, 's' | 'v') && verb.width == 0 && verb.precision.is_none() {
                range(argument).prefix.iter().for_each(|prefix| out.push_str(prefix));
            }
            unknown = true;
        } else if !unknown {
            append(&verb, argument, &mut out)?;
        }
    }
    if highest < arguments.len() {
        return too_many(highest);
    }
    if unknown {
        let refinement = Refinement { not_null: true, prefix: safe_prefix(&out), ..Refinement::default() };
        return Ok(Value::unknown_refined(Type::String, refinement));
    }
    out.push_str(rest);
    Ok(out.into())
}

fn too_many(highest: usize) -> Outcome {
    match highest {
        0 => fail_argument(1, "too many arguments; no verbs in format string"),
        used => fail_argument(used + 1, format!("too many arguments; only {used} used by format string")),
    }
}

/// A verb, the argument number that it names, and what follows it.
fn parse_verb(text: &str, offset: usize) -> Result<(Verb<'_>, Option<usize>, &str), FunctionError> {
    let mut verb = Verb { offset, ..Verb::default() };
    let mut rest = &text[1..];
    loop {
        match rest.chars().next() {
            Some('#') => verb.sharp = true,
            Some('0') => verb.zero = true,
            Some('-') => verb.minus = true,
            Some('+') => verb.plus = true,
            Some(' ') => verb.space = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    let mut index = None;
    let digits = |rest: &mut &str| {
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..end].parse::<usize>().ok();
        *rest = &rest[end..];
        number
    };
    verb.width = digits(&mut rest).unwrap_or(0);
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        verb.precision = Some(digits(&mut rest).unwrap_or(0));
    }
    if let Some(after) = rest.strip_prefix('[') {
        rest = after;
        index = digits(&mut rest);
        rest = rest.strip_prefix(']').unwrap_or(rest);
    }
    match rest.chars().next() {
        Some(letter) if "%vtbodxXeEfgGsq".contains(letter) => {
            verb.letter = letter;
            verb.raw = &text[..text.len() - rest.len() + letter.len_utf8()];
            Ok((verb, index, &rest[letter.len_utf8()..]))
        }
        Some(letter) => {
            let raw = &text[..text.len() - rest.len() + letter.len_utf8()];
            fail(format!("unsupported format verb {letter:?} in {raw:?} at offset {offset}"))
        }
        None => fail(format!("unexpected end of format string in the verb that begins at offset {offset}")),
    }
}

fn append(verb: &Verb, value: &Value, out: &mut String) -> Result<(), FunctionError> {
    let refuse = |reason: &str| fail(format!("unsupported value for {:?} at {}: {reason}", verb.raw, verb.offset));
    if value.is_null() && verb.letter != 'v' {
        return refuse("null value cannot be formatted");
    }
    let converted = |ty: Type| {
        convert(value, &ty).map_err(|reason| FunctionError {
            argument: None,
            message: format!("unsupported value for {:?} at {}: {reason}", verb.raw, verb.offset),
        })
    };
    match verb.letter {
        'v' => as_it_is(verb, value, out),
        't' => out.push_str(if converted(Type::Bool)?.as_bool() == Some(true) { "true" } else { "false" }),
        's' | 'q' => {
            let converted = converted(Type::String)?;
            let text = converted.as_str().unwrap_or_default();
            let cut: String = text.graphemes(true).take(verb.precision.unwrap_or(usize::MAX)).collect();
            match verb.letter {
                's' => pad(verb, &cut, out),
                _ => {
                    let mut quoted = String::new();
                    quote(&cut, &mut quoted);
                    pad(verb, &quoted, out);
                }
            }
        }
        letter => {
            let converted = converted(Type::Number)?;
            let number = converted.as_number().cloned().unwrap_or(Number::Int(0));
            match letter {
                'e' | 'E' | 'f' | 'g' | 'G' => padded_number(verb, &floating(verb, &number), out),
                _ if !number.is_integer() => return refuse("an integer is required"),
                _ => padded_number(verb, &whole(verb, &number), out),
            }
        }
    }
    Ok(())
}

fn as_it_is(verb: &Verb, value: &Value, out: &mut String) {
    match (value.as_str(), value.as_number()) {
        (Some(text), _) if !verb.sharp => pad(verb, text, out),
        (_, Some(number)) if !verb.sharp => pad(verb, &general(number, None, 'e'), out),
        _ => {
            let mut json = String::new();
            write_json(value, &mut json);
            pad(verb, &json, out);
        }
    }
}

fn pad(verb: &Verb, text: &str, out: &mut String) {
    let missing = verb.width.saturating_sub(text.graphemes(true).count());
    match verb.minus {
        true => out.extend([text, &" ".repeat(missing)]),
        false if verb.zero => out.extend([&*"0".repeat(missing), text]),
        false => out.extend([&*" ".repeat(missing), text]),
    }
}

/// Zeros go between the sign and the digits.
fn padded_number(verb: &Verb, digits: &str, out: &mut String) {
    let sign = match digits.strip_prefix('-') {
        Some(_) => "-",
        None if verb.plus => "+",
        None if verb.space => " ",
        None => "",
    };
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    let missing = verb.width.saturating_sub(sign.len() + digits.chars().count());
    match (verb.minus, verb.zero) {
        (true, _) => out.extend([sign, digits, &" ".repeat(missing)]),
        (false, true) => out.extend([sign, &"0".repeat(missing), digits]),
        (false, false) => out.extend([&*" ".repeat(missing), sign, digits]),
    }
}

fn whole(verb: &Verb, number: &Number) -> String {
    let radix = match verb.letter {
        'b' => 2,
        'o' => 8,
        'x' | 'X' => 16,
        _ => 10,
    };
    let digits = match (number.to_big(), radix) {
        (Some(big), radix) => big.in_radix(radix).to_string(),
        (None, _) => number.to_string(),
    };
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let prefix = match verb.letter {
        'b' if verb.sharp => "0b",
        'o' if verb.sharp => "0",
        'x' | 'X' if verb.sharp => "0x",
        _ => "",
    };
    let filled = format!("{}{digits}", "0".repeat(verb.precision.unwrap_or(0).saturating_sub(digits.len())));
    let text = format!("{sign}{prefix}{filled}");
    if verb.letter == 'X' { text.to_uppercase() } else { text }
}

fn floating(verb: &Verb, number: &Number) -> String {
    match verb.letter {
        'f' => fixed(number, verb.precision.unwrap_or(6)),
        'e' | 'E' => exponential(number, Some(verb.precision.unwrap_or(6)), verb.letter),
        'G' => general(number, verb.precision, 'E'),
        _ => general(number, verb.precision, 'e'),
    }
}

/// Significant digits without leading or trailing zeros, and where the point stands from their start.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
    /// How the number itself, which is binary, compares with these digits: it decides what looks like a tie.
    exact: Ordering,
}

impl Decimal {
    fn of(number: &Number) -> Decimal {
        let text = number.to_string();
        let (negative, text) = text.strip_prefix('-').map_or((false, &*text), |rest| (true, rest));
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let all: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|digit| digit.saturating_sub(b'0')).collect();
        let zeros = all.iter().take_while(|digit| **digit == 0).count();
        let end = all.iter().rposition(|digit| *digit != 0).map_or(zeros, |last| last + 1);
        let digits = all[zeros..end].to_vec();
        let point = if digits.is_empty() { 0 } else { whole.len() as i64 - zeros as i64 };
        let exact = if fraction.is_empty() { Ordering::Equal } else { exact_against(&number.abs(), whole, fraction) };
        Decimal { negative, digits, point, exact }
    }

    /// Rounds to so many digits, half to even.
    fn round(&mut self, keep: i64) {
        let Ok(keep) = usize::try_from(keep) else {
            *self = Decimal { digits: Vec::new(), point: 0, exact: Ordering::Equal, ..*self };
            return;
        };
        if keep >= self.digits.len() {
            return;
        }
        let (next, beyond) = (self.digits[keep], self.digits.len() > keep + 1);
        let odd = keep > 0 && self.digits[keep - 1] % 2 == 1;
        self.digits.truncate(keep);
        let up = match self.exact {
            _ if beyond => true,
            Ordering::Greater => true,
            Ordering::Equal => odd,
            Ordering::Less => false,
        };
        if next > 5 || next == 5 && up {
            match self.digits.iter().rposition(|digit| *digit < 9) {
                Some(position) => {
                    self.digits[position] += 1;
                    self.digits.truncate(position + 1);
                }
                None => {
                    self.digits = vec![1];
                    self.point += 1;
                }
            }
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    fn digit(&self, position: i64) -> char {
        let digit = usize::try_from(position).ok().and_then(|position| self.digits.get(position)).copied().unwrap_or(0);
        (b'0' + digit) as char
    }
}

/// How a number compares with the decimal that is printed for it.
fn exact_against(number: &Number, whole: &str, fraction: &str) -> Ordering {
    // 2^1024: enough to make every fraction of 512 bits whole, and exact.
    let scale = (0..10).try_fold(Number::Int(2), |scale, _| scale.mul(&scale));
    let scaled = scale.as_ref().and_then(|scale| Some((number.mul(scale)?.to_big()?, scale.to_big()?)));
    match (scaled, format!("{whole}{fraction}").parse::<IBig>()) {
        (Some((scaled, scale)), Ok(digits)) => (scaled * IBig::from(10).pow(fraction.len())).cmp(&(digits * scale)),
        _ => Ordering::Equal,
    }
}

fn fixed(number: &Number, precision: usize) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let mut decimal = Decimal::of(number);
    decimal.round(decimal.point + precision as i64);
    fixed_text(&decimal, precision)
}

fn fixed_text(decimal: &Decimal, precision: usize) -> String {
    let mut out = decimal.sign().to_owned();
    match decimal.point > 0 {
        true => out.extend((0..decimal.point).map(|position| decimal.digit(position))),
        false => out.push('0'),
    }
    if precision > 0 {
        out.push('.');
        out.extend((0..precision as i64).map(|position| decimal.digit(decimal.point + position)));
    }
    out
}

fn exponential(number: &Number, precision: Option<usize>, letter: char) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let mut decimal = Decimal::of(number);
    if let Some(precision) = precision {
        decimal.round(precision as i64 + 1);
    }
    exponential_text(&decimal, precision, letter)
}

fn exponential_text(decimal: &Decimal, precision: Option<usize>, letter: char) -> String {
    let precision = precision.unwrap_or(decimal.digits.len().saturating_sub(1));
    let mut out = format!("{}{}", decimal.sign(), decimal.digit(0));
    if precision > 0 {
        out.push('.');
        out.extend((1..=precision as i64).map(|position| decimal.digit(position)));
    }
    let exponent = if decimal.digits.is_empty() { 0 } else { decimal.point - 1 };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{out}{letter}{sign}{:02}", exponent.abs())
}

/// Go's `%g`: with an exponent when the number is very small, or longer than the precision.
fn general(number: &Number, precision: Option<usize>, letter: char) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    let mut decimal = Decimal::of(number);
    let mut threshold = 6;
    if let Some(precision) = precision {
        let precision = precision.max(1) as i64;
        decimal.round(precision);
        let count = decimal.digits.len() as i64;
        threshold = if precision > count && count >= decimal.point { count } else { precision };
    }
    let exponent = decimal.point - 1;
    match !decimal.digits.is_empty() && (exponent < -4 || exponent >= threshold) {
        true => exponential_text(&decimal, None, letter),
        false => fixed_text(&decimal, usize::try_from(decimal.digits.len() as i64 - decimal.point).unwrap_or(0)),
    }
}
