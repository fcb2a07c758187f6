//! An object's attributes between their schema's type and the file's JSON form.
//!
//! In the file there are only objects, tuples, strings, numbers, truth values and nulls. What the schema says is dynamic is
//! written as `{"value": …, "type": …}`. Write-only attributes are null.

use super::ObjectState;
use super::wire::json::type_to_value;
use std::sync::Arc;
use windlass_api::schema::without_write_only;
use windlass_api::value::wire::decode_raw;
use windlass_api::{Data, Marks, Path, Schema, Type, Value};

/// The file's form of an object, and the paths of its parts that are marked sensitive. The value must be of the schema's type;
/// an unknown part becomes null.
pub fn encode_object(value: &Value, schema: &Schema) -> (Value, Vec<Path>) {
    let value = without_write_only(&schema.block, value);
    let sensitive = value.marked_paths(Marks::SENSITIVE);
    (encode_value(&value, &schema.block.object_type()), sensitive)
}

/// The file's form of a value that stands where a type is expected.
pub(super) fn encode_value(value: &Value, ty: &Type) -> Value {
    if *ty == Type::Dynamic && *value.ty() != Type::Dynamic {
        let inner = encode_value(value, value.ty());
        return Value::object_of([("value", inner), ("type", type_to_value(value.ty()))]);
    }
    match value.data() {
        Data::Null | Data::Unknown(_) => Value::null(Type::Dynamic),
        Data::Elements(elements) => Value::tuple(match ty {
            Type::Tuple(types) => elements.iter().zip(types.iter()).map(|(element, ty)| encode_value(element, ty)).collect(),
            _ => elements.iter().map(|element| encode_value(element, ty.element().unwrap_or(&Type::Dynamic))).collect(),
        }),
        Data::Fields(fields) => Value::object(match ty {
            Type::Object(object) => {
                let attribute = |(name, ty): (&Arc<str>, &Type)| Some((name.clone(), encode_value(fields.get(name)?, ty)));
                object.attributes.iter().filter_map(attribute).collect()
            }
            _ => {
                let element = ty.element().unwrap_or(&Type::Dynamic);
                fields.iter().map(|(name, value)| (name.clone(), encode_value(value, element))).collect()
            }
        }),
        Data::Bool(_) | Data::Number(_) | Data::String(_) => value.unmarked(),
    }
}

/// An object in its schema's type, with the recorded sensitive parts marked. Attributes that the schema does not have are left
/// out; those that the file does not have are null.
///
/// # Errors
/// What does not fit, as a sentence that names the attribute.
pub fn decode_object(object: &ObjectState, schema: &Schema) -> Result<Value, String> {
    let value = decode_raw(&object.attributes, &schema.block.object_type()).map_err(|error| error.to_string())?;
    Ok(value.with_marks_at(&object.sensitive, Marks::SENSITIVE))
}

impl ObjectState {
    /// This object with the attributes of a value that a provider returned; the value bears the marks that the plan had.
    #[must_use]
    pub fn with_value(&self, value: &Value, schema: &Schema) -> ObjectState {
        let (attributes, sensitive) = encode_object(value, schema);
        ObjectState { attributes, sensitive, schema_version: schema.version, ..self.clone() }
    }
}
