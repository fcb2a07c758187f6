//! Stand-ins until the schema functions land.
use windlass_api::{BlockSchema, Value, Type};
pub fn proposed_new(s: &BlockSchema, prior: Option<&Value>, config: &Value) -> Value {
    let Some(f) = config.fields() else { return config.clone() };
    Value::object(f.iter().map(|(n, v)| {
        let computed = s.attributes.get(n).is_some_and(|a| a.computed);
        let v = if v.is_null() && computed {
            match prior { Some(p) => p.get(n).cloned().unwrap_or_else(|| v.clone()), None => Value::unknown(Type::clone(v.ty())) }
        } else { v.clone() };
        (n.clone(), v)
    }).collect())
}
pub fn assert_plan_valid(_: &BlockSchema, _: Option<&Value>, _: &Value, _: &Value) -> Vec<String> { Vec::new() }
pub fn mark_sensitive(_: &BlockSchema, v: &Value) -> Value { v.clone() }
