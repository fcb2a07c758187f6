//! Reading attributes whose values placement must know.

use crate::diagnostic::{Diagnostic, Diagnostics, Range, nearest};
use crate::syntax::ast::{Block, Body, Expression};
use crate::syntax::walk;
use windlass_api::value::convert;
use windlass_api::{Type, Value};

/// Evaluates an expression of the root module as far as it is known before anything is planned.
pub type Evaluate<'a> = &'a dyn Fn(&Expression) -> (Value, Diagnostics);

pub(super) struct Reader<'a> {
    pub(super) evaluate: Evaluate<'a>,
    pub(super) diagnostics: Diagnostics,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, range: Range, summary: impl Into<String>, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(range));
    }

    /// Refuses attributes and blocks that are not listed.
    pub(super) fn check_names(&mut self, body: &Body, attributes: &[&str], blocks: &[&str]) {
        let hint = |name: &str, known: &[&str]| match nearest(name, known.iter().copied()) {
            Some(near) => format!(" Did you mean {near:?}?"),
            None if known.is_empty() => String::new(),
            None => format!(" Known are: {}.", known.join(", ")),
        };
        for attribute in &body.attributes {
            let name = &*attribute.name.name;
            if !attributes.contains(&name) {
                let detail = format!("An argument named {name:?} is not expected here.{}", hint(name, attributes));
                self.error(attribute.name.range, "Unsupported argument", detail);
            }
        }
        for block in &body.blocks {
            let name = &*block.kind.name;
            if !blocks.contains(&name) {
                let detail = format!("Blocks of type {name:?} are not expected here.{}", hint(name, blocks));
                self.error(block.kind.range, "Unsupported block type", detail);
            }
        }
    }

    /// A block's only label; an error when there is another number of them.
    pub(super) fn label<'b>(&mut self, block: &'b Block) -> Option<&'b crate::syntax::Identifier> {
        match block.labels.as_slice() {
            [label] if crate::syntax::is_identifier(&label.name) => Some(label),
            [label] => {
                let detail = "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.";
                self.error(label.range, format!("Invalid {} name", block.kind.name), detail);
                None
            }
            _ => {
                let detail = format!("All {} blocks must have 1 labels (name).", block.kind.name);
                self.error(block.header, format!("Missing name for {}", block.kind.name), detail);
                None
            }
        }
    }

    /// The known value of an attribute, of a type; `None` when it is absent, null or wrong.
    pub(super) fn value(&mut self, body: &Body, name: &str, ty: &Type) -> Option<(Value, Range)> {
        let attribute = body.attribute(name)?;
        let range = attribute.value.range;
        let (value, diagnostics) = (self.evaluate)(&attribute.value);
        let failed = diagnostics.has_errors();
        self.diagnostics.extend(diagnostics);
        if failed {
            return None;
        }
        if !value.is_wholly_known() {
            self.unknown(name, &attribute.value);
            return None;
        }
        match convert(&value.unmarked(), ty) {
            Ok(value) if value.is_null() => None,
            Ok(value) => Some((value, range)),
            Err(error) => {
                self.error(range, "Incorrect attribute value type", format!("Inappropriate value for attribute {name:?}: {error}."));
                None
            }
        }
    }

    fn unknown(&mut self, name: &str, expression: &Expression) {
        let names: Vec<String> = walk::references(expression).iter().map(|reference| reference.root.name.to_string()).collect();
        let detail = format!(
            "Where a workload is placed depends on {name:?}, so its value must be known before anything is planned; this expression waits \
             for {}. Use a variable or a local value that depends on variables only.",
            if names.is_empty() { "something that is not known yet".to_owned() } else { names.join(", ") }
        );
        self.error(expression.range, "Shape of a workload is not known", detail);
    }

    pub(super) fn string(&mut self, body: &Body, name: &str) -> Option<(String, Range)> {
        let (value, range) = self.value(body, name, &Type::String)?;
        value.as_str().map(|text| (text.to_owned(), range))
    }

    pub(super) fn strings(&mut self, body: &Body, name: &str) -> Option<(Vec<String>, Range)> {
        let (value, range) = self.value(body, name, &Type::list(Type::String))?;
        let texts = value.elements()?.iter().filter_map(|element| element.as_str().map(str::to_owned)).collect();
        Some((texts, range))
    }

    pub(super) fn number(&mut self, body: &Body, name: &str) -> Option<(f64, Range)> {
        let (value, range) = self.value(body, name, &Type::Number)?;
        let number = value.as_number()?.as_f64();
        if number.is_finite() && number >= 0.0 {
            return Some((number, range));
        }
        self.error(range, "Invalid number", format!("The value of {name:?} must not be negative."));
        None
    }

    pub(super) fn whole(&mut self, body: &Body, name: &str) -> Option<(u32, Range)> {
        let (number, range) = self.number(body, name)?;
        if number.fract() == 0.0 && number <= 100_000.0 {
            return Some((number as u32, range));
        }
        self.error(range, "Invalid number", format!("The value of {name:?} must be a whole number of at most 100000."));
        None
    }

    /// A size in GiB.
    pub(super) fn size(&mut self, body: &Body, name: &str) -> Option<(f64, Range)> {
        let (text, range) = self.string(body, name)?;
        let size = super::units::gib(&text);
        if size.is_none() {
            let detail = format!("{text:?} is not a size. Write a number and a unit, such as \"500 GiB\" or \"4 TiB\".");
            self.error(range, "Invalid size", detail);
        }
        size.map(|size| (size, range))
    }

    /// One of several words.
    pub(super) fn word(&mut self, body: &Body, name: &str, known: &[&'static str]) -> Option<(&'static str, Range)> {
        let (text, range) = self.string(body, name)?;
        let found = known.iter().find(|word| **word == text);
        if found.is_none() {
            let hint = nearest(&text, known.iter().copied()).map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
            let detail = format!("{text:?} is not a value of {name:?}. Known are: {}.{hint}", known.join(", "));
            self.error(range, format!("Invalid {name}"), detail);
        }
        found.map(|word| (*word, range))
    }
}
