//! `condition ? yes : no`.

use super::{Evaluator, failed};
use crate::diagnostic::Diagnostics;
use crate::syntax::ast::Expression;
use windlass_api::value::convert::convert;
use windlass_api::value::unify::unify_unsafe;
use windlass_api::{Data, Refinement, Type, Value};

/// A branch with its value and the messages of its evaluation.
struct Branch<'a> {
    name: &'static str,
    expression: &'a Expression,
    value: Value,
    messages: Diagnostics,
}

impl Evaluator<'_> {
    /// Both branches are evaluated, for their types; only the messages of the chosen one count.
    pub(super) fn conditional(&mut self, condition: &Expression, yes: &Expression, no: &Expression) -> Value {
        let yes = self.branch("true", yes);
        let no = self.branch("false", no);
        self.choose(condition, yes, no)
    }

    fn branch<'a>(&mut self, name: &'static str, expression: &'a Expression) -> Branch<'a> {
        let (value, messages) = self.apart(|evaluator| evaluator.value(expression));
        Branch { name, expression, value, messages }
    }

    fn choose(&mut self, condition: &Expression, yes: Branch, no: Branch) -> Value {
        let Some(ty) = common_type(&yes.value, &no.value) else {
            let mismatch = describe_mismatch(yes.value.ty(), no.value.ty());
            let detail = format!("The true and false result expressions must have consistent types. {mismatch}.");
            self.error_at(yes.expression.range.to(no.expression.range), condition, "Inconsistent conditional result types", detail);
            return failed();
        };
        let Some(chosen) = self.condition(condition) else { return Value::unknown(ty) };
        let Some(truth) = chosen.as_bool() else {
            self.diagnostics.extend(warnings_of(yes.messages));
            self.diagnostics.extend(warnings_of(no.messages));
            return either(&yes.value, &no.value, &ty).with_marks(chosen.marks());
        };
        let branch = if truth { yes } else { no };
        self.diagnostics.extend(branch.messages);
        match convert(&branch.value, &ty) {
            Ok(value) => value.with_marks(chosen.marks()),
            Err(reason) => {
                let detail = format!("The {} result value has the wrong type: {reason}.", branch.name);
                self.error(branch.expression, "Inconsistent conditional result types", detail);
                Value::unknown(ty)
            }
        }
    }

    /// A condition as a truth value, perhaps unknown; `None` after an error.
    pub(super) fn condition(&mut self, condition: &Expression) -> Option<Value> {
        let value = self.value(condition);
        if value.is_null() {
            let detail = "The condition value is null. Conditions must either be true or false.";
            self.error(condition, "Null condition", detail);
            return None;
        }
        match convert(&value, &Type::Bool) {
            Ok(truth) => Some(truth),
            Err(_) => {
                self.error(condition, "Incorrect condition type", "The condition expression must be of type bool.");
                None
            }
        }
    }

    /// A conditional of a template, whose branches are strings already.
    pub(super) fn template_condition(
        &mut self,
        condition: &Expression,
        yes: impl FnOnce(&mut Self) -> Value,
        no: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let yes = self.apart(yes);
        let no = self.apart(no);
        let Some(chosen) = self.condition(condition) else { return Value::unknown(Type::String) };
        let (value, messages) = match chosen.as_bool() {
            None => (either(&yes.0, &no.0, &Type::String), Diagnostics::none()),
            Some(true) => yes,
            Some(false) => no,
        };
        self.diagnostics.extend(messages);
        value.with_marks(chosen.marks())
    }
}

fn warnings_of(messages: Diagnostics) -> Diagnostics {
    Diagnostics(messages.0.into_iter().filter(|message| message.severity == crate::diagnostic::Severity::Warning).collect())
}

/// The type of the result: a bare `null` takes the other's type, and nothing is unified with what has no type yet.
fn common_type(yes: &Value, no: &Value) -> Option<Type> {
    let bare_null = |value: &Value| value.is_null() && *value.ty() == Type::Dynamic;
    match (yes.ty(), no.ty()) {
        _ if bare_null(yes) => Some(no.ty().clone()),
        _ if bare_null(no) => Some(yes.ty().clone()),
        (Type::Dynamic, _) | (_, Type::Dynamic) => Some(Type::Dynamic),
        (one, two) => unify_unsafe(&[one.clone(), two.clone()]),
    }
}

