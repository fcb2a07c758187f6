//! `moved` and `removed` blocks.

use super::content::Report;
use super::types::Module;
use crate::address::{ConfigResource, InstanceKey, Mode, ModuleInstance, ModulePath, Resource};
use crate::diagnostic::{Diagnostic, Diagnostics, Range};
use crate::syntax::ast::{Block, Body, Expression, Traversal, TraversalStep};
use std::fmt;
use std::sync::Arc;

/// Words that can't be a resource type, since references begin with them.
const RESERVED: [&str; 10] = ["count", "each", "ephemeral", "local", "path", "self", "terraform", "var", "template", "lazy"];

/// One end of a move, relative to the module that declares it. Without a key it means all instances.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// The module, or the module that the resource stands in.
    pub module: ModuleInstance,
    /// The resource; `None` for a whole module.
    pub resource: Option<(Resource, Option<InstanceKey>)>,
}

/// A `moved` block.
#[derive(Clone, Debug)]
pub struct MovedBlock {
    /// Where it was.
    pub from: Endpoint,
    /// Where it is now.
    pub to: Endpoint,
    /// The header.
    pub range: Range,
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct RemovedBlock {
    /// The module, relative to the one that declares it.
    pub module: ModulePath,
    /// The resource; `None` for a whole module.
    pub resource: Option<Resource>,
    /// Whether its objects are deleted; otherwise they leave the state only.
    pub destroy: bool,
    /// The header.
    pub range: Range,
}

impl Endpoint {
    /// The key of the last step.
    pub fn key(&self) -> Option<&InstanceKey> {
        match &self.resource {
            Some((_, key)) => key.as_ref(),
            None => self.module.0.last().and_then(|(_, key)| key.as_ref()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((resource, key)) = &self.resource else { return write!(f, "{}", self.module) };
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{resource}")?;
        key.as_ref().map_or(Ok(()), |key| write!(f, "{key}"))
    }
}

impl Report<'_> {
    pub(super) fn moved(&mut self, block: &Block) -> Option<MovedBlock> {
        self.check_labels(block, &[]);
        self.check_names(&block.body, &["from", "to"], &[]);
        let from = self.endpoint_of(&block.body, "from", block.header);
        let to = self.endpoint_of(&block.body, "to", block.header);
        let (from, to) = (from?, to?);
        if from.resource.is_some() != to.resource.is_some() {
            let detail = "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.";
            self.error(block.header, "Invalid \"moved\" addresses", detail);
            return None;
        }
        Some(MovedBlock { from, to, range: block.header })
    }

    pub(super) fn removed(&mut self, block: &Block) -> Option<RemovedBlock> {
        self.check_labels(block, &[]);
        self.check_names(&block.body, &["from"], &["lifecycle", "provisioner", "connection"]);
        for inner in block.body.blocks.iter().filter(|inner| matches!(&*inner.kind.name, "provisioner" | "connection")) {
            let kind = &inner.kind.name;
            let detail = format!("Windlass does not run {kind} blocks yet. Do by hand what it would do, and remove the block.");
            self.error(inner.header, format!("Blocks of type {kind:?} are not supported yet"), detail);
        }
        let mut destroy = true;
        for lifecycle in block.body.blocks_of("lifecycle") {
            self.check_names(&lifecycle.body, &["destroy"], &[]);
            self.required(&lifecycle.body, "destroy", lifecycle.header);
            destroy = self.constant_bool(&lifecycle.body, "destroy", true);
        }
        let from = self.endpoint_of(&block.body, "from", block.header)?;
        let expression = &block.body.attribute("from")?.value;
        if from.module.0.iter().any(|(_, key)| key.is_some()) {
            let detail = "Module address must be a module (e.g. \"module.foo\"), not a module instance (e.g. \"module.foo[1]\").";
            self.error(expression.range, "Module instance keys not allowed", detail);
            return None;
        }
        if matches!(&from.resource, Some((_, Some(_)))) {
            let detail = "Resource address must be a resource (e.g. \"test_instance.foo\"), not a resource instance (e.g. \
                          \"test_instance.foo[1]\").";
            self.error(expression.range, "Resource instance keys not allowed", detail);
            return None;
        }
        Some(RemovedBlock {
            module: from.module.path(),
            resource: from.resource.map(|(resource, _)| resource),
            destroy,
            range: block.header,
        })
    }

    fn endpoint_of(&mut self, body: &Body, name: &str, header: Range) -> Option<Endpoint> {
        let attribute = self.required(body, name, header)?;
        let is_json = self.sources.file(attribute.value.range.source).name.ends_with(".json");
        let traversal = match is_json {
            true => self.reference(&attribute.value)?,
            false => self.static_reference(&attribute.value, attribute.value.range)?,
        };
        self.endpoint(&traversal, &attribute.value)
    }

    /// The address that a reference names.
    pub(super) fn endpoint(&mut self, traversal: &Traversal, expression: &Expression) -> Option<Endpoint> {
        match read(traversal) {
            Ok(endpoint) => Some(endpoint),
            Err(detail) => {
                self.error(expression.range, "Invalid address", detail);
                None
            }
        }
    }
}

/// Names with the keys that follow them.
type NamedSteps = Vec<(Arc<str>, Option<InstanceKey>)>;

fn named_steps(traversal: &Traversal) -> Result<NamedSteps, String> {
    let mut steps = vec![(traversal.root.name.clone(), None)];
    for step in &traversal.steps {
        match step {
            TraversalStep::Attribute(name) => steps.push((name.name.clone(), None)),
            TraversalStep::Index(key, _) => match steps.last_mut() {
                Some((_, slot)) if slot.is_none() => {
                    let key = InstanceKey::from_value(key);
                    *slot = Some(key.ok_or("An instance key must be a whole number of at least zero, or a string.")?);
                }
                _ => return Err("An instance key may be followed by a name only.".to_owned()),
            },
        }
    }
    Ok(steps)
}

fn read(traversal: &Traversal) -> Result<Endpoint, String> {
    let mut steps = named_steps(traversal)?.into_iter().peekable();
    let mut module = ModuleInstance::default();
    while steps.peek().is_some_and(|(name, _)| &**name == "module") {
        steps.next();
        let step = steps.next().ok_or("Prefix \"module.\" must be followed by a module name.")?;
        module.0.push(step);
    }
    let Some((mut type_name, mut type_key)) = steps.next() else { return Ok(Endpoint { module, resource: None }) };
    match &*type_name {
        "data" => return Err("A data source can't be named here: it has no object to act on. Only managed resources do.".to_owned()),
        "resource" => (type_name, type_key) = steps.next().ok_or("Prefix \"resource.\" must be followed by a resource type and name.")?,
        word if RESERVED.contains(&word) => {
            return Err(format!(
                "The keyword {word:?} is reserved and cannot be used to target a resource address. If you are targeting a resource type that \
                 uses a reserved keyword, please prefix your address with \"resource.\"."
            ));
        }
        _ => {}
    }
    let (None, Some((name, key)), None) = (type_key, steps.next(), steps.next()) else {
        return Err("Resource specification must include a resource type and name, and nothing after them but an instance key.".to_owned());
    };
    Ok(Endpoint { module, resource: Some((Resource { mode: Mode::Managed, type_name, name }, key)) })
}

/// What `removed` blocks name although it is declared.
pub(super) fn removed_but_declared(root: &Module) -> Diagnostics {
    let mut found = Diagnostics::none();
    for (module, removed) in root.with_called().into_iter().flat_map(|module| module.removed.iter().map(move |removed| (module, removed))) {
        let mut target = Some(module);
        let mut call = None;
        for name in &removed.module.0 {
            call = target.and_then(|module| module.module_calls.get(name));
            target = call.map(|call| &*call.module);
        }
        let path = module.path.join(&removed.module);
        let (kind, name, declared) = match &removed.resource {
            Some(resource) => {
                let name = ConfigResource { module: path, resource: resource.clone() }.to_string();
                ("resource", name, target.and_then(|module| module.resources.get(resource)).map(|block| block.range))
            }
            None => ("module", path.to_string(), call.map(|call| call.range)),
        };
        if let Some(range) = declared {
            let detail = format!("This statement declares that {name} was removed, but it is still declared in configuration.");
            found.push(Diagnostic::error(format!("Removed {kind} still exists"), detail).at(range));
        }
    }
    found
}
