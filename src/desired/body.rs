//! The part of a body that the engine reads itself: `timeouts`.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lang::{Scope, evaluate};
use crate::syntax::ast::Body;
use std::borrow::Cow;
use windlass_api::{BlockSchema, Schema};

/// What stands in a plan's `timeouts_seconds`: the operations in order, and the limit of a type that names none.
const OPERATIONS: [&str; 3] = ["create", "update", "delete"];
const DEFAULT_TIMEOUT_SECONDS: u64 = 20 * 60;

/// A body without its `timeouts` block where the schema does not know that block.
pub fn without_timeouts<'a>(body: &'a Body, schema: &BlockSchema) -> Cow<'a, Body> {
    if schema.blocks.contains_key("timeouts") || body.blocks_of("timeouts").next().is_none() {
        return Cow::Borrowed(body);
    }
    let mut body = body.clone();
    body.blocks.retain(|block| &*block.kind.name != "timeouts");
    Cow::Owned(body)
}

/// The time limits of an object, in seconds: create, update, delete.
pub fn timeouts(body: &Body, schema: &Schema, scope: &dyn Scope, diagnostics: &mut Diagnostics) -> [u64; 3] {
    let mut seconds = OPERATIONS.map(|operation| schema.timeouts_seconds.get(operation).copied().unwrap_or(DEFAULT_TIMEOUT_SECONDS));
    for attribute in body.blocks_of("timeouts").flat_map(|block| &block.body.attributes) {
        let Some(position) = OPERATIONS.iter().position(|operation| *operation == &*attribute.name.name) else { continue };
        let (value, found) = evaluate(&attribute.value, scope);
        diagnostics.extend(found);
        if value.marks().is_ephemeral() {
            let detail = "Timeouts stand in the plan, so they can't be derived from ephemeral values.";
            diagnostics.push(Diagnostic::error("Invalid use of ephemeral value", detail).at(attribute.value.range));
            continue;
        }
        let Some(text) = value.as_str() else { continue };
        match duration_seconds(text) {
            Some(parsed) => seconds[position] = parsed,
            None => {
                let detail = format!("{text:?} is not a duration such as \"30m\" or \"1h30m\".");
                diagnostics.push(Diagnostic::error("Invalid timeout", detail).at(attribute.value.range));
            }
        }
    }
    seconds
}

/// A duration such as `1h30m`, in seconds, rounded up.
fn duration_seconds(text: &str) -> Option<u64> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|character: char| character.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        total += number
            * match &rest[digits..unit_end] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    // A limit beyond a year is a mistake that still means "no limit".
    (!text.is_empty()).then(|| total.ceil().clamp(0.0, 366.0 * 86_400.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::duration_seconds;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(duration_seconds("1h30m"), Some(5400));
        assert_eq!(duration_seconds("1.5s"), Some(2));
        assert_eq!(duration_seconds("90"), None);
        assert_eq!(duration_seconds(""), None);
    }
}
