//! The body of a change: attributes, then nested blocks, before against after.

use super::lines::{Lines, Mark};
use super::values::{Renderer, is_hidden, keys, mark_of};
use crate::plan::OutputChange;
use crate::view::value::{SENSITIVE, UNKNOWN, key};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use windlass_api::value::wire::canonical;
use windlass_api::{BlockSchema, NestedBlock, Nesting, Path, Schema, Step, Type, Value};

/// Attributes shown although unchanged: they tell which object it is.
const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];

struct Context<'a> {
    lines: &'a mut Lines,
    values: Renderer<'a>,
    /// Whether all is shown, changed or not: an object of the state, whose two sides are the same.
    shows_all: bool,
}

impl<'a> Context<'a> {
    fn new(lines: &'a mut Lines, replace: &'a [Path]) -> Context<'a> {
        let values = Renderer::new(lines.style(), replace);
        Context { lines, values, shows_all: false }
    }

    /// `label` and a value, before against after.
    fn named(&mut self, label: &str, sides: (Option<&Value>, Option<&Value>), indent: usize, path: &Path, is_free: bool) {
        let text = self.values.attribute(sides.0, sides.1, indent, path, is_free);
        self.lines.assignment(indent, mark_of(sides.0, sides.1), label, &text);
    }
}

/// The body of a resource at the first level.
pub fn object(lines: &mut Lines, schema: Option<&Schema>, before: &Value, after: &Value, replace: &[Path]) {
    object_body(&mut Context::new(lines, replace), schema, present(before), present(after), 6);
}

/// The body of a resource that stays as it is, shown whole.
pub fn unchanged(lines: &mut Lines, schema: Option<&Schema>, value: &Value) {
    let mut context = Context { shows_all: true, ..Context::new(lines, &[]) };
    object_body(&mut context, schema, present(value), present(value), 6);
}

/// The body of a resource of the state.
pub fn recorded(lines: &mut Lines, schema: Option<&Schema>, value: &Value) {
    let mut context = Context { shows_all: true, ..Context::new(lines, &[]) };
    object_body(&mut context, schema, present(value), present(value), 2);
}

/// `name = value` of the state.
pub fn recorded_value(lines: &mut Lines, name: &str, value: &Value) {
    Context::new(lines, &[]).named(name, (Some(value), Some(value)), 2, &Path::root(), true);
}

fn object_body(context: &mut Context<'_>, schema: Option<&Schema>, before: Option<&Value>, after: Option<&Value>, indent: usize) {
    match schema {
        Some(schema) => block_body(context, &schema.block, before, after, indent, &Path::root()),
        None => {
            let names: BTreeSet<_> = keys(before).chain(keys(after)).collect();
            attribute_lines(context, names.into_iter().map(|name| (name, true)), before, after, indent, &Path::root());
        }
    }
}

/// An output's line.
pub fn output(lines: &mut Lines, name: &str, width: usize, output: &OutputChange) {
    let mut context = Context::new(lines, &[]);
    let hide =
        |value: &Option<Value>| value.clone().map(|v| if output.sensitive { v.with_marks(windlass_api::Marks::SENSITIVE) } else { v });
    let (before, after) = (hide(&output.before), hide(&output.after));
    context.named(&format!("{name:<width$}"), (before.as_ref(), after.as_ref()), 2, &Path::root(), true);
}

fn present(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

fn part<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    value?.get(name).and_then(present)
}

fn block_body(context: &mut Context<'_>, schema: &BlockSchema, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path) {
    let attributes = schema.attributes.iter().map(|(name, attribute)| (name, attribute.ty == Type::Dynamic));
    attribute_lines(context, attributes, before, after, indent, path);
    let is_spaced = !schema.attributes.is_empty();
    let mut hidden_blocks = 0;
    for (name, block) in &schema.blocks {
        let start = BlockStart { name, indent, is_spaced };
        hidden_blocks += nested_blocks(context, start, block, part(before, name), part(after, name), &path.attribute(name));
    }
    if hidden_blocks > 0 {
        context.lines.raw("");
        context.lines.hidden(indent, hidden_blocks, "block");
    }
}

/// The attributes, each with whether the schema leaves its type open; those unchanged are counted, unless they tell which object it is.
fn attribute_lines<'n>(
    context: &mut Context<'_>,
    attributes: impl Iterator<Item = (&'n Arc<str>, bool)>,
    before: Option<&Value>,
    after: Option<&Value>,
    indent: usize,
    path: &Path,
) {
    let (mut shown, mut hidden) = (Vec::new(), 0);
    for (name, is_free) in attributes {
        let (old, new) = (part(before, name), part(after, name));
        match (old, new) {
            (None, None) => {}
            // A provider of Terraform's old kind can't tell an empty text from none.
            (Some(old), None) if old.as_str() == Some("") => hidden += 1,
            (old, new) if old != new || context.shows_all || before.is_none() || after.is_none() => shown.push((name, is_free, old, new)),
            _ if path.0.is_empty() && IDENTIFYING.contains(&&**name) => shown.push((name, is_free, old, new)),
            _ => hidden += 1,
        }
    }
    let width = shown.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (name, is_free, old, new) in shown {
        context.named(&format!("{name:<width$}"), (old, new), indent, &path.attribute(name), is_free);
    }
    context.lines.hidden(indent, hidden, "attribute");
}

/// How blocks of one type begin.
#[derive(Clone, Copy)]
struct BlockStart<'n> {
    name: &'n str,
    indent: usize,
    /// Whether an empty line stands before the first: it parts the blocks from attributes.
    is_spaced: bool,
}

/// All blocks of one type; returns how many are unchanged and hidden.
fn nested_blocks(
    context: &mut Context<'_>,
    start: BlockStart<'_>,
    block: &NestedBlock,
    before: Option<&Value>,
    after: Option<&Value>,
    path: &Path,
) -> usize {
    let BlockStart { name, indent, mut is_spaced } = start;
    let mut space = |lines: &mut Lines| {
        if std::mem::take(&mut is_spaced) {
            lines.raw("");
        }
    };
    if after.is_some_and(|value| !value.is_known()) {
        space(context.lines);
        context.lines.push(indent, Mark::Add, &format!("{name} {UNKNOWN}"));
        return 0;
    }
    let mut hidden = 0;
    for (label, old, new, path) in pairs(block.nesting, before, after, path) {
        if old == new && !context.shows_all {
            hidden += 1;
            continue;
        }
        space(context.lines);
        let mark = mark_of(old, new);
        let label = label.map(|label| format!(" {}", key(&label))).unwrap_or_default();
        let note = context.values.replacement_note(|replace| *replace == path || is_element_of(&path, replace));
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
            let (was, is): (HashSet<_>, HashSet<_>) = (old.iter().map(canonical).collect(), new.iter().map(canonical).collect());
            let left = old.iter().map(|value| (None, Some(value), is.contains(&canonical(value)).then_some(value), path.clone()));
            let made = new.iter().filter(|value| !was.contains(&canonical(value))).map(|value| (None, None, Some(value), path.clone()));
            left.chain(made).collect()
        }
        Nesting::Map => {
            let names = keys(before).chain(keys(after)).collect::<BTreeSet<_>>();
            names.into_iter().map(|name| (Some(name.clone()), part(before, name), part(after, name), path.key(name))).collect()
        }
    }
}

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::elements).unwrap_or(&[])
}

/// Whether `path` is one index below `parent`.
fn is_element_of(path: &Path, parent: &Path) -> bool {
    path.0.len() == parent.0.len() + 1 && path.starts_with(parent) && matches!(path.0.last(), Some(Step::Index(_)))
}
