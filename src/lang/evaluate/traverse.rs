//! Names, attributes and indexes.

use super::{Evaluator, failed};
use crate::diagnostic::{Diagnostic, nearest};
use crate::syntax::ast::{Expression, ExpressionKind, Identifier, Traversal, TraversalStep};
use windlass_api::value::convert::convert;
use windlass_api::{Data, Number, Type, Value};

/// A summary and a detail.
type Refusal = (&'static str, String);

const INVALID_INDEX: &str = "Invalid index";
const UNSUPPORTED_ATTRIBUTE: &str = "Unsupported attribute";

impl Evaluator<'_> {
    /// A name or another expression with steps after it. Goes down without recursion, so that cost is linear.
    pub(super) fn chain(&mut self, expression: &Expression) -> Value {
        let mut links = Vec::new();
        let mut root = expression;
        while let ExpressionKind::Attribute(inner, _) | ExpressionKind::Index(inner, _) = &root.kind {
            links.push(root);
            root = inner;
        }
        links.reverse();
        let (mut value, taken) = match &root.kind {
            ExpressionKind::Variable(name) => match self.local(name) {
                Some(value) => (value.clone(), 0),
                None => match self.resolve(&longest_traversal(root, name, &links)) {
                    Some(resolved) => resolved,
                    None => return failed(),
                },
            },
            _ => (self.value(root), 0),
        };
        for link in links.into_iter().skip(taken) {
            value = match &link.kind {
                ExpressionKind::Attribute(_, name) => {
                    attribute(&value, &name.name).unwrap_or_else(|(summary, detail)| self.refuse(link, name, summary, detail))
                }
                ExpressionKind::Index(_, key) => {
                    let key_value = self.value(key);
                    index(&value, &key_value).unwrap_or_else(|(summary, detail)| {
                        let bracket = crate::diagnostic::Range { start: key.range.start.saturating_sub(1), ..link.range };
                        self.error_at(bracket, link, summary, detail);
                        failed()
                    })
                }
                _ => value,
            };
        }
        value
    }

    fn refuse(&mut self, link: &Expression, name: &Identifier, summary: &str, detail: String) -> Value {
        // From the dot on, as Terraform points.
        let range = crate::diagnostic::Range { start: name.range.start.saturating_sub(1), ..name.range };
        self.error_at(range, link, summary, detail);
        failed()
    }

    fn resolve(&mut self, traversal: &Traversal) -> Option<(Value, usize)> {
        if self.closed {
            self.diagnostics.push(self.unknown_template_name(traversal));
            return None;
        }
        match self.scope.resolve(traversal) {
            Ok(resolved) => Some((resolved.value, resolved.steps_taken)),
            Err(diagnostic) => {
                if !self.undeclared.0.contains(&diagnostic) {
                    self.undeclared.push(*diagnostic);
                }
                None
            }
        }
    }

    fn unknown_template_name(&self, traversal: &Traversal) -> Diagnostic {
        let name = &traversal.root.name;
        let near = nearest(name, self.locals.iter().map(|(local, _)| &**local));
        let suggestion = near.map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
        Diagnostic::error("Invalid reference", format!("vars map does not contain key {name:?}, which the template refers to.{suggestion}"))
            .at(traversal.root.range)
    }

    /// The value of a whole reference, for messages.
    pub(super) fn traversal(&mut self, traversal: &Traversal) -> Value {
        let (mut value, taken) = match self.local(&traversal.root.name) {
            Some(value) => (value.clone(), 0),
            None => match self.resolve(traversal) {
                Some(resolved) => resolved,
                None => return failed(),
            },
        };
        for step in traversal.steps.iter().skip(taken) {
            let next = match step {
                TraversalStep::Attribute(name) => attribute(&value, &name.name),
                TraversalStep::Index(key, _) => index(&value, key),
            };
            match next {
                Ok(next) => value = next,
                Err((summary, detail)) => {
                    self.diagnostics.push(Diagnostic::error(summary, detail).at(traversal.range));
                    return failed();
                }
            }
        }
        value
    }
}

/// The reference that begins at a name, up to the first key that is no constant.
fn longest_traversal(root: &Expression, name: &std::sync::Arc<str>, links: &[&Expression]) -> Traversal {
    let mut traversal =
        Traversal { root: Identifier { name: name.clone(), range: root.range }, steps: Vec::with_capacity(links.len()), range: root.range };
    for link in links {
        let step = match &link.kind {
            ExpressionKind::Attribute(_, name) => TraversalStep::Attribute(name.clone()),
            ExpressionKind::Index(_, key) => match &key.kind {
                ExpressionKind::Literal(value) => TraversalStep::Index(value.clone(), key.range),
                _ => break,
            },
            _ => break,
        };
        traversal.steps.push(step);
        traversal.range = link.range;
    }
    traversal
}

