//! Values of a plan, before against after: in one line where they fit one, else spread over several.

use super::body::Context;
use super::change::is_hidden;
use super::lines::Mark;
use crate::view::value::{SENSITIVE, UNKNOWN, identifier_or_quoted, key, literal, quoted};
use std::collections::BTreeSet;
use std::sync::Arc;
use windlass_api::value::wire::infer_from_json;
use windlass_api::{Data, Path, Type, Value};

/// Texts and lists whose lengths multiply to more than this are not compared piece by piece.
const COMPARISONS_MAX: usize = 1_000_000;

/// What a value is when it takes several lines.
enum Spread<'a> {
    Fields,
    Elements,
    /// A text of JSON, and what it holds.
    Json(Value),
    Lines(&'a str),
}

/// An entry of a list: before, after.
type Entry<'a> = (Option<&'a Value>, Option<&'a Value>);

/// `None` for null, which is shown as if it were not there.
pub fn present(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// A field that is there and not null.
pub fn part<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    value?.get(name).and_then(present)
}

/// The elements of a value; none when it has none.
pub fn elements(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::elements).unwrap_or(&[])
}

/// The names of the fields of a value.
pub fn keys(value: Option<&Value>) -> impl Iterator<Item = &Arc<str>> {
    value.and_then(Value::fields).into_iter().flat_map(|fields| fields.keys())
}

fn spread(value: &Value) -> Option<Spread<'_>> {
    match value.data() {
        _ if is_hidden(value) => None,
        Data::Fields(fields) => (!fields.is_empty()).then_some(Spread::Fields),
        Data::Elements(elements) => (!elements.is_empty()).then_some(Spread::Elements),
        Data::String(text) => match json(text) {
            Some(value) => Some(Spread::Json(value)),
            None => text.trim_end_matches('\n').contains('\n').then_some(Spread::Lines(text)),
        },
        _ => None,
    }
}

/// What a text holds that is a JSON object or list with anything in it.
fn json(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    let value = infer_from_json(&parsed);
    let is_empty = value.children().next().is_none();
    (!is_empty).then_some(value)
}

fn inline(value: &Value) -> String {
    match value.data() {
        _ if is_hidden(value) => SENSITIVE.to_owned(),
        Data::String(text) => quoted(text),
        Data::Elements(_) => "[]".to_owned(),
        Data::Fields(_) => "{}".to_owned(),
        Data::Null => "null".to_owned(),
        Data::Unknown(_) => UNKNOWN.to_owned(),
        _ => literal(value, 0),
    }
}

/// `label` and a value, before against after.
pub fn named(context: &mut Context<'_>, label: &str, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path) {
    let mark = context.mark(before, after);
    let note = context.replacement_note(path);
    match (before, after) {
        (Some(old), Some(new)) if mark == Mark::Change => changed(context, label, old, new, indent, path, &note),
        (Some(value), _) | (None, Some(value)) => {
            let arrow = if mark == Mark::Remove { " -> null" } else { "" };
            child(context, label, value, mark, indent, arrow, &note);
        }
        (None, None) => context.lines.push(indent, mark, &format!("{label}null{note}")),
    }
}

/// A value with everything in it, each line with the same mark.
fn child(context: &mut Context<'_>, label: &str, value: &Value, mark: Mark, indent: usize, end: &str, note: &str) {
    match spread(value) {
        Some(kind) => {
            let close = whole(context, &format!("{label}{}{note}", opening(&kind)), value, &kind, (mark, mark), indent);
            context.lines.push(indent, Mark::None, &format!("{close}{end}"));
        }
        None => context.lines.push(indent, mark, &format!("{label}{}{end}{note}", inline(value))),
    }
}

fn opening(kind: &Spread<'_>) -> &'static str {
    match kind {
        Spread::Fields => "{",
        Spread::Elements => "[",
        Spread::Json(_) => "jsonencode(",
        Spread::Lines(_) => "<<-EOT",
    }
}

/// The opening line and all that is inside; what closes it is returned. `marks` are those of the opening and of the inside.
fn whole(context: &mut Context<'_>, open: &str, value: &Value, kind: &Spread<'_>, marks: (Mark, Mark), indent: usize) -> &'static str {
    let (own, inside) = marks;
    context.lines.push(indent, own, open);
    match kind {
        Spread::Fields => {
            let label = labels(value);
            let fields: Vec<_> = value.fields().into_iter().flatten().map(|(name, field)| (label(name), field)).collect();
            let width = fields.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
            for (label, field) in fields {
                child(context, &format!("{label:<width$} = "), field, inside, indent + 4, "", "");
            }
            "}"
        }
        Spread::Elements => {
            for element in elements(Some(value)) {
                child(context, "", element, inside, indent + 4, ",", "");
            }
            "]"
        }
        Spread::Json(content) => {
            if let Some(kind) = spread(content) {
                let close = whole(context, opening(&kind), content, &kind, (Mark::None, inside), indent + 4);
                context.lines.push(indent + 4, Mark::None, close);
            }
            ")"
        }
        Spread::Lines(text) => {
            text.lines().for_each(|line| context.lines.push(indent + 4, Mark::None, line));
            "EOT"
        }
    }
}

