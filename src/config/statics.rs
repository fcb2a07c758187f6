//! What is known before anything is planned: values of variables, and locals made of them. Sources and versions of modules and the
//! arguments of back ends may be made of these, as in OpenTofu since 1.8.

use super::content::Report;
use super::types::{Module, Variable};
use crate::diagnostic::{Diagnostic, Range};
use crate::lang::{Resolved, Scope, evaluate};
use crate::syntax::ast::{Attribute, Block, Expression, ExpressionKind, Traversal, TraversalStep};
use crate::syntax::walk;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Marks, Type, Value};

/// What a configuration is loaded with besides its files.
pub struct Inputs<'i> {
    /// The values of the root module's variables as given, in any type. Called at most once, and only if something needs them.
    pub variables: &'i dyn Fn(&Module) -> BTreeMap<Arc<str>, Value>,
    /// The workspace.
    pub workspace: &'i str,
    /// The working folder, as `path.cwd` shows it.
    pub working_folder: &'i str,
    /// What becomes of the root module's `encryption` block.
    pub encryption: EncryptionInput<'i>,
}

/// What becomes of an `encryption` block.
#[derive(Clone, Copy)]
pub enum EncryptionInput<'i> {
    /// It is not looked at: what is loaded encrypts nothing.
    PassedOver,
    /// It is read, with the content of another one over it, in HCL or JSON.
    Read(Option<&'i str>),
}

/// Where the variables of a module have their values from.
#[derive(Clone, Copy)]
pub(super) enum Given<'g> {
    /// The root module's.
    Outside,
    /// The arguments of the call, and what is known in the calling module.
    Call(&'g BTreeMap<Arc<str>, Arc<Expression>>, &'g Statics<'g>),
}

/// What is known of one module.
pub(super) struct Statics<'g> {
    module: &'g Module,
    given: Given<'g>,
    inputs: &'g Inputs<'g>,
    outside: RefCell<Option<BTreeMap<Arc<str>, Value>>>,
    /// Locals under way, so that those that refer to themselves are found.
    open: RefCell<Vec<Arc<str>>>,
}

impl<'g> Statics<'g> {
    pub(super) fn new(module: &'g Module, given: Given<'g>, inputs: &'g Inputs<'g>) -> Statics<'g> {
        Statics { module, given, inputs, outside: RefCell::default(), open: RefCell::default() }
    }

    /// The block with each of the named arguments replaced by its value; all arguments where none is named.
    pub(super) fn settled(&self, block: &Block, names: &[&str], report: &mut Report<'_>) -> Option<Block> {
        let mut block = block.clone();
        let mut sound = true;
        for attribute in &mut block.body.attributes {
            let is_meant = names.is_empty() || names.contains(&&*attribute.name.name);
            if is_meant && !walk::references(&attribute.value).is_empty() {
                match self.value(attribute, report) {
                    Some(value) => {
                        attribute.value = Arc::new(Expression { kind: ExpressionKind::Literal(value), range: attribute.value.range })
                    }
                    None => sound = false,
                }
            }
        }
        sound.then_some(block)
    }

    /// The block with each argument, also in the blocks in it, replaced by its value; but for those that refer to blocks beside them.
    /// Values may be secret here: they are neither shown nor kept. What has no value becomes unknown.
    pub(super) fn settled_secretly(&self, block: &Block, references: &[&str], report: &mut Report<'_>) -> Block {
        let mut block = block.clone();
        for attribute in &mut block.body.attributes {
            if references.contains(&&*attribute.name.name) {
                continue;
            }
            let (value, found) = evaluate(&attribute.value, self);
            let failed = found.has_errors();
            report.diagnostics.extend(found);
            let value = value.unmarked_deep();
            if !failed && !value.is_wholly_known() {
                let name = &attribute.name.name;
                let detail = format!("The argument {name:?} must be known before anything is planned, and this is not.");
                report.error(attribute.value.range, "Dynamic value in static context", detail);
            }
            let value = if failed { Value::unknown(Type::Dynamic) } else { value };
            attribute.value = Arc::new(Expression { kind: ExpressionKind::Literal(value), range: attribute.value.range });
        }
        for inner in &mut block.body.blocks {
            *inner = self.settled_secretly(inner, references, report);
        }
        block
    }

    fn value(&self, attribute: &Attribute, report: &mut Report<'_>) -> Option<Value> {
        let (value, found) = evaluate(&attribute.value, self);
        let failed = found.has_errors();
        report.diagnostics.extend(found);
        if failed {
            return None;
        }
        let name = &attribute.name.name;
        let marks = value.marks_deep();
        let refused = [(Marks::SENSITIVE, "Sensitive", "a sensitive value"), (Marks::EPHEMERAL, "Ephemeral", "an ephemeral value")];
        if let Some((_, title, what)) = refused.into_iter().find(|(mark, ..)| marks.contains(*mark)) {
            let detail =
                format!("The argument {name:?} is derived from {what}. It is kept in files and shown, so it can't be made of one.");
            report.error(attribute.value.range, format!("{title} value in static context"), detail);
            return None;
        }
        if !value.is_wholly_known() {
            let detail = format!("The argument {name:?} must be known before anything is planned, and this is not.");
            report.error(attribute.value.range, "Dynamic value in static context", detail);
            return None;
        }
        Some(value)
    }

    fn variable(&self, name: &str, at: Range) -> Result<Value, Box<Diagnostic>> {
        let Some(variable) = self.module.variables.get(name) else {
            let detail = format!("An input variable with the name {name:?} has not been declared.");
            return Err(Diagnostic::error("Reference to undeclared input variable", detail).at(at).into());
        };
        let given = match self.given {
            Given::Outside => {
                let mut outside = self.outside.borrow_mut();
                outside.get_or_insert_with(|| (self.inputs.variables)(self.module)).get(name).cloned()
            }
            Given::Call(arguments, caller) => arguments.get(name).map(|argument| evaluated(argument, caller)).transpose()?,
        };
        let value = match (given, &variable.default) {
            (Some(value), default) if !value.is_null() || variable.nullable || default.is_none() => value,
            (_, Some(default)) => evaluated(default, self)?,
            (_, None) => return Err(unset(name, variable).into()),
        };
        let marks = match (variable.sensitive, variable.ephemeral) {
            (true, _) => Marks::SENSITIVE,
            (false, true) => Marks::EPHEMERAL,
            (false, false) => Marks::NONE,
        };
        match variable.convert(&value) {
            Ok(value) => Ok(value.with_marks(marks)),
            Err(reason) => {
                let detail = format!("The given value is not suitable for var.{name}: {reason}.");
                Err(Diagnostic::error("Invalid value for input variable", detail).at(variable.range).into())
            }
        }
    }

    fn local(&self, name: &Arc<str>, at: Range) -> Result<Value, Box<Diagnostic>> {
        let Some(local) = self.module.locals.get(name) else {
            let detail = format!("A local value with the name {name:?} has not been declared.");
            return Err(Diagnostic::error("Reference to undeclared local value", detail).at(at).into());
        };
        if self.open.borrow().contains(name) {
            let detail = format!("local.{name} refers to itself, so it can't be evaluated.");
            return Err(Diagnostic::error("Cycle", detail).at(local.range).into());
        }
        self.open.borrow_mut().push(name.clone());
        let value = evaluated(&local.value, self);
        self.open.borrow_mut().pop();
        value
    }
}