/// `object.name`.
pub(super) fn attribute(object: &Value, name: &str) -> Result<Value, Refusal> {
    if object.is_null() {
        let detail = "This value is null, so it does not have any attributes.".to_owned();
        return Err(("Attempt to get attribute from null value", detail));
    }
    let refuse = |detail: String| Err((UNSUPPORTED_ATTRIBUTE, detail));
    match object.ty() {
        Type::Dynamic => Ok(failed().with_marks(object.marks())),
        Type::Object(attributes) => match attributes.attributes.get(name) {
            None => {
                let near = nearest(name, attributes.attributes.keys().map(|key| &**key));
                let suggestion = near.map_or_else(String::new, |near| format!(" Did you mean {near:?}?"));
                refuse(format!("This object does not have an attribute named {name:?}.{suggestion}"))
            }
            Some(ty) => Ok(object.get(name).cloned().unwrap_or_else(|| Value::unknown(ty.clone())).with_marks(object.marks())),
        },
        Type::Map(element) => match object.fields() {
            None => Ok(Value::unknown((**element).clone()).with_marks(object.marks())),
            Some(fields) => match fields.get(name) {
                Some(value) => Ok(value.clone().with_marks(object.marks())),
                None => Err(("Missing map element", format!("This map does not have an element with the key {name:?}."))),
            },
        },
        Type::List(element) if matches!(**element, Type::Object(_)) => refuse(format!(
            "Can't access attributes on a list of objects. Did you mean to access attribute {name:?} for a specific element of the list, or across all elements of the list?"
        )),
        Type::Set(element) if matches!(**element, Type::Object(_)) => refuse(
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of the set?".to_owned(),
        ),
        ty if ty.is_primitive() => refuse(format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly_name())),
        _ => refuse("This value does not have any attributes.".to_owned()),
    }
}

/// `collection[key]`.
pub(super) fn index(collection: &Value, key: &Value) -> Result<Value, Refusal> {
    if collection.is_null() {
        let detail = "This value is null, so it does not have any indices.".to_owned();
        return Err(("Attempt to index null value", detail));
    }
    if key.is_null() {
        return Err((INVALID_INDEX, "Can't use a null value as an indexing key.".to_owned()));
    }
    let marks = collection.marks().union(key.marks());
    if *key.ty() == Type::Dynamic || *collection.ty() == Type::Dynamic {
        return Ok(failed().with_marks(marks));
    }
    let convert_key = |ty: Type| {
        convert(&key.unmarked(), &ty)
            .map_err(|reason| (INVALID_INDEX, format!("The given key does not identify an element in this collection value: {reason}.")))
    };
    let found = match collection.ty() {
        Type::List(_) | Type::Tuple(_) => at_position(collection, &convert_key(Type::Number)?)?,
        Type::Map(element) => {
            let key = convert_key(Type::String)?;
            match (collection.fields(), key.as_str()) {
                (Some(fields), Some(key)) => fields.get(key).cloned().ok_or_else(not_identified)?,
                _ => Value::unknown((**element).clone()),
            }
        }
        Type::Object(_) => {
            let name = convert_key(Type::String)?;
            match (collection.fields(), name.as_str()) {
                (Some(fields), Some(name)) => fields.get(name).cloned().ok_or_else(|| no_such_attribute(key))?,
                _ => failed(),
            }
        }
        Type::Set(_) => {
            let detail = "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.";
            return Err((INVALID_INDEX, detail.to_owned()));
        }
        _ => return Err((INVALID_INDEX, "This value does not have any indices.".to_owned())),
    };
    Ok(found.with_marks(marks))
}

fn not_identified() -> Refusal {
    (INVALID_INDEX, "The given key does not identify an element in this collection value.".to_owned())
}

fn no_such_attribute(key: &Value) -> Refusal {
    let (summary, mut detail) = not_identified();
    if *key.ty() == Type::Number {
        detail.push_str(" An object only supports looking up attributes by name, not by numeric index.");
    }
    (summary, detail)
}

fn at_position(sequence: &Value, key: &Value) -> Result<Value, Refusal> {
    let refuse = |why: &str| Err((INVALID_INDEX, format!("The given key does not identify an element in this collection value: {why}.")));
    let number = match key.data() {
        Data::Number(number) => number,
        _ => return Ok(Value::unknown(sequence.ty().element().cloned().unwrap_or(Type::Dynamic))),
    };
    if *number < Number::Int(0) {
        return refuse("a negative number is not a valid index for a sequence");
    }
    if number.floor() != *number {
        return refuse("indexing a sequence requires a whole number, but the given index has a fractional part");
    }
    let position = number.as_i64().and_then(|position| usize::try_from(position).ok());
    match (sequence.elements(), sequence.ty()) {
        (Some([]), _) => refuse("the collection has no elements"),
        (Some(elements), _) => position.and_then(|position| elements.get(position)).cloned().ok_or_else(not_identified),
        (None, Type::Tuple(types)) => {
            position.and_then(|position| types.get(position)).cloned().map(Value::unknown).ok_or_else(not_identified)
        }
        (None, ty) => Ok(Value::unknown(ty.element().cloned().unwrap_or(Type::Dynamic))),
    }
}
