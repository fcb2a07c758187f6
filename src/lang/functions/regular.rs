//! Regular expressions, by RE2's rules.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, parameter, pure, text};
use regex::{Captures, Regex};
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    pure("regex", &[parameter("pattern", Accepts::String), parameter("string", Accepts::String)], Returns::By(first_type), first_match),
    pure("regexall", &[parameter("pattern", Accepts::String), parameter("string", Accepts::String)], Returns::By(all_type), all_matches),
    pure(
        "replace",
        &[parameter("str", Accepts::String), parameter("substr", Accepts::String), parameter("replace", Accepts::String)],
        Returns::Always(Accepts::String),
        replace,
    ),
];

fn compile(pattern: &str, argument: usize) -> Result<Regex, FunctionError> {
    let reason = |error: regex::Error| match error {
        regex::Error::CompiledTooBig(limit) => format!("it needs more than {limit} bytes"),
        error => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    if let Some(wrong) = wrong_in_re2(pattern) {
        return Err(FunctionError { argument: Some(argument), message: format!("invalid regexp pattern: {wrong} in {pattern}") });
    }
    Regex::new(&re2(pattern)).map_err(|error| FunctionError {
        argument: Some(argument),
        message: format!("invalid regexp pattern: {} in {pattern}", reason(error)),
    })
}

/// What the regex crate takes and RE2 does not: a repetition of a repetition, and `\C` for a byte.
fn wrong_in_re2(pattern: &str) -> Option<&'static str> {
    let (mut previous, mut repeats, mut in_class) = ('\0', 0, false);
    for character in pattern.chars() {
        let is_escaped = previous == '\\';
        if is_escaped && character == 'C' {
            return Some("invalid escape sequence: `\\C`");
        }
        let is_repetition = !is_escaped && !in_class && matches!(character, '*' | '+' | '?');
        // A question mark makes the repetition before it reluctant, once.
        repeats = if is_repetition { repeats + 1 } else { 0 };
        if repeats > 2 || repeats == 2 && character != '?' {
            return Some("invalid nested repetition operator");
        }
        match character {
            '[' if !is_escaped => in_class = true,
            ']' if !is_escaped => in_class = false,
            _ => {}
        }
        previous = if is_escaped { '\0' } else { character };
    }
    None
}

/// Where RE2's syntax and the regex crate's differ: classes are ASCII, `\Q…\E` quotes, a brace that begins no repetition and the
/// set operators are plain text.
fn re2(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(character) = rest.chars().next() {
        let width = character.len_utf8();
        match character {
            '\\' => {
                let Some(escaped) = rest[1..].chars().next() else {
                    out.push('\\');
                    break;
                };
                let after = &rest[1 + escaped.len_utf8()..];
                if escaped == 'Q' {
                    let (quoted, after) = after.split_once("\\E").unwrap_or((after, ""));
                    out.push_str(&regex::escape(quoted));
                    rest = after;
                    continue;
                }
                out.push_str(&escape_sequence(escaped, in_class));
                rest = after;
                // The braces of `\p{Greek}` and `\x{10FFFF}` belong to the escape.
                if matches!(escaped, 'p' | 'P' | 'x')
                    && let Some(end) = rest.find('}').filter(|_| rest.starts_with('{'))
                {
                    out.push_str(&rest[..=end]);
                    rest = &rest[end + 1..];
                }
                continue;
            }
            '[' if in_class && rest[1..].starts_with(':') => out.push('['),
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                rest = &rest[1..];
                for opening in ["^", "]"] {
                    if let Some(after) = rest.strip_prefix(opening) {
                        out.push_str(if opening == "]" { "\\]" } else { opening });
                        rest = after;
                    }
                }
                continue;
            }
            ']' if in_class => {
                // The end of a named class such as [:alpha:] does not close the class around it.
                in_class = out.ends_with(':') && out.rfind("[:").is_some_and(|open| !out[open + 2..].contains(']'));
                out.push(']');
            }
            '&' | '~' if in_class => out.extend(['\\', character]),
            '-' if in_class && rest[1..].starts_with('-') => out.push_str("\\-"),
            '{' if !in_class && !begins_repetition(rest) => out.push_str("\\{"),
            '}' if !in_class && !ends_repetition(&out) => out.push_str("\\}"),
            other => out.push(other),
        }
        rest = &rest[width..];
    }
    out
}

