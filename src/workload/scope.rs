//! What a workload's shape may refer to before anything is planned: variables, local values, paths, the workspace.

use crate::config::Module;
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::lang::{self, FileAnswer, FileQuestion, Resolved, Scope};
use crate::syntax::ast::{Expression, Traversal, TraversalStep};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Type, Value};

/// The root module as far as it is known before planning. What is known only later is unknown here.
pub struct RootScope<'a> {
    /// The root module.
    pub module: &'a Module,
    /// Variables as given.
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    /// The workspace.
    pub workspace: &'a str,
    /// The working folder.
    pub working_folder: &'a str,
    /// Answers about files.
    pub files: &'a dyn Fn(&FileQuestion) -> FileAnswer,
    state: RefCell<LocalValues>,
}

#[derive(Default)]
struct LocalValues {
    known: BTreeMap<Arc<str>, Value>,
    running: Vec<Arc<str>>,
}

impl<'a> RootScope<'a> {
    /// A scope of a root module.
    pub fn new(
        module: &'a Module,
        variables: &'a BTreeMap<Arc<str>, Value>,
        workspace: &'a str,
        working_folder: &'a str,
        files: &'a dyn Fn(&FileQuestion) -> FileAnswer,
    ) -> RootScope<'a> {
        RootScope { module, variables, workspace, working_folder, files, state: RefCell::default() }
    }

    /// The value of an expression.
    pub fn evaluate(&self, expression: &Expression) -> (Value, Diagnostics) {
        lang::evaluate(expression, self)
    }

    fn variable(&self, name: &str) -> Option<Value> {
        let variable = self.module.variables.get(name)?;
        let given = self.variables.get(name).cloned();
        let value = given.or_else(|| variable.default.as_ref().map(|default| lang::evaluate(default, self).0));
        let value = value.unwrap_or_else(|| Value::unknown(variable.ty.clone()));
        Some(variable.convert(&value).unwrap_or(value))
    }

    /// A local value; a cycle is unknown here, and the planner names it.
    fn local(&self, name: &Arc<str>) -> Option<Value> {
        let local = self.module.locals.get(name)?;
        if let Some(known) = self.state.borrow().known.get(name) {
            return Some(known.clone());
        }
        if self.state.borrow().running.contains(name) {
            return Some(Value::unknown(Type::Dynamic));
        }
        self.state.borrow_mut().running.push(name.clone());
        let (value, _) = lang::evaluate(&local.value, self);
        let mut state = self.state.borrow_mut();
        state.running.pop();
        state.known.insert(name.clone(), value.clone());
        Some(value)
    }
}

fn undeclared<'n>(kind: &str, name: &str, known: impl Iterator<Item = &'n Arc<str>>, traversal: &Traversal) -> Box<Diagnostic> {
    let names: Vec<&str> = known.map(|name| &**name).collect();
    let hint = nearest(name, names).map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
    let detail = format!("No {kind} named {name:?} has been declared.{hint}");
    Box::new(Diagnostic::error(format!("Reference to undeclared {kind}"), detail).at(traversal.range))
}

impl Scope for RootScope<'_> {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        let first = match traversal.steps.first() {
            Some(TraversalStep::Attribute(name)) => Some(&name.name),
            _ => None,
        };
        let found = match (&*traversal.root.name, first) {
            ("var", Some(name)) => {
                self.variable(name).ok_or_else(|| undeclared("input variable", name, self.module.variables.keys(), traversal))?
            }
            ("local", Some(name)) => {
                self.local(name).ok_or_else(|| undeclared("local value", name, self.module.locals.keys(), traversal))?
            }
            ("path", Some(name)) => match &**name {
                "module" | "root" => Value::string(&self.module.folder),
                _ => Value::string(self.working_folder),
            },
            ("terraform", Some(_)) => Value::string(self.workspace),
            _ => return Ok(Resolved { value: Value::unknown(Type::Dynamic), steps_taken: traversal.steps.len() }),
        };
        Ok(Resolved { value: found, steps_taken: 1 })
    }

    fn file(&self, question: &FileQuestion) -> FileAnswer {
        (self.files)(question)
    }

    fn plan_timestamp(&self) -> Option<Arc<str>> {
        None
    }

    fn is_applying(&self) -> bool {
        false
    }

    fn provider_source(&self, local_name: &str) -> Option<Arc<str>> {
        self.module.required_providers.get(local_name).map(|provider| provider.source.clone())
    }
}
