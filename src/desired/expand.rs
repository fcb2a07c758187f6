//! How many instances there are: `count` and `for_each`.

use crate::address::InstanceKey;
use crate::config::Repeats;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lang::{Scope, evaluate, referenced_values};
use crate::syntax::ast::Expression;
use std::collections::BTreeMap;
use std::sync::Arc;
use windlass_api::{Type, Value};

/// The most instances that one block may have: Terraform's limit.
const COUNT_LIMIT: i64 = (1 << 31) - 1;

/// The instances of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Expansion {
    /// Neither `count` nor `for_each`: one instance without a key.
    Single,
    /// `enabled`: one instance without a key, or none.
    Optional(bool),
    /// `count`.
    Count(u64),
    /// `for_each`: values by key.
    Each(BTreeMap<Arc<str>, Value>),
}

/// What `count.index`, `each.key` and `each.value` are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repetition {
    /// `count.index`
    pub count_index: Option<Value>,
    /// `each.key`
    pub each_key: Option<Value>,
    /// `each.value`
    pub each_value: Option<Value>,
}

impl Repetition {
    /// Of an instance of which only the key is known.
    pub fn of(key: Option<&InstanceKey>) -> Repetition {
        match key {
            None => Repetition::default(),
            Some(InstanceKey::Int(index)) => {
                Repetition { count_index: i64::try_from(*index).ok().map(Value::int), ..Repetition::default() }
            }
            Some(InstanceKey::String(key)) => {
                Repetition { each_key: Some(Value::string(key)), each_value: Some(Value::unknown(Type::Dynamic)), ..Repetition::default() }
            }
        }
    }

    /// Of a block whose instances are not known, as in `validate`.
    pub fn unknown(counted: bool, keyed: bool) -> Repetition {
        Repetition {
            count_index: counted.then(|| Value::unknown(Type::Number)),
            each_key: keyed.then(|| Value::unknown(Type::String)),
            each_value: keyed.then(|| Value::unknown(Type::Dynamic)),
        }
    }
}

impl Expansion {
    /// How many instances there are.
    pub fn len(&self) -> usize {
        match self {
            Expansion::Single => 1,
            Expansion::Optional(enabled) => usize::from(*enabled),
            Expansion::Count(count) => usize::try_from(*count).unwrap_or(usize::MAX),
            Expansion::Each(values) => values.len(),
        }
    }

    /// Whether there is no instance.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys in order, each with its repetition values.
    pub fn instances(&self) -> Box<dyn Iterator<Item = (Option<InstanceKey>, Repetition)> + '_> {
        match self {
            Expansion::Single | Expansion::Optional(true) => Box::new(std::iter::once((None, Repetition::default()))),
            Expansion::Optional(false) => Box::new(std::iter::empty()),
            Expansion::Count(count) => Box::new((0..*count).map(|index| {
                let value = Value::int(i64::try_from(index).unwrap_or(i64::MAX));
                (Some(InstanceKey::Int(index)), Repetition { count_index: Some(value), ..Repetition::default() })
            })),
            Expansion::Each(values) => Box::new(values.iter().map(|(key, value)| {
                let repetition = Repetition { count_index: None, each_key: Some(Value::string(key)), each_value: Some(value.clone()) };
                (Some(InstanceKey::String(key.clone())), repetition)
            })),
        }
    }

    /// What repeats in the instance with a key; `None` when there is no such instance.
    pub fn repetition(&self, key: Option<&InstanceKey>) -> Option<Repetition> {
        match (self, key) {
            (Expansion::Single | Expansion::Optional(true), None) => Some(Repetition::default()),
            (Expansion::Count(count), Some(InstanceKey::Int(index))) if index < count => {
                Some(Repetition { count_index: i64::try_from(*index).ok().map(Value::int), ..Repetition::default() })
            }
            (Expansion::Each(values), Some(InstanceKey::String(key))) => {
                let value = values.get(key)?.clone();
                Some(Repetition { count_index: None, each_key: Some(Value::string(key)), each_value: Some(value) })
            }
            _ => None,
        }
    }

    /// The value of the whole block from those of its instances, which are in order of the keys.
    pub fn whole(&self, instances: Vec<Value>) -> Value {
        match self {
            Expansion::Single | Expansion::Optional(_) => instances.into_iter().next().unwrap_or_else(|| Value::null(Type::Dynamic)),
            Expansion::Count(_) => Value::tuple(instances),
            Expansion::Each(values) => Value::object(values.keys().cloned().zip(instances).collect()),
        }
    }
}

