//! What a function is: parameters, result type, body; and the rules of calls that all functions share.

use crate::lang::evaluate::Evaluator;
use windlass_api::{Marks, Type, Value};

/// What a parameter accepts; arguments are converted to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lang) enum Accepts {
    Any,
    String,
    Number,
    Bool,
    ListOfAny,
    ListOfString,
    ListOfBool,
    SetOfAny,
    MapOfAny,
    MapOfListOfString,
    SetOfString,
    ListOfNumber,
}

impl Accepts {
    /// The type that it stands for.
    pub(in crate::lang) fn ty(self) -> Type {
        match self {
            Accepts::Any => Type::Dynamic,
            Accepts::String => Type::String,
            Accepts::Number => Type::Number,
            Accepts::Bool => Type::Bool,
            Accepts::ListOfAny => Type::list(Type::Dynamic),
            Accepts::ListOfString => Type::list(Type::String),
            Accepts::ListOfBool => Type::list(Type::Bool),
            Accepts::SetOfAny => Type::set(Type::Dynamic),
            Accepts::MapOfAny => Type::map(Type::Dynamic),
            Accepts::MapOfListOfString => Type::map(Type::list(Type::String)),
            Accepts::SetOfString => Type::set(Type::String),
            Accepts::ListOfNumber => Type::list(Type::Number),
        }
    }
}

/// One parameter. By default a null is an error, an argument that is not wholly known makes the result unknown, and marks move to
/// the whole result.
#[derive(Clone, Copy, Debug)]
pub(in crate::lang) struct Parameter {
    pub(in crate::lang) name: &'static str,
    pub(in crate::lang) accepts: Accepts,
    pub(in crate::lang) nullable: bool,
    /// Parts may be unknown.
    partial: bool,
    /// The whole may be unknown.
    unknown: bool,
    /// Parts keep their marks; the whole's own marks still move to the result.
    marked: bool,
    /// The whole keeps even its own marks, and the body accounts for them.
    raw: bool,
    /// The argument must be written as a reference.
    pub(in crate::lang) reference: bool,
}

/// A parameter by the default rules.
pub(in crate::lang) const fn parameter(name: &'static str, accepts: Accepts) -> Parameter {
    Parameter { name, accepts, nullable: false, partial: false, unknown: false, marked: false, raw: false, reference: false }
}

impl Parameter {
    pub(super) const fn nullable(self) -> Parameter {
        Parameter { nullable: true, ..self }
    }

    /// Parts may be unknown, and keep their marks.
    pub(super) const fn partial(self) -> Parameter {
        Parameter { partial: true, marked: true, ..self }
    }

    /// It may be unknown as a whole too.
    pub(super) const fn unknown(self) -> Parameter {
        Parameter { unknown: true, partial: true, marked: true, ..self }
    }

    /// It may be unknown as a whole; its marks move to the result.
    pub(super) const fn late(self) -> Parameter {
        Parameter { unknown: true, partial: true, ..self }
    }

    /// It must be written as a reference, not as a text on the spot.
    pub(super) const fn reference(self) -> Parameter {
        Parameter { reference: true, ..self }
    }

    /// The body sees the argument exactly as it is.
    pub(super) const fn raw(self) -> Parameter {
        Parameter { nullable: true, unknown: true, partial: true, marked: true, raw: true, ..self }
    }
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::lang) struct FunctionError {
    /// The argument at fault, from 0; `None` when it is the call.
    pub(in crate::lang) argument: Option<usize>,
    /// What is wrong, in lower case and without a full stop.
    pub(in crate::lang) message: String,
}

/// What a function's body returns.
pub(super) type Outcome = Result<Value, FunctionError>;

/// An error of the call.
pub(super) fn fail<T>(message: impl Into<String>) -> Result<T, FunctionError> {
    Err(FunctionError { argument: None, message: message.into() })
}

/// An error of one argument.
pub(super) fn fail_argument<T>(argument: usize, message: impl Into<String>) -> Result<T, FunctionError> {
    Err(FunctionError { argument: Some(argument), message: message.into() })
}