/// The unknown that may become either; it is refined by what both share.
fn either(yes: &Value, no: &Value, ty: &Type) -> Value {
    let marks = yes.marks().union(no.marks());
    if yes.is_null() && no.is_null() {
        return Value::null(ty.clone()).with_marks(marks);
    }
    let not_null = yes.is_surely_not_null() && no.is_surely_not_null();
    let mut shared = Refinement { not_null, ..Refinement::default() };
    if *ty == Type::Number && yes.ty() == no.ty() {
        shared.minimum = bound(yes, no, |value| range(value).minimum, |left, right| left < right);
        shared.maximum = bound(yes, no, |value| range(value).maximum, |left, right| left > right);
    }
    if *ty == Type::String && yes.ty() == no.ty() {
        shared.prefix = shared_prefix(yes, no);
    }
    if ty.is_collection() && yes.ty() == no.ty() {
        let (one, two) = (range(yes), range(no));
        shared.length_minimum = one.length_minimum.zip(two.length_minimum).map(|(one, two)| one.min(two));
        shared.length_maximum = one.length_maximum.zip(two.length_maximum).map(|(one, two)| one.max(two));
    }
    match *ty == Type::Dynamic || shared == Refinement::default() {
        true => Value::unknown(ty.clone()).with_marks(marks),
        false => Value::unknown_refined(ty.clone(), shared).with_marks(marks),
    }
}

type Bound = Option<(windlass_api::Number, bool)>;

fn bound(
    yes: &Value,
    no: &Value,
    of: impl Fn(&Value) -> Bound,
    wider: impl Fn(&windlass_api::Number, &windlass_api::Number) -> bool,
) -> Bound {
    let (one, two) = (of(yes)?, of(no)?);
    match one.0 == two.0 {
        true => Some((one.0, one.1 || two.1)),
        false => Some(if wider(&one.0, &two.0) { one } else { two }),
    }
}

/// What is known of a value, as a refinement.
pub(in crate::lang) fn range(value: &Value) -> Refinement {
    let length = |length: usize| Refinement {
        not_null: true,
        length_minimum: Some(length as u64),
        length_maximum: Some(length as u64),
        ..Refinement::default()
    };
    match value.data() {
        Data::Unknown(refinement) => refinement.as_deref().cloned().unwrap_or_default(),
        Data::Number(number) => Refinement {
            not_null: true,
            minimum: Some((number.clone(), true)),
            maximum: Some((number.clone(), true)),
            ..Refinement::default()
        },
        Data::String(text) => Refinement { not_null: true, prefix: Some(text.clone()), ..Refinement::default() },
        Data::Elements(elements) => length(elements.len()),
        Data::Fields(fields) => length(fields.len()),
        Data::Bool(_) => Refinement { not_null: true, ..Refinement::default() },
        Data::Null => Refinement::default(),
    }
}

fn shared_prefix(yes: &Value, no: &Value) -> Option<std::sync::Arc<str>> {
    let (one, two) = (range(yes).prefix?, range(no).prefix?);
    let shared: String = one.chars().zip(two.chars()).take_while(|(one, two)| one == two).map(|(one, _)| one).collect();
    super::template::safe_prefix(&shared)
}

/// Why two types have none in common, in HCL's words.
fn describe_mismatch(yes: &Type, no: &Type) -> String {
    match (yes, no) {
        (Type::Object(one), Type::Object(two)) => {
            if let Some(name) = one.attributes.keys().find(|name| !two.attributes.contains_key(*name)) {
                return format!("The 'true' value includes object attribute {name:?}, which is absent in the 'false' value");
            }
            for (name, ty) in &two.attributes {
                match one.attributes.get(name) {
                    None => return format!("The 'false' value includes object attribute {name:?}, which is absent in the 'true' value"),
                    Some(other) if other != ty && unify_unsafe(&[other.clone(), ty.clone()]).is_none() => {
                        return format!("Type mismatch for object attribute {name:?}: {}", describe_mismatch(other, ty));
                    }
                    Some(_) => {}
                }
            }
        }
        (Type::Tuple(one), Type::Tuple(two)) => {
            if one.len() != two.len() {
                return format!("The 'true' tuple has length {}, but the 'false' tuple has length {}", one.len(), two.len());
            }
            for (position, (one, two)) in one.iter().zip(two.iter()).enumerate() {
                if one != two {
                    return format!("Type mismatch for tuple element {position}: {}", describe_mismatch(one, two));
                }
            }
        }
        (Type::List(one), Type::List(two)) => return format!("Mismatched list element types: {}", describe_mismatch(one, two)),
        (Type::Set(one), Type::Set(two)) => return format!("Mismatched set element types: {}", describe_mismatch(one, two)),
        (Type::Map(one), Type::Map(two)) => return format!("Mismatched map element types: {}", describe_mismatch(one, two)),
        _ => {}
    }
    let (one, two) = (yes.friendly_name(), no.friendly_name());
    match one == two {
        true => "At least one deeply-nested attribute or element is not compatible across both the 'true' and the 'false' value".to_owned(),
        false => format!("The 'true' value is {one}, but the 'false' value is {two}"),
    }
}
