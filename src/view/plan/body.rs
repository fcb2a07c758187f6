//! The body of a change: attributes, then nested blocks, before against after.

use super::change::is_hidden;
use super::lines::{Lines, Mark};
use crate::plan::OutputChange;
use crate::view::style::Ink;
use crate::view::value::{SENSITIVE, UNKNOWN, key, string};
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::{BlockSchema, Data, NestedBlock, Nesting, Path, Schema, Step, Type, Value};

/// Attributes shown although unchanged: they tell which object it is.
const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];

struct Context<'a> {
    lines: &'a mut Lines,
    replace: &'a [Path],
}

/// The body of a resource at the first level.
pub fn object(lines: &mut Lines, schema: Option<&Schema>, before: &Value, after: &Value, replace: &[Path]) {
    let mut context = Context { lines, replace };
    match schema {
        Some(schema) => block_body(&mut context, &schema.block, present(before), present(after), 6, &Path::root()),
        None => fields(&mut context, present(before), present(after), 6, &Path::root(), false),
    }
}

/// An output's line.
pub fn output(lines: &mut Lines, name: &str, width: usize, output: &OutputChange) {
    let mut context = Context { lines, replace: &[] };
    let hide =
        |value: &Option<Value>| value.clone().map(|v| if output.sensitive { v.with_marks(windlass_api::Marks::SENSITIVE) } else { v });
    let (before, after) = (hide(&output.before), hide(&output.after));
    let label = format!("{name:<width$} = ");
    named(&mut context, &label, before.as_ref(), after.as_ref(), 2, &Path::root());
}

fn present(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

fn part<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    value?.get(name).and_then(present)
}

fn block_body(context: &mut Context<'_>, schema: &BlockSchema, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path) {
    let mut shown: Vec<(&Arc<str>, Option<&Value>, Option<&Value>)> = Vec::new();
    let mut hidden = 0;
    // Under an unknown object nothing of its inside is known either.
    for name in schema.attributes.keys() {
        let (old, new) = (part(before, name), part(after, name));
        match (old, new) {
            (None, None) => {}
            (old, new) if old != new || before.is_none() || after.is_none() => shown.push((name, old, new)),
            _ if path.0.is_empty() && IDENTIFYING.contains(&&**name) => shown.push((name, old, new)),
            _ => hidden += 1,
        }
    }
    let width = shown.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    for (name, old, new) in shown {
        named(context, &format!("{name:<width$} = "), old, new, indent, &path.attribute(name));
    }
    context.lines.hidden(indent, hidden, "attribute");
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
        let mark = mark_of(old, new);
        let label = label.map(|label| format!(" {}", key(&label))).unwrap_or_default();
        let note = replacement_note(context, &path);
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

fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::elements).unwrap_or(&[])
}

fn keys(value: Option<&Value>) -> impl Iterator<Item = &Arc<str>> {
    value.and_then(Value::fields).into_iter().flat_map(|fields| fields.keys())
}

fn mark_of(before: Option<&Value>, after: Option<&Value>) -> Mark {
    match (before, after) {
        (None, Some(_)) => Mark::Add,
        (Some(_), None) => Mark::Remove,
        (old, new) if old == new => Mark::None,
        _ => Mark::Change,
    }
}

fn replacement_note(context: &Context<'_>, path: &Path) -> String {
    match context.replace.iter().any(|replace| replace == path || is_element_of(path, replace)) {
        true => format!(" {}", context.lines.style().paint(Ink::Delete, "# forces replacement")),
        false => String::new(),
    }
}

/// Whether `path` is one index below `parent`.
fn is_element_of(path: &Path, parent: &Path) -> bool {
    path.0.len() == parent.0.len() + 1 && path.starts_with(parent) && matches!(path.0.last(), Some(Step::Index(_)))
}

/// `label` and a value, before against after.
fn named(context: &mut Context<'_>, label: &str, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path) {
    let mark = mark_of(before, after);
    let note = replacement_note(context, path);
    let both_compound =
        |a: &Value, b: &Value| matches!((a.data(), b.data()), (Data::Fields(_), Data::Fields(_)) | (Data::Elements(_), Data::Elements(_)));
    match (before, after) {
        (Some(old), Some(new)) if mark == Mark::Change && !is_hidden(old) && !is_hidden(new) && both_compound(old, new) => {
            compound(context, label, Some(old), Some(new), indent, path, mark);
        }
        (Some(old), Some(new)) if mark == Mark::Change => {
            let text = match (is_hidden(old), is_hidden(new)) {
                (false, false) => format!("{} -> {}", inline(old, indent + 2), inline(new, indent + 2)),
                _ => SENSITIVE.to_owned(),
            };
            context.lines.push(indent, mark, &format!("{label}{text}{note}"));
        }
        (Some(value), None) | (None, Some(value)) | (Some(_), Some(value)) => {
            if !is_hidden(value) && matches!(value.data(), Data::Fields(_) | Data::Elements(_)) && !is_empty(value) {
                return compound(context, label, before, after, indent, path, mark);
            }
            let arrow = if mark == Mark::Remove { " -> null" } else { "" };
            context.lines.push(indent, mark, &format!("{label}{}{arrow}{note}", inline(value, indent + 2)));
        }
        (None, None) => context.lines.push(indent, mark, &format!("{label}null")),
    }
}

