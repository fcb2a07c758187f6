//! The verbs of `formatdate`.

use super::signature::{FunctionError, fail_argument};
use super::time::Moment;
use jiff::civil::Weekday;

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// Runs of one letter are verbs, text in single quotes stands as it is, and so does what is no letter.
pub(super) fn format_date(format: &str, moment: &Moment) -> Result<String, FunctionError> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let (literal, after) = quoted(&rest[1..])?;
            out.push_str(&literal);
            rest = after;
            continue;
        }
        let end = match first.is_ascii_alphabetic() {
            true => rest.find(|character| character != first).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        match first.is_ascii_alphabetic() {
            true => out.push_str(&verb(token, moment)?),
            false => out.push_str(token),
        }
        rest = after;
    }
    Ok(out)
}

/// The literal up to the closing quote, where two quotes are one.
fn quoted(text: &str) -> Result<(String, &str), FunctionError> {
    let mut literal = String::new();
    let mut rest = text;
    loop {
        let Some(end) = rest.find('\'') else { return fail_argument(0, "unterminated literal '") };
        literal.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Ok((literal, rest)),
        }
    }
}

fn verb(token: &str, moment: &Moment) -> Result<String, FunctionError> {
    let (date, time) = (moment.date, moment.time);
    let hour = time.hour();
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let month = MONTHS[usize::try_from(date.month() - 1).unwrap_or(0)];
    let seconds = moment.offset.seconds();
    Ok(match token {
        "YYYY" => format!("{:04}", date.year()),
        "YY" => format!("{:02}", date.year().rem_euclid(100)),
        "MMMM" => month.to_owned(),
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", date.month()),
        "M" => date.month().to_string(),
        "DD" => format!("{:02}", date.day()),
        "D" => date.day().to_string(),
        "EEEE" => weekday(date.weekday()).to_owned(),
        "EEE" => weekday(date.weekday())[..3].to_owned(),
        "hh" => format!("{hour:02}"),
        "h" => hour.to_string(),
        "HH" => format!("{twelve:02}"),
        "H" => twelve.to_string(),
        "AA" => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        "aa" => if hour < 12 { "am" } else { "pm" }.to_owned(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZZZ" => offset_text(seconds, ":"),
        "ZZZZ" => offset_text(seconds, ""),
        "ZZZ" if seconds == 0 => "UTC".to_owned(),
        "ZZZ" => offset_text(seconds, ""),
        "Z" if seconds == 0 => "Z".to_owned(),
        "Z" => offset_text(seconds, ":"),
        other => return fail_argument(0, format!("invalid date format verb {other:?}")),
    })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// `+01:00`, or without the colon.
pub(super) fn offset_text(seconds: i32, separator: &str) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
}
