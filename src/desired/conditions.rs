//! Conditions: `validation`, `precondition`, `postcondition`.

use crate::address::Instance;
use crate::config::Condition;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceMap};
use crate::lang::{Scope, evaluate, referenced_values};
use windlass_api::{Type, Value};

/// Whose condition it is.
#[derive(Clone, Copy, Debug)]
pub enum ConditionKind<'a> {
    /// `validation` of a variable.
    Validation(&'a str),
    /// `precondition` of an output.
    Output(&'a str),
    /// `precondition` of a resource.
    Precondition(&'a Instance),
    /// `postcondition` of a resource.
    Postcondition(&'a Instance),
}

/// What conditions together came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All hold.
    Passed,
    /// Some can only be told later.
    Unknown,
    /// Some do not hold or can't be evaluated; messages tell which.
    Failed,
}

/// Checks conditions; what is not known yet is left for later.
pub fn check_conditions(
    conditions: &[Condition],
    kind: ConditionKind<'_>,
    scope: &dyn Scope,
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) -> Outcome {
    conditions.iter().map(|rule| check_condition(rule, kind, scope, sources, diagnostics)).max().unwrap_or(Outcome::Passed)
}

fn check_condition(
    rule: &Condition,
    kind: ConditionKind<'_>,
    scope: &dyn Scope,
    sources: &SourceMap,
    diagnostics: &mut Diagnostics,
) -> Outcome {
    let (value, found) = evaluate(&rule.condition, scope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return Outcome::Failed;
    }
    if !value.is_known() {
        return Outcome::Unknown;
    }
    let converted = windlass_api::value::convert(&value.unmarked(), &Type::Bool).ok().filter(|value| !value.is_null());
    match converted.as_ref().and_then(Value::as_bool) {
        Some(true) => Outcome::Passed,
        Some(false) => {
            diagnostics.push(failure(rule, kind, scope, sources));
            Outcome::Failed
        }
        None => {
            let detail = "Condition expression must return either true or false, not null or a value of another type.";
            diagnostics.push(Diagnostic::error("Invalid condition result", detail).at(rule.condition.range));
            Outcome::Failed
        }
    }
}

fn failure(rule: &Condition, kind: ConditionKind<'_>, scope: &dyn Scope, sources: &SourceMap) -> Diagnostic {
    let message = error_message(rule, scope);
    let diagnostic = match kind {
        ConditionKind::Validation(_) => {
            let place = sources.place(rule.range);
            let detail = format!("{message}\n\nThis was checked by the validation rule at {place}.");
            Diagnostic::error("Invalid value for variable", detail)
        }
        ConditionKind::Output(_) => Diagnostic::error("Module output value precondition failed", message),
        ConditionKind::Precondition(address) => Diagnostic::error("Resource precondition failed", message).about(address),
        ConditionKind::Postcondition(address) => Diagnostic::error("Resource postcondition failed", message).about(address),
    };
    Diagnostic { values: referenced_values(&rule.condition, scope), ..diagnostic.at(rule.condition.range) }
}

fn error_message(rule: &Condition, scope: &dyn Scope) -> String {
    let (value, found) = evaluate(&rule.error_message, scope);
    if found.has_errors() || !value.is_known() {
        return "The error message can't be evaluated, so it is not shown.".to_owned();
    }
    if !value.marks_deep().is_empty() {
        return "The error message included a sensitive value, so it will not be displayed.".to_owned();
    }
    value.as_str().map_or_else(|| "The error message is not a text.".to_owned(), |text| text.trim().to_owned())
}
