//! Paths from a value to one of its parts.

use super::Value;
use std::fmt;
use std::sync::Arc;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An attribute of an object.
    Attribute(Arc<str>),
    /// An element: of a list or tuple by number, of a map by string, of a set by the element itself.
    Index(Value),
}

/// A path from a value to one of its parts; empty for the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The path to the value itself.
    pub fn root() -> Path {
        Path::default()
    }

    /// The path to an attribute of a top-level object.
    pub fn of(name: &str) -> Path {
        Path::root().attribute(name)
    }

    /// This path, one attribute deeper.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Path {
        self.push(Step::Attribute(name.into()))
    }

    /// This path, one list element deeper.
    #[must_use]
    pub fn index(&self, index: usize) -> Path {
        self.push(Step::Index(Value::int(index as i64)))
    }

    /// This path, one map element deeper.
    #[must_use]
    pub fn key(&self, key: &str) -> Path {
        self.push(Step::Index(Value::string(key)))
    }

    /// This path, one step deeper.
    #[must_use]
    pub fn push(&self, step: Step) -> Path {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }

    /// Whether `self` is `other` or a part of what `other` points to.
    pub fn starts_with(&self, other: &Path) -> bool {
        self.0.len() >= other.0.len() && self.0[..other.0.len()] == other.0[..]
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(f, "{name}")?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Index(value) => match (value.as_str(), value.as_number()) {
                    (Some(key), _) => write!(f, "[{key:?}]")?,
                    (None, Some(number)) => write!(f, "[{number}]")?,
                    (None, None) => write!(f, "[…]")?,
                },
            }
        }
        Ok(())
    }
}
