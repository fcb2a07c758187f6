//! Nested blocks and SDK structures, field by field.
//!
//! [`structure!`] names the fields that a block and an SDK structure share, once for both directions; how each field
//! converts follows from its Rust type. Numbers and truth values that the schema keeps as strings convert on the way.

use super::draft::float;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use windlass_api::{Type, Value};

/// What a value can be written as. `field` sees the attribute's or block's value, `element` one element of it.
pub(crate) trait Write: Sized {
    /// From one element of a list or set, or from a scalar.
    fn element(value: &Value) -> Option<Self>;

    /// From the value of the whole attribute.
    fn field(value: &Value) -> Option<Self> {
        Self::element(value)
    }

    /// The paths of all that it maps, below a block; none for a scalar.
    fn paths(_below: &str, _paths: &mut Vec<String>) {}
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

    /// The paths of all that the field maps, below an attribute or block.
    fn paths(&self, below: &str, paths: &mut Vec<String>);
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

    fn paths(&self, below: &str, paths: &mut Vec<String>) {
        T::paths(below, paths);
    }
}

impl<T: Read> ReadSlot for Option<T> {
    fn load(&self) -> Value {
        self.as_ref().map_or(Value::null(Type::Dynamic), T::field)
    }
}

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

    fn paths(below: &str, paths: &mut Vec<String>) {
        T::paths(below, paths);
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

impl Write for DateTime {
    fn element(value: &Value) -> Option<DateTime> {
        DateTime::from_str(value.as_str()?, Format::DateTimeWithOffset).ok()
    }
}

impl Read for DateTime {
    fn element(&self) -> Value {
        self.fmt(Format::DateTime).map_or(Value::null(Type::String), Value::string)
    }
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

/// Declares that structures of a single string are strings in the schema.
macro_rules! wrapped_text {
    ($($request:ty, $response:ty: $field:ident);* $(;)?) => {$(
        impl $crate::resource::structure::Write for $request {
            fn element(value: &windlass_api::Value) -> Option<Self> {
                let text = value.as_str()?.to_owned();
                Some(<$request>::builder().$field(text).build())
            }
        }
        impl $crate::resource::structure::Read for $response {
            fn element(&self) -> windlass_api::Value {
                windlass_api::Value::string(self.$field.as_deref().unwrap_or_default())
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
            fn paths(below: &str, paths: &mut Vec<String>) {
                let target = <$request>::builder().build();
                $({
                    let path = $crate::resource::below(below, stringify!($name));
                    $crate::resource::structure::WriteSlot::paths(&structure!(@field target, $name $(, $field)?), &path, paths);
                    paths.push(path);
                })*
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

pub(crate) use {enumeration, structure, wrapped_text};
