//! The body of a change: attributes, then nested blocks, before against after.

use super::change::is_hidden;
use super::lines::{Lines, Mark};
use super::values::{elements, keys, named, part, present};
use crate::plan::OutputChange;
use crate::view::style::Ink;
use crate::view::value::{SENSITIVE, UNKNOWN, key};
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::{BlockSchema, NestedBlock, Nesting, Path, Schema, Step, Value};

/// Attributes shown although unchanged: they tell which object it is.
const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];

/// What a body is written with.
pub struct Context<'a> {
    /// The lines so far.
    pub lines: &'a mut Lines,
    /// What forces a replacement.
    replace: &'a [Path],
    /// Whether nothing changes: a state is shown, without symbols.
    is_still: bool,
}

impl Context<'_> {
    /// The symbol of a value's change.
    pub fn mark(&self, before: Option<&Value>, after: Option<&Value>) -> Mark {
        match (before, after) {
            _ if self.is_still => Mark::None,
            (None, Some(_)) => Mark::Add,
            (Some(_), None) => Mark::Remove,
            (old, new) if old == new => Mark::None,
            _ => Mark::Change,
        }
    }

    /// The remark on what forces a replacement.
    pub fn replacement_note(&self, path: &Path) -> String {
        match self.replace.iter().any(|replace| replace == path || is_element_of(path, replace)) {
            true => format!(" {}", self.lines.style().paint(Ink::Delete, "# forces replacement")),
            false => String::new(),
        }
    }
}

/// The body of a resource at the first level.
pub fn object(lines: &mut Lines, schema: Option<&Schema>, before: &Value, after: &Value, replace: &[Path]) {
    let mut context = Context { lines, replace, is_still: false };
    match schema {
        Some(schema) => block_body(&mut context, &schema.block, present(before), present(after), 6, &Path::root()),
        None => untyped_body(&mut context, present(before), present(after), 6),
    }
}

/// The body of a resource of the state.
pub fn recorded(lines: &mut Lines, schema: Option<&Schema>, value: &Value) {
    let mut context = Context { lines, replace: &[], is_still: true };
    match schema {
        Some(schema) => block_body(&mut context, &schema.block, None, present(value), 2, &Path::root()),
        None => untyped_body(&mut context, None, present(value), 2),
    }
}

/// `name = value` of the state.
pub fn recorded_value(lines: &mut Lines, name: &str, value: &Value) {
    let mut context = Context { lines, replace: &[], is_still: true };
    named(&mut context, &format!("{name} = "), None, Some(value), 2, &Path::root());
}

/// An output's line.
pub fn output(lines: &mut Lines, name: &str, width: usize, output: &OutputChange) {
    let mut context = Context { lines, replace: &[], is_still: false };
    let hide =
        |value: &Option<Value>| value.clone().map(|v| if output.sensitive { v.with_marks(windlass_api::Marks::SENSITIVE) } else { v });
    let (before, after) = (hide(&output.before), hide(&output.after));
    let label = format!("{name:<width$} = ");
    named(&mut context, &label, before.as_ref(), after.as_ref(), 2, &Path::root());
}

/// The body of an object whose type nobody knows.
fn untyped_body(context: &mut Context<'_>, before: Option<&Value>, after: Option<&Value>, indent: usize) {
    let names: BTreeSet<_> = keys(before).chain(keys(after)).collect();
    let attributes = names.into_iter().map(|name| (name, part(before, name), part(after, name)));
    attribute_lines(context, attributes, before.is_none() || after.is_none(), indent, &Path::root());
}

type Named<'a> = (&'a Arc<str>, Option<&'a Value>, Option<&'a Value>);

