//! Two values side by side: what follows a label, as text whose later lines are indented and marked.

use super::align::{Row, align};
use super::lines::{Mark, line};
use crate::syntax::is_identifier;
use crate::view::style::{Ink, Style};
use crate::view::value::{SENSITIVE, UNKNOWN, literal, quoted};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use windlass_api::value::wire::{canonical, infer_from_json};
use windlass_api::{Data, Path, Type, Value};

/// What all values of one change share.
pub struct Renderer<'a> {
    style: Style,
    replace: &'a [Path],
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The column of its line's mark.
    indent: usize,
    path: &'p Path,
    /// Whether it has no type but its own, so that it is shown as JSON would hold it.
    is_free: bool,
}

impl<'p> Place<'p> {
    fn inner(self, path: &'p Path) -> Place<'p> {
        Place { indent: self.indent + 4, path, ..self }
    }
}

impl<'a> Renderer<'a> {
    /// Values painted in a style; paths among `replace` force a replacement.
    pub fn new(style: Style, replace: &'a [Path]) -> Renderer<'a> {
        Renderer { style, replace }
    }

    /// The text after an attribute's label, in a line whose mark stands at `indent`. `is_free`: the schema leaves the type open.
    pub fn attribute(&self, before: Option<&Value>, after: Option<&Value>, indent: usize, path: &Path, is_free: bool) -> String {
        let text = self.pair(before, after, Place { indent, path, is_free });
        if after.is_none() && before.is_some() { text + " -> null" } else { text }
    }

    /// The remark behind what forces a replacement.
    pub fn replacement_note(&self, forces: impl Fn(&Path) -> bool) -> String {
        match self.replace.iter().any(forces) {
            true => format!(" {}", self.style.paint(Ink::Delete, "# forces replacement")),
            false => String::new(),
        }
    }

    fn note(&self, place: Place<'_>) -> String {
        self.replacement_note(|path| path == place.path)
    }

    fn pair(&self, before: Option<&Value>, after: Option<&Value>, place: Place<'_>) -> String {
        match (before, after) {
            (Some(old), Some(new)) if old == new => self.whole(new, Mark::None, place),
            (Some(old), Some(new)) => self.changed(old, new, place),
            (Some(old), None) => self.whole(old, Mark::Remove, place),
            (None, Some(new)) => self.whole(new, Mark::Add, place),
            (None, None) => "null".to_owned(),
        }
    }

    /// One value, all of whose parts bear the same mark.
    fn whole(&self, value: &Value, mark: Mark, place: Place<'_>) -> String {
        let note = self.note(place);
        if is_hidden(value) {
            return format!("{SENSITIVE}{note}");
        }
        let side = |value| if mark == Mark::Remove { (Some(value), None) } else { (None, Some(value)) };
        let both = |value| if mark == Mark::None { (Some(value), Some(value)) } else { side(value) };
        match value.data() {
            Data::Unknown(_) => format!("{UNKNOWN}{note}"),
            Data::Fields(fields) if fields.is_empty() => format!("{{}}{note}"),
            Data::Elements(elements) if elements.is_empty() => format!("[]{note}"),
            Data::Fields(_) => {
                let (before, after) = both(value);
                self.enclosed('{', &self.fields(before, after, place), '}', place)
            }
            Data::Elements(elements) => {
                let rows = elements.iter().map(|element| self.element(both(element), mark, place)).collect::<String>();
                self.enclosed('[', &rows, ']', place)
            }
            Data::String(text) => match document(text) {
                Some(document) => self.encoded(Some(&document), Some(mark), place, |inner| self.whole(&document, mark, inner)),
                None if text.contains('\n') => {
                    let rows = text.lines().map(|text| line(self.style, place.indent + 4, Mark::None, text)).collect::<String>();
                    self.heredoc(&rows, place)
                }
                None => format!("{}{note}", quoted(text)),
            },
            _ => format!("{}{note}", literal(value, place.indent + 2)),
        }
    }

    fn changed(&self, old: &Value, new: &Value, place: Place<'_>) -> String {
        if is_hidden(old) || is_hidden(new) {
            return format!("{SENSITIVE}{}", self.note(place));
        }
        match (old.data(), new.data()) {
            (Data::Fields(_), Data::Fields(_)) => self.enclosed('{', &self.fields(Some(old), Some(new), place), '}', place),
            (Data::Elements(before), Data::Elements(after)) => {
                let is_set = !place.is_free && matches!((old.ty(), new.ty()), (Type::Set(_), Type::Set(_)));
                let rows = if is_set { self.set(before, after, place) } else { self.list(before, after, place) };
                self.enclosed('[', &rows, ']', place)
            }
            (Data::String(before), Data::String(after)) => self.changed_text(before, after, place),
            // The remark stands once, at the end.
            _ => {
                let nowhere = Path::root();
                let old = self.whole(old, Mark::Remove, Place { path: &nowhere, ..place });
                format!("{old} -> {}", self.whole(new, Mark::Add, place))
            }
        }
    }

    fn changed_text(&self, old: &str, new: &str, place: Place<'_>) -> String {
        match (document(old), document(new)) {
            (Some(before), Some(after)) if before == after => {
                self.encoded(None, Some(Mark::None), place, |inner| self.whole(&after, Mark::None, inner))
            }
            (Some(before), Some(after)) if is_same_kind(&before, &after) => {
                self.encoded(Some(&after), None, place, |inner| self.changed(&before, &after, inner))
            }
            _ if old.contains('\n') || new.contains('\n') => {
                let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
                let mut rows = String::new();
                for row in align(&old, &new, |text| (*text).to_owned(), |_| false) {
                    let mut add = |mark, text| rows += &line(self.style, place.indent + 4, mark, text);
                    match row {
                        Row::Same(_, text) => add(Mark::None, text),
                        Row::Changed(old, new) => {
                            add(Mark::Remove, old);
                            add(Mark::Add, new);
                        }
                        Row::Removed(text) => add(Mark::Remove, text),
                        Row::Added(text) => add(Mark::Add, text),
                    }
                }
                self.heredoc(&rows, place)
            }
            _ => format!("{} -> {}{}", quoted(old), quoted(new), self.note(place)),
        }
    }

    /// A JSON document in a string: `jsonencode(…)`. Without a document it is the same but for its white space; without a mark it is
    /// changed.
    fn encoded(&self, document: Option<&Value>, mark: Option<Mark>, place: Place<'_>, show: impl Fn(Place<'_>) -> String) -> String {
        let inside = Path::root();
        let inner = Place { indent: place.indent + 4, path: &inside, is_free: true };
        if mark.is_some() && document.is_some_and(is_empty) {
            return format!("jsonencode({}){}", show(inner), self.note(place));
        }
        let spaces = if document.is_none() { format!(" {}", self.style.paint(Ink::Faint, "# whitespace changes")) } else { String::new() };
        let body = line(self.style, inner.indent, if mark.is_none() { Mark::Change } else { Mark::None }, &show(inner));
        format!("jsonencode({spaces}{}\n{body}{:pad$})", self.note(place), "", pad = place.indent + 2)
    }

