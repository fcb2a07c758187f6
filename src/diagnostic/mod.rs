//! Messages for the user: errors and warnings, many at once, each with its place in the source.
//!
//! Stages return `(value, Diagnostics)` or push into a `&mut Diagnostics` and stop at the end of the stage if any is an
//! error, so that a user sees all mistakes of a stage together. Rendering stands in `view`.

mod source;

pub use source::{Position, Range, SourceFile, SourceId, SourceMap};

use windlass_api::{Path, Value};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run stops.
    Error,
    /// The run goes on.
    Warning,
}

/// The value of a part of an expression at fault, shown under the snippet.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpressionValue {
    /// As written, such as `var.size`.
    pub traversal: String,
    /// Its value; sensitive ones are not shown.
    pub value: Value,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A few words, in Terraform's wording where it has one.
    pub summary: String,
    /// What is wrong, in whole sentences, and what to do.
    pub detail: String,
    /// What the caret points to.
    pub subject: Option<Range>,
    /// The block around it, such as `resource "aws_vpc" "main"`.
    pub context: Option<String>,
    /// Values in the expression.
    pub values: Vec<ExpressionValue>,
    /// The instance concerned, such as `aws_vpc.main[0]`.
    pub address: Option<String>,
    /// The attribute concerned, when there is no range.
    pub path: Option<Path>,
    /// What to try, shown last as `hint:`.
    pub hint: Option<String>,
}

impl Diagnostic {
    fn new(severity: Severity, summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity,
            summary: summary.into(),
            detail: detail.into(),
            subject: None,
            context: None,
            values: Vec::new(),
            address: None,
            path: None,
            hint: None,
        }
    }

    /// An error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, summary, detail)
    }

    /// A warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, summary, detail)
    }

    /// With the place that the caret points to.
    #[must_use]
    pub fn at(mut self, range: Range) -> Diagnostic {
        self.subject = Some(range);
        self
    }

    /// With the block around the place.
    #[must_use]
    pub fn within(mut self, context: impl Into<String>) -> Diagnostic {
        self.context = Some(context.into());
        self
    }

    /// The block around the place: the one named, or the one that the sources know of.
    pub fn context_in<'a>(&'a self, sources: &'a SourceMap) -> Option<&'a str> {
        self.context.as_deref().or_else(|| self.subject.and_then(|range| sources.context(range)))
    }

    /// With the instance that it concerns.
    #[must_use]
    pub fn about(mut self, address: impl ToString) -> Diagnostic {
        self.address = Some(address.to_string());
        self
    }

    /// With what to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hint = Some(hint.into());
        self
    }

    /// With the value of a part of the expression.
    #[must_use]
    pub fn with_value(mut self, traversal: impl Into<String>, value: Value) -> Diagnostic {
        self.values.push(ExpressionValue { traversal: traversal.into(), value });
        self
    }
}

/// Messages gathered in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// No message.
    pub fn none() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

/// The candidate nearest to what was written, for "did you mean"; `None` when nothing is near.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
