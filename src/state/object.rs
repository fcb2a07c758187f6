//! An object's attributes between their schema's type and the file's JSON form.
//!
//! In the file there are only objects, tuples, strings, numbers, truth values and nulls. What the schema says is dynamic is
//! written as `{"value": …, "type": …}`. Write-only attributes are null.

use super::ObjectState;
use std::sync::Arc;
use windlass_api::{Path, Schema, Type, Value};

/// The file's form of an object, and the paths of its parts that are marked sensitive. The value must be of the schema's type;
/// an unknown part becomes null.
pub fn encode_object(value: &Value, _schema: &Schema) -> (Value, Vec<Path>) {
    (value.clone(), Vec::new())
}

/// An object in its schema's type, with the recorded sensitive parts marked. Attributes that the schema does not have are left
/// out; those that the file does not have are null.
///
/// # Errors
/// What does not fit, as a sentence that names the attribute.
pub fn decode_object(object: &ObjectState, schema: &Schema) -> Result<Value, String> {
    decode_value(&object.attributes, &schema.block.object_type())
}

/// A value of the file's JSON form in a type.
///
/// # Errors
/// As for [`decode_object`].
pub fn decode_value(value: &Value, ty: &Type) -> Result<Value, String> {
    let _: Arc<str> = "".into();
    match value.ty() == ty {
        true => Ok(value.clone()),
        false => Err("decoding is not built yet".into()),
    }
}
