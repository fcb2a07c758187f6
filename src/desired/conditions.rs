//! Conditions: `validation`, `precondition`, `postcondition`, `assert`.

use super::check_log::{CheckPart, checked_instance};
use super::graph::NodeKind;
use super::world::World;
use crate::address::{Instance, ModuleInstance};
use crate::config::Condition;
use crate::diagnostic::{Diagnostic, Diagnostics, Range, Severity, SourceMap};
use crate::lang::{Scope, evaluate, referenced_values};
use crate::state::{CheckObject, CheckStatus};
use std::sync::Arc;
use windlass_api::{Type, Value};

/// Whose condition it is.
#[derive(Clone, Copy, Debug)]
pub enum ConditionKind<'a> {
    /// `validation` of a variable of a module instance, and where its value stands, or else the variable.
    Validation(&'a ModuleInstance, &'a Arc<str>, Range),
    /// `precondition` of an output of a module instance.
    Output(&'a ModuleInstance, &'a Arc<str>),
    /// `precondition` of a resource.
    Precondition(&'a Instance),
    /// `postcondition` of a resource.
    Postcondition(&'a Instance),
    /// `assert` of a `check` block of a module instance.
    Assert(&'a ModuleInstance, &'a Arc<str>),
}

impl ConditionKind<'_> {
    /// How results call it, and which part of its conditions these are.
    fn place(&self) -> Option<(Instance, CheckPart)> {
        let named = |module: &ModuleInstance, kind: NodeKind| Some((checked_instance(module, &kind)?, CheckPart::Before));
        match self {
            ConditionKind::Validation(module, name, _) => named(module, NodeKind::Variable((*name).clone())),
            ConditionKind::Output(module, name) => named(module, NodeKind::Output((*name).clone())),
            ConditionKind::Assert(module, name) => named(module, NodeKind::Check((*name).clone())),
            ConditionKind::Precondition(address) => Some(((*address).clone(), CheckPart::Before)),
            ConditionKind::Postcondition(address) => Some(((*address).clone(), CheckPart::After)),
        }
    }
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

/// Checks conditions and notes what they came to; what is not known yet is left for later.
pub fn check_conditions(
    conditions: &[Condition],
    kind: ConditionKind<'_>,
    scope: &dyn Scope,
    world: &World,
    diagnostics: &mut Diagnostics,
) -> Outcome {
    if conditions.is_empty() {
        return Outcome::Passed;
    }
    let mut together = CheckObject { status: CheckStatus::Passed, messages: Vec::new() };
    for rule in conditions {
        let (status, message) = check_condition(rule, kind, scope, world, diagnostics);
        together.add(&CheckObject { status, messages: message.into_iter().map(Into::into).collect() });
    }
    let outcome = match together.status {
        CheckStatus::Passed => Outcome::Passed,
        CheckStatus::Unknown => Outcome::Unknown,
        CheckStatus::Failed | CheckStatus::Errored => Outcome::Failed,
    };
    if let Some((address, part)) = kind.place() {
        world.checks.borrow_mut().note(address, part, together);
    }
    outcome
}

fn check_condition(
    rule: &Condition,
    kind: ConditionKind<'_>,
    scope: &dyn Scope,
    world: &World,
    diagnostics: &mut Diagnostics,
) -> (CheckStatus, Option<String>) {
    let (value, found) = evaluate(&rule.condition, scope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return (CheckStatus::Errored, None);
    }
    if !value.is_known() {
        // Apply and validate have said, or will say, why it can't be told.
        let surroundings = &world.surroundings;
        if matches!(kind, ConditionKind::Assert(..)) && !surroundings.is_applying && !surroundings.is_validating {
            let detail = "The condition could not be evaluated at this time, a result will be known when this plan is applied.";
            let diagnostic = Diagnostic::warning("Check block assertion known after apply", detail).at(rule.condition.range);
            diagnostics.push(Diagnostic { values: referenced_values(&rule.condition, scope), ..diagnostic });
        }
        return (CheckStatus::Unknown, None);
    }
    let converted = windlass_api::value::convert(&value.unmarked(), &Type::Bool).ok().filter(|value| !value.is_null());
    match converted.as_ref().and_then(Value::as_bool) {
        Some(true) => (CheckStatus::Passed, None),
        Some(false) => {
            let mut found = Diagnostics::none();
            let message = error_message(rule, scope, &mut found);
            // Whether the world is as it should be is no question of the configuration alone.
            if !(matches!(kind, ConditionKind::Assert(..)) && world.surroundings.is_validating) {
                diagnostics.extend(found);
                let failure = failure(rule, kind, &message, scope, &world.sources);
                let only_warns = world.surroundings.is_refreshing_only && !matches!(kind, ConditionKind::Validation(..));
                diagnostics.push(if only_warns { Diagnostic { severity: Severity::Warning, ..failure } } else { failure });
            }
            (CheckStatus::Failed, Some(message))
        }
        None => {
            let detail = "Condition expression must return either true or false, not null or a value of another type.";
            let summary = match kind {
                ConditionKind::Validation(..) => "Invalid variable validation result",
                _ => "Invalid condition result",
            };
            diagnostics.push(Diagnostic::error(summary, detail).at(rule.condition.range));
            (CheckStatus::Errored, None)
        }
    }
}

fn failure(rule: &Condition, kind: ConditionKind<'_>, message: &str, scope: &dyn Scope, sources: &SourceMap) -> Diagnostic {
    let at = match kind {
        ConditionKind::Validation(.., value) => value,
        _ => rule.condition.range,
    };
    let diagnostic = match kind {
        ConditionKind::Validation(..) => {
            let place = sources.place(rule.range);
            let detail = format!("{message}\n\nThis was checked by the validation rule at {place}.");
            Diagnostic::error("Invalid value for variable", detail)
        }
        ConditionKind::Output(..) => Diagnostic::error("Module output value precondition failed", message),
        ConditionKind::Assert(..) => Diagnostic::warning("Check block assertion failed", message),
        ConditionKind::Precondition(address) => Diagnostic::error("Resource precondition failed", message).about(address),
        ConditionKind::Postcondition(address) => Diagnostic::error("Resource postcondition failed", message).about(address),
    };
    Diagnostic { values: referenced_values(&rule.condition, scope), ..diagnostic.at(at) }
}

fn error_message(rule: &Condition, scope: &dyn Scope, diagnostics: &mut Diagnostics) -> String {
    let (value, found) = evaluate(&rule.error_message, scope);
    if found.has_errors() || !value.is_known() {
        return "The error message can't be evaluated, so it is not shown.".to_owned();
    }
    if value.marks_deep().is_ephemeral() {
        let detail = "The error expression used to explain this condition refers to ephemeral values, so Windlass will not display the \
                      resulting message.\n\nYou can correct this by removing references to ephemeral values, or by using the \
                      ephemeralasnull() function on the references to not reveal ephemeral data.";
        diagnostics.push(Diagnostic::warning("Error message refers to ephemeral values", detail).at(rule.error_message.range));
        return "This check failed, but has an invalid error message as described in the other accompanying messages.".to_owned();
    }
    if !value.marks_deep().is_empty() {
        return "The error message included a sensitive value, so it will not be displayed.".to_owned();
    }
    let text = windlass_api::value::convert(&value, &Type::String).ok();
    let text = text.as_ref().and_then(Value::as_str);
    text.map_or_else(|| "The error message is not a text.".to_owned(), |text| text.trim().to_owned())
}
