//! The language's `==`.

use super::{Data, Refinement, Type, Value};

/// What is known of a comparison.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Equal,
    Different,
    Unknown,
}

impl Verdict {
    fn of(equal: bool) -> Verdict {
        if equal { Verdict::Equal } else { Verdict::Different }
    }

    /// Parts are all equal, or one differs, or one of the rest is unknown.
    fn all(parts: impl Iterator<Item = Verdict>) -> Verdict {
        let mut verdict = Verdict::Equal;
        for part in parts {
            match part {
                Verdict::Different => return Verdict::Different,
                Verdict::Unknown => verdict = Verdict::Unknown,
                Verdict::Equal => {}
            }
        }
        verdict
    }
}

impl Value {
    /// The language's `==`: a truth value, unknown where a part that decides is unknown. Values of different types differ, except
    /// that nulls are equal whatever their types. The result bears the marks of both sides and of their parts.
    pub fn equals(&self, other: &Value) -> Value {
        let marks = self.marks_deep().union(other.marks_deep());
        let result = match compare(self, other) {
            Verdict::Equal => Value::bool(true),
            Verdict::Different => Value::bool(false),
            Verdict::Unknown => Value::unknown(Type::Bool).not_null(),
        };
        result.with_marks(marks)
    }

    /// The same value; if it is unknown, it is known not to become null.
    #[must_use]
    pub fn not_null(self) -> Value {
        match &self.data {
            Data::Unknown(refinement) if self.ty != Type::Dynamic => {
                let known = refinement.as_deref().cloned().unwrap_or_default();
                let marks = self.marks;
                Value::unknown_refined(self.ty, Refinement { not_null: true, ..known }).with_marks(marks)
            }
            _ => self,
        }
    }

    /// Whether it is surely not null.
    pub fn is_surely_not_null(&self) -> bool {
        match &self.data {
            Data::Null => false,
            Data::Unknown(refinement) => refinement.as_deref().is_some_and(|known| known.not_null),
            _ => true,
        }
    }
}

fn compare(left: &Value, right: &Value) -> Verdict {
    if left.is_null() && right.is_surely_not_null() || right.is_null() && left.is_surely_not_null() {
        return Verdict::Different;
    }
    match (left.is_known(), right.is_known()) {
        (false, false) => return Verdict::Unknown,
        (true, false) => return with_unknown(left, right),
        (false, true) => return with_unknown(right, left),
        (true, true) => {}
    }
    if left.is_null() || right.is_null() {
        return Verdict::of(left.is_null() && right.is_null());
    }
    if left.ty.has_dynamic() || right.ty.has_dynamic() {
        return if may_agree(&left.ty, &right.ty) { parts(left, right) } else { Verdict::Different };
    }
    if left.ty != right.ty {
        return Verdict::Different;
    }
    parts(left, right)
}

/// Whether the types may turn out to be the same: where either is dynamic, it may become what the other is. Each side may leave
/// another part open. (Terraform asks whether one side leaves open all that differs, and so tells some values apart that turn out equal.)
fn may_agree(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (Type::List(left), Type::List(right)) | (Type::Set(left), Type::Set(right)) | (Type::Map(left), Type::Map(right)) => {
            may_agree(left, right)
        }
        (Type::Tuple(left), Type::Tuple(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| may_agree(left, right))
        }
        (Type::Object(left), Type::Object(right)) => {
            let (left, right) = (&left.attributes, &right.attributes);
            left.keys().eq(right.keys()) && left.values().zip(right.values()).all(|(left, right)| may_agree(left, right))
        }
        (left, right) => left == right,
    }
}

/// A known value against an unknown one: only its type and what is known of it can tell them apart.
fn with_unknown(known: &Value, unknown: &Value) -> Verdict {
    if known.is_null() || unknown.ty.has_dynamic() {
        return Verdict::Unknown;
    }
    if !known.ty.has_dynamic() && known.ty != unknown.ty {
        return Verdict::Different;
    }
    match &unknown.data {
        Data::Unknown(Some(refinement)) if !refinement.allows(known) => Verdict::Different,
        _ => Verdict::Unknown,
    }
}

fn parts(left: &Value, right: &Value) -> Verdict {
    match (&left.data, &right.data) {
        (Data::Elements(one), Data::Elements(two)) if matches!(left.ty, Type::Set(_)) => {
            if left.is_wholly_known() && right.is_wholly_known() { Verdict::of(one == two) } else { Verdict::Unknown }
        }
        (Data::Elements(one), Data::Elements(two)) => {
            if one.len() != two.len() {
                return Verdict::Different;
            }
            Verdict::all(one.iter().zip(two.iter()).map(|(one, two)| compare(one, two)))
        }
        (Data::Fields(one), Data::Fields(two)) => {
            if one.len() != two.len() || one.keys().ne(two.keys()) {
                return Verdict::Different;
            }
            Verdict::all(one.values().zip(two.values()).map(|(one, two)| compare(one, two)))
        }
        (one, two) => Verdict::of(one == two),
    }
}

impl Refinement {
    /// Whether a known value may be what the unknown turns out to be.
    pub fn allows(&self, known: &Value) -> bool {
        match &known.data {
            Data::Null => !self.not_null,
            Data::String(text) => self.prefix.as_ref().is_none_or(|prefix| text.starts_with(&**prefix)),
            Data::Number(number) => {
                let above = |bound: &(super::Number, bool)| *number > bound.0 || bound.1 && *number == bound.0;
                let below = |bound: &(super::Number, bool)| *number < bound.0 || bound.1 && *number == bound.0;
                self.minimum.as_ref().is_none_or(above) && self.maximum.as_ref().is_none_or(below)
            }
            Data::Elements(elements) if known.is_wholly_known() || matches!(known.ty, Type::List(_)) => self.allows_length(elements.len()),
            Data::Fields(fields) => self.allows_length(fields.len()),
            _ => true,
        }
    }

    fn allows_length(&self, length: usize) -> bool {
        let length = length as u64;
        self.length_minimum.is_none_or(|minimum| length >= minimum) && self.length_maximum.is_none_or(|maximum| length <= maximum)
    }
}