/// The attributes of a body; those that stay are counted, unless they tell which object it is.
fn attribute_lines<'a>(context: &mut Context<'_>, attributes: impl Iterator<Item = Named<'a>>, is_whole: bool, indent: usize, path: &Path) {
    let mut shown = Vec::new();
    let mut hidden = 0;
    for (name, old, new) in attributes {
        match (old, new) {
            (None, None) => {}
            // A provider of Terraform's old kind can't tell an empty text from none.
            (Some(old), None) if old.as_str() == Some("") => hidden += 1,
            (old, new) if old != new || is_whole => shown.push((name, old, new)),
            _ if path.0.is_empty() && IDENTIFYING.contains(&&**name) => shown.push((name, old, new)),
            _ => hidden += 1,
        }
    }
    let width = shown.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (name, old, new) in shown {
        named(context, &format!("{name:<width$} = "), old, new, indent, &path.attribute(name));
    }
    context.lines.hidden(indent, hidden, "attribute");
}

fn block_body(context: &mut Context<'_>, schema: &BlockSchema, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path) {
    let attributes = schema.attributes.keys().map(|name| (name, part(before, name), part(after, name)));
    attribute_lines(context, attributes, before.is_none() || after.is_none(), indent, path);
    let mut hidden_blocks = 0;
    for (name, block) in &schema.blocks {
        hidden_blocks += nested_blocks(context, name, block, part(before, name), part(after, name), indent, &path.attribute(name));
    }
    if hidden_blocks > 0 {
        context.lines.raw("");
        context.lines.hidden(indent, hidden_blocks, "block");
    }
}

/// All blocks of one type; returns how many are unchanged and hidden.
fn nested_blocks(
    context: &mut Context<'_>,
    name: &str,
    block: &NestedBlock,
    before: Option<&Value>,
    after: Option<&Value>,
    indent: usize,
    path: &Path,
) -> usize {
    if after.is_some_and(|value| !value.is_known()) {
        context.lines.raw("");
        context.lines.push(indent, Mark::Add, &format!("{name} {UNKNOWN}"));
        return 0;
    }
    let mut hidden = 0;
    for (label, old, new, path) in pairs(block.nesting, before, after, path) {
        if old == new {
            hidden += 1;
            continue;
        }
        context.lines.raw("");
        let mark = context.mark(old, new);
        let label = label.map(|label| format!(" {}", key(&label))).unwrap_or_default();
        let note = context.replacement_note(&path);
        if [old, new].into_iter().flatten().any(is_hidden) {
            context.lines.push(indent, mark, &format!("{name}{label} {{ {SENSITIVE} }}{note}"));
            continue;
        }
        context.lines.push(indent, mark, &format!("{name}{label} {{{note}"));
        block_body(context, &block.block, old, new, indent + 4, &path);
        context.lines.push(indent, Mark::None, "}");
    }
    hidden
}

type Pair<'a> = (Option<Arc<str>>, Option<&'a Value>, Option<&'a Value>, Path);

/// Which old block answers to which new one.
fn pairs<'a>(nesting: Nesting, before: Option<&'a Value>, after: Option<&'a Value>, path: &Path) -> Vec<Pair<'a>> {
    match nesting {
        Nesting::Single | Nesting::Group => match (before, after) {
            (None, None) => Vec::new(),
            _ => vec![(None, before, after, path.clone())],
        },
        Nesting::List => {
            let (old, new) = (elements(before), elements(after));
            (0..old.len().max(new.len())).map(|index| (None, old.get(index), new.get(index), path.index(index))).collect()
        }
        Nesting::Set => {
            let (old, new) = (elements(before), elements(after));
            let kept = old.iter().filter(|value| new.contains(value)).map(|value| (None, Some(value), Some(value), path.clone()));
            let gone = old.iter().filter(|value| !new.contains(value)).map(|value| (None, Some(value), None, path.clone()));
            let made = new.iter().filter(|value| !old.contains(value)).map(|value| (None, None, Some(value), path.clone()));
            kept.chain(gone).chain(made).collect()
        }
        Nesting::Map => {
            let names = keys(before).chain(keys(after)).collect::<BTreeSet<_>>();
            names.into_iter().map(|name| (Some(name.clone()), part(before, name), part(after, name), path.key(name))).collect()
        }
    }
}

/// Whether `path` is one index below `parent`.
fn is_element_of(path: &Path, parent: &Path) -> bool {
    path.0.len() == parent.0.len() + 1 && path.starts_with(parent) && matches!(path.0.last(), Some(Step::Index(_)))
}
