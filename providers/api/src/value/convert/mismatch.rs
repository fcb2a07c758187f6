//! Which types convert to which, and what to say where they do not.

use super::super::unify::{unify, unify_unsafe};
use super::super::{ObjectType, Type};
use std::sync::Arc;

/// Whether values of one type convert to another; `lenient` allows conversions that depend on the value.
pub fn is_convertible(from: &Type, to: &Type, lenient: bool) -> bool {
    mismatch(from, to, lenient).is_none()
}

/// Why values of one type can't convert to another, in Terraform's words; `None` if they may.
pub(super) fn mismatch(from: &Type, to: &Type, lenient: bool) -> Option<String> {
    let required = || Some(format!("{} required", to.constraint_name()));
    match (from, to) {
        (_, Type::Dynamic) => None,
        (Type::Dynamic, _) => {
            if lenient {
                None
            } else {
                required()
            }
        }
        (from, to) if from == to => None,
        (Type::Number | Type::Bool, Type::String) => None,
        (Type::String, Type::Number | Type::Bool) if lenient => None,
        (Type::Object(from), Type::Object(to)) => objects(from, to, lenient),
        (Type::Map(element), Type::Object(to)) if lenient => {
            to.attributes.iter().find_map(|(name, ty)| Some(format!("attribute {name:?}: {}", mismatch(element, ty, lenient)?)))
        }
        (Type::Object(from), Type::Map(element)) => {
            let attributes = from.attributes.iter().map(|(name, ty)| (format!("{name:?}"), ty));
            structural(attributes, element, "map", lenient)
        }
        (Type::Tuple(from), Type::List(element)) => structural(numbered(from), element, "list", lenient),
        (Type::Tuple(from), Type::Set(element)) => structural(numbered(from), element, "set", lenient),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            if from.iter().zip(to.iter()).any(|(from, to)| mismatch(from, to, lenient).is_some()) { required() } else { None }
        }
        (Type::List(element) | Type::Set(element), Type::Tuple(to)) if lenient => {
            if to.iter().any(|to| mismatch(element, to, lenient).is_some()) { required() } else { None }
        }
        (Type::List(from), Type::List(to) | Type::Set(to)) => element("list element type", from, to, lenient),
        (Type::Set(from), Type::Set(to)) => element("set element type", from, to, lenient),
        (Type::Set(from), Type::List(to)) if lenient => element("set element type", from, to, lenient),
        (Type::Map(from), Type::Map(to)) => element("map element type", from, to, lenient),
        _ => required(),
    }
}

fn numbered(types: &Arc<[Type]>) -> impl Iterator<Item = (String, &Type)> {
    types.iter().enumerate().map(|(position, ty)| (position.to_string(), ty))
}

fn element(noun: &str, from: &Type, to: &Type, lenient: bool) -> Option<String> {
    Some(format!("incorrect {noun}: {}", mismatch(from, to, lenient)?))
}

fn structural<'a>(parts: impl Iterator<Item = (String, &'a Type)>, to: &Type, kind: &str, lenient: bool) -> Option<String> {
    if *to != Type::Dynamic {
        // Many elements of the same type are the rule: each type is looked at once.
        let mut fine = std::collections::BTreeSet::new();
        for (name, ty) in parts {
            if !fine.contains(ty) {
                if let Some(message) = mismatch(ty, to, lenient) {
                    return Some(format!("element {name}: {message}"));
                }
                fine.insert(ty);
            }
        }
        return None;
    }
    let types: std::collections::BTreeSet<Type> = parts.map(|(_, ty)| ty.clone()).filter(|ty| *ty != Type::Dynamic).collect();
    let types: Vec<Type> = types.into_iter().collect();
    let unified = if lenient { unify_unsafe(&types) } else { unify(&types) };
    (unified.is_none() && !types.is_empty()).then(|| format!("all {kind} elements must have the same type"))
}

fn objects(from: &ObjectType, to: &ObjectType, lenient: bool) -> Option<String> {
    let mut missing: Vec<String> = Vec::new();
    let mut wrong = None;
    for (name, ty) in &to.attributes {
        match from.attributes.get(name) {
            None if to.optional.contains(name) => {}
            None => missing.push(format!("{name:?}")),
            Some(given) if wrong.is_none() => wrong = mismatch(given, ty, lenient).map(|message| format!("attribute {name:?}: {message}")),
            Some(_) => {}
        }
    }
    match missing.as_slice() {
        [] => wrong,
        [one] => Some(format!("attribute {one} is required")),
        [one, two] => Some(format!("attributes {one} and {two} are required")),
        [rest @ .., last] => Some(format!("attributes {}, and {last} are required", rest.join(", "))),
    }
}

/// The type that a null or unknown value of one type has once it is converted to another: dynamic parts of the target take the
/// value's own type where it has one.
pub(super) fn filled(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (from, Type::Dynamic) => from.clone(),
        (_, to) if !to.has_dynamic() => to.without_optional(),
        (Type::List(from) | Type::Set(from), Type::List(to)) => Type::list(filled(from, to)),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => Type::set(filled(from, to)),
        (Type::Map(from), Type::Map(to)) => Type::map(filled(from, to)),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            Type::tuple(from.iter().zip(to.iter()).map(|(from, to)| filled(from, to)).collect())
        }
        (Type::Object(from), Type::Object(to)) => {
            let fill =
                |name: &Arc<str>, ty: &Type| from.attributes.get(name).map_or_else(|| ty.without_optional(), |from| filled(from, ty));
            Type::object(to.attributes.iter().map(|(name, ty)| (name.clone(), fill(name, ty))).collect())
        }
        (_, to) => to.without_optional(),
    }
}
