//! The arguments of one block, read by name and type. What is wrong, missing or left over is reported.

use super::settings::Name;
use crate::diagnostic::{Diagnostic, Diagnostics, Range, nearest};
use crate::syntax::ast::{Attribute, Block, Expression, ExpressionKind, Traversal, TraversalStep};
use std::sync::Arc;
use windlass_api::value::convert::convert;
use windlass_api::{Type, Value};

/// One block that is being read. Every argument is a literal or a reference to another block; an unknown value stands for a mistake
/// that has been reported.
pub(super) struct Arguments<'a> {
    pub(super) block: &'a Block,
    /// What the block is called in messages.
    pub(super) what: String,
    names: Vec<String>,
    pub(super) diagnostics: Diagnostics,
    /// Whether a value could not be had, so that nothing follows from its absence.
    pub(super) is_broken: bool,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(block: &'a Block, what: String) -> Arguments<'a> {
        Arguments { block, what, names: Vec::new(), diagnostics: Diagnostics::none(), is_broken: false }
    }

    fn error(&mut self, range: Range, summary: &str, detail: String) {
        self.is_broken = true;
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    /// A value that is of the right type and yet wrong. `name` is the argument's, `None` where it holds a secret: then the block's first
    /// line is shown instead of it.
    pub(super) fn refuse(&mut self, name: Option<&str>, reason: &str) {
        let range = name.and_then(|name| self.block.body.attribute(name)).map_or(self.block.header, |attribute| attribute.value.range);
        let detail = format!("{} failed with error: {reason}.", self.what);
        self.error(range, "Unable to build encryption key data", detail);
    }

    fn attribute(&mut self, name: &str) -> Option<&'a Attribute> {
        self.names.push(name.to_owned());
        self.block.body.attribute(name)
    }

    /// The value of an argument, of this type; `None` where it is not set.
    pub(super) fn value(&mut self, name: &str, ty: &Type) -> Option<Value> {
        let attribute = self.attribute(name)?;
        let ExpressionKind::Literal(value) = &attribute.value.kind else {
            let detail = format!("The argument {name:?} can't refer to other blocks of the encryption block.");
            self.error(attribute.value.range, "Invalid reference", detail);
            return None;
        };
        let value = value.unmarked_deep();
        if !value.is_wholly_known() {
            self.is_broken = true;
            return None;
        }
        if value.is_null() {
            return None;
        }
        match convert(&value, ty) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.error(attribute.name.range, "Unsuitable value type", format!("Unsuitable value for {name:?}: {reason}."));
                None
            }
        }
    }

    /// Says that an argument must be set, unless something else is wrong with it.
    fn missing(&mut self, name: &str) {
        if !self.is_broken {
            let detail = format!("The argument {name:?} is required, but no definition was found.");
            self.error(self.block.header, "Missing required argument", detail);
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.value(name, &Type::String).and_then(|value| value.as_str().map(str::to_owned))
    }

    pub(super) fn required_text(&mut self, name: &str) -> String {
        match self.text(name) {
            Some(text) if !text.is_empty() => text,
            Some(_) => {
                self.refuse(Some(name), &format!("no {name} provided"));
                String::new()
            }
            None => {
                self.missing(name);
                String::new()
            }
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &str) -> Option<i64> {
        let value = self.value(name, &Type::Number)?;
        let number = value.as_i64();
        if number.is_none() {
            self.refuse(Some(name), &format!("{name} must be a whole number"));
        }
        number
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.value(name, &Type::Bool).and_then(|value| value.as_bool())
    }

    /// A program and its arguments.
    pub(super) fn command(&mut self, name: &str) -> Vec<String> {
        let Some(value) = self.value(name, &Type::list(Type::String)) else {
            self.missing(name);
            return Vec::new();
        };
        let words: Vec<String> = value.elements().unwrap_or_default().iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if words.is_empty() {
            self.refuse(Some(name), &format!("the {name} option is required: a list of the program's path and its arguments"));
        }
        words
    }

    /// Bytes: a list of numbers, or a text where `takes_text` says so.
    pub(super) fn bytes(&mut self, name: &str, takes_text: bool) -> Vec<u8> {
        let is_text = |attribute: &Attribute| matches!(&attribute.value.kind, ExpressionKind::Literal(value) if value.as_str().is_some());
        if takes_text && self.block.body.attribute(name).is_some_and(is_text) {
            return self.text(name).unwrap_or_default().into_bytes();
        }
        let Some(value) = self.value(name, &Type::list(Type::Number)) else { return Vec::new() };
        let numbers = value.elements().unwrap_or_default().iter().map(|one| one.as_i64().and_then(|number| u8::try_from(number).ok()));
        match numbers.collect::<Option<Vec<u8>>>() {
            Some(bytes) => bytes,
            None => {
                self.refuse(Some(name), &format!("{name} must be a list of numbers from 0 to 255"));
                Vec::new()
            }
        }
    }

    /// A reference to a block: `key_provider.TYPE.NAME`, bare or as the whole of a template.
    pub(super) fn reference(&mut self, name: &str, root: &'static str) -> Option<(Name, Range)> {
        let attribute = self.attribute(name)?;
        if matches!(&attribute.value.kind, ExpressionKind::Literal(value) if value.is_null()) {
            return None;
        }
        let found = traversal(&attribute.value).and_then(|traversal| named(&traversal, root));
        if found.is_none() {
            let (summary, detail) = match root {
                "method" => ("Invalid encryption method identifier", "Expected method of form method.<type>.<name>".to_owned()),
                _ => (
                    "Invalid Key Provider expression format",
                    format!("The argument {name:?} must be a reference to a key provider: key_provider.<type>.<name>"),
                ),
            };
            self.error(attribute.value.range, summary, format!("{detail}."));
        }
        found.map(|found| (found, attribute.value.range))
    }

    pub(super) fn required_reference(&mut self, name: &str, root: &'static str) -> Option<(Name, Range)> {
        let found = self.reference(name, root);
        if found.is_none() {
            self.missing(name);
        }
        found
    }

    /// Says that an argument may not stand there.
    pub(super) fn finish(self) -> Diagnostics {
        self.finish_with_blocks(&[])
    }

    /// The same where these blocks may stand in it.
    pub(super) fn finish_with_blocks(mut self, blocks: &[&str]) -> Diagnostics {
        for attribute in &self.block.body.attributes {
            let name = &*attribute.name.name;
            if self.names.iter().any(|known| known == name) {
                continue;
            }
            let hint =
                nearest(name, self.names.iter().map(String::as_str)).map(|near| format!(" Did you mean {near:?}?")).unwrap_or_default();
            let detail = format!("An argument named {name:?} is not expected here.{hint}");
            self.diagnostics.push(Diagnostic::error("Unsupported argument", detail).at(attribute.name.range));
        }
        for inner in self.block.body.blocks.iter().filter(|inner| !blocks.contains(&&*inner.kind.name)) {
            let detail = format!("Blocks of type {:?} are not expected here.", inner.kind.name);
            self.diagnostics.push(Diagnostic::error("Unsupported block type", detail).at(inner.kind.range));
        }
        self.diagnostics
    }
}

/// The reference that an expression is, if it is nothing else.
fn traversal(expression: &Expression) -> Option<Traversal> {
    use crate::syntax::ast::TemplatePart;
    match &expression.kind {
        ExpressionKind::Template(parts) => match parts.as_slice() {
            [TemplatePart::Interpolation(inner)] => traversal(inner),
            _ => None,
        },
        ExpressionKind::Parenthesis(inner) => traversal(inner),
        _ => expression.as_traversal(),
    }
}

fn named(traversal: &Traversal, root: &'static str) -> Option<Name> {
    let [TraversalStep::Attribute(kind), TraversalStep::Attribute(name)] = traversal.steps.as_slice() else { return None };
    (&*traversal.root.name == root).then(|| Name { block: root, kind: kind.name.clone(), name: name.name.clone() })
}

/// The arguments of a block as an object, for those who read such: only what is set, of the types that are named. Blocks of these names
/// count as objects.
pub(super) fn object(arguments: &mut Arguments<'_>, types: &[(&'static str, Type)], blocks: &[(&'static str, Type)]) -> Value {
    let mut fields = windlass_api::value::Fields::new();
    for (name, ty) in types {
        if let Some(value) = arguments.value(name, ty) {
            fields.insert(Arc::from(*name), value);
        }
    }
    for (name, ty) in blocks {
        let nested = arguments.block.body.blocks.iter().find(|inner| &*inner.kind.name == *name);
        let value = match (nested, ty) {
            (Some(block), Type::Object(object)) => {
                let mut inner = Arguments::new(block, arguments.what.clone());
                let mut nested = windlass_api::value::Fields::new();
                for (name, attribute) in &object.attributes {
                    // The names are those of a table of this program.
                    let name: &str = Box::leak(name.to_string().into_boxed_str());
                    if let Some(value) = inner.value(name, attribute) {
                        nested.insert(Arc::from(name), value);
                    }
                }
                arguments.is_broken |= inner.is_broken;
                arguments.diagnostics.extend(inner.finish());
                Some(Value::object(nested))
            }
            _ => arguments.value(name, ty),
        };
        fields.extend(value.map(|value| (Arc::from(*name), value)));
    }
    Value::object(fields)
}
