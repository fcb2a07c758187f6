//! `dynamic "kind" { … }`.

use super::{Gathered, opening};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lang::evaluate::{Evaluator, items};
use crate::lang::references::iterator_name;
use crate::syntax::ast::{Attribute, Block};
use std::sync::Arc;
use windlass_api::value::convert::convert;
use windlass_api::{Marks, NestedBlock, Nesting, Type, Value};

const INVALID_FOR_EACH: &str = "Invalid dynamic for_each value";
const ARGUMENTS: [&str; 3] = ["for_each", "iterator", "labels"];

impl Evaluator<'_> {
    /// Adds the blocks that a `dynamic` block makes.
    pub(super) fn dynamic(&mut self, block: &Block, kind: &Arc<str>, nested: &NestedBlock, found: &mut Gathered) {
        self.check_arguments(block);
        let Some(for_each) = block.body.attribute("for_each") else {
            let detail = "The argument \"for_each\" is required, but no definition was found.";
            self.diagnostics.push(Diagnostic::error("Missing required argument", detail).at(opening(&block.body)));
            return;
        };
        let mut contents = block.body.blocks_of("content");
        let Some(content) = contents.next() else {
            let detail = "A dynamic block must contain a nested block of type \"content\" to describe the body of each generated block.";
            self.diagnostics.push(Diagnostic::error("Missing \"content\" block", detail).at(opening(&block.body)));
            return;
        };
        if let Some(second) = contents.next() {
            let detail = "Only one \"content\" block is allowed for each \"dynamic\" block.";
            self.diagnostics.push(Diagnostic::error("Duplicate \"content\" block", detail).at(second.header));
        }
        let iterator = match block.body.attribute("iterator").map(|attribute| (attribute, iterator_name(&attribute.value))) {
            None => kind.clone(),
            Some((_, Some(name))) => name,
            Some((attribute, None)) => {
                let detail = "Dynamic iterator must be a single variable name.";
                self.diagnostics.push(Diagnostic::error("Invalid expression", detail).at(attribute.value.range));
                kind.clone()
            }
        };
        let Some((pairs, marks)) = self.pairs(for_each) else {
            found.unknown = true;
            // Once with everything unknown, so that mistakes in the content are found all the same.
            let unknown = || Value::unknown(Type::Dynamic);
            self.iteration(&iterator, unknown(), unknown(), |evaluator| evaluator.body(&content.body, &nested.block));
            return;
        };
        found.marks = found.marks.union(marks);
        let labels = block.body.attribute("labels");
        for (key, element) in pairs {
            self.iteration(&iterator, key.with_marks(marks), element.with_marks(marks), |evaluator| {
                let label = evaluator.label(block, nested, labels);
                let value = crate::lang::deep(|| evaluator.body(&content.body, &nested.block));
                found.items.push((label, value, block.header));
            });
        }
    }

    fn check_arguments(&mut self, block: &Block) {
        for attribute in &block.body.attributes {
            let name = &*attribute.name.name;
            if !ARGUMENTS.contains(&name) {
                let suggestion = nearest(name, ARGUMENTS).map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
                let detail = format!("An argument named {name:?} is not expected here.{suggestion}");
                self.diagnostics.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name.range));
            }
        }
        for nested in block.body.blocks.iter().filter(|nested| &*nested.kind.name != "content") {
            let detail = format!("Blocks of type {:?} are not expected here. Did you mean to put it into \"content\"?", &*nested.kind.name);
            self.diagnostics.push(Diagnostic::error("Unsupported block type", detail).at(nested.kind.range));
        }
    }

    fn iteration<T>(&mut self, iterator: &Arc<str>, key: Value, value: Value, inside: impl FnOnce(&mut Self) -> T) -> T {
        self.with_locals(vec![(iterator.clone(), Value::object_of([("key", key), ("value", value)]))], inside)
    }

    /// Keys and elements of `for_each` with its marks; `None` when they are not known or after an error.
    fn pairs(&mut self, for_each: &Attribute) -> Option<(Vec<(Value, Value)>, Marks)> {
        let value = self.value(&for_each.value);
        if value.is_null() {
            self.error(&for_each.value, INVALID_FOR_EACH, "Cannot use a null value in for_each.");
            return None;
        }
        if value.ty().is_primitive() {
            let name = value.ty().friendly_name();
            let detail = format!("Cannot use a {name} value in for_each. An iterable collection is required.");
            self.error(&for_each.value, INVALID_FOR_EACH, detail);
            return None;
        }
        Some((items(&value)?, value.marks()))
    }

    fn label(&mut self, block: &Block, nested: &NestedBlock, labels: Option<&Attribute>) -> Option<Arc<str>> {
        if nested.nesting != Nesting::Map {
            return None;
        }
        let Some(labels) = labels else {
            let detail = "The argument \"labels\" is required, because these blocks are told apart by a key.";
            self.diagnostics.push(Diagnostic::error("Insufficient dynamic block labels", detail).at(block.header));
            return None;
        };
        let value = self.value(&labels.value);
        let text = match value.elements() {
            Some([only]) => convert(&only.unmarked(), &Type::String).ok(),
            _ => None,
        };
        match text.as_ref().and_then(Value::as_str) {
            Some(text) => Some(text.into()),
            None => {
                let detail = "This must be a list with one string that is known and not null.";
                self.error(&labels.value, "Invalid dynamic block label", detail);
                None
            }
        }
    }
}
