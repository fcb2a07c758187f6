//! `terraform_data`: keeps a value of any type, and replaces itself when another changes. Plans exactly as Terraform's own.

use crate::local::LocalType;
use windlass_api::{Attribute, Path, PlanRequest, PlanResponse, Schema, Type, Value};

pub(crate) fn local_type() -> LocalType {
    let schema = Schema::of_attributes([
        ("id", Attribute::computed(Type::String)),
        ("input", Attribute::optional(Type::Dynamic)),
        ("output", Attribute::computed(Type::Dynamic)),
        ("triggers_replace", Attribute::optional(Type::Dynamic)),
    ]);
    let mut data = LocalType::new("terraform_data", schema, |planned, prior| {
        let id = match prior.and_then(|prior| prior.get("id")) {
            Some(id) => id.clone(),
            None => Value::string(uuid::Uuid::new_v4().to_string()),
        };
        Ok(planned.clone().with_fields([("output", input(planned)), ("id", id)]))
    });
    data.plan = plan;
    data.convert = convert;
    data.importable(|id| Ok(vec![("id", id.into())]))
}

/// A `null_resource` becomes one: its triggers, a map of strings, are what replaces it.
fn convert(from_type: &str, attributes: &Value) -> Option<Value> {
    let none = || Value::null(Type::Dynamic);
    let triggers = match attributes.get("triggers").filter(|triggers| !triggers.is_null()) {
        Some(triggers) => {
            let ty = Value::tuple(vec![Value::string("map"), Value::string("string")]);
            Value::object_of([("value", triggers.clone()), ("type", ty)])
        }
        None => none(),
    };
    let id = attributes.get("id")?.clone();
    (from_type == "null_resource")
        .then(|| Value::object_of([("id", id), ("input", none()), ("output", none()), ("triggers_replace", triggers)]))
}

fn input(object: &Value) -> Value {
    object.get("input").cloned().unwrap_or_else(|| Value::null(Type::Dynamic))
}

fn plan(request: &PlanRequest<'_>, mut response: PlanResponse) -> PlanResponse {
    let input = input(&response.planned);
    let output = if input.is_null() { input.clone() } else { Value::unknown(input.ty().clone()) };
    let id = Value::unknown(Type::String).not_null();
    let changed = |name: &str| request.prior.is_none_or(|prior| prior.get(name) != response.planned.get(name));
    if request.prior.is_none() {
        response.planned = response.planned.with_fields([("id", id), ("output", output)]);
    } else if changed("triggers_replace") {
        response.planned = response.planned.with_fields([("id", id), ("output", output)]);
        response.requires_replace.push(Path::of("triggers_replace"));
    } else if changed("input") {
        // Unlike in a creation, not even a null is known here.
        let output = Value::unknown(input.ty().clone());
        response.planned = response.planned.with_field("output", output);
    }
    response
}
