//! Templates.

use super::Evaluator;
use crate::diagnostic::Severity;
use crate::syntax::ast::{Expression, TemplatePart};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;
use windlass_api::value::convert::convert;
use windlass_api::{Marks, Refinement, Type, Value};

const INVALID_PART: &str = "Invalid template interpolation value";
/// No known beginning of an unknown string is kept that is longer.
const PREFIX_BYTES_MAX: usize = 128;

/// The text so far, and whether all of it is known.
#[derive(Default)]
struct Rendered {
    text: String,
    unknown: bool,
    marks: Marks,
}

impl Evaluator<'_> {
    /// A quoted or heredoc template: exactly one interpolation yields its value as it is.
    pub(super) fn template(&mut self, parts: &[TemplatePart]) -> Value {
        match parts {
            [TemplatePart::Interpolation(inner)] => self.value(inner),
            parts => self.rendered(parts),
        }
    }

    /// The text of parts; never null.
    fn rendered(&mut self, parts: &[TemplatePart]) -> Value {
        let before = self.diagnostics.0.len();
        let mut result = Rendered::default();
        for part in parts {
            match part {
                TemplatePart::Literal(text) => result.literal(text),
                TemplatePart::Interpolation(inner) => {
                    let value = self.value(inner);
                    self.interpolated(&mut result, &value, inner);
                }
                TemplatePart::If { condition, yes, no } => {
                    let value = self.template_condition(condition, |evaluator| evaluator.rendered(yes), |evaluator| evaluator.rendered(no));
                    result.string(&value);
                }
                TemplatePart::For { key, value, collection, body } => {
                    let value = self.joined(key.as_ref(), value, collection, |evaluator| evaluator.rendered(body));
                    result.string(&value);
                }
            }
        }
        let sound = !self.diagnostics.0[before..].iter().any(|message| message.severity == Severity::Error);
        result.finish(sound)
    }

    fn interpolated(&mut self, result: &mut Rendered, value: &Value, at: &Expression) {
        result.marks = result.marks.union(value.marks());
        if value.is_null() {
            let detail = "The expression result is null. Cannot include a null value in a string template.";
            self.error(at, INVALID_PART, detail);
            return;
        }
        match convert(value, &Type::String) {
            Ok(text) => result.string(&text),
            Err(reason) => {
                let detail = format!("Cannot include the given value in a string template: {reason}.");
                self.error(at, INVALID_PART, detail);
            }
        }
    }
}

impl Rendered {
    fn literal(&mut self, text: &str) {
        if !self.unknown {
            self.text.push_str(text);
        }
    }

    fn string(&mut self, value: &Value) {
        self.marks = self.marks.union(value.marks());
        match value.as_str() {
            Some(text) => self.literal(text),
            None => {
                let prefix = super::conditional::range(value).prefix;
                prefix.iter().for_each(|prefix| self.literal(prefix));
                self.unknown = true;
            }
        }
    }

    fn finish(self, sound: bool) -> Value {
        let value = match self.unknown {
            false => Value::string(&self.text),
            true => {
                let prefix = if sound { safe_prefix(&self.text) } else { None };
                Value::unknown_refined(Type::String, Refinement { not_null: true, prefix, ..Refinement::default() })
            }
        };
        value.with_marks(self.marks)
    }
}

/// The part of a text that stays as it is whatever follows: what follows might combine with the last character, unless that is
/// a plain ASCII delimiter.
pub(in crate::lang) fn safe_prefix(text: &str) -> Option<Arc<str>> {
    let normal = Value::string(text);
    let mut prefix = normal.as_str().unwrap_or_default();
    if prefix.len() > PREFIX_BYTES_MAX {
        prefix = &prefix[..prefix.floor_char_boundary(PREFIX_BYTES_MAX)];
    }
    let last = prefix.graphemes(true).next_back()?;
    let ends_surely = last.len() == 1 && "-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'".contains(last);
    let kept = if ends_surely { prefix } else { &prefix[..prefix.len() - last.len()] };
    (!kept.is_empty()).then(|| kept.into())
}
