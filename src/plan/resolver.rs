//! What apply evaluates again when it knows more.

use super::CheckedPlan;
use crate::address::Instance;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::OutputState;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Providers, Value};

/// Evaluates configurations again with what apply has learnt, and holds the result against the approved plan. The dispatcher is its
/// only owner.
pub struct Resolver {
    plan: CheckedPlan,
    finished: RefCell<BTreeMap<Instance, Value>>,
}

/// A change with everything known that its provider needs.
#[derive(Clone, Debug)]
pub struct ResolvedChange {
    /// The configuration, wholly known.
    pub config: Value,
    /// The object as planned, unknown only in what the cloud decides.
    pub planned: Value,
}

impl Resolver {
    /// Parses the plan's embedded sources again.
    ///
    /// # Errors
    /// The embedded sources can't be read, which means a broken plan file.
    pub fn new(plan: &CheckedPlan, _providers: &Providers) -> Result<Resolver, Diagnostics> {
        Ok(Resolver { plan: plan.clone(), finished: RefCell::default() })
    }

    /// Records the real value of an object, as soon as its step has ended well.
    pub fn finish(&self, address: &Instance, value: Value) {
        self.finished.borrow_mut().insert(address.clone(), value);
    }

    /// Evaluates and plans a change again. `variant` 0 is the first choice.
    ///
    /// # Errors
    /// Evaluation fails with what is known now, or the result does not keep what was approved.
    pub fn resolve(&self, change: usize, _variant: usize) -> Result<ResolvedChange, Diagnostics> {
        let address = &self.plan.plan().changes[change].address;
        Err(Diagnostic::error("Resolving is not built yet", "This build has no resolver.").about(address).into())
    }

    /// Evaluates the query of a data source that is read during apply.
    ///
    /// # Errors
    /// As for [`Resolver::resolve`].
    pub fn resolve_data(&self, change: usize) -> Result<Value, Diagnostics> {
        self.resolve(change, 0).map(|resolved| resolved.config)
    }

    /// The root module's outputs with what is known now; those that need something unfinished are left as they were.
    pub fn outputs(&self) -> (BTreeMap<Arc<str>, OutputState>, Diagnostics) {
        (BTreeMap::new(), Diagnostics::none())
    }
}
