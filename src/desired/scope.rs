//! What the expressions of one module instance see.

use super::expand::{Expansion, Repetition};
use super::graph::NodeKind;
use super::target::{Target, target, undeclared, wrong_attribute};
use super::world::World;
use crate::address::{InstanceKey, Resource};
use crate::diagnostic::Diagnostic;
use crate::graph::NodeId;
use crate::lang::{FileAnswer, FileQuestion, Resolved, Scope};
use crate::syntax::ast::{Traversal, TraversalStep};
use std::sync::Arc;
use windlass_api::{Marks, Type, Value};

/// What the expressions of one module instance see.
#[derive(Clone)]
pub struct ModuleScope<'a> {
    world: &'a World,
    instance: usize,
    repetition: Option<&'a Repetition>,
    self_object: Option<&'a Value>,
    /// The resource whose own postcondition is evaluated, with what it is called there.
    own: Option<(&'a Resource, &'a Value)>,
}

impl<'a> ModuleScope<'a> {
    /// A scope outside of any block that repeats.
    pub fn new(world: &'a World, instance: usize) -> ModuleScope<'a> {
        ModuleScope { world, instance, repetition: None, self_object: None, own: None }
    }

    /// The same inside an instance of a block that may repeat.
    #[must_use]
    pub fn repeated(mut self, repetition: &'a Repetition) -> ModuleScope<'a> {
        self.repetition = Some(repetition);
        self
    }

    /// The same where `self` is an object.
    #[must_use]
    pub fn with_self(mut self, object: &'a Value) -> ModuleScope<'a> {
        self.self_object = Some(object);
        self
    }

    /// The same where a resource that has no value yet has this one.
    #[must_use]
    pub fn with_own(mut self, resource: &'a Resource, value: &'a Value) -> ModuleScope<'a> {
        self.own = Some((resource, value));
        self
    }

    fn each(&self, name: &str, traversal: &Traversal) -> Result<Value, Box<Diagnostic>> {
        let repetition = self.repetition;
        let value = match name {
            "key" => repetition.and_then(|repetition| repetition.each_key.clone()),
            "value" => repetition.and_then(|repetition| repetition.each_value.clone()),
            _ => return Err(Box::new(wrong_attribute("each", traversal, &["key", "value"]))),
        };
        value.ok_or_else(|| {
            let detail = "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" \
                          argument is set.";
            Box::new(Diagnostic::error("Reference to \"each\" in context without for_each", detail).at(traversal.range))
        })
    }

    fn count(&self, traversal: &Traversal) -> Result<Value, Box<Diagnostic>> {
        self.repetition.and_then(|repetition| repetition.count_index.clone()).ok_or_else(|| {
            let detail = "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \
                          \"count\" argument is set.";
            Box::new(Diagnostic::error("Reference to \"count\" in non-counted context", detail).at(traversal.range))
        })
    }

    /// Whether an apply runs. It differs between planning and applying, so nothing that is stored may depend on it.
    fn applying(&self) -> Value {
        let surroundings = &self.world.surroundings;
        let applying = if surroundings.is_validating { Value::unknown(Type::Bool) } else { Value::bool(surroundings.is_applying) };
        applying.with_marks(Marks::EPHEMERAL)
    }

    fn path(&self, name: &str, traversal: &Traversal) -> Result<Value, Box<Diagnostic>> {
        let tree = &self.world.tree;
        match name {
            "module" => Ok(Value::string(&tree.get(self.world.placed(self.instance).module).module.folder)),
            "root" => Ok(Value::string(&tree.get(0).module.folder)),
            "cwd" => Ok(Value::string(&self.world.surroundings.working_folder)),
            _ => Err(Box::new(wrong_attribute("path", traversal, &["cwd", "module", "root"]))),
        }
    }

    fn resource(&self, resource: &Resource, node: NodeId, rest: &[TraversalStep], traversal: &Traversal) -> Result<Value, Box<Diagnostic>> {
        match (rest.first(), self.world.graph.repetition_argument(node)) {
            (Some(TraversalStep::Attribute(_)), Some(argument)) => {
                let example = if argument == "count" { "count.index" } else { "each.key" };
                Err(Box::new(missing_key(resource, argument, example).at(traversal.range)))
            }
            (Some(TraversalStep::Index(..)), None) => {
                let detail = format!(
                    "Because {resource} does not have \"count\" or \"for_each\" set, references to it must not include an index key. \
                     Remove the bracketed index to refer to the single instance of this resource."
                );
                Err(Box::new(Diagnostic::error("Unexpected resource instance key", detail).at(traversal.range)))
            }
            _ => Ok(match self.own {
                Some((own, value)) if own == resource => value.clone(),
                _ => self.lookup(node),
            }),
        }
    }

    /// A value that some walk has put there; unknown when it is not there yet or could not be found out.
    fn lookup(&self, node: NodeId) -> Value {
        self.world.value_of(self.instance, node).cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic))
    }