fn changed(context: &mut Context<'_>, label: &str, old: &Value, new: &Value, indent: usize, path: &Path, note: &str) {
    if is_hidden(old) || is_hidden(new) {
        return context.lines.push(indent, Mark::Change, &format!("{label}{SENSITIVE}{note}"));
    }
    match (spread(old), spread(new)) {
        (Some(Spread::Json(before)), Some(Spread::Json(after))) => {
            let remark = if before == after { " # whitespace changes" } else { note };
            context.lines.push(indent, Mark::Change, &format!("{label}jsonencode({remark}"));
            named(context, "", Some(&before), Some(&after), indent + 4, path);
            context.lines.push(indent, Mark::None, ")");
        }
        (Some(Spread::Lines(before)), _) if new.as_str().is_some() => {
            text_changed(context, label, before, new.as_str().unwrap_or_default(), indent, note);
        }
        (_, Some(Spread::Lines(after))) if old.as_str().is_some() => {
            text_changed(context, label, old.as_str().unwrap_or_default(), after, indent, note);
        }
        _ if old.fields().is_some() && new.fields().is_some() => {
            context.lines.push(indent, Mark::Change, &format!("{label}{{{note}"));
            fields(context, old, new, indent + 4, path);
            context.lines.push(indent, Mark::None, "}");
        }
        _ if old.elements().is_some() && new.elements().is_some() => {
            context.lines.push(indent, Mark::Change, &format!("{label}[{note}"));
            list(context, old, new, indent + 4, path);
            context.lines.push(indent, Mark::None, "]");
        }
        (before, after) => {
            let (mut label, mut mark) = (label.to_owned(), Mark::Change);
            match before {
                Some(kind) => {
                    let close = whole(context, &format!("{label}{}{note}", opening(&kind)), old, &kind, (mark, Mark::Remove), indent);
                    (label, mark) = (format!("{close} -> "), Mark::None);
                }
                None => label += &format!("{} -> ", inline(old)),
            }
            match after {
                Some(kind) => {
                    let close = whole(context, &format!("{label}{}", opening(&kind)), new, &kind, (mark, Mark::Add), indent);
                    context.lines.push(indent, Mark::None, close);
                }
                None => context.lines.push(indent, mark, &format!("{label}{}{note}", inline(new))),
            }
        }
    }
}

/// How names stand in a value: those of a map always quoted.
fn labels(value: &Value) -> impl Fn(&str) -> String {
    let is_map = matches!(value.ty(), Type::Map(_));
    move |name| if is_map { key(name) } else { identifier_or_quoted(name) }
}

fn fields(context: &mut Context<'_>, before: &Value, after: &Value, indent: usize, path: &Path) {
    let names: BTreeSet<_> = keys(Some(before)).chain(keys(Some(after))).collect();
    let is_object = [before, after].iter().all(|value| matches!(value.ty(), Type::Object(_)));
    let label = labels(if is_object { before } else { after });
    let differs = |name: &&Arc<str>| part(Some(before), name) != part(Some(after), name);
    let (shown, same): (Vec<_>, Vec<_>) = names.into_iter().partition(differs);
    let width = shown.iter().map(|name| label(name).chars().count()).max().unwrap_or(0);
    for name in shown {
        let path = path.attribute(name);
        named(context, &format!("{:<width$} = ", label(name)), part(Some(before), name), part(Some(after), name), indent, &path);
    }
    context.lines.hidden(indent, same.len(), if is_object { "attribute" } else { "element" });
}

