//! Defaults of optional object attributes in type constraints.

use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::value::{ConversionError, convert};
use windlass_api::{Type, Value};

/// The defaults that a type constraint holds, in the shape of the type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// Of an object type: what a missing or null attribute becomes.
    pub attributes: BTreeMap<Arc<str>, Value>,
    /// Defaults inside the attributes of an object or the elements of a tuple (by number).
    pub children: BTreeMap<Arc<str>, Defaults>,
    /// Defaults inside the elements of a list, set or map.
    pub element: Option<Box<Defaults>>,
}

impl Defaults {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.children.is_empty() && self.element.is_none()
    }

    /// A value with missing and null attributes filled in, before it is converted to the type.
    pub fn apply(&self, value: &Value) -> Value {
        if self.is_empty() || value.is_null() || !value.is_known() {
            return value.clone();
        }
        let filled = match (value.fields(), value.elements()) {
            (Some(fields), _) => {
                let mut fields = fields.clone();
                for (name, default) in &self.attributes {
                    if fields.get(name).is_none_or(Value::is_null) {
                        fields.insert(name.clone(), default.clone());
                    }
                }
                for (name, field) in &mut fields {
                    if let Some(defaults) = self.inside(name) {
                        *field = defaults.apply(field);
                    }
                }
                // Filled elements may differ in type; conversion to the constraint brings them together again.
                Value::object(fields)
            }
            (_, Some(elements)) => {
                let fill = |(index, element): (usize, &Value)| match self.inside(&index.to_string()) {
                    Some(defaults) => defaults.apply(element),
                    None => element.clone(),
                };
                Value::tuple(elements.iter().enumerate().map(fill).collect())
            }
            _ => return value.clone(),
        };
        filled.with_marks(value.marks())
    }

    fn inside(&self, name: &str) -> Option<&Defaults> {
        self.children.get(name).or(self.element.as_deref())
    }
}

/// A value brought to a type constraint with its defaults.
///
/// # Errors
/// Why the value does not fit.
pub fn convert_with(defaults: Option<&Defaults>, value: &Value, ty: &Type) -> Result<Value, ConversionError> {
    match defaults {
        Some(defaults) => convert(&defaults.apply(value), ty),
        None => convert(value, ty),
    }
}