    /// The same of all instances of a module.
    fn whole_module(&self, name: &Arc<str>) -> Value {
        let value = self.world.value(self.instance, &NodeKind::Call(name.clone()));
        value.cloned().unwrap_or_else(|| Value::unknown(Type::Dynamic))
    }

    /// `module.name`, `module.name.output`, `module.name[key].output`; returns the steps taken after the name.
    fn module(&self, name: &Arc<str>, rest: &[TraversalStep]) -> (Value, usize) {
        let nothing = || Value::unknown(Type::Dynamic);
        let Some(call) = self.world.call(self.instance, name) else { return (nothing(), 0) };
        let Some(expansion) = &call.expansion else { return (nothing(), 0) };
        let (key, after, taken) = match (expansion, rest) {
            (Expansion::Single | Expansion::Optional(_), rest) => (None, rest, 0),
            (_, [TraversalStep::Index(key, _), after @ ..]) => (InstanceKey::from_value(key), after, 1),
            _ => return (self.whole_module(name), 0),
        };
        let Some(TraversalStep::Attribute(output)) = after.first() else {
            return (self.whole_module(name), 0);
        };
        match call.instances.get(&key) {
            Some(child) => {
                let value = self.world.value(*child, &NodeKind::Output(output.name.clone())).cloned();
                (value.unwrap_or_else(nothing), taken + 1)
            }
            // Only the whole value yields the right message about the index.
            None => (self.empty_shape(expansion), 0),
        }
    }

    fn empty_shape(&self, expansion: &Expansion) -> Value {
        match expansion {
            Expansion::Each(values) => expansion.whole(vec![Value::unknown(Type::Dynamic); values.len()]),
            _ => expansion.whole(vec![Value::unknown(Type::Dynamic); expansion.len()]),
        }
    }
}

fn missing_key(resource: &Resource, argument: &str, example: &str) -> Diagnostic {
    let detail = format!(
        "Because {resource} has {argument:?} set, its attributes must be accessed on specific instances.\n\nFor example, to correlate \
         with indices of a referring resource, use:\n    {resource}[{example}]"
    );
    Diagnostic::error("Missing resource instance key", detail)
}

impl Scope for ModuleScope<'_> {
    fn resolve(&self, traversal: &Traversal) -> Result<Resolved, Box<Diagnostic>> {
        let (found, mut steps_taken) = target(traversal)?;
        let module = self.world.placed(self.instance).module;
        // Whatever is declared has a node.
        let node = found.node().and_then(|kind| self.world.graph.id(module, &kind));
        if let Some(error) = node.is_none().then(|| undeclared(&self.world.tree, module, &found, traversal)).flatten() {
            return Err(Box::new(error));
        }
        let rest = &traversal.steps[steps_taken.min(traversal.steps.len())..];
        let value = match (&found, node) {
            (Target::Resource(resource), Some(node)) => self.resource(resource, node, rest, traversal)?,
            (_, Some(node)) => self.lookup(node),
            (Target::Module(name), _) => {
                let (value, taken) = self.module(name, rest);
                steps_taken += taken;
                value
            }
            (Target::Each(name), _) => self.each(name, traversal)?,
            (Target::Count, _) => self.count(traversal)?,
            (Target::Path(name), _) => self.path(name, traversal)?,
            (Target::Terraform(name), _) => match &**name {
                "workspace" => Value::string(&self.world.surroundings.workspace),
                "applying" => self.applying(),
                _ => return Err(Box::new(wrong_attribute("terraform", traversal, &["applying", "workspace"]))),
            },
            (Target::Variable(_) | Target::Local(_) | Target::Resource(_), None) => Value::unknown(Type::Dynamic),
            (Target::SelfObject, _) => self.self_object.cloned().ok_or_else(|| {
                let detail = "The \"self\" object is not available in this context. This object can be used only in resource \
                              provisioner, connection, and postcondition blocks.";
                Box::new(Diagnostic::error("Invalid \"self\" reference", detail).at(traversal.range))
            })?,
        };
        Ok(Resolved { value, steps_taken })
    }

    fn file(&self, question: &FileQuestion) -> FileAnswer {
        if self.world.surroundings.is_validating {
            return FileAnswer::Pending;
        }
        self.world.surroundings.files.get(question).cloned().unwrap_or_else(|| {
            self.world.asked_files.borrow_mut().insert(question.clone());
            FileAnswer::Pending
        })
    }

    fn plan_timestamp(&self) -> Option<Arc<str>> {
        self.world.surroundings.timestamp.clone()
    }

    fn is_applying(&self) -> bool {
        self.world.surroundings.is_applying
    }

    fn provider_source(&self, local_name: &str) -> Option<Arc<str>> {
        let module = &self.world.tree.get(self.world.placed(self.instance).module).module;
        module.required_providers.get(local_name).map(|provider| provider.source.clone())
    }
}