/// What computes the result.
#[derive(Clone, Copy)]
pub(super) enum Body {
    /// From the arguments alone.
    Pure(fn(&[Value]) -> Outcome),
    /// From files or the clock too.
    Scoped(fn(&mut Evaluator<'_>, &[Value]) -> Outcome),
}

/// The type of a result that is not known.
#[derive(Clone, Copy)]
pub(super) enum Returns {
    /// Always the same.
    Always(Accepts),
    /// It depends on the arguments' types.
    By(fn(&[Value]) -> Type),
}

/// One function.
pub(in crate::lang) struct Function {
    pub(in crate::lang) name: &'static str,
    pub(in crate::lang) parameters: &'static [Parameter],
    pub(in crate::lang) rest: Option<Parameter>,
    pub(super) returns: Returns,
    pub(super) body: Body,
}

/// A function of the arguments alone.
pub(super) const fn pure(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: Returns,
    body: fn(&[Value]) -> Outcome,
) -> Function {
    Function { name, parameters, rest: None, returns, body: Body::Pure(body) }
}

/// A function of files or the clock too.
pub(super) const fn scoped(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: Returns,
    body: fn(&mut Evaluator<'_>, &[Value]) -> Outcome,
) -> Function {
    Function { name, parameters, rest: None, returns, body: Body::Scoped(body) }
}

impl Function {
    /// With any number of further arguments.
    pub(super) const fn and(self, rest: Parameter) -> Function {
        Function { rest: Some(rest), ..self }
    }

    /// The parameter of an argument's position.
    pub(in crate::lang) fn parameter(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.rest.as_ref())
    }

    /// The type of its result, as far as it does not depend on the arguments.
    pub(in crate::lang) fn return_type(&self) -> Type {
        match self.returns {
            Returns::Always(accepts) => accepts.ty(),
            Returns::By(_) if self.parameters.iter().any(|parameter| parameter.accepts == Accepts::Any) => Type::Dynamic,
            Returns::By(returns) => {
                let unknowns: Vec<Value> = self.parameters.iter().map(|parameter| Value::unknown(parameter.accepts.ty())).collect();
                returns(&unknowns)
            }
        }
    }

    /// Calls it with arguments that have their parameters' types, by the shared rules.
    pub(in crate::lang) fn invoke(&self, evaluator: &mut Evaluator<'_>, arguments: Vec<Value>) -> Outcome {
        let secrets: Vec<Value> = arguments.iter().filter(|value| value.marks_deep().is_secret()).cloned().collect();
        self.invoke_plain(evaluator, arguments).map_err(|error| match secrets.is_empty() {
            true => error,
            false => FunctionError { message: without_secrets(&error.message, &secrets), ..error },
        })
    }

    fn invoke_plain(&self, evaluator: &mut Evaluator<'_>, arguments: Vec<Value>) -> Outcome {
        let mut marks = Marks::NONE;
        let mut waits = false;
        let mut untyped = false;
        let mut seen = Vec::with_capacity(arguments.len());
        for (position, value) in arguments.into_iter().enumerate() {
            let Some(parameter) = self.parameter(position) else { continue };
            if value.is_null() && !parameter.nullable {
                return fail_argument(position, "argument must not be null");
            }
            untyped |= !parameter.unknown && *value.ty() == Type::Dynamic && !value.is_known();
            waits |= !parameter.unknown && !value.is_known() || !parameter.partial && !value.is_wholly_known();
            seen.push(match (parameter.raw, parameter.marked) {
                (true, _) => value,
                (false, true) => {
                    marks = marks.union(value.marks());
                    value.unmarked()
                }
                (false, false) => {
                    let own = value.marks_deep();
                    marks = marks.union(own);
                    if own.is_empty() { value } else { value.unmarked_deep() }
                }
            });
        }
        if waits {
            let ty = match self.returns {
                Returns::Always(accepts) => accepts.ty(),
                Returns::By(_) if untyped => Type::Dynamic,
                Returns::By(returns) => returns(&seen),
            };
            return Ok(Value::unknown(ty).not_null().with_marks(marks));
        }
        let result = match self.body {
            Body::Pure(body) => body(&seen),
            Body::Scoped(body) => body(evaluator, &seen),
        };
        result.map(|value| value.with_marks(marks))
    }
}

/// A message without what it quotes, and without the texts of sensitive arguments where it has them unquoted.
fn without_secrets(message: &str, secrets: &[Value]) -> String {
    const HIDDEN: &str = "(sensitive value)";
    let mut plain = message.to_owned();
    for secret in secrets {
        secret.walk(&mut |_, part| {
            let text = part.as_str().map(str::to_owned).or_else(|| part.as_number().map(ToString::to_string));
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                plain = plain.replace(&format!("{text:?}"), HIDDEN).replace(&text, HIDDEN);
            }
            true
        });
    }
    let mut out = String::new();
    for (position, piece) in plain.split('"').enumerate() {
        out.push_str(if position % 2 == 1 { HIDDEN } else { piece });
    }
    out
}

/// The text of a string argument.
pub(super) fn text(arguments: &[Value], position: usize) -> &str {
    arguments.get(position).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number argument.
pub(super) fn integer(arguments: &[Value], position: usize) -> Result<i64, FunctionError> {
    match arguments.get(position).and_then(Value::as_i64) {
        Some(value) => Ok(value),
        None => fail_argument(position, "value must be a whole number, between -9223372036854775808 and 9223372036854775807 inclusive"),
    }
}

/// The same where it is the call that fails, not the argument.
pub(super) fn whole(arguments: &[Value], position: usize) -> Result<i64, FunctionError> {
    integer(arguments, position).map_err(|error| FunctionError { argument: None, ..error })
}

/// The elements of a known list, set or tuple argument; none for anything else.
pub(super) fn elements(arguments: &[Value], position: usize) -> &[Value] {
    arguments.get(position).and_then(Value::elements).unwrap_or_default()
}

/// A list of strings.
pub(super) fn strings<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::list(Type::String, texts.into_iter().map(Value::string).collect())
}
