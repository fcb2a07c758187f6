//! Function calls.

use super::{Evaluator, failed};
use crate::diagnostic::{Diagnostics, Severity, nearest};
use crate::lang::defaults::convert_with;
use crate::lang::functions::{self, Function, FunctionError, Parameter};
use crate::lang::type_expression::type_constraint;
use crate::syntax::ast::{Call, Expression, ExpressionKind};
use crate::syntax::walk::references;
use windlass_api::value::convert::convert;
use windlass_api::{Marks, Type, Value};

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &Call, whole: &Expression) -> Value {
        let name = call.name.name.strip_prefix("core::").unwrap_or(&call.name.name);
        match name {
            "try" => return self.attempt_each(call, whole),
            "can" => return self.attempt(call, whole),
            "convert" => return self.convert_to_type(call, whole),
            _ => {}
        }
        let Some(function) = self.find_function(call, name, whole) else { return failed() };
        let before = self.diagnostics.0.len();
        let Some(arguments) = self.arguments(call, whole) else { return failed() };
        if !self.count_is_right(call, function, arguments.len(), whole) {
            return failed();
        }
        let mut converted = Vec::with_capacity(arguments.len());
        for (position, value) in arguments.into_iter().enumerate() {
            let Some(parameter) = function.parameter(position) else { continue };
            if let Some(argument) = call.arguments.get(position).filter(|_| parameter.reference)
                && let Some(reason) = no_reference(argument)
            {
                self.refuse_argument(call, position, parameter, reason, whole);
                continue;
            }
            match convert(&value, &parameter.accepts.ty()) {
                Ok(value) => converted.push(value),
                Err(reason) => self.refuse_argument(call, position, parameter, &reason.to_string(), whole),
            }
        }
        if self.diagnostics.0[before..].iter().any(|message| message.severity == Severity::Error) {
            return failed();
        }
        match function.invoke(self, converted) {
            Ok(value) => value,
            Err(error) => {
                self.refuse_call(call, function, &error, whole);
                failed()
            }
        }
    }

    /// The arguments' values, a last one with `...` expanded; `None` when their number is not known.
    fn arguments(&mut self, call: &Call, whole: &Expression) -> Option<Vec<Value>> {
        let mut values: Vec<Value> = call.arguments.iter().map(|argument| self.value(argument)).collect();
        if !call.expand_last {
            return Some(values);
        }
        let (last, argument) = (values.pop()?, call.arguments.last()?);
        let mut refuse = |detail: &str| {
            self.error_at(argument.range, whole, "Invalid expanding argument value", detail);
            None
        };
        if last.is_null() {
            return refuse("The expanding argument (indicated by ...) must not be null.");
        }
        match last.ty() {
            Type::Tuple(_) | Type::List(_) | Type::Set(_) => {
                let marks = last.marks();
                values.extend(last.elements()?.iter().map(|element| element.clone().with_marks(marks)));
                Some(values)
            }
            Type::Dynamic => None,
            _ => refuse("The expanding argument (indicated by ...) must be of a tuple, list, or set type."),
        }
    }

    fn count_is_right(&mut self, call: &Call, function: &Function, count: usize, whole: &Expression) -> bool {
        let wanted = function.parameters.len();
        if let Some(missing) = function.parameters.get(count) {
            let at_least = if function.rest.is_some() { " at least" } else { "" };
            let detail =
                format!("Function {:?} expects{at_least} {wanted} argument(s). Missing value for {:?}.", &*call.name.name, missing.name);
            self.error_at(call.name.range, whole, "Not enough function arguments", detail);
            return false;
        }
        if function.rest.is_none() && count > wanted {
            let detail = format!("Function {:?} expects only {wanted} argument(s).", &*call.name.name);
            let at = call.arguments.get(wanted).or(call.arguments.last()).map_or(whole.range, |argument| argument.range);
            self.error_at(at, whole, "Too many function arguments", detail);
            return false;
        }
        true
    }

    fn refuse_argument(&mut self, call: &Call, position: usize, parameter: &Parameter, reason: &str, whole: &Expression) {
        let at = call.arguments.get(position).or(call.arguments.last()).map_or(whole.range, |argument| argument.range);
        let detail = format!("Invalid value for {:?} parameter: {reason}.", parameter.name);
        self.error_at(at, whole, "Invalid function argument", detail);
    }

    fn refuse_call(&mut self, call: &Call, function: &Function, error: &FunctionError, whole: &Expression) {
        if let Some(position) = error.argument
            && let Some(parameter) = function.parameter(position)
        {
            self.refuse_argument(call, position, parameter, &error.message, whole);
            return;
        }
        let detail = format!("Call to function {:?} failed: {}.", &*call.name.name, error.message);
        self.error_at(call.name.range, whole, "Error in function call", detail);
    }

    fn find_function(&mut self, call: &Call, name: &str, whole: &Expression) -> Option<&'static Function> {
        let written = &*call.name.name;
        let found = match written.strip_prefix("provider::").and_then(|rest| rest.split_once("::")) {
            Some((provider, function)) => self.provider_function(provider, function),
            None => functions::find(name).ok_or_else(|| unknown(written, name)),
        };
        found
            .map_err(|detail| {
                let summary = if written.contains("::") { "Unknown provider function" } else { "Call to unknown function" };
                self.error_at(call.name.range, whole, summary, detail);
            })
            .ok()
    }

    fn provider_function(&self, provider: &str, function: &str) -> Result<&'static Function, String> {
        let Some(source) = self.scope.provider_source(provider) else {
            return Err(format!(
                "There is no function named \"provider::{provider}::{function}\". Ensure that provider name {provider:?} is declared in this \
                 module's required_providers block, and that this provider offers a function named {function:?}."
            ));
        };
        functions::of_provider(&source, function)
            .ok_or_else(|| format!("The function {function:?} is not available from the provider {provider:?}."))
    }

    /// `try(…)`: the first argument that has no error of its own. One that depends on what is unknown decides nothing yet, because it
    /// may still fail.
    fn attempt_each(&mut self, call: &Call, whole: &Expression) -> Value {
        if call.arguments.is_empty() {
            let detail = "Call to function \"try\" failed: at least one argument is required.";
            self.error_at(call.name.range, whole, "Error in function call", detail);
            return failed();
        }
        let mut reasons = String::new();
        for argument in &call.arguments {
            if let Some(marks) = self.marks_of_unknowns(argument) {
                return failed().with_marks(marks);
            }
            let (value, messages) = self.apart(|evaluator| evaluator.value(argument));
            if !messages.has_errors() {
                self.diagnostics.extend(messages);
                return value;
            }
            for message in messages.0.iter().filter(|message| message.severity == Severity::Error) {
                reasons.push_str(&format!("\n- {}\n  {}", message.summary, message.detail));
            }
        }
        let detail = format!(
            "Call to function \"try\" failed: no expression succeeded:{reasons}\n\nAt least one expression must produce a successful result."
        );
        self.error_at(call.name.range, whole, "Error in function call", detail);
        failed()
    }

    /// `convert(value, type)`: the second argument is no expression but a type constraint, as in a variable block.
    fn convert_to_type(&mut self, call: &Call, whole: &Expression) -> Value {
        let [value, constraint] = &call.arguments[..] else {
            let (summary, detail) = match call.arguments.len() {
                0 => ("Not enough function arguments", "Function \"convert\" expects 2 argument(s). Missing value for \"value\"."),
                1 => ("Not enough function arguments", "Function \"convert\" expects 2 argument(s). Missing value for \"type\"."),
                _ => ("Too many function arguments", "Function \"convert\" expects only 2 argument(s)."),
            };
            self.error_at(call.name.range, whole, summary, detail);
            return failed();
        };
        if call.expand_last {
            let detail = "The second argument of \"convert\" is a type, so it can't be expanded by \"...\".";
            self.error_at(constraint.range, whole, "Invalid expanding argument value", detail);
            return failed();
        }
        let given = self.value(value);
        let mut problems = Diagnostics::none();
        let (ty, defaults) = type_constraint(constraint, &mut problems);
        let failed_before = problems.has_errors();
        self.diagnostics.extend(problems);
        if failed_before {
            return failed();
        }
        convert_with(defaults.as_deref(), &given, &ty).unwrap_or_else(|reason| {
            let detail = format!("Invalid value for \"value\" parameter: {reason}.");
            self.error_at(value.range, whole, "Invalid function argument", detail);
            failed()
        })
    }

    /// `can(…)`: whether the argument has no error.
    fn attempt(&mut self, call: &Call, whole: &Expression) -> Value {
        let [argument] = &call.arguments[..] else {
            let (summary, detail) = match call.arguments.len() {
                0 => ("Not enough function arguments", "Function \"can\" expects 1 argument(s). Missing value for \"expression\"."),
                _ => ("Too many function arguments", "Function \"can\" expects only 1 argument(s)."),
            };
            self.error_at(call.name.range, whole, summary, detail);
            return Value::unknown(Type::Bool);
        };
        if let Some(marks) = self.marks_of_unknowns(argument) {
            return Value::unknown(Type::Bool).not_null().with_marks(marks);
        }
        let (_, messages) = self.apart(|evaluator| evaluator.value(argument));
        Value::bool(!messages.has_errors())
    }

    /// If an expression refers to anything that is not wholly known: the marks of what it refers to.
    fn marks_of_unknowns(&mut self, argument: &Expression) -> Option<Marks> {
        let values: Vec<Value> = references(argument).iter().filter_map(|traversal| self.quiet_value(traversal)).collect();
        let unknown = values.iter().any(|value| !value.is_wholly_known());
        unknown.then(|| values.iter().fold(Marks::NONE, |marks, value| marks.union(value.marks_deep())))
    }
}

/// Why there is no function of a name that is no provider's.
fn unknown(written: &str, name: &str) -> String {
    match written.split_once("::") {
        Some((namespace, _)) => format!(
            "The function namespace {namespace:?} is not valid. Provider function calls must use the \"provider::\" namespace prefix."
        ),
        None => {
            let suggestion = nearest(name, functions::names()).map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
            format!("There is no function named {name:?}.{suggestion}")
        }
    }
}

/// Why an argument that must be written as a reference is none.
fn no_reference(argument: &Expression) -> Option<&'static str> {
    match &argument.kind {
        ExpressionKind::Variable(_) => None,
        ExpressionKind::Attribute(inner, _) | ExpressionKind::Index(inner, _) => no_reference(inner),
        ExpressionKind::Literal(_) | ExpressionKind::Template(_) => Some(
            "invalid template expression: templatestring is only for rendering templates retrieved dynamically from elsewhere, and so does \
             not support providing a literal template; consider using a template string expression instead",
        ),
        _ => Some(
            "invalid template expression: must be a direct reference to a single string from elsewhere, containing valid Terraform template \
             syntax",
        ),
    }
}
