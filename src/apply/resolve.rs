//! What the dispatcher asks of the plan while it runs.

use crate::address::Instance;
use crate::diagnostic::{Diagnostics, Range};
use crate::plan::{Opening, ResolvedChange, Resolver};
use crate::state::{CheckResults, OutputState};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// Evaluates again with what apply has learnt; see [`Resolver`], which is the one implementation outside of tests.
pub trait Resolve: Send {
    /// See [`Resolver::finish`].
    fn finish(&self, address: &Instance, value: Value);
    /// See [`Resolver::resolve`].
    ///
    /// # Errors
    /// As there.
    fn resolve(&self, change: usize, variant: usize) -> Result<ResolvedChange, Diagnostics>;
    /// See [`Resolver::resolve_data`].
    ///
    /// # Errors
    /// As there.
    fn resolve_data(&self, change: usize) -> Result<Value, Diagnostics>;
    /// See [`Resolver::fail_check`].
    fn fail_check(&self, _address: &Instance, _message: &str) -> Option<Range> {
        None
    }
    /// See [`Resolver::checks`].
    fn checks(&self) -> (CheckResults, Diagnostics) {
        (CheckResults::new(), Diagnostics::none())
    }
    /// See [`Resolver::openings`].
    ///
    /// # Errors
    /// As there.
    fn openings(&self, change: usize) -> Result<Vec<Opening>, Diagnostics> {
        let _ = change;
        Ok(Vec::new())
    }
    /// See [`Resolver::opened`].
    fn opened(&self, address: &Instance, value: &Value) {
        let _ = (address, value);
    }
    /// See [`Resolver::outputs`].
    fn outputs(&self) -> (BTreeMap<Arc<str>, OutputState>, Diagnostics);
}

impl Resolve for Resolver {
    fn fail_check(&self, address: &Instance, message: &str) -> Option<Range> {
        Resolver::fail_check(self, address, message)
    }

    fn checks(&self) -> (CheckResults, Diagnostics) {
        Resolver::checks(self)
    }

    fn finish(&self, address: &Instance, value: Value) {
        Resolver::finish(self, address, value);
    }

    fn resolve(&self, change: usize, variant: usize) -> Result<ResolvedChange, Diagnostics> {
        Resolver::resolve(self, change, variant)
    }

    fn resolve_data(&self, change: usize) -> Result<Value, Diagnostics> {
        Resolver::resolve_data(self, change)
    }

    fn openings(&self, change: usize) -> Result<Vec<Opening>, Diagnostics> {
        Resolver::openings(self, change)
    }

    fn opened(&self, address: &Instance, value: &Value) {
        Resolver::opened(self, address, value);
    }

    fn outputs(&self) -> (BTreeMap<Arc<str>, OutputState>, Diagnostics) {
        Resolver::outputs(self)
    }
}
