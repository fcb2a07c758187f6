//! Numbers.

use super::signature::{
    Accepts, Function, FunctionError, Outcome, Returns, elements, fail, fail_argument, integer, parameter, pure, whole,
};
use windlass_api::value::convert::convert;
use windlass_api::{Number, Type, Value};

const NUMBER: Returns = Returns::Always(Accepts::Number);

pub(super) const FUNCTIONS: &[Function] = &[
    pure("abs", &[parameter("num", Accepts::Number)], NUMBER, |arguments| Ok(Value::number(number(arguments, 0).abs()))),
    pure("ceil", &[parameter("num", Accepts::Number)], NUMBER, |arguments| Ok(Value::number(number(arguments, 0).ceil()))),
    pure("floor", &[parameter("num", Accepts::Number)], NUMBER, |arguments| Ok(Value::number(number(arguments, 0).floor()))),
    pure("log", &[parameter("num", Accepts::Number), parameter("base", Accepts::Number)], NUMBER, |arguments| {
        from_double(number(arguments, 0).as_f64().ln() / number(arguments, 1).as_f64().ln())
    }),
    pure("max", &[], NUMBER, |arguments| extreme(arguments, |one, best| one > best)).and(parameter("numbers", Accepts::Number)),
    pure("min", &[], NUMBER, |arguments| extreme(arguments, |one, best| one < best)).and(parameter("numbers", Accepts::Number)),
    pure("parseint", &[parameter("number", Accepts::Any), parameter("base", Accepts::Number)], NUMBER, parse_int),
    pure("pow", &[parameter("num", Accepts::Number), parameter("power", Accepts::Number)], NUMBER, |arguments| {
        from_double(number(arguments, 0).as_f64().powf(number(arguments, 1).as_f64()))
    }),
    pure("signum", &[parameter("num", Accepts::Number)], NUMBER, |arguments| whole(arguments, 0).map(|number| Value::int(number.signum()))),
    pure("sum", &[parameter("list", Accepts::Any)], NUMBER, sum),
    pure("range", &[], Returns::Always(Accepts::ListOfNumber), range).and(parameter("params", Accepts::Number)),
];

/// A number argument.
pub(super) fn number(arguments: &[Value], position: usize) -> Number {
    arguments.get(position).and_then(Value::as_number).cloned().unwrap_or(Number::Int(0))
}

fn from_double(value: f64) -> Outcome {
    match Number::from_f64(value) {
        Some(number) => Ok(Value::number(number)),
        None => fail("the result is not a number"),
    }
}

fn extreme(arguments: &[Value], better: fn(&Number, &Number) -> bool) -> Outcome {
    let numbers = (0..arguments.len()).map(|position| number(arguments, position));
    match numbers.reduce(|best, one| if better(&one, &best) { one } else { best }) {
        Some(best) => Ok(Value::number(best)),
        None => fail("must pass at least one number"),
    }
}

fn parse_int(arguments: &[Value]) -> Outcome {
    let Some(digits) = arguments[0].as_str() else {
        return fail_argument(0, format!("first argument must be a string, not {}", arguments[0].ty().friendly_name()));
    };
    let base = integer(arguments, 1)?;
    if !(2..=62).contains(&base) {
        return fail_argument(1, "base must be a whole number between 2 and 62 inclusive");
    }
    match in_base(digits, base as u32) {
        Some(number) => Ok(Value::number(number)),
        None => fail_argument(0, format!("cannot parse {digits:?} as a base {base} integer")),
    }
}

fn in_base(text: &str, base: u32) -> Option<Number> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return None;
    }
    let mut result = Number::Int(0);
    for digit in digits.chars() {
        let value = match digit {
            '0'..='9' => digit as u32 - '0' as u32,
            'a'..='z' => digit as u32 - 'a' as u32 + 10,
            // Up to base 36 both cases mean the same.
            'A'..='Z' if base <= 36 => digit as u32 - 'A' as u32 + 10,
            'A'..='Z' => digit as u32 - 'A' as u32 + 36,
            _ => return None,
        };
        if value >= base {
            return None;
        }
        result = result.mul(&Number::Int(base.into()))?.add(&Number::Int(value.into()))?;
    }
    Some(if negative { -result } else { result })
}

fn sum(arguments: &[Value]) -> Outcome {
    if !matches!(arguments[0].ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_)) {
        let name = arguments[0].ty().friendly_name();
        return fail_argument(0, format!("argument must be list, set, or tuple. Received {name}"));
    }
    let items = elements(arguments, 0);
    if items.is_empty() {
        return fail_argument(0, "cannot sum an empty list");
    }
    let mut total = Number::Int(0);
    for item in items {
        if item.is_null() {
            return fail_argument(0, "argument must be list, set, or tuple of number values");
        }
        let converted = convert(item, &Type::Number)
            .map_err(|_| FunctionError { argument: Some(0), message: "argument must be list, set, or tuple of number values".into() })?;
        let next = converted.as_number().and_then(|number| total.add(number));
        total = match next {
            Some(next) => next,
            None => return fail("can't compute sum of opposing infinities"),
        };
    }
    Ok(Value::number(total))
}

/// No range is longer.
const RANGE_MAX: usize = 1024;

fn range(arguments: &[Value]) -> Outcome {
    let zero = Number::Int(0);
    let (start, end) = match arguments.len() {
        1 => (zero.clone(), number(arguments, 0)),
        2 | 3 => (number(arguments, 0), number(arguments, 1)),
        0 => return fail("must have at least one argument"),
        _ => return fail("must have one, two, or three arguments"),
    };
    let step = match arguments.len() {
        3 => number(arguments, 2),
        _ if end < start => Number::Int(-1),
        _ => Number::Int(1),
    };
    let ascending = step > zero;
    if step == zero {
        return fail("step must not be zero");
    }
    if ascending && end < start {
        return fail_argument(1, "end must be greater than start when step is positive");
    }
    if !ascending && end > start {
        return fail_argument(1, "end must be less than start when step is negative");
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if ascending { next < end } else { next > end } {
        if numbers.len() == RANGE_MAX {
            return fail(
                "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
            );
        }
        numbers.push(Value::number(next.clone()));
        next = match next.add(&step) {
            Some(next) => next,
            None => break,
        };
    }
    Ok(Value::list(Type::Number, numbers))
}