fn list(context: &mut Context<'_>, before: &Value, after: &Value, indent: usize, path: &Path) {
    let (old, new) = (elements(Some(before)), elements(Some(after)));
    if matches!(before.ty(), Type::Set(_)) && matches!(after.ty(), Type::Set(_)) {
        let (kept, gone): (Vec<_>, Vec<_>) = old.iter().partition(|element| new.contains(element));
        let made = new.iter().filter(|element| !old.contains(element)).map(|element| (None, Some(element)));
        let entries: Vec<Entry<'_>> = gone.into_iter().map(|element| (Some(element), None)).chain(made).collect();
        entries.into_iter().for_each(|entry| entry_lines(context, entry, indent, path));
        return context.lines.hidden(indent, kept.len(), "element");
    }
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    // One element on either side of a change is shown, to tell where in the list it is.
    context.lines.hidden(indent, head.saturating_sub(1), "element");
    old[..head].iter().last().into_iter().for_each(|element| child(context, "", element, Mark::None, indent, ",", ""));
    for entry in entries(&old[head..old.len() - tail], &new[head..new.len() - tail]) {
        entry_lines(context, entry, indent, path);
    }
    old[old.len() - tail..].iter().take(1).for_each(|element| child(context, "", element, Mark::None, indent, ",", ""));
    context.lines.hidden(indent, tail.saturating_sub(1), "element");
}

/// Compound elements of the same place are compared; others are removed, then added.
fn entries<'a>(old: &'a [Value], new: &'a [Value]) -> Vec<Entry<'a>> {
    let alike = |pair: &(&Value, &Value)| {
        pair.0.fields().is_some() == pair.1.fields().is_some() && spread(pair.0).is_some() && spread(pair.1).is_some()
    };
    let paired = old.iter().zip(new).take_while(alike).count();
    let compared = old.iter().zip(new).take(paired).map(|(a, b)| (Some(a), Some(b)));
    let others = differences(&old[paired..], &new[paired..]).into_iter().map(|(mark, element)| match mark {
        Mark::Remove => (Some(element), None),
        Mark::Add => (None, Some(element)),
        Mark::None | Mark::Change => (Some(element), Some(element)),
    });
    compared.chain(others).collect()
}

fn entry_lines(context: &mut Context<'_>, entry: Entry<'_>, indent: usize, path: &Path) {
    match entry {
        (Some(old), Some(new)) if old != new => {
            let is_map = new.fields().is_some();
            context.lines.push(indent, Mark::Change, if is_map { "{" } else { "[" });
            match is_map {
                true => fields(context, old, new, indent + 4, path),
                false => list(context, old, new, indent + 4, path),
            }
            context.lines.push(indent, Mark::None, if is_map { "}," } else { "]," });
        }
        (Some(same), Some(_)) => child(context, "", same, Mark::None, indent, ",", ""),
        (Some(gone), None) => child(context, "", gone, Mark::Remove, indent, ",", ""),
        (None, Some(made)) => child(context, "", made, Mark::Add, indent, ",", ""),
        (None, None) => {}
    }
}

/// A text of several lines, line by line.
fn text_changed(context: &mut Context<'_>, label: &str, before: &str, after: &str, indent: usize, note: &str) {
    context.lines.push(indent, Mark::Change, &format!("{label}<<-EOT{note}"));
    for (mark, line) in differences(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>()) {
        context.lines.push(indent + 4, mark, line);
    }
    context.lines.push(indent, Mark::None, "EOT");
}

/// The longest common subsequence, with what is removed and added between.
fn differences<'a, T: PartialEq>(old: &'a [T], new: &'a [T]) -> Vec<(Mark, &'a T)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let mut found: Vec<_> = old[..head].iter().map(|item| (Mark::None, item)).collect();
    let (rows, columns) = (old_rest.len(), new_rest.len());
    if rows.saturating_mul(columns) > COMPARISONS_MAX {
        found.extend(old_rest.iter().map(|item| (Mark::Remove, item)));
        found.extend(new_rest.iter().map(|item| (Mark::Add, item)));
        return found;
    }
    // common[i][j]: how many lines the rests from i and j on have in common.
    let mut common = vec![vec![0_usize; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            common[i][j] = match old_rest[i] == new_rest[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < rows || j < columns {
        if i < rows && j < columns && old_rest[i] == new_rest[j] {
            found.push((Mark::None, &old_rest[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < rows && (j == columns || common[i + 1][j] >= common[i][j + 1]) {
            found.push((Mark::Remove, &old_rest[i]));
            i += 1;
        } else {
            found.push((Mark::Add, &new_rest[j]));
            j += 1;
        }
    }
    found
}
