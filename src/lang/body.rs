//! Bodies by their schemas.

mod attribute;
mod blocks;
mod dynamic;
mod rules;
mod undecided;

pub use undecided::decide;

use super::Scope;
use super::evaluate::Evaluator;
use crate::diagnostic::{Diagnostic, Diagnostics, Range, nearest};
use crate::syntax::ast::{Block, Body};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{BlockSchema, Nesting, Type, Value};

/// The value of a body: an object of [`BlockSchema::object_type`].
///
/// What is not set is null; of a block type that does not stand there the collection is empty (null for `Nesting::Single`).
/// Values of attributes that the schema calls sensitive are marked so.
pub fn decode_body(body: &Body, schema: &BlockSchema, scope: &dyn Scope) -> (Value, Diagnostics) {
    let mut evaluator = Evaluator::new(scope);
    let value = evaluator.body(body, schema);
    (value, evaluator.finish())
}

/// The blocks of one type in a body, in order, `dynamic` ones expanded.
#[derive(Default)]
struct Gathered {
    /// Values with the label and the place of each.
    items: Vec<(Option<Arc<str>>, Value, Range)>,
    /// How many there are is not known.
    unknown: bool,
    /// Marks of what the number of blocks came from.
    marks: windlass_api::Marks,
    /// What stands in the source; `dynamic` blocks count once.
    written: usize,
}

impl Evaluator<'_> {
    /// The object that a body evaluates to.
    pub(super) fn body(&mut self, body: &Body, schema: &BlockSchema) -> Value {
        let mut fields = Fields::new();
        let gathered = self.gather(body, schema);
        for attribute in &body.attributes {
            let name = &attribute.name.name;
            if !schema.attributes.contains_key(name) && !may_be_assigned(schema, name) {
                self.diagnostics.push(unsupported_argument(schema, &attribute.name.name).at(attribute.name.range));
            }
        }
        for (name, attribute) in &schema.attributes {
            let value = match (body.attribute(name), gathered.get(name)) {
                (Some(written), None) => self.attribute(name, attribute, &written.value),
                (written, Some(blocks)) => {
                    if let Some(written) = written {
                        let detail =
                            format!("The argument {name:?} is set here, and blocks of the same name stand beside it. Use one form.");
                        self.diagnostics.push(Diagnostic::error("Duplicate argument", detail).at(written.name.range));
                    }
                    self.blocks_as_attribute(name, attribute, blocks)
                }
                (None, None) => {
                    if attribute.required {
                        let detail = format!("The argument {name:?} is required, but no definition was found.");
                        self.diagnostics.push(Diagnostic::error("Missing required argument", detail).at(opening(body)));
                    }
                    Value::null(attribute.ty.without_optional())
                }
            };
            fields.insert(name.clone(), value);
        }
        let none = Gathered::default();
        for (name, nested) in &schema.blocks {
            let value = match body.attribute(name) {
                Some(written) if nested.computed => self.attribute_as_blocks(name, nested, &written.value),
                _ => self.blocks(name, nested, gathered.get(name).unwrap_or(&none), opening(body)),
            };
            fields.insert(name.clone(), value);
        }
        self.check_rules(body, schema, &fields);
        Value::object(fields)
    }

    /// All blocks of a body by type; an error for each type that the schema does not know.
    fn gather(&mut self, body: &Body, schema: &BlockSchema) -> BTreeMap<Arc<str>, Gathered> {
        let mut gathered: BTreeMap<Arc<str>, Gathered> = BTreeMap::new();
        for block in &body.blocks {
            let is_dynamic = &*block.kind.name == "dynamic" && !schema.blocks.contains_key("dynamic");
            let kind = match (is_dynamic, block.labels.as_slice()) {
                (false, _) => &block.kind,
                (true, [kind]) => kind,
                (true, labels) => {
                    let detail = "All dynamic blocks must have 1 label: the type of the blocks that it makes.";
                    let at = labels.get(1).map_or(block.header, |label| label.range);
                    self.diagnostics.push(Diagnostic::error("Wrong number of labels for dynamic", detail).at(at));
                    continue;
                }
            };
            let derived = schema.attributes.get(&kind.name).and_then(attribute::as_blocks);
            let Some(nested) = schema.blocks.get(&kind.name).or(derived.as_ref()) else {
                self.diagnostics.push(unsupported_block(schema, &kind.name).at(kind.range));
                continue;
            };
            let mut found = gathered.remove(&kind.name).unwrap_or_default();
            found.written += 1;
            match is_dynamic {
                true => self.dynamic(block, &kind.name, nested, &mut found),
                false => self.static_block(block, nested, &mut found),
            }
            gathered.insert(kind.name.clone(), found);
        }
        gathered
    }

    fn static_block(&mut self, block: &Block, nested: &windlass_api::NestedBlock, found: &mut Gathered) {
        let label = match (nested.nesting, block.labels.as_slice()) {
            (Nesting::Map, [label]) => Some(label.name.clone()),
            (Nesting::Map, _) => {
                let detail = format!("All {} blocks must have 1 label (key).", block.kind.name);
                self.diagnostics.push(Diagnostic::error(format!("Missing key for {}", block.kind.name), detail).at(block.header));
                None
            }
            (_, []) => None,
            (_, [extra, ..]) => {
                let detail = format!("No labels are expected for {} blocks.", block.kind.name);
                let summary = format!("Extraneous label for {}", block.kind.name);
                self.diagnostics.push(Diagnostic::error(summary, detail).at(extra.range));
                None
            }
        };
        let value = crate::lang::deep(|| self.body(&block.body, &nested.block));
        found.items.push((label, value, block.header));
    }
}

