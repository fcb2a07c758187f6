//! What the blocks of one type make together.

use super::{Gathered, collected};
use crate::diagnostic::{Diagnostic, Range};
use crate::lang::evaluate::Evaluator;
use crate::syntax::ast::Body;
use windlass_api::value::Fields;
use windlass_api::{BlockSchema, NestedBlock, Nesting, Value};

impl Evaluator<'_> {
    /// The value of all blocks of one type; `opening` is where the body around them begins.
    pub(super) fn blocks(&mut self, name: &str, nested: &NestedBlock, found: &Gathered, opening: Range) -> Value {
        self.check_count(name, nested, found, opening);
        let ty = nested.value_type();
        let value = match nested.nesting {
            _ if found.unknown => Value::unknown(ty),
            Nesting::Single | Nesting::Group => match (found.items.first(), nested.nesting) {
                (Some((_, value, _)), _) => value.clone(),
                (None, Nesting::Group) => absent(&nested.block, opening, self),
                (None, _) => Value::null(ty),
            },
            Nesting::List | Nesting::Set => collected(&ty, found.items.iter().map(|(_, value, _)| value.clone()).collect()),
            Nesting::Map => self.keyed(name, nested, found),
        };
        value.with_marks(found.marks)
    }

    fn keyed(&mut self, name: &str, nested: &NestedBlock, found: &Gathered) -> Value {
        let mut fields = Fields::new();
        for (label, value, range) in &found.items {
            let Some(label) = label else { continue };
            if fields.insert(label.clone(), value.clone()).is_some() {
                let detail = format!("Only one {name} block may be defined with key {label:?}.");
                self.diagnostics.push(Diagnostic::error(format!("Duplicate {name} block"), detail).at(*range));
            }
        }
        let element = nested.block.object_type();
        match element.has_dynamic() {
            true => Value::object(fields),
            false => Value::map(element, fields),
        }
    }

    fn check_count(&mut self, name: &str, nested: &NestedBlock, found: &Gathered, opening: Range) {
        let count = found.items.len() as u64;
        let single = matches!(nested.nesting, Nesting::Single | Nesting::Group);
        if single && let Some((_, _, second)) = found.items.get(1) {
            let detail = format!("Only one {name} block is allowed.");
            self.diagnostics.push(Diagnostic::error(format!("Duplicate {name} block"), detail).at(*second));
            return;
        }
        if found.unknown {
            return;
        }
        if count < nested.minimum_items {
            let (summary, detail) = match single {
                true => (format!("Missing {name} block"), format!("A {name} block is required here.")),
                false => {
                    (format!("Insufficient {name} blocks"), format!("At least {} {name:?} blocks are required.", nested.minimum_items))
                }
            };
            self.diagnostics.push(Diagnostic::error(summary, detail).at(opening));
        }
        if nested.maximum_items > 0 && count > nested.maximum_items && !single {
            let detail = format!("No more than {} {name:?} blocks are allowed", nested.maximum_items);
            let at = found.items.get(nested.maximum_items as usize).map_or(opening, |(_, _, range)| *range);
            self.diagnostics.push(Diagnostic::error(format!("Too many {name} blocks"), detail).at(at));
        }
    }
}

/// What a block that is never null is when it does not stand there: all of it unset, and nothing of it missed.
fn absent(schema: &BlockSchema, opening: Range, evaluator: &mut Evaluator<'_>) -> Value {
    let empty = Body::empty(opening);
    evaluator.apart(|evaluator| evaluator.body(&empty, schema)).0
}
