//! The module of a workload as Terraform accepts it: without what Terraform's language has no words for.

use super::render::PLACEMENT_TYPE;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};

/// Takes out of a workload's module what only Windlass understands: `windlass` blocks, and the placement with all that names it.
/// What stays keeps its comments and order.
///
/// # Errors
/// The text is no HCL; what the parser said.
pub fn ejected(text: &str) -> Result<String, String> {
    let mut body: Body = text.parse().map_err(|error: hcl_edit::parser::Error| error.to_string())?;
    let is_placement = |structure: &Structure| {
        structure.as_block().is_some_and(|block| block.labels.first().is_some_and(|label| label.as_str() == PLACEMENT_TYPE))
    };
    for position in (0..body.len()).rev() {
        if body.get(position).is_some_and(is_placement) {
            body.remove(position);
        }
    }
    for block in body.get_blocks_mut("resource") {
        block.body.remove_blocks("windlass");
        forget_placement(&mut block.body);
    }
    for block in body.get_blocks_mut("locals") {
        block.body.remove_attribute("provider_alias");
    }
    for block in body.get_blocks_mut("terraform") {
        for required in block.body.get_blocks_mut("required_providers") {
            required.body.remove_attribute("windlass");
        }
    }
    Ok(body.to_string())
}

/// Takes the placement out of `depends_on`, which goes when nothing else stands in it.
fn forget_placement(body: &mut Body) {
    let Some(mut attribute) = body.get_attribute_mut("depends_on") else { return };
    let Some(needs) = attribute.value_mut().as_array_mut() else { return };
    let names_placement = |item: &Expression| item.to_string().trim().starts_with(PLACEMENT_TYPE);
    for position in (0..needs.len()).rev() {
        if needs.get(position).is_some_and(names_placement) {
            needs.remove(position);
        }
    }
    if needs.is_empty() {
        body.remove_attribute("depends_on");
    }
}