/// Where a message about something missing points: the opening brace.
fn opening(body: &Body) -> Range {
    Range { end: body.range.start, ..body.range }
}

/// Whether a block type takes `name = value` too.
fn may_be_assigned(schema: &BlockSchema, name: &str) -> bool {
    schema.blocks.get(name).is_some_and(|nested| nested.computed)
}

fn unsupported_argument(schema: &BlockSchema, name: &str) -> Diagnostic {
    let suggestion = match nearest(name, schema.attributes.keys().map(|key| &**key)) {
        _ if schema.blocks.contains_key(name) => format!(" Did you mean to define a block of type {name:?}?"),
        Some(near) => format!(" Did you mean {near:?}?"),
        None => nearest(name, schema.blocks.keys().map(|key| &**key))
            .map_or_else(String::new, |near| format!(" Did you mean to define a block of type {near:?}?")),
    };
    Diagnostic::error("Unsupported argument", format!("An argument named {name:?} is not expected here.{suggestion}"))
}

fn unsupported_block(schema: &BlockSchema, name: &str) -> Diagnostic {
    let suggestion = match nearest(name, schema.blocks.keys().map(|key| &**key)) {
        _ if schema.attributes.contains_key(name) => {
            format!(" Did you mean to define argument {name:?}? If so, use the equals sign to assign it a value.")
        }
        Some(near) => format!(" Did you mean {near:?}?"),
        None => nearest(name, schema.attributes.keys().map(|key| &**key)).map_or_else(String::new, |near| {
            format!(" Did you mean to define argument {near:?}? If so, use the equals sign to assign it a value.")
        }),
    };
    Diagnostic::error("Unsupported block type", format!("Blocks of type {name:?} are not expected here.{suggestion}"))
}

/// A collection of objects of a schema's type. Where the type leaves parts open, the elements are brought to one type, or stay a
/// tuple.
fn collected(ty: &Type, items: Vec<Value>) -> Value {
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    match ty {
        _ if element.has_dynamic() => {
            let tuple = Value::tuple(items);
            windlass_api::value::convert::convert(&tuple, ty).unwrap_or(tuple)
        }
        Type::Set(_) => Value::set(element, items),
        _ => Value::list(element, items),
    }
}
