//! OpenTofu's promises about values: what is assumed of an unknown value refines it, and a known value that breaks the promise
//! is an error.

use super::signature::{Accepts, Function, Outcome, Parameter, Returns, fail, fail_argument, integer, parameter, pure, text};
use windlass_api::{Refinement, Type, Value};

const ANY: Returns = Returns::By(|arguments| arguments[0].ty().clone());
const VALUE: Parameter = parameter("value", Accepts::Any).nullable().unknown();
const SIZED: &[Parameter] = &[VALUE, parameter("length", Accepts::Number)];

pub(super) const FUNCTIONS: &[Function] = &[
    pure(
        "assumeequal",
        &[parameter("actual", Accepts::Any).nullable().unknown(), parameter("expected", Accepts::Any).nullable()],
        ANY,
        equal,
    ),
    pure("assumenotnull", &[VALUE], ANY, |arguments| match arguments[0].is_null() {
        true => fail_argument(0, "the value was assumed not to be null, but it is null"),
        false => Ok(arguments[0].clone().not_null()),
    }),
    pure("assumestringprefix", &[parameter("string", Accepts::String).unknown(), parameter("prefix", Accepts::String)], ANY, prefix),
    pure("assumelistlength", SIZED, ANY, |arguments| length(arguments, "list", Bound::Exact)),
    pure("assumelistlengthmin", SIZED, ANY, |arguments| length(arguments, "list", Bound::Minimum)),
    pure("assumelistlengthmax", SIZED, ANY, |arguments| length(arguments, "list", Bound::Maximum)),
    pure("assumesetlength", SIZED, ANY, |arguments| length(arguments, "set", Bound::Exact)),
    pure("assumesetlengthmin", SIZED, ANY, |arguments| length(arguments, "set", Bound::Minimum)),
    pure("assumesetlengthmax", SIZED, ANY, |arguments| length(arguments, "set", Bound::Maximum)),
    pure("assumemaplength", SIZED, ANY, |arguments| length(arguments, "map", Bound::Exact)),
    pure("assumemaplengthmin", SIZED, ANY, |arguments| length(arguments, "map", Bound::Minimum)),
    pure("assumemaplengthmax", SIZED, ANY, |arguments| length(arguments, "map", Bound::Maximum)),
];

fn equal(arguments: &[Value]) -> Outcome {
    let (actual, expected) = (&arguments[0], &arguments[1]);
    match actual.equals(expected).as_bool() {
        Some(true) => Ok(actual.clone()),
        Some(false) => fail_argument(0, "the value differs from what it was assumed to be"),
        // The value is known already, by the promise.
        None => Ok(expected.clone()),
    }
}

fn prefix(arguments: &[Value]) -> Outcome {
    let (value, prefix) = (&arguments[0], text(arguments, 1));
    match value.as_str() {
        Some(found) if found.starts_with(prefix) => Ok(value.clone()),
        Some(_) => fail_argument(0, format!("the string was assumed to begin with {prefix:?}, but it does not")),
        None => {
            let refinement = Refinement { not_null: true, prefix: Some(prefix.into()), ..Refinement::default() };
            Ok(Value::unknown_refined(Type::String, refinement))
        }
    }
}

enum Bound {
    Exact,
    Minimum,
    Maximum,
}

fn length(arguments: &[Value], kind: &str, bound: Bound) -> Outcome {
    let value = &arguments[0];
    let fits = matches!((kind, value.ty()), ("list", Type::List(_)) | ("set", Type::Set(_)) | ("map", Type::Map(_)));
    if !fits {
        return fail_argument(0, format!("a {kind} is required, not {}", value.ty().friendly_name()));
    }
    let Ok(wanted) = u64::try_from(integer(arguments, 1)?) else { return fail_argument(1, "a length must not be negative") };
    let (least, most, words) = match bound {
        Bound::Exact => (wanted, wanted, "exactly"),
        Bound::Minimum => (wanted, u64::MAX, "at least"),
        Bound::Maximum => (0, wanted, "at most"),
    };
    let found = value.elements().map(<[Value]>::len).or_else(|| value.fields().map(windlass_api::value::Fields::len));
    match found {
        Some(found) if (least..=most).contains(&(found as u64)) => Ok(value.clone()),
        Some(found) => fail_argument(0, format!("the {kind} was assumed to have {words} {wanted} elements, but it has {found}")),
        None if value.is_null() => fail_argument(0, format!("the {kind} was assumed to have {words} {wanted} elements, but it is null")),
        None => {
            let refinement = Refinement {
                not_null: true,
                length_minimum: (least > 0).then_some(least),
                length_maximum: (most < u64::MAX).then_some(most),
                ..Refinement::default()
            };
            Ok(Value::unknown_refined(value.ty().clone(), refinement))
        }
    }
}

/// Functions of the first versions, which say what took their place.
pub(super) const RETIRED: &[Function] = &[
    pure("list", &[], Returns::Always(Accepts::Any), |_| {
        fail("the \"list\" function was deprecated in Terraform v0.12 and is no longer available; use tolist([ ... ]) syntax to write a literal list")
    })
    .and(parameter("vals", Accepts::Any).nullable()),
    pure("map", &[], Returns::Always(Accepts::Any), |_| {
        fail("the \"map\" function was deprecated in Terraform v0.12 and is no longer available; use tomap({ ... }) syntax to write a literal map")
    })
    .and(parameter("vals", Accepts::Any).nullable()),
];
