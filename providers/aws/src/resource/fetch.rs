//! Reading attributes out of planned objects. What is null, unknown or the empty string reads as absent, as it does in
//! Terraform's own provider.

use super::Tags;
use windlass_api::Value;

/// Typed look-ups of an object's attributes by name.
pub(crate) trait Fetch {
    /// A string that is not empty.
    fn text(&self, name: &str) -> Option<String>;
    /// A truth value.
    fn flag(&self, name: &str) -> Option<bool>;
    /// A whole number.
    fn int(&self, name: &str) -> Option<i32>;
    /// The known strings of a list or set; `None` when it is absent, not when it is empty.
    fn texts(&self, name: &str) -> Option<Vec<String>>;
    /// The known strings of a map.
    fn pairs(&self, name: &str) -> Tags;
    /// All blocks of a type.
    fn blocks(&self, name: &str) -> &[Value];
    /// The first block of a type.
    fn block(&self, name: &str) -> Option<&Value>;
}

impl Fetch for Value {
    fn text(&self, name: &str) -> Option<String> {
        self.get_str(name).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    fn int(&self, name: &str) -> Option<i32> {
        self.get(name)?.as_i64().and_then(|value| i32::try_from(value).ok())
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        Some(self.get(name)?.elements()?.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect())
    }

    fn pairs(&self, name: &str) -> Tags {
        let fields = self.get(name).and_then(Value::fields);
        fields.into_iter().flatten().filter_map(|(key, value)| Some((key.to_string(), value.as_str()?.to_owned()))).collect()
    }

    fn blocks(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::elements).unwrap_or_default()
    }

    fn block(&self, name: &str) -> Option<&Value> {
        self.blocks(name).first().filter(|block| block.fields().is_some())
    }
}