fn is_empty(value: &Value) -> bool {
    value.children().next().is_none()
}

fn inline(value: &Value, indent: usize) -> String {
    match value.data() {
        _ if is_hidden(value) => SENSITIVE.to_owned(),
        Data::String(text) => string(text, indent),
        Data::Elements(elements) if elements.is_empty() => "[]".to_owned(),
        Data::Unknown(_) => UNKNOWN.to_owned(),
        _ => crate::view::value::literal(value, indent),
    }
}

fn compound(context: &mut Context<'_>, label: &str, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path, mark: Mark) {
    let note = replacement_note(context, path);
    let is_map = [before, after].into_iter().flatten().any(|value| value.fields().is_some());
    let (open, close) = if is_map { ("{", "}") } else { ("[", "]") };
    context.lines.push(indent, mark, &format!("{label}{open}{note}"));
    match is_map {
        true => fields(context, before, after, indent + 4, path, true),
        false => list(context, before, after, indent + 4, path),
    }
    let arrow = if mark == Mark::Remove { " -> null" } else { "" };
    context.lines.push(indent, Mark::None, &format!("{close}{arrow}"));
}

fn fields(context: &mut Context<'_>, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path, quote: bool) {
    let names: BTreeSet<_> = keys(before).chain(keys(after)).collect();
    let is_object = [before, after].into_iter().flatten().all(|value| matches!(value.ty(), Type::Object(_)));
    let label = |name: &str| if quote && !is_object { key(name) } else { name.to_owned() };
    let shown: Vec<_> = names
        .into_iter()
        .map(|name| (name, part(before, name), part(after, name)))
        .filter(|(_, b, a)| b.is_some() || a.is_some())
        .collect();
    let whole = before.is_none() || after.is_none() || before == after;
    let width = shown.iter().filter(|(_, b, a)| whole || b != a).map(|(name, ..)| label(name).chars().count()).max().unwrap_or(0);
    let mut hidden = 0;
    for (name, old, new) in shown {
        if !whole && old == new {
            hidden += 1;
            continue;
        }
        named(context, &format!("{:<width$} = ", label(name)), old, new, indent, &path.attribute(name));
    }
    context.lines.hidden(indent, hidden, if is_object { "attribute" } else { "element" });
}

fn list(context: &mut Context<'_>, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path) {
    let (old, new) = (elements(before), elements(after));
    if before == after || before.is_none() || after.is_none() {
        let mark = mark_of(before, after);
        let elements = if after.is_some() { new } else { old };
        for element in elements {
            element_line(context, element, indent, mark, path);
        }
        return;
    }
    // Elements that stand in both at the ends are hidden; what lies between is shown as removed and added.
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    for element in &old[head..old.len() - tail] {
        element_line(context, element, indent, Mark::Remove, path);
    }
    for element in &new[head..new.len() - tail] {
        element_line(context, element, indent, Mark::Add, path);
    }
    context.lines.hidden(indent, head + tail, "element");
}

fn element_line(context: &mut Context<'_>, element: &Value, indent: usize, mark: Mark, path: &Path) {
    if !is_hidden(element) && matches!(element.data(), Data::Fields(_) | Data::Elements(_)) && !is_empty(element) {
        let (before, after) = match mark {
            Mark::Remove => (Some(element), None),
            Mark::None => (Some(element), Some(element)),
            _ => (None, Some(element)),
        };
        let is_map = element.fields().is_some();
        context.lines.push(indent, mark, if is_map { "{" } else { "[" });
        match is_map {
            true => fields(context, before, after, indent + 4, path, true),
            false => list(context, before, after, indent + 4, path),
        }
        return context.lines.push(indent, Mark::None, if is_map { "}," } else { "]," });
    }
    context.lines.push(indent, mark, &format!("{},", inline(element, indent + 2)));
}
