//! Nested blocks and SDK structures, field by field.
//!
//! [`structure!`] names the fields that a block and an SDK structure share, once for both directions; how each field
//! converts follows from its Rust type. Numbers and truth values that the schema keeps as strings convert on the way.

use super::Draft;
use super::draft::float;
use windlass_api::{Type, Value};

/// What a value can be written as. `field` sees the attribute's or block's value, `element` one element of it.
pub(crate) trait Write: Sized {
    /// From one element of a list or set, or from a scalar.
    fn element(value: &Value) -> Option<Self>;

    /// From the value of the whole attribute.
    fn field(value: &Value) -> Option<Self> {
        Self::element(value)
    }
}

/// What can be read as a value; `field` is the attribute's value, `element` one element of it.
pub(crate) trait Read {
    /// As one element of a list or set, or as a scalar.
    fn element(&self) -> Value;

    /// As the value of the whole attribute.
    fn field(&self) -> Value {
        self.element()
    }
}

/// A structure's field: optional or not.
pub(crate) trait WriteSlot {
    /// Takes the attribute's value.
    fn store(&mut self, value: &Value);
}

/// A structure's field: optional or not.
pub(crate) trait ReadSlot {
    /// The attribute's value.
    fn load(&self) -> Value;
}

impl<T: Write> WriteSlot for Option<T> {
    fn store(&mut self, value: &Value) {
        *self = T::field(value);
    }
}

impl<T: Read> ReadSlot for Option<T> {
    fn load(&self) -> Value {
        self.as_ref().map_or(Value::null(Type::Dynamic), T::field)
    }
}

macro_rules! slot {
    ($($ty:ty),*) => {$(
        impl WriteSlot for $ty {
            fn store(&mut self, value: &Value) {
                if let Some(value) = <$ty as Write>::field(value) {
                    *self = value;
                }
            }
        }
        impl ReadSlot for $ty {
            fn load(&self) -> Value {
                Read::field(self)
            }
        }
    )*};
}
slot!(String, bool, i32, f64);

impl Write for String {
    fn element(value: &Value) -> Option<String> {
        let text = match (value.as_str(), value.as_number(), value.as_bool()) {
            (Some(text), _, _) => text.to_owned(),
            (_, Some(number), _) => number.to_string(),
            (_, _, Some(flag)) => flag.to_string(),
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }
}

impl Write for bool {
    fn element(value: &Value) -> Option<bool> {
        match value.as_str() {
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            Some(_) => None,
            None => value.as_bool(),
        }
    }
}

impl Write for i32 {
    fn element(value: &Value) -> Option<i32> {
        match value.as_str() {
            Some(text) => text.parse().ok(),
            None => value.as_i64().and_then(|number| i32::try_from(number).ok()),
        }
    }
}

impl Write for f64 {
    fn element(value: &Value) -> Option<f64> {
        match value.as_str() {
            Some(text) => text.parse().ok(),
            None => value.as_number().map(windlass_api::Number::as_f64),
        }
    }
}

impl<T: Write> Write for Vec<T> {
    fn element(value: &Value) -> Option<Vec<T>> {
        let elements: Vec<T> = value.elements()?.iter().filter_map(T::element).collect();
        Some(elements).filter(|elements| !elements.is_empty())
    }
}

impl Read for String {
    fn element(&self) -> Value {
        Value::string(self)
    }
}

impl Read for bool {
    fn element(&self) -> Value {
        Value::bool(*self)
    }
}

impl Read for i32 {
    fn element(&self) -> Value {
        Value::int(i64::from(*self))
    }
}

impl Read for f64 {
    fn element(&self) -> Value {
        float(*self)
    }
}

impl<T: Read> Read for Vec<T> {
    fn element(&self) -> Value {
        Value::tuple(self.iter().map(T::element).collect())
    }
}

/// Structures that stand for a nested block.
pub(crate) trait Structure {
    /// The attributes and blocks that it maps.
    const NAMES: &'static [&'static str];
}

/// The single block that a draft makes.
pub(crate) fn one_block(draft: Draft) -> Value {
    Value::tuple(vec![draft.into()])
}

/// Declares that enumerations of the SDK are strings in the schema.
macro_rules! enumeration {
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::resource::structure::Write for $ty {
            fn element(value: &windlass_api::Value) -> Option<Self> {
                value.as_str().filter(|text| !text.is_empty()).map(<$ty>::from)
            }
        }
        impl $crate::resource::structure::Read for $ty {
            fn element(&self) -> windlass_api::Value {
                windlass_api::Value::string(self.as_str())
            }
        }
    )*};
}

/// Declares which fields a nested block shares with the SDK's structures: `structure!(Request, Response; a, b = field)`;
/// a field is named like its attribute unless it says otherwise.
macro_rules! structure {
    ($request:ty, $response:ty; $($name:ident $(= $field:ident)?),* $(,)?) => {
        structure!(@write $request; $($name $(= $field)?),*);
        structure!(@read $response; $($name $(= $field)?),*);
    };
    ($both:ty; $($name:ident $(= $field:ident)?),* $(,)?) => {
        structure!(@write $both; $($name $(= $field)?),*);
        structure!(@read $both; $($name $(= $field)?),*);
    };
    (@write $request:ty; $($name:ident $(= $field:ident)?),*) => {
        impl $crate::resource::structure::Structure for $request {
            const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];
        }
        impl $crate::resource::structure::Write for $request {
            fn element(value: &windlass_api::Value) -> Option<Self> {
                value.fields()?;
                let mut target = <$request>::builder().build();
                $(if let Some(part) = value.get(stringify!($name)) {
                    $crate::resource::structure::WriteSlot::store(&mut structure!(@field target, $name $(, $field)?), part);
                })*
                Some(target)
            }
            fn field(value: &windlass_api::Value) -> Option<Self> {
                <Self as $crate::resource::structure::Write>::element(value.elements()?.first()?)
            }
        }
    };
    (@read $response:ty; $($name:ident $(= $field:ident)?),*) => {
        impl $crate::resource::structure::Read for $response {
            fn element(&self) -> windlass_api::Value {
                let mut draft = $crate::resource::Draft::new();
                $(draft.set(stringify!($name), $crate::resource::structure::ReadSlot::load(&structure!(@field self, $name $(, $field)?)));)*
                draft.into()
            }
            fn field(&self) -> windlass_api::Value {
                windlass_api::Value::tuple(vec![$crate::resource::structure::Read::element(self)])
            }
        }
    };
    (@field $target:expr, $name:ident) => { $target.$name };
    (@field $target:expr, $name:ident, $field:ident) => { $target.$field };
}

pub(crate) use {enumeration, structure};
