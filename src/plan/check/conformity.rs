//! Values are of their schema's type, under every choice, and nothing in them may be ephemeral.

use super::Finding;
use crate::plan::Plan;
use std::sync::Arc;
use windlass_api::{Marks, Providers, Schema, Type};

pub(super) fn check(plan: &Plan, providers: &Providers) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Types of schemas are large; changes of one type mostly follow each other.
    let mut last: Option<(Arc<Schema>, Type)> = None;
    for change in plan.changes.iter().filter(|change| change.action != crate::plan::Action::NoOp) {
        let resource = &change.address.resource;
        let provider = providers.by_source(&change.provider.source);
        let Some(schema) = provider.and_then(|provider| provider.schema(resource.mode, &resource.type_name)) else { continue };
        if last.as_ref().is_none_or(|(known, _)| !Arc::ptr_eq(known, &schema)) {
            last = Some((schema.clone(), schema.block.object_type()));
        }
        let Some((_, expected)) = &last else { continue };
        let afters = std::iter::once(&change.after).chain(change.variants.iter().map(|variant| &variant.after));
        for value in afters.chain([&change.before]) {
            if !fits(value.ty(), expected) && !value.is_null() {
                findings.push(Finding::about(change, format!("{} has a value that is not of its type", change.address)));
            }
            if value.marks_deep().contains(Marks::EPHEMERAL) {
                findings.push(Finding::about(change, format!("{} holds an ephemeral value", change.address)));
            }
        }
    }
    findings
}

/// Whether a type is the expected one, any type standing where that is dynamic.
fn fits(ty: &Type, expected: &Type) -> bool {
    match (ty, expected) {
        (_, Type::Dynamic) => true,
        (Type::List(ty), Type::List(expected)) | (Type::Set(ty), Type::Set(expected)) | (Type::Map(ty), Type::Map(expected)) => {
            fits(ty, expected)
        }
        (Type::Tuple(ty), Type::Tuple(expected)) => {
            ty.len() == expected.len() && ty.iter().zip(expected.iter()).all(|(ty, expected)| fits(ty, expected))
        }
        (Type::Object(ty), Type::Object(expected)) => {
            ty.attributes.len() == expected.attributes.len()
                && ty.attributes.iter().all(|(name, ty)| expected.attributes.get(name).is_some_and(|expected| fits(ty, expected)))
        }
        (ty, expected) => ty == expected,
    }
}