/// Evaluates a block's `count`, `for_each` or `enabled`.
///
/// # Errors
/// As Terraform words them: null, unknown, negative, of a wrong type, sensitive.
pub fn expand(repeats: &Repeats<'_>, scope: &dyn Scope, diagnostics: &mut Diagnostics) -> Option<Expansion> {
    match (repeats.count, repeats.for_each, repeats.enabled) {
        (None, None, None) => Some(Expansion::Single),
        (Some(count), ..) => expand_count(count, scope, diagnostics, false),
        (None, Some(for_each), _) => expand_each(for_each, scope, diagnostics, false),
        (None, None, Some(enabled)) => truth("enabled", enabled, scope, diagnostics).map(Expansion::Optional),
    }
}

/// Tells what is wrong of a block's `count`, `for_each` or `enabled`, as far as it can be told where values need not be known.
pub fn check_repeats(repeats: &Repeats<'_>, scope: &dyn Scope, diagnostics: &mut Diagnostics) {
    if let Some(count) = repeats.count {
        expand_count(count, scope, diagnostics, true);
    }
    if let Some(for_each) = repeats.for_each {
        expand_each(for_each, scope, diagnostics, true);
    }
    if let Some(enabled) = repeats.enabled {
        diagnostics.extend(evaluate(enabled, scope).1);
    }
}

/// The value of an argument of `lifecycle` that must be true or false, and known while planning.
pub fn truth(name: &str, expression: &Expression, scope: &dyn Scope, diagnostics: &mut Diagnostics) -> Option<bool> {
    let (value, found) = evaluate(expression, scope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return None;
    }
    let marks = value.marks_deep();
    let converted = windlass_api::value::convert(&value.unmarked_deep(), &Type::Bool);
    let why = match &converted {
        _ if marks.is_ephemeral() => "is derived from an ephemeral value, which can't be kept between planning and applying",
        _ if marks.is_sensitive() => "is derived from a sensitive value, which the existence of objects would disclose",
        Ok(value) if !value.is_known() => {
            "depends on values that cannot be determined until apply; make it depend on what the configuration gives"
        }
        Ok(value) if value.is_null() => "is null; true or false is required",
        Ok(value) => return value.as_bool(),
        Err(_) => "is neither true nor false",
    };
    let detail = format!("The given {name:?} argument value is unsuitable: it {why}.");
    let diagnostic = Diagnostic::error(format!("Invalid {name:?} argument"), detail).at(expression.range);
    diagnostics.push(Diagnostic { values: referenced_values(expression, scope), ..diagnostic });
    None
}

/// `may_be_unknown`: only what is known already is judged.
fn expand_count(expression: &Expression, scope: &dyn Scope, diagnostics: &mut Diagnostics, may_be_unknown: bool) -> Option<Expansion> {
    let (value, found) = evaluate(expression, scope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return None;
    }
    let mut fail_as = |summary: &str, detail: &str| {
        diagnostics.push(Diagnostic::error(summary, detail).at(expression.range));
        None
    };
    let mut fail = |detail: &str| fail_as("Invalid count argument", detail);
    if value.marks().is_ephemeral() {
        return fail(
            "The given \"count\" is derived from an ephemeral value, which means that Windlass cannot persist it between plan/apply rounds. \
             Use only non-ephemeral values to specify the number of resource instances.",
        );
    }
    if !value.is_known() && !may_be_unknown {
        return fail(
            "The \"count\" value depends on resource attributes that cannot be determined until apply, so it can't be told how many \
             instances will be created. Make it depend on values that the configuration gives.",
        );
    }
    if value.is_null() {
        return fail("The given \"count\" argument value is null. An integer is required.");
    }
    let Ok(number) = windlass_api::value::convert(&value, &Type::Number) else {
        return fail_as("Incorrect value type", "Invalid expression value: a number is required.");
    };
    match number.as_i64() {
        None if !number.is_known() => None,
        None => fail("The given \"count\" argument value is unsuitable: value must be a whole number."),
        Some(count) if count < 0 => fail("The given \"count\" argument value is unsuitable: must be greater than or equal to zero."),
        Some(count) if count > COUNT_LIMIT => {
            fail("The given \"count\" argument value is unsuitable: value must be a whole number, at most 2147483647.")
        }
        Some(count) => Some(Expansion::Count(count.unsigned_abs())),
    }
}

