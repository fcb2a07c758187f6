//! `windlass_placement`: what the placement of one workload's component chose. It stands in the state alone and is kept while the choice
//! stays feasible.

use crate::local::LocalType;
use windlass_api::{Attribute, Schema, Type, Value};

pub(crate) fn local_type() -> LocalType {
    let schema = Schema::of_attributes([
        ("id", Attribute::computed(Type::String).described("Workload and component, with a slash between.")),
        ("workload", Attribute::required(Type::String).described("Name of the workload.")),
        ("component", Attribute::required(Type::String).described("Name of the component.")),
        ("choice", Attribute::required(Type::String).described("The chosen offers in JSON.")),
    ]);
    let mut placement = LocalType::new("windlass_placement", schema, |planned, _prior| Ok(planned.with_field("id", id(planned))));
    placement.plan = |request, mut response| {
        let old = request.prior.and_then(|prior| prior.get("id"));
        let new = id(&response.planned);
        if old != Some(&new) {
            response.planned = response.planned.with_field("id", new);
        }
        response
    };
    placement
}

fn id(planned: &Value) -> Value {
    match (planned.get_str("workload"), planned.get_str("component")) {
        (Some(workload), Some(component)) => Value::string(format!("{workload}/{component}")),
        _ => Value::unknown(Type::String).not_null(),
    }
}
