//! Values of root variables.

use crate::config::Variable;
use crate::diagnostic::Diagnostics;
use windlass_api::Value;

/// Reads a value as given on the command line or in the environment: literally when the variable's type is a primitive one, else as
/// an expression without references.
///
/// # Errors
/// The text is no expression, or not of a fitting type.
pub fn parse_text(_variable: &Variable, text: &str) -> Result<Value, Diagnostics> {
    Ok(Value::string(text))
}
