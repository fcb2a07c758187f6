//! What the schema alone says of a plan: defaults and forced replacements.

use std::sync::Arc;
use windlass_api::{BlockSchema, Path, PlanRequest, PlanResponse, Schema, Value};

/// Plans by the schema alone.
pub(crate) fn default_plan(schema: &Schema, request: &PlanRequest<'_>) -> PlanResponse {
    let planned = fill(request.proposed, Some(request.config), &schema.block);
    let mut requires_replace = Vec::new();
    if let Some(prior) = request.prior {
        let differs = |name: &Arc<str>| prior.get(name) != planned.get(name);
        let attributes = schema.block.attributes.iter().filter(|(_, attribute)| attribute.force_new).map(|(name, _)| name);
        let blocks = schema.block.blocks.iter().filter(|(_, block)| block.force_new).map(|(name, _)| name);
        requires_replace.extend(attributes.chain(blocks).filter(|name| differs(name)).map(|name| Path::of(name)));
    }
    PlanResponse { planned, requires_replace, problems: Vec::new() }
}

fn fill(proposed: &Value, config: Option<&Value>, schema: &BlockSchema) -> Value {
    let mut planned = proposed.clone();
    for (name, attribute) in &schema.attributes {
        let is_unset = config.and_then(|config| config.get(name)).is_none_or(Value::is_null);
        if let Some(default) = attribute.default.as_ref().filter(|_| is_unset) {
            planned = planned.with_field(name, default.clone());
        }
    }
    planned
}
