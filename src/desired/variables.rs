//! Values of input variables: text, conversion, defaults, null, marks.

use crate::config::{Config, Variable};
use crate::diagnostic::{Diagnostic, Diagnostics, Range, SourceId};
use crate::lang::{NothingInScope, evaluate};
use crate::syntax::parse_expression;
use std::sync::Arc;
use windlass_api::{Marks, Type, Value};

/// How many warnings about undeclared variables are shown before the rest is summed up.
const UNDECLARED_SHOWN: usize = 2;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `-var`
    Flag,
    /// A file of values: its name.
    File(Arc<str>),
    /// `TF_VAR_…`
    Environment,
    /// An answer of the user.
    Prompt,
}

/// Reads a value as given on the command line or in the environment: literally when the variable has no type or a primitive one,
/// else as an expression without references. The result is not converted yet. `source` is where messages say that the text stands.
///
/// # Errors
/// The text is no such expression.
pub fn parse_text(variable: &Variable, source: SourceId, text: &str) -> Result<Value, Diagnostics> {
    if !variable.is_typed || matches!(variable.ty, Type::String | Type::Number | Type::Bool) {
        return Ok(Value::string(text));
    }
    let (value, found) = evaluate(&parse_expression(source, text, 0)?, &NothingInScope);
    match found.has_errors() {
        true => Err(found),
        false => Ok(value),
    }
}

/// Checks that a value from outside fits its variable. `at` is where it stands, `declared` where the variable is declared, such as
/// `main.tf:5,1-17`.
///
/// # Errors
/// It does not: a message at the value, or at the variable when the value stands in no file or nobody may see it.
pub fn check_given(
    name: &str,
    variable: &Variable,
    given: &Value,
    origin: &Origin,
    at: Option<Range>,
    declared: &str,
) -> Result<(), Box<Diagnostic>> {
    let Err(reason) = fit(variable, given) else { return Ok(()) };
    let detail = match origin {
        Origin::Flag => format!("Unsuitable value for var.{name} set using -var=\"{name}=...\": {reason}."),
        Origin::Prompt => format!("Unsuitable value for var.{name} set using an interactive prompt: {reason}."),
        Origin::Environment => format!("Unsuitable value for var.{name} set using the TF_VAR_{name} environment variable: {reason}."),
        Origin::File(_) if at.is_some() => format!("The given value is not suitable for var.{name} declared at {declared}: {reason}."),
        Origin::File(file) => format!("Unsuitable value for var.{name} set from file {:?}: {reason}.", &**file),
    };
    let at = at.filter(|_| !variable.sensitive && !variable.ephemeral).unwrap_or(variable.range);
    Err(Box::new(Diagnostic::error("Invalid value for input variable", detail).at(at)))
}

/// Messages about values for variables that the root module does not declare: an error for a flag, a warning for a file, nothing
/// for the environment.
pub fn undeclared(config: &Config, given: &[(Arc<str>, Origin)]) -> Diagnostics {
    let mut diagnostics = Diagnostics::none();
    let mut in_files = 0;
    for (name, origin) in given.iter().filter(|(name, _)| !config.root.variables.contains_key(name)) {
        let near = crate::diagnostic::nearest(name, config.root.variables.keys().map(|key| &**key));
        let more = near.map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
        match origin {
            Origin::Environment | Origin::Prompt => {}
            Origin::Flag => diagnostics.push(Diagnostic::error(
                "Value for undeclared variable",
                format!(
                    "A variable named {:?} was assigned on the command line, but the root module does not declare a variable of that \
                     name.{more} To use this value, add a \"variable\" block to the configuration.",
                    &**name
                ),
            )),
            Origin::File(file) => {
                in_files += 1;
                if in_files <= UNDECLARED_SHOWN {
                    let detail = format!(
                        "The root module does not declare a variable named {:?} but a value was found in file {:?}.{more} If you meant \
                         to use this value, add a \"variable\" block to the configuration.",
                        &**name, &**file
                    );
                    diagnostics.push(Diagnostic::warning("Value for undeclared variable", detail));
                }
            }
        }
    }
    if in_files > UNDECLARED_SHOWN {
        let rest = in_files - UNDECLARED_SHOWN;
        let detail = format!("In addition to the other similar warnings shown, {rest} other variable(s) defined without being declared.");
        diagnostics.push(Diagnostic::warning("Values for undeclared variables", detail));
    }
    diagnostics
}

/// The value of a variable from what was given for it: default, conversion, null, marks. Unknown after an error. `given` bears the
/// argument's place when a module block gives it.
pub fn value_of(name: &str, variable: &Variable, given: Option<(Value, Option<Range>)>, diagnostics: &mut Diagnostics) -> Value {
    let marks = match (variable.sensitive, variable.ephemeral) {
        (true, true) => Marks::SENSITIVE.union(Marks::EPHEMERAL),
        (true, false) => Marks::SENSITIVE,
        (false, true) => Marks::EPHEMERAL,
        (false, false) => Marks::NONE,
    };
    let nothing = || Value::unknown(variable.ty.without_optional()).with_marks(marks);
    let converted = match given {
        None => default_of(name, variable, diagnostics),
        Some((value, at)) => match fit(variable, &value) {
            Ok(value) if value.is_null() && !variable.nullable && variable.default.is_some() => default_of(name, variable, diagnostics),
            Ok(value) if value.is_null() && !variable.nullable => {
                let detail = format!("Unsuitable value for var.{name}: required variable may not be set to null.");
                diagnostics.push(Diagnostic::error("Required variable not set", detail).at(at.unwrap_or(variable.range)));
                None
            }
            Ok(value) => Some(value),
            Err(reason) => {
                let whose = match at {
                    None => format!("var.{name}"),
                    Some(_) => format!("child module variable {name:?}"),
                };
                let detail = format!("The given value is not suitable for {whose}: {reason}.");
                diagnostics.push(Diagnostic::error("Invalid value for input variable", detail).at(at.unwrap_or(variable.range)));
                None
            }
        },
    };
    converted.map_or_else(nothing, |value| value.with_marks(marks))
}

fn default_of(name: &str, variable: &Variable, diagnostics: &mut Diagnostics) -> Option<Value> {
    let Some(default) = &variable.default else {
        let detail = format!(
            "The root module input variable {name:?} is not set, and has no default value. Use a -var or -var-file command line argument \
             to provide a value for this variable."
        );
        diagnostics.push(Diagnostic::error("No value for required variable", detail).at(variable.range));
        return None;
    };
    let (value, found) = evaluate(default, &NothingInScope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return None;
    }
    match fit(variable, &value) {
        Ok(value) => Some(value),
        Err(reason) => {
            let detail = format!("This default value is not compatible with the variable's type constraint: {reason}.");
            diagnostics.push(Diagnostic::error("Invalid default value for variable", detail).at(default.range));
            None
        }
    }
}

/// The value with defaults of optional attributes filled in, in the variable's type.
fn fit(variable: &Variable, value: &Value) -> Result<Value, String> {
    variable.convert(value).map_err(|error| error.to_string())
}
