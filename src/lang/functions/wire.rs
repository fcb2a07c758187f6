//! JSON text as a value.

use windlass_api::Value;
use windlass_api::value::wire::infer_from_json;

/// What a JSON text holds: objects, tuples, and numbers exactly.
pub(super) fn parse_json(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(json) => Ok(infer_from_json(&json)),
        Err(error) if error.is_eof() => Err("unexpected end of JSON input".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
