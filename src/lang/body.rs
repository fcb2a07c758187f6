//! Bodies by their schemas.

use super::Scope;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::ast::Body;
use windlass_api::{BlockSchema, Value};

/// The value of a body: an object of [`BlockSchema::object_type`].
///
/// What is not set is null; of a block type that does not stand there the collection is empty (null for `Nesting::Single`).
/// Values of attributes that the schema calls sensitive are marked so.
pub fn decode_body(body: &Body, schema: &BlockSchema, _scope: &dyn Scope) -> (Value, Diagnostics) {
    let refusal = Diagnostic::error("Unsupported body", "Bodies can't be decoded yet.");
    (Value::unknown(schema.object_type()), refusal.at(body.range).into())
}