/// The value of an expression, or the first thing that is wrong with it.
fn evaluated(expression: &Expression, scope: &Statics<'_>) -> Result<Value, Box<Diagnostic>> {
    let (value, found) = evaluate(expression, scope);
    match found.0.into_iter().find(|found| found.severity == crate::diagnostic::Severity::Error) {
        Some(error) => Err(Box::new(error)),
        None => Ok(value),
    }
}

fn unset(name: &str, variable: &Variable) -> Diagnostic {
    let detail = format!(
        "The input variable {name:?} is not set, and has no default value; a module source, a back end or the encryption needs it before \
         anything is planned. Use a -var or -var-file command line argument to provide a value for this variable."
    );
    Diagnostic::error("No value for required variable", detail).at(variable.range)
}

impl Scope for Statics<'_> {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        let root = &*traversal.root.name;
        let first = match traversal.steps.first() {
            Some(TraversalStep::Attribute(name)) => Some(name.name.clone()),
            _ => None,
        };
        let text = |text: &str| Ok(Value::string(text));
        let value = match (root, first) {
            ("var", Some(name)) => self.variable(&name, traversal.range),
            ("local", Some(name)) => self.local(&name, traversal.range),
            ("path", Some(name)) if &*name == "module" => text(&self.module.folder),
            ("path", Some(name)) if &*name == "root" => text("."),
            ("path", Some(name)) if &*name == "cwd" => text(self.inputs.working_folder),
            ("terraform" | "tofu", Some(name)) if &*name == "workspace" => text(self.inputs.workspace),
            _ => {
                let named: Vec<&str> = traversal.steps.iter().take(2).filter_map(attribute_name).collect();
                let detail = format!(
                    "Unable to use {} in static context: the sources and versions of modules and the arguments of back ends and encryption are \
                     read before anything is planned. They may be made of variables, locals and path.module.",
                    std::iter::once(root).chain(named).collect::<Vec<_>>().join(".")
                );
                Err(Diagnostic::error("Dynamic value in static context", detail).at(traversal.range).into())
            }
        };
        Ok(Resolved { value: value?, steps_taken: 1 })
    }
}

fn attribute_name(step: &TraversalStep) -> Option<&str> {
    match step {
        TraversalStep::Attribute(name) => Some(&name.name),
        TraversalStep::Index(..) => None,
    }
}

/// Whether one of the named arguments refers to something; any argument where none is named.
pub(super) fn refers(block: &Block, names: &[&str]) -> bool {
    let mut meant = block.body.attributes.iter().filter(|attribute| names.is_empty() || names.contains(&&*attribute.name.name));
    meant.any(|attribute| !walk::references(&attribute.value).is_empty())
}
