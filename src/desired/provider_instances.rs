//! Instances of provider configurations: `for_each` of `provider` blocks, and the keys by which blocks choose one (OpenTofu 1.9).

use super::expand::{Repetition, expand};
use super::provider_configs::ProviderIndex;
use super::world::World;
use crate::address::InstanceKey;
use crate::config::{ProviderBlock, Repeats};
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::lang::evaluate;
use windlass_api::value::convert;
use windlass_api::{Type, Value};

impl World {
    /// The instances of a `provider` block: one without a key, or one for each element of its `for_each`. `None` after a message.
    pub fn provider_instances(
        &self,
        block: &ProviderBlock,
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<(Option<InstanceKey>, Repetition)>> {
        let Some(for_each) = &block.for_each else { return Some(vec![(None, Repetition::default())]) };
        let repeats = Repeats { count: None, for_each: Some(for_each), enabled: None };
        let expansion = expand(&repeats, &self.scope(0), diagnostics)?;
        Some(expansion.instances().collect())
    }

    /// The key by which an instance of a resource chooses its provider's instance. `repetition` is that of the resource's instance.
    ///
    /// # Errors
    /// The expression fails, or is not known, or no key.
    pub fn provider_instance_key(
        &self,
        instance: usize,
        index: &ProviderIndex,
        repetition: &Repetition,
    ) -> Result<InstanceKey, Diagnostics> {
        let mut place = Some(instance);
        let mut repetition = repetition;
        if let Some(called) = index.passed_to {
            while let Some(at) = place.filter(|at| self.placed(*at).module != called) {
                place = self.placed(at).caller;
            }
            if let Some(at) = place {
                repetition = &self.placed(at).repetition;
                place = self.placed(at).caller;
            }
        }
        let (value, found) = evaluate(&index.expression, &self.scope(place.unwrap_or_default()).repeated(repetition));
        if found.has_errors() {
            return Err(found);
        }
        key_of(&value, index.expression.range).map_err(|error| Diagnostics::from(*error))
    }
}

fn key_of(value: &Value, at: Range) -> Result<InstanceKey, Box<Diagnostic>> {
    let fail = |detail: &str| Err(Box::new(Diagnostic::error("Invalid provider instance key", detail).at(at)));
    let marks = value.marks_deep();
    if marks.is_sensitive() || marks.is_ephemeral() {
        return fail("The key of a provider instance must not be derived from a sensitive or an ephemeral value: the state holds it.");
    }
    if !value.is_known() {
        return fail(
            "The key of a provider instance depends on values that cannot be determined until apply, so it can't be told which instance \
             to plan with. Make it depend on values that the configuration gives.",
        );
    }
    match convert(value, &Type::String) {
        Ok(text) if !text.is_null() => Ok(InstanceKey::String(text.as_str().unwrap_or_default().into())),
        _ => fail("The key of a provider instance must be a string."),
    }
}