/// `may_be_unknown`: only what is known already is judged.
fn expand_each(expression: &Expression, scope: &dyn Scope, diagnostics: &mut Diagnostics, may_be_unknown: bool) -> Option<Expansion> {
    let (value, found) = evaluate(expression, scope);
    let failed = found.has_errors();
    diagnostics.extend(found);
    if failed {
        return None;
    }
    if value.marks().is_ephemeral() {
        let detail = "The given \"for_each\" value is derived from an ephemeral value, which means that Windlass cannot persist it between \
                      plan/apply rounds. Use only non-ephemeral values to specify a resource's instance keys.";
        let diagnostic = Diagnostic::error("Invalid for_each argument", detail).at(expression.range);
        diagnostics.push(Diagnostic { values: referenced_values(expression, scope), ..diagnostic });
        return None;
    }
    match each_values(&value) {
        Ok(values) => Some(Expansion::Each(values)),
        Err(Unsuitable::Unknown(_)) if may_be_unknown => None,
        Err(Unsuitable::Unknown(detail)) => {
            diagnostics.push(Diagnostic::error(INVALID, detail).at(expression.range));
            None
        }
        Err(Unsuitable::Wrong(summary, detail)) => {
            diagnostics.push(Diagnostic::error(summary, detail).at(expression.range));
            None
        }
    }
}

/// Why a value has no keys of instances: with a message.
enum Unsuitable {
    Unknown(String),
    Wrong(&'static str, String),
}

const INVALID: &str = "Invalid for_each argument";
const INVALID_SET: &str = "Invalid for_each set argument";
const UNSUITABLE: &str = "The given \"for_each\" argument value is unsuitable:";

fn each_values(value: &Value) -> Result<BTreeMap<Arc<str>, Value>, Unsuitable> {
    let plain = |detail: String| Unsuitable::Wrong(INVALID, detail);
    if value.marks().is_sensitive() {
        return Err(plain(
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the \
                    sensitive value could be exposed as a resource instance key."
                .to_owned(),
        ));
    }
    if value.is_null() {
        return Err(plain(format!("{UNSUITABLE} the given \"for_each\" argument value is null. A map, or set of strings is allowed.")));
    }
    let kind = match value.ty() {
        Type::Map(_) | Type::Object(_) => "map includes keys",
        Type::Set(element) if **element == Type::String || **element == Type::Dynamic => "set includes values",
        Type::Set(element) => {
            let what = element.friendly_name();
            return Err(Unsuitable::Wrong(
                INVALID_SET,
                format!("{UNSUITABLE} \"for_each\" supports maps and sets of strings, but you have provided a set containing type {what}."),
            ));
        }
        Type::Dynamic if !value.is_known() => "map includes keys",
        other => {
            let what = other.friendly_name();
            return Err(plain(format!(
                "{UNSUITABLE} the \"for_each\" argument must be a map, or set of strings, and you have provided a value of type {what}."
            )));
        }
    };
    let unknown = || {
        Unsuitable::Unknown(format!(
            "The \"for_each\" {kind} derived from resource attributes that cannot be determined until apply, and so it can't be told \
             which keys will identify the instances.\n\nDefine the keys statically in the configuration and place results of \
             apply only in the map values."
        ))
    };
    if !value.is_known() {
        return Err(unknown());
    }
    if let Some(fields) = value.fields() {
        return Ok(fields.clone());
    }
    let mut keys = BTreeMap::new();
    for element in value.elements().unwrap_or_default() {
        if !element.is_known() {
            return Err(unknown());
        }
        let Some(key) = element.as_str() else {
            return Err(Unsuitable::Wrong(INVALID_SET, format!("{UNSUITABLE} \"for_each\" sets must not contain null values.")));
        };
        keys.insert(Arc::from(key), element.clone());
    }
    Ok(keys)
}
