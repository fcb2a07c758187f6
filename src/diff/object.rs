//! What is done to one object, and why.

use super::ignore::{accept_live, ignore_changes};
use super::paths::differing_paths;
use crate::config::IgnoreChanges;
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::schema::{assert_plan_valid, mark_sensitive, proposed_new, without_write_only};
use windlass_api::{Marks, Path, PlanRequest, Problem, Provider, Schema, Value};

/// Why an object is replaced although its attributes may be as they should.
#[derive(Clone, Debug, PartialEq)]
pub enum Forced {
    /// Its creation failed half-way.
    Tainted,
    /// The user asked for it.
    Requested,
    /// `replace_triggered_by`: what changed.
    Triggered(Vec<Arc<str>>),
}

/// What [`diff`] is asked.
#[derive(Clone, Copy)]
pub struct DiffRequest<'a> {
    /// The provider.
    pub provider: &'a dyn Provider,
    /// The value of its configuration.
    pub provider_config: &'a Value,
    /// The type.
    pub type_name: &'a str,
    /// Its schema.
    pub schema: &'a Schema,
    /// The live object with its marks; `None` when there is none.
    pub prior: Option<&'a Value>,
    /// The configuration's value with its marks.
    pub config: &'a Value,
    /// Attributes that keep their live values.
    pub ignored: &'a IgnoreChanges,
    /// Live values that are no drift, by attribute.
    pub accepted: &'a BTreeMap<Arc<str>, Vec<Value>>,
    /// Why it is replaced in any case.
    pub forced: Option<&'a Forced>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is made.
    Create,
    /// Nothing.
    Same,
    /// Only marks differ.
    Marks,
    /// These attributes are changed in place.
    Update(Vec<Path>),
    /// It is replaced: attributes that can't be changed in place, none when forced.
    Replace(Vec<Path>),
}

/// The outcome of [`diff`].
#[derive(Clone, Debug)]
pub struct Difference {
    /// What is to be done.
    pub verdict: Verdict,
    /// The object as it will be, with marks.
    pub after: Value,
    /// The provider's findings about the configuration.
    pub problems: Vec<Problem>,
    /// A provider that broke its contract.
    pub diagnostics: Diagnostics,
}

impl DiffRequest<'_> {
    /// The configuration with what keeps its live value taken from the live object.
    pub fn with_live(&self, live: &Value) -> Value {
        accept_live(live, &ignore_changes(live, self.config, self.ignored), self.accepted)
    }
}

/// Decides what is done to an object.
pub fn diff(request: &DiffRequest<'_>) -> Difference {
    let mut diagnostics = Diagnostics::none();
    let Some(prior) = request.prior else {
        let (after, _, problems) = plan_object(request, None, request.config, &mut diagnostics);
        return Difference { verdict: Verdict::Create, after, problems, diagnostics };
    };
    let live = prior.unmarked_deep();
    let config = request.with_live(&live);
    let (after, requires_replace, problems) = plan_object(request, Some(&live), &config, &mut diagnostics);
    let planned = after.unmarked_deep();
    // A provider names what can't change; what does not change forces nothing.
    let replace: Vec<Path> = requires_replace.into_iter().filter(|path| live.at(path) != planned.at(path)).collect();
    if request.forced.is_some() || !replace.is_empty() {
        let (after, _, more) = plan_object(request, None, request.config, &mut diagnostics);
        let problems = if problems.is_empty() { more } else { problems };
        return Difference { verdict: Verdict::Replace(replace), after, problems, diagnostics };
    }
    let verdict = match live == planned {
        false => Verdict::Update(differing_paths(&live, &planned)),
        true if prior.marked_paths(Marks::SENSITIVE) != after.marked_paths(Marks::SENSITIVE) => Verdict::Marks,
        true => Verdict::Same,
    };
    Difference { verdict, after, problems, diagnostics }
}

/// Plans one object against a live one or none. Returns it with marks, the paths that the provider can't change in place, and its
/// findings.
pub fn plan_object(
    request: &DiffRequest<'_>,
    prior: Option<&Value>,
    config: &Value,
    diagnostics: &mut Diagnostics,
) -> (Value, Vec<Path>, Vec<Problem>) {
    let plain = config.unmarked_deep();
    let proposed = without_write_only(&request.schema.block, &proposed_new(&request.schema.block, prior, &plain));
    let response = request.provider.plan(&PlanRequest {
        type_name: request.type_name,
        prior,
        config: &plain,
        proposed: &proposed,
        provider_config: request.provider_config,
    });
    for fault in assert_plan_valid(&request.schema.block, prior, &plain, &response.planned) {
        let detail = format!(
            "Provider {} planned an invalid value for {} at {}: {}\n\nThis is a bug in the provider, not in the configuration.",
            request.provider.source(),
            request.type_name,
            fault.path,
            fault.detail
        );
        diagnostics.push(Diagnostic::error("Provider produced invalid plan", detail));
    }
    let stored = without_write_only(&request.schema.block, config);
    let after = response.planned.with_marks_at(&stored.marked_paths(Marks::SENSITIVE), Marks::SENSITIVE);
    (mark_sensitive(&request.schema.block, &after), response.requires_replace, response.problems)
}
