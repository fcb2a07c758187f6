//! What a reference names.

use super::tree::{ModuleIndex, ModuleTree};
use crate::address::{Mode, Resource};
use crate::diagnostic::{Diagnostic, nearest};
use crate::syntax::ast::{Identifier, Traversal, TraversalStep};
use std::sync::Arc;

/// What a reference names, and how many steps after the root name it.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// `var.name`
    Variable(Arc<str>),
    /// `local.name`
    Local(Arc<str>),
    /// `module.name`, or `workload.name`, which is the same module.
    Module(Arc<str>),
    /// `type.name` and `data.type.name`
    Resource(Resource),
    /// `each.key`, `each.value`, `count.index`: the second name.
    Each(Arc<str>),
    /// `count.index`
    Count,
    /// `path.…`
    Path(Arc<str>),
    /// `terraform.…`
    Terraform(Arc<str>),
    /// `self`
    SelfObject,
}

/// Roots that never name a resource type.
const UNSUPPORTED_ROOTS: [&str; 4] = ["action", "run", "check", "output"];

/// Finds what a reference names; only its form is checked, not whether it is declared.
///
/// # Errors
/// The reference is incomplete or of a form that is not supported.
pub fn target(traversal: &Traversal) -> Result<(Target, usize), Box<Diagnostic>> {
    let root = &*traversal.root.name;
    let attribute = |position: usize| match traversal.steps.get(position) {
        Some(TraversalStep::Attribute(name)) => Some(name.name.clone()),
        _ => None,
    };
    let needs = |position: usize| attribute(position).ok_or_else(|| Box::new(incomplete(traversal)));
    let found = match root {
        "var" => (Target::Variable(needs(0)?), 1),
        "local" => (Target::Local(needs(0)?), 1),
        "module" | "workload" => (Target::Module(needs(0)?), 1),
        "each" => (Target::Each(needs(0)?), 1),
        "count" if attribute(0).as_deref() == Some("index") => (Target::Count, 1),
        "count" => return Err(Box::new(wrong_attribute("count", traversal, &["index"]))),
        "path" => (Target::Path(needs(0)?), 1),
        "terraform" | "tofu" => (Target::Terraform(needs(0)?), 1),
        "self" => (Target::SelfObject, 0),
        "data" => (Target::Resource(Resource { mode: Mode::Data, type_name: needs(0)?, name: needs(1)? }), 2),
        "resource" => (Target::Resource(Resource { mode: Mode::Managed, type_name: needs(0)?, name: needs(1)? }), 2),
        "ephemeral" => (Target::Resource(Resource { mode: Mode::Ephemeral, type_name: needs(0)?, name: needs(1)? }), 2),
        _ if UNSUPPORTED_ROOTS.contains(&root) => {
            let detail = format!("References to \"{root}\" are not supported here.");
            return Err(Box::new(Diagnostic::error("Unsupported reference", detail).at(traversal.range)));
        }
        _ => (Target::Resource(Resource { mode: Mode::Managed, type_name: traversal.root.name.clone(), name: needs(0)? }), 1),
    };
    Ok(found)
}

fn incomplete(traversal: &Traversal) -> Diagnostic {
    let root = &*traversal.root.name;
    let detail = match root {
        "var" | "local" | "module" | "workload" | "each" | "count" | "path" | "terraform" | "tofu" => {
            format!("The \"{root}\" object cannot be accessed directly. Instead, access one of its attributes.")
        }
        "ephemeral" => {
            "The \"ephemeral\" object must be followed by two attribute names: the ephemeral resource type and the resource name."
                .to_owned()
        }
        "data" => "The \"data\" object must be followed by two attribute names: the data source type and the resource name.".to_owned(),
        _ => "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.".to_owned(),
    };
    Diagnostic::error("Invalid reference", detail).at(traversal.range)
}

