//! An independent checker: it knows only the plan and the schemas, and lists what is wrong with it.
//!
//! One file a rule. A finding is a fault of whoever made the plan, never of the user.

mod conformity;
mod coverage;
mod edges;
mod implemented;
mod objects;
mod pins;
mod protection;
mod targeting;

use super::{CheckedPlan, Plan};
use crate::diagnostic::{Diagnostic, Diagnostics};
use std::sync::Arc;
use windlass_api::Providers;

/// What a rule finds: the change concerned, if any, and what is wrong.
struct Finding {
    address: Option<String>,
    detail: String,
}

impl Finding {
    fn about(change: &super::Change, detail: impl Into<String>) -> Finding {
        Finding { address: Some(change.address.to_string()), detail: detail.into() }
    }
}

type Rule = fn(&Plan, &Providers) -> Vec<Finding>;

const RULES: [(&str, Rule); 8] = [
    ("steps cover changes", coverage::check),
    ("steps keep their order", edges::check),
    ("objects are whole", objects::check),
    ("values are of their types", conformity::check),
    ("types are implemented", implemented::check),
    ("providers are pinned", pins::check),
    ("protected objects stay", protection::check),
    ("only what is looked at changes", targeting::check),
];

/// Checks a plan; only a plan that passes can be applied.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(plan: Plan, providers: &Providers) -> Result<CheckedPlan, Diagnostics> {
    let mut diagnostics = Diagnostics::none();
    for (rule, check) in RULES {
        for finding in check(&plan, providers) {
            let detail =
                format!("{} (rule: {rule}). This is a fault of the program or a damaged plan file; nothing was changed.", finding.detail);
            let diagnostic = Diagnostic::error("Plan is not sound", detail);
            diagnostics.push(match finding.address {
                Some(address) => diagnostic.about(address),
                None => diagnostic,
            });
        }
    }
    match diagnostics.is_empty() {
        true => Ok(CheckedPlan { plan: Arc::new(plan) }),
        false => Err(diagnostics),
    }
}
