//! Text.

use super::signature::{Accepts, Function, Outcome, Returns, elements, fail_argument, parameter, pure, strings, text, whole};
use crate::lang::evaluate::range;
use unicode_segmentation::UnicodeSegmentation;
use windlass_api::{Type, Value};

const STRING: Returns = Returns::Always(Accepts::String);
const BOOL: Returns = Returns::Always(Accepts::Bool);

macro_rules! string_parameters {
    ($($name:literal),+) => { &[$(parameter($name, Accepts::String)),+] };
}

pub(super) const FUNCTIONS: &[Function] = &[
    pure("chomp", string_parameters!["str"], STRING, |arguments| Ok(text(arguments, 0).trim_end_matches(['\r', '\n']).into())),
    pure("endswith", string_parameters!["str", "suffix"], BOOL, |arguments| Ok(text(arguments, 0).ends_with(text(arguments, 1)).into())),
    pure("startswith", &[parameter("str", Accepts::String).late(), parameter("prefix", Accepts::String)], BOOL, starts_with),
    pure("strcontains", string_parameters!["str", "substr"], BOOL, |arguments| Ok(text(arguments, 0).contains(text(arguments, 1)).into())),
    pure("indent", &[parameter("spaces", Accepts::Number), parameter("str", Accepts::String)], STRING, indent),
    pure("join", string_parameters!["separator"], STRING, join).and(parameter("lists", Accepts::ListOfString)),
    pure("lower", string_parameters!["str"], STRING, |arguments| Ok(map_letters(text(arguments, 0), false).into())),
    pure("upper", string_parameters!["str"], STRING, |arguments| Ok(map_letters(text(arguments, 0), true).into())),
    pure("title", string_parameters!["str"], STRING, |arguments| Ok(title(text(arguments, 0)).into())),
    pure("split", string_parameters!["separator", "str"], Returns::Always(Accepts::ListOfString), split),
    pure("strrev", string_parameters!["str"], STRING, |arguments| Ok(text(arguments, 0).graphemes(true).rev().collect::<String>().into())),
    pure(
        "substr",
        &[parameter("str", Accepts::String), parameter("offset", Accepts::Number), parameter("length", Accepts::Number)],
        STRING,
        substr,
    ),
    pure("trim", string_parameters!["str", "cutset"], STRING, |arguments| {
        let cutset: Vec<char> = text(arguments, 1).chars().collect();
        Ok(text(arguments, 0).trim_matches(&cutset[..]).into())
    }),
    pure("trimprefix", string_parameters!["str", "prefix"], STRING, |arguments| {
        let whole = text(arguments, 0);
        Ok(whole.strip_prefix(text(arguments, 1)).unwrap_or(whole).into())
    }),
    pure("trimsuffix", string_parameters!["str", "suffix"], STRING, |arguments| {
        let whole = text(arguments, 0);
        Ok(whole.strip_suffix(text(arguments, 1)).unwrap_or(whole).into())
    }),
    pure("trimspace", string_parameters!["str"], STRING, |arguments| Ok(text(arguments, 0).trim().into())),
];

/// Decided by the known beginning of an unknown string where that is enough.
fn starts_with(arguments: &[Value]) -> Outcome {
    let prefix = text(arguments, 1);
    if let Some(whole) = arguments[0].as_str() {
        return Ok(whole.starts_with(prefix).into());
    }
    let known = range(&arguments[0]).prefix.unwrap_or_default();
    if known.starts_with(prefix) {
        return Ok(true.into());
    }
    match prefix.starts_with(&*known) {
        true => Ok(Value::unknown(Type::Bool).not_null()),
        false => Ok(false.into()),
    }
}

fn indent(arguments: &[Value]) -> Outcome {
    let Ok(spaces) = usize::try_from(whole(arguments, 0)?) else {
        return super::signature::fail("the number of spaces must not be negative");
    };
    Ok(text(arguments, 1).replace('\n', &format!("\n{}", " ".repeat(spaces))).into())
}

fn join(arguments: &[Value]) -> Outcome {
    let mut parts = Vec::new();
    for position in 1..arguments.len() {
        for (index, element) in elements(arguments, position).iter().enumerate() {
            match element.as_str() {
                Some(part) => parts.push(part),
                None if arguments.len() > 2 => {
                    return fail_argument(
                        position,
                        format!("element {index} of list {} is null; cannot concatenate null values", position - 1),
                    );
                }
                None => return fail_argument(position, format!("element {index} is null; cannot concatenate null values")),
            }
        }
    }
    if arguments.len() < 2 {
        return super::signature::fail("at least one list is required");
    }
    Ok(parts.join(text(arguments, 0)).into())
}

/// By simple case mapping, one character to one: `ß` stays.
fn map_letters(text: &str, upper: bool) -> String {
    let single = |mut mapped: Box<dyn Iterator<Item = char>>, letter: char| match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => letter,
    };
    let map = |letter: char| match upper {
        true => single(Box::new(letter.to_uppercase()), letter),
        false if letter == 'İ' => 'i',
        false => single(Box::new(letter.to_lowercase()), letter),
    };
    match text.is_ascii() {
        true if upper => text.to_ascii_uppercase(),
        true => text.to_ascii_lowercase(),
        false => text.chars().map(map).collect(),
    }
}

/// The first letter after anything that is no letter, digit, underscore or apostrophe is raised.
fn title(text: &str) -> String {
    let mut before = ' ';
    let raise = |letter: char| {
        let is_start = is_separator(before);
        before = letter;
        if is_start { map_letters(letter.encode_utf8(&mut [0; 4]), true) } else { letter.to_string() }
    };
    text.chars().map(raise).collect()
}

/// Go's `strings.isSeparator`.
fn is_separator(character: char) -> bool {
    match character.is_ascii() {
        true => !(character.is_ascii_alphanumeric() || character == '_'),
        false => !character.is_alphanumeric() && character.is_whitespace(),
    }
}

fn split(arguments: &[Value]) -> Outcome {
    let (separator, whole) = (text(arguments, 0), text(arguments, 1));
    Ok(match separator.is_empty() {
        true => strings(whole.chars().map(String::from)),
        false => strings(whole.split(separator)),
    })
}

fn substr(arguments: &[Value]) -> Outcome {
    let (offset, length) = (whole(arguments, 1)?, whole(arguments, 2)?);
    let clusters: Vec<&str> = text(arguments, 0).graphemes(true).collect();
    let count = clusters.len() as i64;
    let start = if offset < 0 { offset.saturating_add(count).max(0) } else { offset.min(count) };
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    Ok(clusters[start as usize..end as usize].concat().into())
}
