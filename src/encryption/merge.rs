//! One `encryption` block over another: what override files and `TF_ENCRYPTION` say.

use crate::syntax::ast::{Attribute, BinaryOperator, Block, Body, Expression, ExpressionKind};
use std::sync::Arc;

/// Puts a block over another. Key providers and methods are merged by their names, argument by argument; so are the blocks that say
/// what is encrypted by what. What is enforced once stays so.
pub fn merge(base: &mut Block, over: Block) {
    merge_body(&mut base.body, over.body);
}

fn merge_body(base: &mut Body, over: Body) {
    for attribute in over.attributes {
        match base.attributes.iter_mut().find(|own| own.name.name == attribute.name.name) {
            Some(own) if &*own.name.name == "enforced" => *own = either(own, &attribute),
            Some(own) => *own = attribute,
            None => base.attributes.push(attribute),
        }
    }
    for block in over.blocks {
        let is_same = |own: &&mut Block| {
            let names = |block: &Block| block.labels.iter().map(|label| label.name.clone()).collect::<Vec<_>>();
            own.kind.name == block.kind.name && names(own) == names(&block)
        };
        match base.blocks.iter_mut().find(is_same) {
            Some(own) if matches!(&*block.kind.name, "fallback" | "endpoints" | "assume_role" | "assume_role_with_web_identity") => {
                *own = block;
            }
            Some(own) => merge_body(&mut own.body, block.body),
            None => base.blocks.push(block),
        }
    }
}

fn either(own: &Attribute, over: &Attribute) -> Attribute {
    let operand = |attribute: &Attribute| Box::new((*attribute.value).clone());
    let kind = ExpressionKind::Binary(BinaryOperator::Or, operand(own), operand(over));
    Attribute { value: Arc::new(Expression { kind, range: over.value.range }), ..over.clone() }
}