    fn heredoc(&self, rows: &str, place: Place<'_>) -> String {
        format!("<<-EOT{}\n{rows}{:pad$}EOT", self.note(place), "", pad = place.indent + 2)
    }

    fn enclosed(&self, open: char, rows: &str, close: char, place: Place<'_>) -> String {
        format!("{open}{}\n{rows}{:pad$}{close}", self.note(place), "", pad = place.indent + 2)
    }

    /// The attributes of an object or elements of a map. Where both sides are there and differ, what is unchanged is counted only.
    fn fields(&self, before: Option<&Value>, after: Option<&Value>, place: Place<'_>) -> String {
        let is_map = !place.is_free && [before, after].into_iter().flatten().any(|value| matches!(value.ty(), Type::Map(_)));
        let names: BTreeSet<&Arc<str>> = keys(before).chain(keys(after)).collect();
        let label = |name: &str| if !is_map && is_identifier(name) { name.to_owned() } else { quoted(name) };
        let is_whole = before.is_none() || after.is_none() || before == after;
        // A null says as little as a missing attribute, except where there is no type to tell what is missing.
        let part = |value: Option<&'_ Value>, name: &str| value?.get(name).filter(|part| place.is_free || !part.is_null()).cloned();
        let (mut shown, mut hidden) = (Vec::new(), 0);
        for name in names {
            match (part(before, name), part(after, name)) {
                (old, new) if old == new && !(is_whole && new.is_some()) => hidden += 1,
                (old, new) => shown.push((name, label(name), old, new)),
            }
        }
        let width = shown.iter().map(|(_, label, ..)| label.chars().count()).max().unwrap_or(0);
        let mut rows = String::new();
        for (name, label, old, new) in &shown {
            let path = place.path.attribute(name);
            let text = self.pair(old.as_ref(), new.as_ref(), place.inner(&path));
            let end = if is_map && !is_whole && new.is_none() { " -> null" } else { "" };
            rows += &line(self.style, place.indent + 4, mark_of(old.as_ref(), new.as_ref()), &format!("{label:<width$} = {text}{end}"));
        }
        rows + &self.hidden(hidden, if is_map { "element" } else { "attribute" }, place)
    }

