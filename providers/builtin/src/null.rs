//! `null_resource`: an object that only stands in the graph.

use crate::local::LocalType;
use rand::Rng;
use windlass_api::{Attribute, Schema, Type, Value};

pub(crate) fn local_type() -> LocalType {
    let schema = Schema::of_attributes([
        ("id", Attribute::computed(Type::String).described("Identifier of the object.")),
        ("triggers", Attribute::optional(Type::map(Type::String)).force_new().described("A change of it replaces the object.")),
    ]);
    LocalType::new("null_resource", schema, |planned, prior| {
        let id = match prior.and_then(|prior| prior.get("id")) {
            Some(id) => id.clone(),
            None => Value::string((rand::rng().random::<u64>() >> 1).to_string()),
        };
        Ok(planned.with_field("id", id))
    })
}
