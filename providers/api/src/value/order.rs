//! The order in which sets are iterated, by the rules of cty.

use super::{Data, Marks, Type, Value};
use std::cmp::Ordering;

impl Value {
    /// A set: its elements sorted in the language's iteration order and without duplicates. The elements' marks move to the set. An
    /// element that is not wholly known stays, since it may turn out to be any other.
    pub fn set(element: Type, elements: Vec<Value>) -> Value {
        debug_assert!(elements.iter().all(|value| value.ty.may_become(&element)));
        let marks = elements.iter().fold(Marks::NONE, |marks, value| marks.union(value.marks_deep()));
        let mut sorted: Vec<(Key, Value)> = elements
            .into_iter()
            .map(|value| {
                let value = if marks.is_empty() { value } else { value.unmarked_deep() };
                (Key::of(&value), value)
            })
            .collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        sorted.dedup_by(|right, left| left.0 == right.0 && left.1 == right.1 && left.1.is_wholly_known());
        let elements = sorted.into_iter().map(|(_, value)| value).collect();
        Value { ty: Type::set(element), data: Data::Elements(elements), marks }
    }
}

/// By what a set's elements are sorted.
#[derive(PartialEq, Eq)]
enum Key {
    Bool(bool),
    Number(super::Number),
    String(std::sync::Arc<str>),
    /// cty's hash bytes of a compound element; elements that agree in them are told apart by their whole text.
    Compound(String, String),
    Unknown(String),
    Null,
}

impl Key {
    fn of(value: &Value) -> Key {
        match &value.data {
            Data::Bool(value) => Key::Bool(*value),
            Data::Number(number) => Key::Number(number.clone()),
            Data::String(text) => Key::String(text.clone()),
            Data::Null => Key::Null,
            Data::Unknown(_) => Key::Unknown(super::wire::canonical(value)),
            Data::Elements(_) | Data::Fields(_) => {
                let mut bytes = String::new();
                hash_bytes(value, &mut bytes);
                Key::Compound(bytes, super::wire::canonical(value))
            }
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Key::Bool(_) | Key::Number(_) | Key::String(_) | Key::Compound(..) => 0,
            Key::Unknown(_) => 1,
            Key::Null => 2,
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        match (self, other) {
            (Key::Bool(left), Key::Bool(right)) => left.cmp(right),
            (Key::Number(left), Key::Number(right)) => left.cmp(right),
            (Key::String(left), Key::String(right)) => left.cmp(right),
            (Key::Compound(left, left_text), Key::Compound(right, right_text)) => left.cmp(right).then_with(|| left_text.cmp(right_text)),
            (Key::Unknown(left), Key::Unknown(right)) => left.cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What cty hashes a set's element by (`appendSetHashBytes`); compound elements are iterated in the order of these bytes.
fn hash_bytes(value: &Value, out: &mut String) {
    match (&value.ty, &value.data) {
        (_, Data::Unknown(_)) => out.push('?'),
        (_, Data::Null) => out.push('~'),
        (_, Data::Bool(value)) => out.push(if *value { 'T' } else { 'F' }),
        (_, Data::Number(number)) => out.push_str(&number.short_text()),
        (_, Data::String(text)) => quote(text, out),
        (Type::Tuple(_), Data::Elements(elements)) => joined('<', elements.iter(), '>', out),
        (_, Data::Elements(elements)) => joined('[', elements.iter(), ']', out),
        (Type::Map(_), Data::Fields(fields)) => {
            out.push('{');
            for (key, element) in fields.iter() {
                quote(key, out);
                out.push(':');
                hash_bytes(element, out);
                out.push(';');
            }
            out.push('}');
        }
        (_, Data::Fields(fields)) => joined('<', fields.values(), '>', out),
    }
}

fn joined<'a>(open: char, elements: impl Iterator<Item = &'a Value>, close: char, out: &mut String) {
    out.push(open);
    for element in elements {
        hash_bytes(element, out);
        out.push(';');
    }
    out.push(close);
}

/// Go's `%q`, as far as the order of texts rests on it.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            control if control.is_control() && (control as u32) < 0x80 => out.push_str(&format!("\\x{:02x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}