fn escape_sequence(escaped: char, in_class: bool) -> String {
    let class = |inside: &str, negated: bool| match (in_class, negated) {
        (true, false) => inside.to_owned(),
        (true, true) => format!("[^{inside}]"),
        (false, false) => format!("[{inside}]"),
        (false, true) => format!("[^{inside}]"),
    };
    match escaped {
        'd' => class("0-9", false),
        'D' => class("0-9", true),
        'w' => class("0-9A-Za-z_", false),
        'W' => class("0-9A-Za-z_", true),
        's' => class("\\t\\n\\f\\r ", false),
        'S' => class("\\t\\n\\f\\r ", true),
        'b' => "(?-u:\\b)".to_owned(),
        'C' => ".".to_owned(),
        other => format!("\\{other}"),
    }
}

fn begins_repetition(text: &str) -> bool {
    let Some(end) = text.find('}') else { return false };
    let inside = &text[1..end];
    let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}

fn ends_repetition(before: &str) -> bool {
    let ours = |open: usize| {
        let escaped = before[..open].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        !escaped && before[open + 1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
    };
    before.rfind('{').is_some_and(ours)
}

/// The type of a match: a string without groups, a tuple of unnamed ones, an object of named ones.
fn match_type(regex: &Regex) -> Result<Type, FunctionError> {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named = names.iter().flatten().count();
    match (names.len(), named) {
        (0, _) => Ok(Type::String),
        (count, 0) => Ok(Type::tuple(vec![Type::String; count])),
        (count, named) if count == named => Ok(Type::object(names.iter().flatten().map(|name| (Arc::from(*name), Type::String)).collect())),
        _ => Err(FunctionError {
            argument: Some(0),
            message: "invalid regexp pattern: cannot mix both named and unnamed capture groups".to_owned(),
        }),
    }
}

fn known_type(arguments: &[Value]) -> Option<Type> {
    match_type(&compile(arguments[0].as_str()?, 0).ok()?).ok()
}

fn first_type(arguments: &[Value]) -> Type {
    known_type(arguments).unwrap_or(Type::Dynamic)
}

fn all_type(arguments: &[Value]) -> Type {
    known_type(arguments).map_or(Type::Dynamic, Type::list)
}

fn matched(regex: &Regex, captures: &Captures) -> Value {
    let group = |index: usize| captures.get(index).map_or_else(|| Value::null(Type::String), |found| found.as_str().into());
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    match names.iter().any(Option::is_some) {
        _ if names.is_empty() => group(0),
        false => Value::tuple((1..=names.len()).map(group).collect()),
        true => {
            let fields = names.iter().enumerate().filter_map(|(index, name)| Some((Arc::from((*name)?), group(index + 1))));
            Value::object(fields.collect::<Fields>())
        }
    }
}

fn first_match(arguments: &[Value]) -> Outcome {
    let regex = compile(text(arguments, 0), 0)?;
    match_type(&regex)?;
    match regex.captures(text(arguments, 1)) {
        Some(captures) => Ok(matched(&regex, &captures)),
        None => fail("pattern did not match any part of the given string"),
    }
}

fn all_matches(arguments: &[Value]) -> Outcome {
    let regex = compile(text(arguments, 0), 0)?;
    let element = match_type(&regex)?;
    Ok(Value::list(element, regex.captures_iter(text(arguments, 1)).map(|captures| matched(&regex, &captures)).collect()))
}

/// `/pattern/` is a regular expression, in whose replacement `$1` and `${name}` stand for groups; anything else is plain text.
fn replace(arguments: &[Value]) -> Outcome {
    let (whole, pattern, replacement) = (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    match pattern.strip_prefix('/').and_then(|pattern| pattern.strip_suffix('/')) {
        Some(pattern) => Ok(compile(pattern, 1)
            .map_err(|error| FunctionError { argument: None, ..error })?
            .replace_all(whole, replacement)
            .into_owned()
            .into()),
        None => Ok(whole.replace(pattern, replacement).into()),
    }
}