/// The error for `path.x` and the like.
pub fn wrong_attribute(root: &str, traversal: &Traversal, allowed: &[&str]) -> Diagnostic {
    let written = match traversal.steps.first() {
        Some(TraversalStep::Attribute(Identifier { name, .. })) => name.to_string(),
        _ => return incomplete(traversal),
    };
    let detail = format!(
        "The {root:?} object does not have an attribute named {written:?}. {}",
        suggestion(&written, allowed.iter().copied(), || format!("The available attributes are: {}.", allowed.join(", ")))
    );
    Diagnostic::error(format!("Invalid {root:?} attribute"), detail.trim_end()).at(traversal.range)
}

/// `Did you mean "x"?`, or something else when nothing is near.
pub fn suggestion<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>, otherwise: impl FnOnce() -> String) -> String {
    match nearest(written, candidates) {
        Some(near) => format!("Did you mean {near:?}?"),
        None => otherwise(),
    }
}

/// The error for something that is not declared; `None` when it is.
pub fn undeclared(tree: &ModuleTree, index: ModuleIndex, target: &Target, traversal: &Traversal) -> Option<Diagnostic> {
    let place = tree.get(index);
    let module = &place.module;
    let (summary, detail) = match target {
        Target::Variable(name) if !module.variables.contains_key(name) => {
            let more = suggestion(name, module.variables.keys().map(|key| &**key), || {
                format!("This variable can be declared with a variable {name:?} {{}} block.")
            });
            ("Reference to undeclared input variable", format!("An input variable with the name {name:?} has not been declared. {more}"))
        }
        Target::Local(name) if !module.locals.contains_key(name) => {
            let more = suggestion(name, module.locals.keys().map(|key| &**key), String::new);
            ("Reference to undeclared local value", format!("A local value with the name {name:?} has not been declared. {more}"))
        }
        Target::Module(name) if !place.children.contains_key(name) => {
            let more = suggestion(name, place.children.keys().map(|key| &**key), String::new);
            ("Reference to undeclared module", format!("No module call named {name:?} is declared in {}. {more}", place.title()))
        }
        Target::Resource(resource) if !module.resources.contains_key(resource) => {
            ("Reference to undeclared resource", undeclared_resource(tree, index, resource))
        }
        _ => return None,
    };
    Some(Diagnostic::error(summary, detail.trim_end()).at(traversal.range))
}

fn undeclared_resource(tree: &ModuleTree, index: ModuleIndex, resource: &Resource) -> String {
    let place = tree.get(index);
    let kind = match resource.mode {
        Mode::Managed => "managed resource",
        Mode::Data => "data resource",
        Mode::Ephemeral => "ephemeral resource",
    };
    let article = if resource.mode == Mode::Ephemeral { "An" } else { "A" };
    let mut detail =
        format!("{article} {kind} {:?} {:?} has not been declared in {}.", &*resource.type_name, &*resource.name, place.title());
    let resources = &place.module.resources;
    let others = [Mode::Managed, Mode::Data, Mode::Ephemeral].map(|mode| Resource { mode, ..resource.clone() });
    if let Some(other) = others.iter().find(|other| resources.contains_key(*other)) {
        return format!("{detail}\n\nDid you mean {other}?");
    }
    let written = resource.to_string();
    let declared: Vec<String> = resources.keys().filter(|other| other.mode == resource.mode).map(ToString::to_string).collect();
    // A near name of the same type first: types have long common beginnings that would hide it.
    let names = resources.keys().filter(|other| other.mode == resource.mode && other.type_name == resource.type_name);
    match nearest(&resource.name, names.map(|other| &*other.name)) {
        Some(name) => {
            let near = Resource { name: name.into(), ..resource.clone() };
            detail.push_str(&format!(" Did you mean {near}?"));
        }
        None => {
            if let Some(near) = nearest(&written, declared.iter().map(String::as_str)) {
                detail.push_str(&format!(" Did you mean {near}?"));
            }
        }
    }
    detail
}
