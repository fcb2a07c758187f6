//! Conversions and marks.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, parameter, pure};
use windlass_api::value::convert::convert;
use windlass_api::{Marks, Type, Value};

const ANY: &[super::Parameter] = &[parameter("v", Accepts::Any).unknown().nullable()];
const RAW: &[super::Parameter] = &[parameter("value", Accepts::Any).raw()];

pub(super) const FUNCTIONS: &[Function] = &[
    pure("tobool", ANY, Returns::Always(Accepts::Bool), |arguments| to(&arguments[0], Type::Bool)),
    pure("tonumber", ANY, Returns::Always(Accepts::Number), |arguments| to(&arguments[0], Type::Number)),
    pure("tostring", ANY, Returns::Always(Accepts::String), |arguments| to(&arguments[0], Type::String)),
    pure("tolist", ANY, Returns::Always(Accepts::ListOfAny), |arguments| to(&arguments[0], Type::list(Type::Dynamic))),
    pure("tomap", ANY, Returns::Always(Accepts::MapOfAny), |arguments| to(&arguments[0], Type::map(Type::Dynamic))),
    pure("toset", ANY, Returns::Always(Accepts::SetOfAny), |arguments| to(&arguments[0], Type::set(Type::Dynamic))),
    pure("sensitive", RAW, Returns::By(same), |arguments| Ok(arguments[0].clone().with_marks(Marks::SENSITIVE))),
    pure("nonsensitive", RAW, Returns::By(same), |arguments| {
        let kept = arguments[0].marks().without(Marks::SENSITIVE);
        Ok(arguments[0].unmarked().with_marks(kept))
    }),
    pure("issensitive", RAW, Returns::Always(Accepts::Bool), |arguments| {
        let value = &arguments[0];
        // What is not known yet may become sensitive, but what is sensitive stays so.
        Ok(match value.marks().is_sensitive() {
            false if !value.is_known() => Value::unknown(Type::Bool).not_null(),
            sensitive => sensitive.into(),
        })
    }),
    pure("ephemeralasnull", RAW, Returns::By(same), |arguments| Ok(ephemeral_as_null(&arguments[0]))),
];

fn same(arguments: &[Value]) -> Type {
    arguments[0].ty().clone()
}

fn to(value: &Value, ty: Type) -> Outcome {
    let name = value.ty().friendly_name();
    convert(value, &ty).map_err(|reason| {
        let shown = value.as_str().map(|text| format!("{text:?}"));
        let message = match (shown, &ty) {
            (Some(shown), Type::Number) => {
                format!("cannot convert {shown} to number; given string must be a decimal representation of a number")
            }
            (Some(shown), Type::Bool) => format!("cannot convert {shown} to bool; only the strings \"true\" or \"false\" are allowed"),
            (_, Type::Bool | Type::Number | Type::String) => format!("cannot convert {name} to {}", ty.friendly_name()),
            (_, ty) => {
                match reason.path.0.is_empty() && ty.element().is_some_and(|_| !matches!(value.ty(), Type::Tuple(_) | Type::Object(_))) {
                    true => format!("cannot convert {name} to {}", kind(ty)),
                    false => format!("cannot convert {name} to {} of any single type", kind(ty)),
                }
            }
        };
        FunctionError { argument: Some(0), message }
    })
}

fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::List(_) => "list",
        Type::Set(_) => "set",
        _ => "map",
    }
}

fn ephemeral_as_null(value: &Value) -> Value {
    value.transform(&mut |_, part| part.marks().contains(Marks::EPHEMERAL).then(|| Value::null(part.ty().clone())))
}
