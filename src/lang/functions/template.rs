//! Templates from files and from strings.

use super::file::{refused, utf8};
use super::signature::{Accepts, Function, FunctionError, Outcome, Parameter, Returns, fail, fail_argument, parameter, scoped, text};
use crate::diagnostic::{Diagnostic, Severity, SourceMap, nearest};
use crate::lang::evaluate::Evaluator;
use crate::lang::{FileAnswer, FileQuestion};
use crate::syntax::parse_template;
use crate::syntax::walk::references;
use std::sync::Arc;
use unicode_ident::{is_xid_continue, is_xid_start};
use windlass_api::value::Fields;
use windlass_api::value::convert::convert;
use windlass_api::{Type, Value};

/// Template files may call one another so deep.
const TEMPLATE_DEPTH_MAX: usize = 1024;
const VARIABLES: Parameter = parameter("vars", Accepts::Any).partial();

pub(super) const FUNCTIONS: &[Function] = &[
    scoped("templatefile", &[parameter("path", Accepts::String), VARIABLES], Returns::By(|_| Type::Dynamic), template_file),
    scoped(
        "templatestring",
        &[parameter("template", Accepts::Any).reference(), VARIABLES],
        Returns::Always(Accepts::String),
        template_string,
    ),
];

fn template_file(evaluator: &mut Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let name = text(arguments, 0);
    let Some(variables) = variables(&arguments[1])? else { return Ok(Value::unknown(Type::Dynamic)) };
    let content = match evaluator.scope.file(&FileQuestion::Content(name.into())) {
        FileAnswer::Content(bytes) => bytes,
        FileAnswer::Pending => return Ok(Value::unknown(Type::Dynamic)),
        other => return Err(refused(name, other)),
    };
    rendered(evaluator, name, utf8(arguments, &content)?, variables)
}

fn template_string(evaluator: &mut Evaluator<'_>, arguments: &[Value]) -> Outcome {
    let Some(variables) = variables(&arguments[1])? else { return Ok(Value::unknown(Type::String)) };
    if arguments[0].as_str().is_none() {
        return fail_argument(0, "invalid template value: a string is required");
    }
    let value = rendered(evaluator, "<templatestring argument>", text(arguments, 0), variables)?;
    convert(&value, &Type::String)
        .map_err(|reason| FunctionError { argument: Some(0), message: format!("invalid template result: {reason}") })
}

/// The variables of a template; `None` while they are unknown.
fn variables(value: &Value) -> Result<Option<&Fields>, FunctionError> {
    if !matches!(value.ty(), Type::Object(_) | Type::Map(_)) {
        return fail_argument(1, "invalid vars value: must be a map");
    }
    let Some(fields) = value.fields() else { return Ok(None) };
    match fields.keys().find(|key| !is_name(key)) {
        Some(wrong) => fail_argument(
            1,
            format!(
                "invalid template variable name {wrong:?}: must start with a letter, followed by zero or more letters, digits, and underscores"
            ),
        ),
        None => Ok(Some(fields)),
    }
}

fn rendered(evaluator: &mut Evaluator<'_>, name: &str, text: &str, variables: &Fields) -> Outcome {
    if evaluator.template_depth >= TEMPLATE_DEPTH_MAX {
        return fail(format!("maximum recursion depth {TEMPLATE_DEPTH_MAX} reached"));
    }
    // A map of sources of its own: the template is no part of the configuration, so its errors become text here.
    let mut sources = SourceMap::default();
    let source = sources.add(name, text);
    let template = match parse_template(source, &sources.file(source).text, 0) {
        Ok(template) => template,
        Err(messages) => return fail_argument(0, described(&sources, &messages.0)),
    };
    let missing = references(&template).into_iter().find(|traversal| !variables.contains_key(&traversal.root.name));
    if let Some(missing) = missing {
        let range = missing.root.range;
        let (start, end) = (sources.position(source, range.start), sources.position(source, range.end));
        let place = format!("{name}:{},{}-{}", start.line, start.column, end.column);
        let name = &*missing.root.name;
        let hint = nearest(name, variables.keys().map(|name| &**name)).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        return fail_argument(1, format!("vars map does not contain key {name:?}, referenced at {place}{hint}"));
    }
    let names: Vec<(Arc<str>, Value)> = variables.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let (value, messages) = evaluator.rendered_apart(names, &template);
    match messages.has_errors() {
        true => fail(described(&sources, &messages.0)),
        false => Ok(value),
    }
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| is_xid_start(first) || first == '_')
        && characters.all(|character| is_xid_continue(character) || character == '-')
}

/// Messages about a template file, in one text.
fn described(sources: &SourceMap, messages: &[Diagnostic]) -> String {
    let one = |message: &Diagnostic| {
        let place = message.subject.map_or_else(String::new, |range| {
            let position = sources.position(range.source, range.start);
            let end = sources.position(range.source, range.end);
            format!("{}:{},{}-{}: ", sources.file(range.source).name, position.line, position.column, end.column)
        });
        format!("{place}{}; {}", message.summary, message.detail.trim_end_matches('.'))
    };
    let errors: Vec<String> = messages.iter().filter(|message| message.severity == Severity::Error).map(one).collect();
    errors.join(", and ")
}
