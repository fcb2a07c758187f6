//! Expressions with what Terraform makes of them, as `tests/peers/expressions.py` has recorded it.

use crate::sources;
use std::fmt::Write;
use std::sync::Arc;
use windlass::diagnostic::{Diagnostic, Severity, SourceId};
use windlass::lang::{FileAnswer, FileQuestion, Resolved, Scope, evaluate};
use windlass::syntax::ast::{Traversal, TraversalStep};
use windlass::syntax::parse_file;
use windlass_api::Value;
use windlass_api::value::wire::{type_to_json, value_to_json};

/// The local values of the preamble in `tests/peers/expressions.py`.
struct Preamble;

impl Scope for Preamble {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        let undeclared = |summary: String| Box::new(Diagnostic::error(summary, "").at(traversal.range));
        let name = match traversal.steps.first() {
            Some(TraversalStep::Attribute(name)) => &*name.name,
            _ => "",
        };
        let value = match (&*traversal.root.name, name) {
            ("local", "greeting") => Value::string("Hello, ${name}!"),
            ("local", "list") => Value::tuple(vec![Value::string("x is ${x}")]),
            ("local", "broken") => Value::string("${"),
            ("local", "number") => Value::int(5),
            ("local", "loop") => Value::string("%{ for x in xs }<${x}>%{ endfor }"),
            _ => return Err(undeclared("Undeclared".to_owned())),
        };
        Ok(Resolved { value, steps_taken: 1 })
    }

    fn file(&self, _question: &FileQuestion) -> FileAnswer {
        FileAnswer::Pending
    }

    fn plan_timestamp(&self) -> Option<Arc<str>> {
        None
    }

    fn is_applying(&self) -> bool {
        true
    }

    fn provider_source(&self, local_name: &str) -> Option<Arc<str>> {
        (local_name == "terraform").then(|| "terraform.io/builtin/terraform".into())
    }
}

/// What Windlass makes of an expression, in the form of a record.
fn yielded(expression: &str) -> String {
    let text = format!("output \"o\" {{\n  value = {}\n}}\n", expression.replace('␤', "\n"));
    let (body, mut messages) = parse_file(SourceId(0), &text);
    let attribute = body.blocks.first().and_then(|block| block.body.attribute("value"));
    let value = match (messages.has_errors(), attribute) {
        (false, Some(attribute)) => {
            let (value, found) = evaluate(&attribute.value, &Preamble);
            messages.extend(found);
            Some(value)
        }
        _ => None,
    };
    let error = messages.0.iter().find(|message| message.severity == Severity::Error);
    match (error, value) {
        (Some(error), _) => format!("error {}", error.summary),
        // Terraform keeps no outputs that are null, so their types are not recorded.
        (None, Some(value)) if value.is_null() => "\"dynamic\" null".to_owned(),
        (None, Some(value)) => match value_to_json(&value) {
            Ok(json) => format!("{} {json}", type_to_json(value.ty())),
            Err(error) => format!("no JSON: {error}"),
        },
        (None, None) => "nothing".to_owned(),
    }
}

/// Summaries of what the place of an expression decides, not the expression: the scope of this test knows nothing of it.
const OF_SCOPES: [&str; 5] =
    ["error Reference to", "error Invalid reference", "error Invalid \"", "error Call to function", "error Self-referenc"];

#[test]
fn expressions_yield_what_terraform_says() {
    let mut files: Vec<_> = std::fs::read_dir(sources::root().join("tests/expressions")).expect("tests/expressions").flatten().collect();
    files.sort_by_key(std::fs::DirEntry::path);
    let (mut count, mut wrong) = (0, String::new());
    let mut differing = 0;
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        for line in std::fs::read_to_string(file.path()).expect("records").lines() {
            let (expression, expected) = line.split_once(" ⇒ ").unwrap_or_else(|| panic!("{name}: no record: {line}"));
            let got = yielded(expression);
            count += 1;
            let is_of_scope = OF_SCOPES.iter().any(|summary| expected.starts_with(summary)) && got.starts_with("error ");
            if got != expected && !is_of_scope {
                differing += 1;
                let _ = writeln!(wrong, "{name}: {expression}\n  expected {expected}\n  got      {got}");
            }
        }
    }
    assert!(count > 1_500, "only {count} expressions");
    assert!(wrong.is_empty(), "{differing} of {count} differ; tests/peers/expressions.py asks Terraform again\n{wrong}");
}
