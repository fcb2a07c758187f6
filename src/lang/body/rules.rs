//! Rules that a schema states between the arguments of one body, beyond their types.
//!
//! Names in such rules are always those of the same body. What is not known yet breaks no rule: it is checked again when it is.

use super::opening;
use crate::diagnostic::{Diagnostic, Range, nearest};
use crate::lang::evaluate::Evaluator;
use crate::syntax::ast::Body;
use std::sync::Arc;
use windlass_api::value::Fields;
use windlass_api::{Attribute, BlockSchema, Type, Value};

/// More allowed values than this are not all listed.
const ALLOWED_SHOWN: usize = 10;

/// A body with its schema and values.
struct Checked<'a> {
    body: &'a Body,
    schema: &'a BlockSchema,
    values: &'a Fields,
}

/// Whether an argument is set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Absent,
    Unknown,
    Set,
}

impl Evaluator<'_> {
    /// Checks conflicts, groups of which exactly one must be set, allowed values and deprecations of a body.
    pub(super) fn check_rules(&mut self, body: &Body, schema: &BlockSchema, values: &Fields) {
        let checked = Checked { body, schema, values };
        if let Some(why) = &schema.deprecated {
            self.diagnostics.push(Diagnostic::warning("Deprecated Resource", &**why).at(opening(body)));
        }
        for (name, attribute) in &schema.attributes {
            self.diagnostics.0.extend(checked.exactly_one(name, attribute));
            if checked.presence(name) == Presence::Absent {
                continue;
            }
            if let Some(why) = &attribute.deprecated {
                self.diagnostics.push(Diagnostic::warning("Argument is deprecated", &**why).at(checked.place(name)));
            }
            let conflicts = attribute.conflicts_with.iter().filter_map(|other| checked.conflict(name, other));
            self.diagnostics.0.extend(conflicts);
            self.diagnostics.0.extend(checked.not_allowed(name, attribute));
        }
    }
}

impl Checked<'_> {
    fn presence(&self, name: &str) -> Presence {
        let is_block = || self.schema.blocks.contains_key(name);
        match self.values.get(name) {
            None => Presence::Absent,
            Some(value) if value.is_null() => Presence::Absent,
            Some(value) if !value.is_known() => Presence::Unknown,
            Some(value) if is_block() && value.elements().is_some_and(<[Value]>::is_empty) => Presence::Absent,
            Some(_) => Presence::Set,
        }
    }

    /// Where an argument stands; where the body begins when it does not.
    fn place(&self, name: &str) -> Range {
        let attribute = self.body.attribute(name).map(|attribute| attribute.range);
        attribute.or_else(|| self.body.blocks_of(name).next().map(|block| block.header)).unwrap_or_else(|| opening(self.body))
    }

    /// Of two that exclude each other both say so; the message comes once.
    fn conflict(&self, name: &Arc<str>, other: &Arc<str>) -> Option<Diagnostic> {
        let both_say = self.schema.attributes.get(other).is_some_and(|attribute| attribute.conflicts_with.contains(name));
        if both_say && other < name || self.presence(name) != Presence::Set || self.presence(other) != Presence::Set {
            return None;
        }
        let detail = format!("{name:?}: conflicts with {other}. Set only one of them.");
        Some(Diagnostic::error("Conflicting configuration arguments", detail).at(self.place(name)))
    }

    /// Every member of a group names the whole group; the first by name speaks for it.
    fn exactly_one(&self, name: &Arc<str>, attribute: &Attribute) -> Option<Diagnostic> {
        let group = &attribute.exactly_one_of;
        let first = group.iter().filter(|member| self.is_speaker(member, group)).min()?;
        if first != name {
            return None;
        }
        let with = |presence: Presence| group.iter().filter(move |member| self.presence(member) == presence);
        let (set, unknown) = (list(with(Presence::Set)), with(Presence::Unknown).count());
        let (detail, at) = match (with(Presence::Set).count(), unknown) {
            (0, 0) => (format!("one of `{}` must be specified", list(group.iter())), opening(self.body)),
            (0 | 1, _) => return None,
            _ => {
                let second = with(Presence::Set).nth(1)?;
                let all = list(group.iter());
                (format!("only one of `{all}` can be specified, but `{set}` were specified."), self.place(second))
            }
        };
        Some(Diagnostic::error("Invalid combination of arguments", detail).at(at))
    }

    /// Whether a member of a group states the same group.
    fn is_speaker(&self, member: &str, group: &[Arc<str>]) -> bool {
        self.schema.attributes.get(member).is_some_and(|attribute| attribute.exactly_one_of == group)
    }

    fn not_allowed(&self, name: &str, attribute: &Attribute) -> Option<Diagnostic> {
        let value = self.values.get(name).filter(|_| !attribute.allowed.is_empty())?;
        let is_wrong = |text: &&str| !attribute.allowed.iter().any(|allowed| **allowed == **text);
        let wrong = match value.ty() {
            Type::List(_) | Type::Set(_) => value.elements()?.iter().filter_map(Value::as_str).find(is_wrong)?,
            _ => value.as_str().filter(is_wrong)?,
        };
        let near = nearest(wrong, attribute.allowed.iter().map(|allowed| &**allowed));
        let near = near.map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
        let got = if value.marks_deep().is_secret() { "a sensitive value".to_owned() } else { format!("{wrong:?}") };
        let detail = format!("expected {name} to be one of {}, got {got}.{near}", allowed(attribute));
        let at = self.body.attribute(name).map_or_else(|| self.place(name), |attribute| attribute.value.range);
        Some(Diagnostic::error("Invalid attribute value", detail).at(at))
    }
}

fn list<'a>(names: impl Iterator<Item = &'a Arc<str>>) -> String {
    let names: Vec<&str> = names.map(|name| &**name).collect();
    names.join(",")
}

/// Such as `["ipv4" "ipv6"]`.
fn allowed(attribute: &Attribute) -> String {
    let shown: Vec<String> = attribute.allowed.iter().take(ALLOWED_SHOWN).map(|value| format!("{value:?}")).collect();
    let more = attribute.allowed.len().saturating_sub(ALLOWED_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("[{}{more}]", shown.join(" "))
}
