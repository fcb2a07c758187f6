//! One type for values of several: what conditionals, `concat` and collections of any type need. By the rules of go-cty.

use super::convert::is_convertible;
use super::{ObjectType, Type};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The type that values of all these types can be brought to by safe conversions; `None` if there is none.
pub fn unify(types: &[Type]) -> Option<Type> {
    unify_by(types, false)
}

/// The same, but conversions that depend on the value, such as from string to number, count too.
pub fn unify_unsafe(types: &[Type]) -> Option<Type> {
    unify_by(types, true)
}

fn unify_by(types: &[Type], lenient: bool) -> Option<Type> {
    let first = types.first()?;
    if types.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    if types.contains(&Type::Dynamic) {
        return Some(Type::Dynamic);
    }
    let all = |test: fn(&Type) -> bool| types.iter().all(test);
    let any = |test: fn(&Type) -> bool| types.iter().any(test);
    let is_object = |ty: &Type| matches!(ty, Type::Object(_));
    let is_tuple = |ty: &Type| matches!(ty, Type::Tuple(_));
    let is_map = |ty: &Type| matches!(ty, Type::Map(_));
    let is_list = |ty: &Type| matches!(ty, Type::List(_));
    let is_set = |ty: &Type| matches!(ty, Type::Set(_));
    if all(is_object) {
        return unify_objects(types, lenient);
    }
    if all(is_tuple) {
        return unify_tuples(types, lenient);
    }
    if all(|ty| matches!(ty, Type::Map(_) | Type::Object(_))) {
        return parts(types, lenient).map(Type::map).or_else(|| unify_by_preference(types, lenient));
    }
    if all(|ty| matches!(ty, Type::List(_) | Type::Tuple(_))) {
        return parts(types, lenient).map(Type::list).or_else(|| unify_by_preference(types, lenient));
    }
    if all(is_set) {
        return parts(types, lenient).map(Type::set).or_else(|| unify_by_preference(types, lenient));
    }
    if any(is_object) && any(is_tuple) || any(is_map) && (any(is_list) || any(is_set)) {
        return None;
    }
    unify_by_preference(types, lenient)
}

/// The first of the types, the more general first, that all others convert to.
fn unify_by_preference(types: &[Type], lenient: bool) -> Option<Type> {
    fn ranks(ty: &Type) -> Vec<u8> {
        let own = match ty {
            Type::String | Type::List(_) | Type::Map(_) => 0,
            Type::Set(_) => 1,
            _ => 2,
        };
        std::iter::once(own).chain(ty.element().map(ranks).unwrap_or_default()).collect()
    }
    let mut candidates: Vec<&Type> = types.iter().collect();
    // Of types of one rank the order given must not decide.
    candidates.sort_by_cached_key(|ty| (ranks(ty), Type::clone(ty)));
    candidates.dedup();
    candidates.into_iter().find(|wanted| types.iter().all(|ty| is_convertible(ty, wanted, lenient))).cloned()
}

/// The unified type of parts: those of no type take that of the others.
fn unify_parts(mut types: Vec<Type>, lenient: bool) -> Option<Type> {
    if types.iter().any(|ty| *ty != Type::Dynamic) {
        types.retain(|ty| *ty != Type::Dynamic);
    }
    unify_by(&types, lenient)
}

/// The unified type of all elements and attributes.
fn parts(types: &[Type], lenient: bool) -> Option<Type> {
    let mut parts = Vec::new();
    for ty in types {
        match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => parts.push(Type::clone(element)),
            Type::Tuple(elements) => parts.extend(elements.iter().cloned()),
            Type::Object(object) => parts.extend(object.attributes.values().cloned()),
            _ => return None,
        }
    }
    // Equal types need no more than one look.
    parts.sort();
    parts.dedup();
    unify_parts(parts, lenient)
}

fn unify_objects(types: &[Type], lenient: bool) -> Option<Type> {
    let objects: Vec<&Arc<ObjectType>> =
        types.iter().filter_map(|ty| if let Type::Object(object) = ty { Some(object) } else { None }).collect();
    let (first, rest) = objects.split_first()?;
    if rest.iter().any(|object| object.attributes.keys().ne(first.attributes.keys())) {
        return parts(types, lenient).map(Type::map);
    }
    let mut attributes = BTreeMap::new();
    for name in first.attributes.keys() {
        let across: Vec<Type> = objects.iter().filter_map(|object| object.attributes.get(name).cloned()).collect();
        attributes.insert(name.clone(), unify_parts(across, lenient)?);
    }
    Some(Type::object(attributes))
}

fn unify_tuples(types: &[Type], lenient: bool) -> Option<Type> {
    let tuples: Vec<&Arc<[Type]>> =
        types.iter().filter_map(|ty| if let Type::Tuple(elements) = ty { Some(elements) } else { None }).collect();
    let length = tuples.first()?.len();
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return parts(types, lenient).map(Type::list);
    }
    let mut elements = Vec::new();
    for position in 0..length {
        let across: Vec<Type> = tuples.iter().filter_map(|tuple| tuple.get(position).cloned()).collect();
        elements.push(unify_parts(across, lenient)?);
    }
    Some(Type::tuple(elements))
}
