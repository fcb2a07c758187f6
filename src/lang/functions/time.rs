//! Times, in RFC 3339.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, parameter, pure, scoped, text};
use super::time_format::format_date;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use windlass_api::{Type, Value};

const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    pure("formatdate", &[parameter("format", Accepts::String), parameter("time", Accepts::String)], STRING, |arguments| {
        let moment = parse(text(arguments, 1)).map_err(|message| FunctionError { argument: Some(1), message })?;
        format_date(text(arguments, 0), &moment).map(Value::string)
    }),
    scoped("plantimestamp", &[], STRING, |evaluator, _| {
        Ok(evaluator.scope.plan_timestamp().map_or_else(|| Value::unknown(Type::String).not_null(), Value::string))
    }),
    scoped("timestamp", &[], STRING, |evaluator, _| match evaluator.scope.is_applying() {
        true => Ok(Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()),
        false => Ok(Value::unknown(Type::String).not_null()),
    }),
    pure("timeadd", &[parameter("timestamp", Accepts::String), parameter("duration", Accepts::String)], STRING, time_add),
    pure(
        "timecmp",
        &[parameter("timestamp_a", Accepts::String), parameter("timestamp_b", Accepts::String)],
        Returns::Always(Accepts::Number),
        |arguments| {
            let moment =
                |position: usize| parse(text(arguments, position)).map_err(|message| FunctionError { argument: Some(position), message });
            Ok(Value::int(moment(0)?.instant.cmp(&moment(1)?.instant) as i64))
        },
    ),
];

/// A moment with the offset that it was written with.
pub(super) struct Moment {
    pub(super) date: Date,
    pub(super) time: Time,
    pub(super) offset: Offset,
    instant: Timestamp,
}

/// Parses RFC 3339 strictly, naming the part at fault.
fn parse(text: &str) -> Result<Moment, String> {
    let refuse = |reason: String| Err(format!("not a valid RFC3339 timestamp: {reason}"));
    let part = |name: &str, range: std::ops::Range<usize>| -> Result<i64, String> {
        let written = text.get(range.clone()).unwrap_or_else(|| text.get(range.start..).unwrap_or_default());
        match written.len() == range.len() && written.bytes().all(|byte| byte.is_ascii_digit()) {
            true => written.parse().map_err(|_| format!("not a valid RFC3339 timestamp: cannot use {written:?} as {name}")),
            false if written.is_empty() => Err(format!("not a valid RFC3339 timestamp: end of string before {name}")),
            false => Err(format!("not a valid RFC3339 timestamp: cannot use {written:?} as {name}")),
        }
    };
    let expect = |position: usize, wanted: char| match text.get(position..).and_then(|rest| rest.chars().next()) {
        Some(found) if found == wanted => Ok(()),
        None => Err(format!("not a valid RFC3339 timestamp: end of string where {:?} is expected", wanted.to_string())),
        Some(_) => Err(format!("not a valid RFC3339 timestamp: missing required {:?}", wanted.to_string())),
    };
    let year = part("year", 0..4)?;
    expect(4, '-')?;
    let month = part("month", 5..7)?;
    expect(7, '-')?;
    let day = part("day of month", 8..10)?;
    expect(10, 'T')?;
    let hour = part("hour", 11..13)?;
    expect(13, ':')?;
    let minute = part("minute", 14..16)?;
    expect(16, ':')?;
    let second = part("second", 17..19)?;
    let mut rest = &text[19..];
    let mut nanoseconds = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction.find(|character: char| !character.is_ascii_digit()).unwrap_or(fraction.len());
        nanoseconds = format!("{:0<9}", &fraction[..end])[..9].parse().unwrap_or(0);
        rest = &fraction[end..];
    }
    let Some(offset) = parse_offset(rest) else { return refuse(format!("cannot use {rest:?} as UTC offset")) };
    let civil =
        (Date::new(year as i16, month as i8, day as i8).ok()).zip(Time::new(hour as i8, minute as i8, second as i8, nanoseconds).ok());
    let Some((date, time)) = civil else { return refuse("a part is out of range".to_owned()) };
    match offset.to_timestamp(date.to_datetime(time)) {
        Ok(instant) => Ok(Moment { date, time, offset, instant }),
        Err(_) => refuse("it is out of range".to_owned()),
    }
}

fn parse_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let two = |digits: &str| if digits.len() == 2 { digits.parse::<i32>().ok() } else { None };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn time_add(arguments: &[Value]) -> Outcome {
    let moment = parse(text(arguments, 0)).map_err(|message| FunctionError { argument: None, message })?;
    let duration = go_duration(text(arguments, 1)).map_err(|message| FunctionError { argument: None, message })?;
    let Ok(later) = moment.instant.checked_add(duration) else { return fail("the result is out of range") };
    let civil = moment.offset.to_datetime(later);
    let zone = match moment.offset.seconds() {
        0 => "Z".to_owned(),
        seconds => super::time_format::offset_text(seconds, ":"),
    };
    Ok(format!("{}{zone}", civil.strftime("%Y-%m-%dT%H:%M:%S")).into())
}

/// A duration as Go writes it: `1h30m`, `-1.5s`.
fn go_duration(text: &str) -> Result<SignedDuration, String> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let invalid = || format!("time: invalid duration {text:?}");
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let digits_end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (whole, fraction) = rest[..digits_end].split_once('.').unwrap_or((&rest[..digits_end], ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return Err(invalid());
        }
        rest = &rest[digits_end..];
        let unit_end = rest.find(|character: char| character.is_ascii_digit() || character == '.').unwrap_or(rest.len());
        let unit = match &rest[..unit_end] {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000_i128,
            unknown => return Err(format!("time: unknown unit {unknown:?} in duration {text:?}")),
        };
        rest = &rest[unit_end..];
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().map_err(|_| invalid())?.into() };
        nanoseconds += whole * unit;
        let mut scale = unit;
        for digit in fraction.bytes() {
            scale /= 10;
            nanoseconds += i128::from(digit - b'0') * scale;
        }
    }
    let signed = if negative { -nanoseconds } else { nanoseconds };
    match i64::try_from(signed) {
        Ok(nanoseconds) => Ok(SignedDuration::from_nanos(nanoseconds)),
        Err(_) => Err(invalid()),
    }
}
