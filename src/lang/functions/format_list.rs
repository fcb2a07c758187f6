//! `formatlist`.

use super::format::formatted;
use super::signature::{FunctionError, Outcome, fail_argument};
use windlass_api::{Type, Value};

/// Formats the first elements of all lists, then the second ones; what is no list repeats.
pub(super) fn formatted_list(format: &str, arguments: &[Value]) -> Outcome {
    let mut length: Option<(usize, usize)> = None;
    for (position, argument) in arguments.iter().enumerate() {
        if !is_sequence(argument) {
            continue;
        }
        let Some(elements) = argument.elements() else { return Ok(Value::unknown(Type::list(Type::String)).not_null()) };
        match length {
            None => length = Some((elements.len(), position)),
            Some((expected, first)) if expected != elements.len() => {
                let (count, this, first) = (elements.len(), position + 1, first + 1);
                let detail =
                    format!("argument {this} has length {count}, which is inconsistent with argument {first} of length {expected}");
                return fail_argument(position + 1, detail);
            }
            Some(_) => {}
        }
    }
    let count = length.map_or(1, |(count, _)| count);
    let row = |index: usize| {
        let cells: Vec<Value> = arguments
            .iter()
            .map(|argument| {
                if is_sequence(argument) {
                    argument.elements().and_then(|all| all.get(index)).unwrap_or(argument).clone()
                } else {
                    argument.clone()
                }
            })
            .collect();
        formatted(format, &cells).map_err(|error| match error.argument {
            None => FunctionError { argument: None, message: format!("error on format iteration {index}: {}", error.message) },
            Some(_) => error,
        })
    };
    Ok(Value::list(Type::String, (0..count).map(row).collect::<Result<Vec<Value>, _>>()?))
}

fn is_sequence(value: &Value) -> bool {
    !value.is_null() && matches!(value.ty(), Type::List(_) | Type::Set(_) | Type::Tuple(_))
}
