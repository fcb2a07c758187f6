//! `import` blocks: objects that exist and are to be managed from now on.

use super::content::Report;
use super::types::ProviderKey;
use crate::address::{ConfigResource, Mode};
use crate::diagnostic::Range;
use crate::syntax::ast::{Block, Expression, Traversal};
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::Value;

/// An `import` block of the root module.
#[derive(Clone, Debug)]
pub struct ImportBlock {
    /// The instance that the object becomes, as written; its keys may hold expressions.
    pub to: Arc<Expression>,
    /// What `to` names, without keys.
    pub target: ConfigResource,
    /// Whether `to` is written without any key.
    pub is_single: bool,
    /// The object's id.
    pub id: Arc<Expression>,
    /// `for_each`: one import an element.
    pub for_each: Option<Arc<Expression>>,
    /// The provider configuration that finds the object; only where the configuration is generated.
    pub provider: Option<(ProviderKey, Range)>,
    /// The header.
    pub range: Range,
}

const ARGUMENTS: [&str; 4] = ["to", "id", "for_each", "provider"];

impl Report<'_> {
    pub(super) fn import(&mut self, block: &Block) -> Option<ImportBlock> {
        let labelled = !self.check_labels(block, &[]);
        let body = &block.body;
        if let Some(identity) = body.attribute("identity") {
            let detail = "The argument \"identity\" is of Terraform 1.12; Windlass does not support it yet. Use \"id\" in its place.";
            self.error(identity.name.range, "\"identity\" is not supported yet", detail);
        }
        let mut names = ARGUMENTS.to_vec();
        names.push("identity");
        self.check_names(body, &names, &[]);
        let has_identity = body.attribute("identity").is_some();
        let id = match has_identity {
            true => None,
            false => self.required(body, "id", block.header).map(|attribute| attribute.value.clone()),
        };
        let to = self.required(body, "to", block.header).map(|attribute| attribute.value.clone());
        let for_each = super::resource::expression(body, "for_each");
        let provider = body.attribute("provider").and_then(|attribute| Some((self.provider_name(&attribute.value)?, attribute.name.range)));
        let (to, id) = (to?, id?);
        let (target, is_single) = self.import_target(&to, for_each.is_some())?;
        (!labelled).then_some(ImportBlock { to, target, is_single, id, for_each, provider, range: block.header })
    }

    /// What `to` names, and whether without keys.
    fn import_target(&mut self, to: &Expression, repeats: bool) -> Option<(ConfigResource, bool)> {
        let traversal = match repeats {
            true => to.as_traversal_with(&mut |_| Some(Value::int(0))),
            false => to.as_traversal(),
        };
        let Some(traversal) = traversal else {
            self.static_reference(to, to.range);
            return None;
        };
        if names_data(&traversal) {
            self.error(to.range, "Invalid import address", "Only managed resources can be imported.");
            return None;
        }
        let endpoint = self.endpoint(&traversal, to)?;
        let Some((resource, key)) = endpoint.resource else {
            let detail =
                "A resource instance address is required here. The module path must be followed by a resource instance specification.";
            self.error(to.range, "Invalid address", detail);
            return None;
        };
        debug_assert!(resource.mode == Mode::Managed);
        let is_single = key.is_none() && endpoint.module.0.iter().all(|(_, key)| key.is_none());
        Some((ConfigResource { module: endpoint.module.path(), resource }, is_single))
    }

    /// Two blocks can't give one resource without keys two ids.
    pub(super) fn check_imports(&mut self, imports: &[ImportBlock]) {
        let mut first: BTreeMap<String, Range> = BTreeMap::new();
        for import in imports.iter().filter(|import| import.for_each.is_none()) {
            let written = self.sources.text(import.to.range).to_owned();
            match first.get(&written) {
                Some(earlier) => {
                    let error = duplicate_import(&written, &self.sources.place(*earlier));
                    self.error(import.to.range, error.0, error.1);
                }
                None => drop(first.insert(written, import.range)),
            }
        }
    }
}

/// Summary and detail of the error for a resource that two `import` blocks name.
pub fn duplicate_import(name: &str, earlier: &str) -> (String, String) {
    let detail =
        format!("An import block for the resource {name:?} was already declared at {earlier}. A resource can have only one import block.");
    (format!("Duplicate import configuration for {name:?}"), detail)
}

fn names_data(traversal: &Traversal) -> bool {
    use crate::syntax::ast::TraversalStep::{Attribute, Index};
    let mut rest = traversal.steps.as_slice();
    let mut name = &*traversal.root.name;
    while name == "module" {
        rest = match rest {
            [Attribute(_), Index(..), rest @ ..] | [Attribute(_), rest @ ..] => rest,
            _ => return false,
        };
        let [Attribute(next), after @ ..] = rest else { return false };
        (name, rest) = (&*next.name, after);
    }
    name == "data"
}
