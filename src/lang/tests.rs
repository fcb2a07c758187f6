//! Behaviour of the evaluator that no output shows; what outputs show is compared with Terraform in `tests/expressions`.

mod bodies;
mod laws;
mod partial;

use super::{FileAnswer, FileQuestion, Resolved, Scope, evaluate};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceId};
use crate::syntax::ast::{Traversal, TraversalStep};
use crate::syntax::parse_expression;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// A scope of `var.…` and files.
#[derive(Default)]
struct Known {
    variables: BTreeMap<&'static str, Value>,
    files: BTreeMap<&'static str, &'static str>,
}

impl Scope for Known {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        let value = match traversal.steps.first() {
            Some(TraversalStep::Attribute(name)) if &*traversal.root.name == "var" => self.variables.get(&*name.name),
            _ => None,
        };
        match value {
            Some(value) => Ok(Resolved { value: value.clone(), steps_taken: 1 }),
            None => Err(Box::new(Diagnostic::error("Reference to undeclared input variable", "").at(traversal.range))),
        }
    }

    fn file(&self, question: &FileQuestion) -> FileAnswer {
        match question {
            FileQuestion::Content(path) => {
                self.files.get(&**path).map_or(FileAnswer::Pending, |text| FileAnswer::Content(text.as_bytes().into()))
            }
            _ => FileAnswer::Pending,
        }
    }

    fn plan_timestamp(&self) -> Option<Arc<str>> {
        Some("2026-01-02T03:04:05Z".into())
    }

    fn is_applying(&self) -> bool {
        false
    }
}

fn run(text: &str, scope: &Known) -> (Value, Diagnostics) {
    let expression = parse_expression(SourceId(0), text, 0).unwrap_or_else(|messages| panic!("{text}: {messages:?}"));
    evaluate(&expression, scope)
}

/// The details of all errors.
fn errors(text: &str, scope: &Known) -> Vec<String> {
    run(text, scope).1.0.into_iter().map(|message| message.detail).collect()
}
