//! What a read found, by attribute name, before it has the schema's types.
//!
//! A draft's lists are tuples and its blocks are objects; [`super::finish`] gives them the types of the schema.

use windlass_api::value::{Fields, Number};
use windlass_api::{Type, Value};

/// What a read found. A name that is left out keeps its last known value; a name set to `None` is null.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft(pub(crate) Fields);

impl Draft {
    /// A draft that says nothing yet.
    pub(crate) fn new() -> Draft {
        Draft::default()
    }

    /// Sets any value.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> &mut Draft {
        self.0.insert(name.into(), value);
        self
    }

    fn maybe(&mut self, name: &str, value: Option<Value>) -> &mut Draft {
        self.set(name, value.unwrap_or(Value::null(Type::Dynamic)))
    }

    /// Sets a string.
    pub(crate) fn text(&mut self, name: &str, value: Option<impl AsRef<str>>) -> &mut Draft {
        self.maybe(name, value.map(Value::string))
    }

    /// Sets a truth value.
    pub(crate) fn flag(&mut self, name: &str, value: Option<bool>) -> &mut Draft {
        self.maybe(name, value.map(Value::bool))
    }

    /// Sets a whole number.
    pub(crate) fn int(&mut self, name: &str, value: Option<impl Into<i64>>) -> &mut Draft {
        self.maybe(name, value.map(|value| Value::int(value.into())))
    }

    /// Sets a list or set of strings.
    pub(crate) fn texts(&mut self, name: &str, values: impl IntoIterator<Item = impl AsRef<str>>) -> &mut Draft {
        self.set(name, Value::tuple(values.into_iter().map(Value::string).collect()))
    }

    /// Sets a map of strings.
    pub(crate) fn pairs(&mut self, name: &str, values: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> &mut Draft {
        let fields = values.into_iter().map(|(key, value)| (key.as_ref().into(), Value::string(value)));
        self.set(name, Value::object(fields.collect()))
    }

    /// Sets nested blocks.
    pub(crate) fn blocks(&mut self, name: &str, values: impl IntoIterator<Item = Draft>) -> &mut Draft {
        self.set(name, Value::tuple(values.into_iter().map(Value::from).collect()))
    }
}

/// A number from a double.
pub(crate) fn float(value: f64) -> Value {
    Number::parse(&value.to_string()).map_or(Value::null(Type::Number), Value::number)
}

impl From<Draft> for Value {
    fn from(draft: Draft) -> Value {
        Value::object(draft.0)
    }
}
