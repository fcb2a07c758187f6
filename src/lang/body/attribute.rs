//! Attributes, and attributes that are written as blocks.

use super::{Gathered, collected};
use crate::diagnostic::Diagnostic;
use crate::lang::evaluate::Evaluator;
use crate::syntax::ast::Expression;
use std::sync::Arc;
use windlass_api::value::convert::convert;
use windlass_api::{Attribute, BlockSchema, Marks, NestedBlock, Nesting, Type, Value};

impl Evaluator<'_> {
    /// The value that an expression gives an attribute.
    pub(super) fn attribute(&mut self, name: &str, attribute: &Attribute, expression: &Expression) -> Value {
        let given = self.value(expression);
        let value = self.converted(name, &given, &attribute.ty, expression);
        if attribute.required && value.is_null() {
            let detail = format!("The argument {name:?} is required, but no definition was found.");
            self.error(expression, "Missing required argument", detail);
        }
        if !attribute.required && !attribute.optional && attribute.computed && !value.is_null() {
            let detail = format!(
                "Can't configure a value for {name:?}: its value will be decided automatically based on the result of applying this configuration."
            );
            self.error(expression, "Value for unconfigurable attribute", detail);
        }
        marked(value, attribute)
    }

    fn converted(&mut self, name: &str, given: &Value, ty: &Type, expression: &Expression) -> Value {
        match convert(given, ty) {
            Ok(value) => value,
            Err(reason) => {
                let detail = format!("Inappropriate value for attribute {name:?}: {reason}.");
                self.error(expression, "Incorrect attribute value type", detail);
                Value::unknown(ty.without_optional())
            }
        }
    }

    /// `name = […]` for blocks whose provider may decide them: the old way to say that there are none.
    pub(super) fn attribute_as_blocks(&mut self, name: &str, nested: &NestedBlock, expression: &Expression) -> Value {
        let given = self.value(expression);
        let ty = nested.value_type();
        match given.is_null() {
            true => collected_or_null(&ty),
            false => self.converted(name, &given, &optional_parts(&ty), expression),
        }
    }

    /// The value of an attribute of objects that stands there as blocks.
    pub(super) fn blocks_as_attribute(&mut self, name: &str, attribute: &Attribute, blocks: &Gathered) -> Value {
        let ty = attribute.ty.without_optional();
        if !attribute.required && !attribute.optional {
            let detail = format!("Blocks of type {name:?} can't be set: their values will be decided automatically.");
            if let Some((_, _, range)) = blocks.items.first() {
                self.diagnostics.push(Diagnostic::error("Value for unconfigurable attribute", detail).at(*range));
            }
        }
        let value = match blocks.unknown {
            true => Value::unknown(ty),
            false => collected(&ty, blocks.items.iter().map(|(_, value, _)| value.clone()).collect()),
        };
        marked(value.with_marks(blocks.marks), attribute)
    }
}

fn marked(value: Value, attribute: &Attribute) -> Value {
    match attribute.sensitive {
        true => value.with_marks(Marks::SENSITIVE),
        false => value,
    }
}

fn collected_or_null(ty: &Type) -> Value {
    match ty.is_collection() {
        true if matches!(ty, Type::Map(_)) => Value::null(ty.clone()),
        true => collected(ty, Vec::new()),
        false => Value::null(ty.clone()),
    }
}

/// The same type with every attribute of its objects optional, as they are in blocks.
fn optional_parts(ty: &Type) -> Type {
    match ty {
        Type::List(element) => Type::list(optional_parts(element)),
        Type::Set(element) => Type::set(optional_parts(element)),
        Type::Map(element) => Type::map(optional_parts(element)),
        Type::Object(object) => {
            let attributes = object.attributes.iter().map(|(name, ty)| (name.clone(), optional_parts(ty))).collect();
            Type::Object(Arc::new(windlass_api::ObjectType { attributes, optional: object.attributes.keys().cloned().collect() }))
        }
        other => other.clone(),
    }
}

/// An attribute that is a list or set of objects may be written as blocks; as these.
pub(super) fn as_blocks(attribute: &Attribute) -> Option<NestedBlock> {
    let (nesting, element) = match &attribute.ty {
        Type::List(element) => (Nesting::List, element),
        Type::Set(element) => (Nesting::Set, element),
        _ => return None,
    };
    let Type::Object(object) = &**element else { return None };
    let part = |(name, ty): (&Arc<str>, &Type)| (name.clone(), Attribute::optional(ty.clone()));
    let attributes = object.attributes.iter().map(part).collect();
    let block = BlockSchema { attributes, ..BlockSchema::default() };
    Some(NestedBlock { nesting, block, minimum_items: 0, maximum_items: 0, force_new: false, computed: false })
}
