//! The functions of Terraform's built-in provider: values ⇄ the text of `.tfvars` files and expressions.

use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, parameter, pure, text};
use crate::diagnostic::{Diagnostic, Severity, SourceMap};
use crate::lang::evaluate::Evaluator;
use crate::lang::{Resolved, Scope};
use crate::syntax::ast::Traversal;
use crate::syntax::walk::first_call;
use crate::syntax::{escape, format_generated, is_identifier, parse_file};
use std::fmt::Write;
use windlass_api::value::Fields;
use windlass_api::{Data, Type, Value};

/// The source of the provider that has them.
pub(in crate::lang) const SOURCE: &str = "terraform.io/builtin/terraform";

pub(super) const FUNCTIONS: &[Function] = &[
    pure("encode_expr", &[parameter("value", Accepts::Any)], Returns::Always(Accepts::String), |arguments| {
        let mut out = String::new();
        write(&arguments[0], &mut out);
        Ok(format_generated(&out).into())
    }),
    pure("encode_tfvars", &[parameter("value", Accepts::Any)], Returns::Always(Accepts::String), encode_variables),
    pure("decode_tfvars", &[parameter("src", Accepts::String)], Returns::By(|_| Type::Dynamic), decode_variables),
];

/// The value as an expression, without regard to blanks.
fn write(value: &Value, out: &mut String) {
    match value.data() {
        Data::Null | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(truth) => drop(write!(out, "{truth}")),
        Data::Number(number) => drop(write!(out, "{number}")),
        Data::String(text) => drop(write!(out, "\"{}\"", escape(text))),
        Data::Elements(elements) => {
            out.push('[');
            for (position, element) in elements.iter().enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                crate::lang::deep(|| write(element, out));
            }
            out.push(']');
        }
        Data::Fields(fields) if fields.is_empty() => out.push_str("{}"),
        Data::Fields(fields) => {
            out.push_str("{\n");
            for (key, element) in fields.iter() {
                match is_identifier(key) {
                    true => out.push_str(key),
                    false => drop(write!(out, "\"{}\"", escape(key))),
                }
                out.push_str(" = ");
                crate::lang::deep(|| write(element, out));
                out.push('\n');
            }
            out.push('}');
        }
    }
}

fn encode_variables(arguments: &[Value]) -> Outcome {
    let (Type::Object(_) | Type::Map(_), Some(fields)) = (arguments[0].ty(), arguments[0].fields()) else {
        return fail("invalid value to encode: must be an object whose attribute names will become the encoded variable names");
    };
    let mut out = String::new();
    for (name, value) in fields {
        if !is_identifier(name) {
            return fail(format!(
                "invalid variable name {name:?}: must be a valid identifier, per Terraform's rules for input variable declarations"
            ));
        }
        let _ = write!(out, "{name} = ");
        write(value, &mut out);
        out.push('\n');
    }
    Ok(format_generated(&out).into())
}

fn decode_variables(arguments: &[Value]) -> Outcome {
    let mut sources = SourceMap::default();
    let source = sources.add("<decode_tfvars argument>", text(arguments, 0));
    let (body, found) = parse_file(source, &sources.file(source).text);
    let problem = |what: String, messages: &[Diagnostic]| FunctionError {
        argument: None,
        message: format!("{what}: {}", described(&sources, messages)),
    };
    if found.has_errors() {
        return Err(problem("invalid tfvars syntax".to_owned(), &found.0));
    }
    if let Some(block) = body.blocks.first() {
        let kind = &block.kind;
        let message = Diagnostic::error(format!("Unexpected {:?} block", &*kind.name), "Blocks are not allowed here.").at(kind.range);
        return Err(problem("invalid tfvars content".to_owned(), &[message]));
    }
    let mut fields = Fields::new();
    for attribute in &body.attributes {
        if let Some(range) = first_call(&attribute.value) {
            let message = Diagnostic::error("Function calls not allowed", "Functions may not be called here.").at(range);
            return Err(problem(format!("invalid expression for variable {:?}", &*attribute.name.name), &[message]));
        }
        let mut evaluator = Evaluator::new(&Nothing);
        let value = evaluator.value(&attribute.value);
        let found = evaluator.finish();
        if found.has_errors() {
            return Err(problem(format!("invalid expression for variable {:?}", &*attribute.name.name), &found.0));
        }
        fields.insert(attribute.name.name.clone(), value);
    }
    Ok(Value::object(fields))
}

/// The first message in one text, and how many there are besides.
fn described(sources: &SourceMap, messages: &[Diagnostic]) -> String {
    let errors: Vec<&Diagnostic> = messages.iter().filter(|message| message.severity == Severity::Error).collect();
    let Some(first) = errors.first() else { return String::new() };
    let place = first.subject.map_or_else(String::new, |range| {
        let (start, end) = (sources.position(range.source, range.start), sources.position(range.source, range.end));
        let end = if start.line == end.line { end.column.to_string() } else { format!("{},{}", end.line, end.column) };
        format!("{}:{},{}-{end}: ", sources.file(range.source).name, start.line, start.column)
    });
    let more = match errors.len() {
        1 => String::new(),
        count => format!(", and {} other diagnostic(s)", count - 1),
    };
    format!("{place}{}; {}{more}", first.summary, first.detail)
}

/// A scope in which nothing can be named.
struct Nothing;

impl Scope for Nothing {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        Err(Box::new(Diagnostic::error("Variables not allowed", "Variables may not be used here.").at(traversal.root.range)))
    }
}