    fn list(&self, old: &[Value], new: &[Value], place: Place<'_>) -> String {
        let rows = align(old, new, canonical, |value| value.fields().is_some());
        let is_same = |index: usize| rows.get(index).is_none_or(|row| matches!(row, Row::Same(..)));
        let (mut text, mut hidden) = (String::new(), 0);
        for (index, row) in rows.iter().enumerate() {
            // The neighbours of a change tell where it is.
            if is_same(index) && (index == 0 || is_same(index - 1)) && is_same(index + 1) {
                hidden += 1;
                continue;
            }
            text += &self.hidden(std::mem::take(&mut hidden), "element", place);
            text += &match *row {
                Row::Same(_, value) => self.element((Some(value), Some(value)), Mark::None, place),
                Row::Changed(old, new) => self.element((Some(old), Some(new)), Mark::Change, place),
                Row::Removed(value) => self.element((Some(value), None), Mark::Remove, place),
                Row::Added(value) => self.element((None, Some(value)), Mark::Add, place),
            };
        }
        text + &self.hidden(hidden, "element", place)
    }

    fn set(&self, old: &[Value], new: &[Value], place: Place<'_>) -> String {
        let (before, after): (HashSet<_>, HashSet<_>) = (old.iter().map(canonical).collect(), new.iter().map(canonical).collect());
        let gone: Vec<&Value> = old.iter().filter(|value| !after.contains(&canonical(value))).collect();
        let mut rows: String = gone.iter().map(|value| self.element((Some(value), None), Mark::Remove, place)).collect();
        for value in new.iter().filter(|value| !before.contains(&canonical(value))) {
            rows += &self.element((None, Some(value)), Mark::Add, place);
        }
        rows + &self.hidden(old.len() - gone.len(), "element", place)
    }

    fn element(&self, (before, after): (Option<&Value>, Option<&Value>), mark: Mark, place: Place<'_>) -> String {
        let nowhere = Path::root();
        line(self.style, place.indent + 4, mark, &format!("{},", self.pair(before, after, place.inner(&nowhere))))
    }

    fn hidden(&self, count: usize, what: &str, place: Place<'_>) -> String {
        super::lines::hidden(self.style, place.indent + 4, count, what)
    }
}

/// The mark of a line with these two sides.
pub fn mark_of(before: Option<&Value>, after: Option<&Value>) -> Mark {
    match (before, after) {
        (None, Some(_)) => Mark::Add,
        (Some(_), None) => Mark::Remove,
        (old, new) if old == new => Mark::None,
        _ => Mark::Change,
    }
}

/// Whether a value is hidden as a whole.
pub fn is_hidden(value: &Value) -> bool {
    value.marks().is_secret()
}

/// The names of a value's attributes or elements.
pub fn keys(value: Option<&Value>) -> impl Iterator<Item = &Arc<str>> {
    value.and_then(Value::fields).into_iter().flat_map(|fields| fields.keys())
}

/// A string that is a JSON object or array, as the value that it encodes.
fn document(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok().map(|json| infer_from_json(&json))
}

fn is_same_kind(before: &Value, after: &Value) -> bool {
    before.fields().is_some() == after.fields().is_some()
}

fn is_empty(value: &Value) -> bool {
    value.children().next().is_none()
}
